//! Everything that can go wrong with a fixpoint, each with the command or edit that fixes it; it prints nothing.

use std::fmt;
use std::path::PathBuf;

/// The result of every fallible operation of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong; [`Error::hint`] says what to do about it.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No file holds the named fixpoint.
    #[error("no fixpoint named `{name}` in {folder}")]
    MissingFixpoint {
        /// The name that was asked for.
        name: String,
        /// The folder that was searched.
        folder: String,
    },
    /// The name cannot be a file below the folder of fixpoints.
    #[error("`{name}` cannot name a fixpoint: {reason}")]
    BadName {
        /// The refused name.
        name: String,
        /// Which rule it breaks.
        reason: &'static str,
    },
    /// No database was named anywhere.
    #[error("no database was named")]
    NoDatabase,
    /// The database file does not exist.
    #[error("there is no database at {url}")]
    MissingDatabase {
        /// The URL, without its password.
        url: String,
    },
    /// The URL is of a kind this build cannot open.
    #[error("cannot open {url}: {reason}")]
    UnsupportedUrl {
        /// The URL, without its password.
        url: String,
        /// Why it cannot be opened.
        reason: String,
    },
    /// The URL looks like a database somebody needs.
    #[error("{url} does not look like a test database")]
    NotATestDatabase {
        /// The URL, without its password.
        url: String,
        /// The name to allow.
        name: String,
    },
    /// The tables of the database are no longer those of the fixpoint.
    #[error("the schema moved since `{fixpoint}` was stored: {}", join(drifts))]
    SchemaDrift {
        /// The fixpoint that was stored under the old schema.
        fixpoint: String,
        /// The fixpoint's parent, which a new recording would need again.
        parent: Option<String>,
        /// Every table and column that moved.
        drifts: Vec<crate::table::Drift>,
    },
    /// The rows to restore refer to rows that do not exist.
    #[error("restoring `{fixpoint}` would break foreign keys: {}", join(broken))]
    BrokenReferences {
        /// The fixpoint whose rows are inconsistent.
        fixpoint: String,
        /// Every row that refers to nothing.
        broken: Vec<crate::database::BrokenReference>,
    },
    /// The file is not a fixpoint file.
    #[error("{path}{} is not a readable fixpoint: {reason}", at_line(*line))]
    Corrupt {
        /// The file.
        path: String,
        /// The line, counted from 1, where it is known.
        line: Option<usize>,
        /// What is wrong there.
        reason: String,
    },
    /// The file was written by a newer or an unknown version of the format.
    #[error("{path} has format {found}, this program reads format 1")]
    UnsupportedFormat {
        /// The file.
        path: String,
        /// The number found.
        found: String,
    },
    /// The fixpoint was stored from another kind of database.
    #[error("`{fixpoint}` holds rows of {stored}, the database is {found}")]
    OtherEngine {
        /// The fixpoint.
        fixpoint: String,
        /// The engine its file names.
        stored: String,
        /// The engine of the open database.
        found: String,
    },
    /// The parent was stored again after the child was.
    #[error("`{parent}` changed after `{child}` was stored on top of it")]
    ParentMoved {
        /// The incremental fixpoint.
        child: String,
        /// Its parent.
        parent: String,
    },
    /// The parent of an incremental fixpoint is gone.
    #[error("`{child}` stands on `{parent}`, which does not exist in {folder}")]
    ParentMissing {
        /// The incremental fixpoint.
        child: String,
        /// Its missing parent.
        parent: String,
        /// The folder that was searched.
        folder: String,
    },
    /// A fixpoint is its own ancestor.
    #[error("`{name}` would be its own ancestor")]
    ParentCycle {
        /// The fixpoint.
        name: String,
    },
    /// Other fixpoints stand on the one that was to be removed.
    #[error("`{name}` cannot be removed, because {} stand{} on it", join(children), if children.len() == 1 { "s" } else { "" })]
    HasChildren {
        /// The fixpoint.
        name: String,
        /// The fixpoints that stand on it.
        children: Vec<String>,
    },
    /// A file of another tool cannot be taken over.
    #[error("cannot import {path}{}: {reason}", at_line(*line).trim_end_matches(','))]
    Import {
        /// The file.
        path: String,
        /// The line, counted from 1, where it is known.
        line: Option<usize>,
        /// What is wrong there.
        reason: String,
    },
    /// A table was named that the operation does not cover.
    #[error("no covered table is called `{table}`")]
    UnknownTable {
        /// The name given.
        table: String,
        /// The tables there are.
        known: Vec<String>,
    },
    /// A table was to be skipped that the database does not have.
    #[error(
        "no table is called `{table}`, and {} is to skip it",
        crate::Skip::TABLES
    )]
    UnknownSkip {
        /// The name given.
        table: String,
        /// The tables there are.
        known: Vec<String>,
    },
    /// A fixpoint would have been stored without tables that are only left empty for a while.
    #[error("`{name}` is not stored while tables are skipped, because it would lack their rows")]
    SkippingStore {
        /// The fixpoint that would have been stored.
        name: String,
    },
    /// The database is not in the state a test wants.
    #[error("{0}")]
    Different(Box<crate::Mismatch>),
    /// A test changed other rows than it said.
    #[error("{0}")]
    UnexpectedChanges(Box<crate::UnexpectedChanges>),
    /// There was nothing to compare with, so that the state was stored for a person to look at.
    #[error("there was no `{name}` to compare with, so {path} was stored")]
    StoredInstead {
        /// The fixpoint.
        name: String,
        /// Its new file.
        path: String,
    },
    /// A column was named that no covered table has.
    #[error("no compared table has a column `{column}`")]
    UnknownColumn {
        /// The name given, with or without its table.
        column: String,
    },
    /// There is nothing to compare with.
    #[error("no fixpoint named `{name}` in {folder}")]
    NothingToCompare {
        /// The name that was asked for.
        name: String,
        /// The folder that was searched.
        folder: String,
        /// The command that stores it.
        command: String,
    },
    /// A fixpoint would have been written where only a person should write one.
    #[error("`{name}` is missing and `CI` is set, so nothing is written")]
    ImplicitWrite {
        /// The fixpoint that would have been stored.
        name: String,
        /// The command that stores it on purpose.
        command: String,
    },
    /// A statement of a script failed.
    #[error("statement {statement} of {script} failed: {message}")]
    Script {
        /// The script.
        script: String,
        /// Which statement, counted from 1.
        statement: usize,
        /// The line it begins on, counted from 1.
        line: usize,
        /// The database's own words.
        message: String,
    },
    /// A row could not be written back.
    #[error("cannot write {row} of table {table}: {message}")]
    Row {
        /// The table.
        table: String,
        /// The row, by its key.
        row: String,
        /// The database's own words.
        message: String,
    },
    /// The database refused something.
    #[error("{act}: {message}")]
    Database {
        /// What was being done.
        act: String,
        /// The database's own words.
        message: String,
    },
    /// The configuration file is not valid.
    #[error("{path} is not a valid configuration: {message}")]
    Config {
        /// The file.
        path: String,
        /// What is wrong in it, and where.
        message: String,
    },
    /// A file or folder could not be read or written.
    #[error("cannot {act} {}", path.display())]
    Io {
        /// What was being done.
        act: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's own words.
        source: std::io::Error,
    },
}

