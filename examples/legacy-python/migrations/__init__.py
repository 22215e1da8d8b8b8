"""Changes of the schema, in their order."""
