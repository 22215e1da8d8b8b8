//! What to store and what to compare with, as values that read like the sentence a test says.

use crate::store::Replace;
use crate::suite::state::Restored;
use fixpoints_core::header::Parent;

/// A fixpoint to store; a name alone stores everything.
///
/// ```
/// use fixpoints::Store;
///
/// let store = Store::named("sale").on("base").excluding(["sessions"]);
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct Store {
    pub(super) name: String,
    pub(super) parent: Option<On>,
    pub(super) exclude: Vec<String>,
    pub(super) replace: Replace,
}

/// What a fixpoint to be compared with is called, and what counts; with a name alone everything counts.
///
/// ```
/// use fixpoints::Compare;
///
/// let with = Compare::with("sale").ignoring(["updated_at", "books.price"]).tables(["books"]);
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct Compare {
    /// What is stored where it is to be stored. Its name and the tables it leaves out count for the comparison too.
    pub(super) store: Store,
    pub(super) ignore: Vec<String>,
    pub(super) tables: Vec<String>,
    pub(super) missing: Absent,
}

/// What happens where there is nothing to compare with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Absent {
    Fail,
    Store,
}

/// The fixpoint that an incremental one stands on: a name, or what [`crate::Fixpoints::restore`] returned.
#[derive(Debug, Clone)]
pub struct On {
    pub(super) name: String,
    /// What it must still hold.
    pub(super) content: Option<String>,
}

impl Store {
    /// Stores under this name.
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            parent: None,
            exclude: Vec::new(),
            replace: Replace::default(),
        }
    }

    /// Stores only the changes against this parent: a name, or the handle of what was restored.
    pub fn on(mut self, parent: impl Into<On>) -> Self {
        self.parent = Some(parent.into());
        self
    }

    /// Leaves out these tables, each of which must exist.
    pub fn excluding(mut self, tables: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.exclude.extend(tables.into_iter().map(Into::into));
        self
    }

    /// Replaces whatever has the name: also a fixpoint with rows by a database that has none, and one of another kind
    /// of database, which is refused otherwise.
    pub fn replacing_anything(mut self) -> Self {
        self.replace = Replace::Anything;
        self
    }
}

impl Compare {
    /// Compares with the fixpoint of this name.
    pub fn with(name: impl Into<String>) -> Self {
        Self {
            store: Store::named(name),
            ignore: Vec::new(),
            tables: Vec::new(),
            missing: Absent::Fail,
        }
    }

    /// Leaves out these columns: `COLUMN` in every table, `TABLE.COLUMN` in one. Each must exist.
    pub fn ignoring(mut self, columns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.ignore.extend(columns.into_iter().map(Into::into));
        self
    }

    /// Compares only these tables, each of which must be covered.
    pub fn tables(mut self, tables: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.tables.extend(tables.into_iter().map(Into::into));
        self
    }

    /// Leaves out these tables, each of which must exist.
    pub fn excluding(mut self, tables: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.store = self.store.excluding(tables);
        self
    }

    /// Stores the state where there is no such fixpoint yet, and fails once, so that somebody looks at the file. Where
    /// `CI` is set, nothing is stored.
    pub fn or_store(mut self) -> Self {
        self.missing = Absent::Store;
        self
    }

    /// Where it is stored, stores only the changes against this parent: a name, or the handle of what was restored.
    pub fn on(mut self, parent: impl Into<On>) -> Self {
        self.store = self.store.on(parent);
        self
    }
}

impl<T: Into<String>> From<T> for Store {
    fn from(name: T) -> Self {
        Self::named(name)
    }
}

impl<T: Into<String>> From<T> for Compare {
    fn from(name: T) -> Self {
        Self::with(name)
    }
}

impl From<&str> for On {
    fn from(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            content: None,
        }
    }
}

impl From<&Restored> for On {
    fn from(restored: &Restored) -> Self {
        let Parent { name, content } = restored.as_parent();
        Self {
            name,
            content: Some(content),
        }
    }
}
