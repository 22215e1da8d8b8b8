//! Save, restore and compare the state of a real database as reviewable YAML; it prints nothing.
//!
//! # The file
//!
//! A fixpoint is one YAML file in which every table, every row and every change is one line:
//!
//! ```yaml
//! format: 2
//! engine: sqlite
//! tables:
//!   audit: {"key": ["id"], "columns": {"id": "INTEGER", "note": "TEXT"}}
//!   books: {"key": ["id"], "columns": {"id": "INTEGER", "title": "TEXT"}}
//! digest: "41adcc38a776bbc44b0e623ee0582a64"
//! rows:
//!   audit:
//!     rows: []
//!     end:
//!       {"count": 0, "digest": "6cff5612be72632371463c17d400e8fe"}
//!   books:
//!     rows:
//!       - {"id": 1, "title": "a"}
//!     end:
//!       {"count": 1, "digest": "cf21868754d7b4f60614435f855c6fd7", "sequence": 3}
//! ```
//!
//! * `tables` names every covered table, empty ones too, sorted by name: its key (empty where it has none) and its
//!   columns with their declared types. Generated columns are not among them.
//! * `sequence` says where the counter of an `AUTOINCREMENT` table stands. In PostgreSQL's files, where sequences have
//!   names of their own, `sequences` says it of each that feeds the table. A number is the value that a sequence handed
//!   out last; one that it did not hand out yet is `{"last_value": 1, "is_called": false}`.
//! * Sequences that feed no table, or several, come last, under `sequences`, each with a `value` and a digest of its own.
//! * The digest of a table is over its name, its rows as this program writes them, and its sequences. The one above the
//!   rows is over the engine, the parent, the tables, and the names of those sequences. A file that does not
//!   match them is refused until [`accept()`] signs it.
//! * `rows` holds each table's rows as JSON objects, in the order of the key: NULL, then numbers, then text by its
//!   bytes, then bytes. Without a key, or where a key is NULL, rows are sorted as a whole and matched by count.
//! * An incremental file has a `parent`, pinned by a digest over everything the parent holds, and `changes` in place of
//!   `rows`:
//!
//! ```yaml
//! parent: {"name": "base", "content": "9f2…"}
//! changes:
//!   books:
//!     rows:
//!       - {"update": {"id": 1}, "old": {"title": "a"}, "new": {"title": "b"}}
//!       - {"insert": {"id": 2, "title": "c"}}
//!       - {"delete": {"id": 3, "title": "d"}}
//! ```
//!
//! # Values
//!
//! | in the database | in the file |
//! |---|---|
//! | NULL | `null` |
//! | integer | `-9223372036854775808`, exact, never with a point |
//! | float | `1.0`, `-0.0`, `1.0e+300`: always with a point, the shortest text that reads back the same |
//! | NaN and the infinities | `{"$real": "nan"}`, `{"$real": "inf"}`, `{"$real": "-inf"}` |
//! | text | a JSON string |
//! | text that is not UTF-8 | `{"$text": "…"}` in base64 |
//! | bytes | `{"$bytes": "…"}` in base64 |
//! | PostgreSQL's boolean | `true`, `false` |
//! | PostgreSQL's other types | a JSON string: the text PostgreSQL gives, under settings that are always the same |
//!
//! In strings U+007F–U+009F, U+2028, U+2029, U+FEFF, U+FFFE and U+FFFF are escaped besides what JSON escapes, because
//! YAML readers differ on them. Storing the same state twice gives the same bytes.
//!
//! A file in this shape is read line by line, with comments or without. A file that a person or a formatter reshaped is
//! read as YAML, without anchors, tags or repeated keys, and must match the same digests. What begins like a row of ours
//! and is not JSON is damaged, and never read as YAML.
//!
//! # What a restore does
//!
//! One transaction; only the fixpoint's tables, and of those only the rows that differ; foreign keys are checked before
//! the commit, and a row that breaks one is named. Triggers do not run: the fixpoint holds what they did. Tables of
//! migration tools and job queues are never touched. How each engine does that, and what it asks of the user, is said
//! in [`engines`]'s modules.
//!
//! A [`Fixpoints`] remembers how its restores left the tables of a PostgreSQL database, and does not read them again
//! until somebody wrote them, which the server tells by the versions of rows; whether that is so is asked every time.

mod accept;
mod chain;
mod compare;
mod config;
mod diff;
mod doctor;
pub mod engines;
mod finding;
mod folder;
mod git;
mod glimpse;
mod hiding;
mod memory;
mod rebase;
mod recording;
mod regular;
mod remove;
mod replaced;
mod restore;
mod sequences;
mod source;
mod store;
mod suite;
mod view;
mod writer;

/// Files: reading what is regular, and writing whole or not at all.
pub mod files {
    pub use crate::regular::{is_stream, read, read_to_string};
    pub use crate::writer::AtomicFile;
}

/// Cells, rows, documents and pure functions over them, for programs that are built on fixpoints.
pub use fixpoints_core as core;

/// The clients whose connections a test may hold, in the versions this crate takes.
#[cfg(feature = "postgres")]
pub use ::postgres;
#[cfg(feature = "sqlite")]
pub use ::rusqlite;

pub use accept::{AcceptReport, Outcome, accept};
pub use chain::{Chain, Rows};
pub use compare::{CompareOptions, compare};
pub use config::{Config, Databases, Names};
pub use diff::{StateDiff, diff};
pub use doctor::{Diagnosis, Project, doctor};
pub use engines::{Location, TestConnection, open};
pub use finding::{Check, Finding};

pub use fixpoints_core::assertion::{ExpectedChanges, Mismatch, UnexpectedChanges};
pub use fixpoints_core::catalog;
pub use fixpoints_core::cell::{AsCell, Cell, CellRef, Row};
pub use fixpoints_core::change::Change;
pub use fixpoints_core::comparison::{ComparedTable, Comparison, SequenceChange};
pub use fixpoints_core::database;
pub use fixpoints_core::database::{Database, Missing};
pub use fixpoints_core::disturbance::Disturbance;
pub use fixpoints_core::document::Document;
pub use fixpoints_core::error::{Error, ErrorKind, Fault, Result};

pub use fixpoints_core::left_out::LeftOut;
pub use fixpoints_core::name::FixpointName;
pub use fixpoints_core::position::{Position, Positions};
pub use fixpoints_core::reference::BrokenReference;
pub use fixpoints_core::scope::{BrokenReferences, Scope};

pub use fixpoints_core::skip::{Asked, Dependents, Skip};
pub use fixpoints_core::table::{KeyKind, Table, Tables};
pub use folder::Folder;
pub use hiding::{Hiding, Logged};
pub use rebase::{
    Conflict, ConflictKind, Constraints, Contested, Prefer, RebaseReport, RebasedTable, rebase,
    rebase_checked,
};
pub use recording::Recorded;
pub use regular::read_typed;
pub use remove::{Removed, remove, stale_children};
pub use replaced::Replaced;
pub use restore::{Action, RestoreReport, RestoredTable, restore};
pub use sequences::{ResetReport, ResetSequence, Standing, reset_sequences, reset_within};
pub use source::open_file;
pub use store::{Replace, StoreOptions, StoreReport, StoredTable, store, store_within};
pub use suite::{
    Compare, Environment, Fixpoints, On, Operator, Record, Recording, Restored, State, Store,
};
pub use writer::{Written, write_file};

/// The examples of the guide, which are tested with those of this crate.
#[cfg(all(doctest, feature = "sqlite"))]
#[doc = include_str!("../../../docs/src/fixpoints-rust.md")]
struct Guide;
