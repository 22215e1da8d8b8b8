//! What fixpoints are, as values and pure functions: cells, rows, documents, comparison, and what an engine has to do.
//!
//! Nothing here opens a file, starts a process, or asks the environment or a clock: `clippy.toml` bans it. Files are
//! handed over as [`document::Source`], databases as [`database::Database`]. The crate `fixpoints` is what users see.

pub mod advice;
pub mod assertion;
pub mod catalog;
pub mod cell;
pub mod change;
pub mod comparison;
pub mod database;
pub mod decide;
pub mod digest;
pub mod disturbance;
pub mod document;
pub mod error;
pub mod excerpt;
pub mod header;
pub mod layout;
pub mod left_out;
pub mod line;
pub mod merge;
pub mod name;
pub mod named;
pub mod names;
pub mod patch;
pub mod pattern;
pub mod position;
pub mod quotes;
pub mod reference;
pub mod scope;
pub mod skip;
pub mod table;
pub mod tool;

pub use redact as secret;
