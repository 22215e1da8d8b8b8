//! One function per command: from arguments to a document and an exit code; nothing is printed here.

mod accept;
mod compare;
mod diff;
mod doctor;
mod import;
mod inspect;
mod parts;
mod rebase;
mod remove;
mod restore;
mod store;
mod tools;
mod tree;

pub(crate) use accept::accept;
pub(crate) use compare::compare;
pub(crate) use diff::diff;
pub(crate) use doctor::doctor;
pub(crate) use import::import;
pub(crate) use inspect::{list, show};
pub(crate) use rebase::rebase;
pub(crate) use remove::{remove, reset};
pub(crate) use restore::restore;
pub(crate) use store::store;
pub(crate) use tools::{completions, export_schemas, sql};
pub(crate) use tree::tree;
