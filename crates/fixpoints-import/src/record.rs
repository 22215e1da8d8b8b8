//! Rows as files hold them, before any table gives them types.

use std::rc::Rc;

use indexmap::IndexMap;

use crate::yaml::Node;
use fixpoints_core::name::FixpointName;

/// One row.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    pub file: Rc<str>,
    /// Counted from 1.
    pub line: usize,
    /// What a fixture of Rails calls it.
    pub label: Option<String>,
    pub fields: IndexMap<String, Node>,
}

/// Every row of every table.
pub(crate) type Tables = IndexMap<String, Vec<Record>>;

/// What wrote the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The Ruby gem.
    Gem,
    /// A person, or another suite.
    Tables,
}

/// The state one fixpoint will stand for.
#[derive(Debug, Clone)]
pub(crate) struct State {
    pub name: FixpointName,
    /// The file or folder it comes from.
    pub source: String,
    pub origin: Origin,
    pub parent: Option<FixpointName>,
    pub tables: Tables,
}

impl State {
    /// What a folder of one file per table holds, or one such file.
    pub fn of_tables(name: FixpointName, source: String, tables: Tables) -> Self {
        Self {
            name,
            source,
            origin: Origin::Tables,
            parent: None,
            tables,
        }
    }
}
