//! One function per command: from arguments to a document and an exit code; nothing is printed here.

mod compare;
mod doctor;
mod inspect;
mod restore;
mod store;
mod tools;
mod tree;

pub(crate) use compare::compare;
pub(crate) use doctor::doctor;
pub(crate) use inspect::{list, show};
pub(crate) use restore::restore;
pub(crate) use store::store;
pub(crate) use tools::{completions, export_schemas, sql};
pub(crate) use tree::tree;