/// The kinds of [`Error`], for programs that branch on them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
#[expect(
    missing_docs,
    reason = "each is described at the variant of `Error` with its name"
)]
pub enum ErrorKind {
    MissingFixpoint,
    BadName,
    NoDatabase,
    MissingDatabase,
    UnsupportedUrl,
    NotATestDatabase,
    SchemaDrift,
    BrokenReferences,
    Corrupt,
    UnsupportedFormat,
    OtherEngine,
    ParentMoved,
    ParentMissing,
    ParentCycle,
    HasChildren,
    Import,
    UnknownTable,
    UnknownColumn,
    ImplicitWrite,
    Script,
    Row,
    Database,
    Config,
    Io,
    Different,
    StoredInstead,
}

/// The message, its causes and the hint, each on a line of its own: this is what a test that unwraps or returns an
/// error prints.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")?;
        let mut next = std::error::Error::source(self);
        while let Some(cause) = next {
            write!(f, "\ncaused by: {cause}")?;
            next = cause.source();
        }
        match self.hint() {
            Some(hint) => write!(f, "\nhint: {hint}"),
            None => Ok(()),
        }
    }
}

impl Error {
    /// An [`Error::Io`], for `map_err`.
    pub fn io(act: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { act, path, source }
    }

    /// An [`Error::Database`], for `map_err`.
    pub fn database<E: std::fmt::Display>(act: impl Into<String>) -> impl FnOnce(E) -> Self {
        let act = act.into();
        move |error| Self::Database {
            act,
            message: error.to_string(),
        }
    }

