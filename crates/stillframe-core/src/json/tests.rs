//! Cases for the reader: what is accepted, what is refused, and where.
