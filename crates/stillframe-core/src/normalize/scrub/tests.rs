//! Cases for paths and text inside strings, before and after.