    /// The kind of this error.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::MissingFixpoint { .. } | Self::NothingToCompare { .. } => {
                ErrorKind::MissingFixpoint
            }
            Self::BadName { .. } => ErrorKind::BadName,
            Self::NoDatabase => ErrorKind::NoDatabase,
            Self::MissingDatabase { .. } => ErrorKind::MissingDatabase,
            Self::UnsupportedUrl { .. } => ErrorKind::UnsupportedUrl,
            Self::NotATestDatabase { .. } => ErrorKind::NotATestDatabase,
            Self::SchemaDrift { .. } => ErrorKind::SchemaDrift,
            Self::BrokenReferences { .. } => ErrorKind::BrokenReferences,
            Self::Corrupt { .. } => ErrorKind::Corrupt,
            Self::UnsupportedFormat { .. } => ErrorKind::UnsupportedFormat,
            Self::OtherEngine { .. } => ErrorKind::OtherEngine,
            Self::ParentMoved { .. } => ErrorKind::ParentMoved,
            Self::ParentMissing { .. } => ErrorKind::ParentMissing,
            Self::ParentCycle { .. } => ErrorKind::ParentCycle,
            Self::UnknownTable { .. } | Self::UnknownSkip { .. } => ErrorKind::UnknownTable,
            Self::HasChildren { .. } => ErrorKind::HasChildren,
            Self::Import { .. } => ErrorKind::Import,
            Self::Different(_) | Self::UnexpectedChanges(_) => ErrorKind::Different,
            Self::StoredInstead { .. } => ErrorKind::StoredInstead,
            Self::UnknownColumn { .. } => ErrorKind::UnknownColumn,
            Self::ImplicitWrite { .. } | Self::SkippingStore { .. } => ErrorKind::ImplicitWrite,
            Self::Script { .. } => ErrorKind::Script,
            Self::Row { .. } => ErrorKind::Row,
            Self::Database { .. } => ErrorKind::Database,
            Self::Config { .. } => ErrorKind::Config,
            Self::Io { .. } => ErrorKind::Io,
        }
    }

    /// The exact command or edit that fixes this, where there is one.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::MissingFixpoint { name, .. } => {
                format!("run `fixpoints store {name}` to store it, or `fixpoints list` to see what there is")
            }
            Self::BadName { .. } => {
                "use letters, digits, `_`, `-` and `.`, with `/` between folders, as in `orders/paid`".to_owned()
            }
            Self::NoDatabase => {
                "pass `--db sqlite:test.db`, set FIXPOINTS_DB, or write `db = \"sqlite:test.db\"` into fixpoints.toml"
                    .to_owned()
            }
            Self::MissingDatabase { url } if url.starts_with("postgres") => {
                format!("run `createdb {}` to create it", crate::url::postgres_name(url))
            }
            Self::MissingDatabase { .. } => "run `fixpoints sql FILE` to create it from a script".to_owned(),
            Self::UnsupportedUrl { url, .. } if url.starts_with("postgres") => {
                "name it as in `--db postgres://user@host/name_test`; a password comes from PGPASSWORD too".to_owned()
            }
            Self::UnsupportedUrl { .. } => "name a file as in `--db sqlite:test.db`".to_owned(),
            Self::NotATestDatabase { name, .. } => {
                format!("if its rows may be replaced, add `allow-databases = [\"{name}\"]` to fixpoints.toml")
            }
            Self::SchemaDrift { fixpoint, parent, .. } => drift_hint(fixpoint, parent.as_deref()),
            Self::BrokenReferences { fixpoint, .. } => {
                format!("correct these rows, then run `fixpoints store {fixpoint}`")
            }
            Self::Corrupt { path, .. } => {
                format!("bring the file back with `git checkout -- {path}`, or store it again")
            }
            Self::UnsupportedFormat { .. } => "use the version of fixpoints that wrote it, or store it again".to_owned(),
            Self::OtherEngine { fixpoint, .. } => {
                format!("run `fixpoints store {fixpoint}` against this database, or pass another `--db`")
            }
            Self::ParentMoved { child, parent } => {
                format!("run `fixpoints rebase {child} --onto {parent}`")
            }
            Self::ParentMissing { parent, .. } => {
                format!("bring `{parent}` back, or store the child again without `--parent`")
            }
            Self::ParentCycle { name } => {
                format!("run `fixpoints store {name}` to store it in full, or pass another `--parent`")
            }
            Self::UnknownSkip { known, .. } => {
                format!("set {} to one of {}, or unset it", crate::Skip::TABLES, known.join(", "))
            }
            Self::NothingToCompare { command, .. } => {
                format!("run `{command}` to store it, then look at the file and commit it")
            }
            Self::SkippingStore { .. } => format!("unset {} and store it then", crate::Skip::TABLES),
            // What they say ends with it.
            Self::Different(_) | Self::UnexpectedChanges(_) => return None,
            Self::StoredInstead { path, .. } => format!("look at {path}, commit it, and run the test again"),
            Self::HasChildren { name, children } => children_hint(name, children),
            Self::Import { path, .. } => format!("correct {path}, then run the command again; nothing was written"),
            Self::UnknownTable { known, .. } if known.is_empty() => "there is no table to name".to_owned(),
            Self::UnknownTable { known, .. } => format!("name one of {}", known.join(", ")),
            Self::UnknownColumn { .. } => "name it as `COLUMN` or `TABLE.COLUMN`, spelled as in the schema".to_owned(),
            Self::ImplicitWrite { command, .. } => format!("run `{command}` on your own machine and commit the file"),
            Self::Script { script, line, .. } => format!("correct {script} at line {line}; what the script began was rolled back"),
            Self::Row { .. } => "nothing was changed; correct the row in the fixpoint file, or store it again".to_owned(),
            Self::Config { path, .. } => {
                format!("correct {path}; its keys are `db`, `dir`, `ignore`, `exclude` and `allow-databases`")
            }
            Self::Database { message, .. } => database_hint(message)?.to_owned(),
            Self::Io { path, source, .. } => io_hint(path, source.kind())?,
        })
    }
}

