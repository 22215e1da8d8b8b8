"""A shop that has grown for years."""