fn drift_hint(fixpoint: &str, parent: Option<&str>) -> String {
    match parent {
        Some(parent) => format!(
            "store both again: `fixpoints store {parent}`, then `fixpoints store {fixpoint} --parent {parent}`"
        ),
        None => {
            format!("bring the database to that state again and run `fixpoints store {fixpoint}`")
        }
    }
}

fn children_hint(name: &str, children: &[String]) -> String {
    let first = children.first().map(String::as_str).unwrap_or_default();
    format!(
        "run `fixpoints remove {first}` first, or `fixpoints rebase {first} --onto OTHER` to put it elsewhere than on `{name}`"
    )
}

/// For the refusals of databases that a person can do something about.
fn database_hint(message: &str) -> Option<&'static str> {
    if message.contains("is not a database") {
        return Some("pass `--db sqlite:FILE` with a file that SQLite made");
    }
    if message.contains("locked") || message.contains("busy") {
        return Some("end the program that holds the database, then run the command again");
    }
    if message.contains("readonly") || message.contains("unable to open") {
        return Some("make the file and its folder writable, then run the command again");
    }
    server_hint(message)
}

/// For those of PostgreSQL, in the words of its client and of a server that speaks English.
fn server_hint(message: &str) -> Option<&'static str> {
    const HINTS: [(&str, &str); 7] = [
        (
            "error connecting",
            "start the server, or correct the host and the port of the URL",
        ),
        (
            "authentication failed",
            "correct the user of the URL, or its password, which PGPASSWORD holds too",
        ),
        (
            "password missing",
            "set PGPASSWORD, or write the password into the URL",
        ),
        (
            "lock timeout",
            "end the sessions that hold the tables, as `SELECT * FROM pg_stat_activity` shows, and run it again",
        ),
        (
            "must be owner",
            "restore as the owner of the tables, or as a superuser",
        ),
        (
            "permission denied",
            "grant this user the tables, or connect as their owner",
        ),
        (
            "violates foreign key",
            "correct the rows, then run the command again",
        ),
    ];
    let known = HINTS.iter().find(|(words, _)| message.contains(words));
    known.map(|(_, hint)| *hint)
}

fn io_hint(path: &std::path::Path, kind: std::io::ErrorKind) -> Option<String> {
    use std::io::ErrorKind;
    let path = path.display();
    match kind {
        ErrorKind::NotFound => Some(format!(
            "create {path}, or correct its name; it is looked for from the current folder"
        )),
        ErrorKind::PermissionDenied => Some(format!("make {path} readable and writable for you")),
        ErrorKind::StorageFull => {
            Some("make room on the disk, then run the command again".to_owned())
        }
        ErrorKind::InvalidData => Some(format!("save {path} as UTF-8")),
        _ => None,
    }
}

fn at_line(line: Option<usize>) -> String {
    line.map(|line| format!(", line {line},"))
        .unwrap_or_default()
}

fn join<T: std::fmt::Display>(items: &[T]) -> String {
    const SHOWN: usize = 5;
    let mut text = items
        .iter()
        .take(SHOWN)
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("; ");
    if items.len() > SHOWN {
        text.push_str(&format!("; and {} more", items.len() - SHOWN));
    }
    text
}
