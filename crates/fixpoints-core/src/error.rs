//! Everything that can go wrong with a fixpoint, each with the command or edit that fixes it; it prints nothing.

use std::fmt;
use std::path::PathBuf;

mod fault;
mod fault_advice;
mod hint;
mod kind;
mod setting;
#[cfg(test)]
mod tests;

use crate::advice::Command;
use crate::assertion::{Mismatch, UnexpectedChanges};
use crate::disturbance::Disturbance;
use crate::document::Damage;
use crate::excerpt::{safe, visible, visible_line};
use crate::named::NamedRow;
use crate::names::{Asked, CONFIG_FILE, HIDE_PLAN, SKIP_DEPENDENTS};
use crate::reference::BrokenReference;
use crate::table::Drift;

pub use fault::Fault;
pub use hint::missing_parent_hint;
pub use kind::ErrorKind;
pub use setting::Setting;

/// The result of every fallible operation of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong; [`Error::hint`] says what to do about it.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No file holds the named fixpoint.
    #[error("no fixpoint named `{name}` in {folder}", name = safe(name), folder = safe(folder))]
    MissingFixpoint {
        /// The name that was asked for.
        name: String,
        /// The folder that was searched.
        folder: String,
    },
    /// The name cannot be a file below the folder of fixpoints.
    #[error("`{name}` cannot name a fixpoint: {reason}", name = safe(name), reason = safe(reason))]
    BadName {
        /// The refused name.
        name: String,
        /// Which rule it breaks.
        reason: &'static str,
    },
    /// Another fixpoint has the name but for upper and lower case, which many file systems do not tell apart.
    #[error(
        "`{name}` differs from `{other}` only by upper and lower case, which many file systems do not tell apart", name = safe(name), other = safe(other))]
    NameTaken {
        /// The refused name.
        name: String,
        /// The fixpoint that has it, or a folder of it.
        other: String,
    },
    /// No database was named anywhere.
    #[error("no database was named")]
    NoDatabase,
    /// Several databases are configured, and none was chosen.
    #[error("{} names several databases: {}", CONFIG_FILE, safe(names.join(", ")))]
    SeveralDatabases {
        /// What they are called.
        names: Vec<String>,
    },
    /// The database file does not exist.
    #[error("there is no database at {url}", url = safe(url))]
    MissingDatabase {
        /// The URL, without its password.
        url: String,
        /// The command that creates it.
        create: Command,
    },
    /// The URL is of a kind this build cannot open.
    #[error("cannot open {url}: {reason}", url = safe(url), reason = safe(reason))]
    UnsupportedUrl {
        /// The URL, without its password.
        url: String,
        /// Why it cannot be opened.
        reason: String,
        /// What kind of reason that is.
        fault: Fault,
    },
    /// The URL looks like a database somebody needs.
    #[error("{url} does not look like a test database", url = safe(url))]
    NotATestDatabase {
        /// The URL, without its password.
        url: String,
        /// The name to allow.
        name: String,
    },
    /// The tables of the database are no longer those of the fixpoint.
    #[error("the schema moved since `{fixpoint}` was stored: {}", join(drifts), fixpoint = safe(fixpoint))]
    SchemaDrift {
        /// The fixpoint that was stored under the old schema.
        fixpoint: String,
        /// The fixpoint's parent, which a new recording would need again.
        parent: Option<String>,
        /// The folder of its file.
        folder: String,
        /// Every table and column that moved.
        drifts: Vec<Drift>,
    },
    /// The rows to restore refer to rows that do not exist.
    #[error("restoring `{fixpoint}` would break foreign keys: {}", join(broken), fixpoint = safe(fixpoint))]
    BrokenReferences {
        /// The fixpoint whose rows are inconsistent.
        fixpoint: String,
        /// Every row that refers to nothing.
        broken: Vec<BrokenReference>,
    },
    /// Code of the database's own wrote something during a restore.
    #[error(
        "restoring `{fixpoint}` would leave another state than it holds, because something in the database wrote to it meanwhile: {}",
        join(found), fixpoint = safe(fixpoint)
    )]
    Disturbed {
        /// The fixpoint.
        fixpoint: String,
        /// Everything that came out otherwise.
        found: Vec<Disturbance>,
    },
    /// Code of the database's own wrote something while sequences were set.
    #[error(
        "setting the sequences would change more, because something in the database wrote to it meanwhile: {}",
        join(found)
    )]
    DisturbedReset {
        /// What was written.
        found: Vec<Disturbance>,
    },
    /// The file does not hold what was signed: a hand, a merge or a disk changed it.
    #[error("{path} is not as it was signed: {}", join(damages), path = safe(path))]
    Unsigned {
        /// The fixpoint, as commands take its name.
        fixpoint: String,
        /// The file.
        path: String,
        /// Every part that does not match its digest.
        damages: Vec<Damage>,
    },
    /// A merge left conflicts that digests do not settle.
    #[error(
        "{path} has conflicts that a person has to settle: {}",
        join(conflicts),
        path = safe(path)
    )]
    Unmerged {
        /// The fixpoint, as commands take its name.
        fixpoint: String,
        /// The file.
        path: String,
        /// What both sides changed, each with its lines.
        conflicts: Vec<String>,
    },
    /// The database has no rows, and would replace a fixpoint that has some.
    #[error("the database has no rows in its covered tables, and `{fixpoint}` has some", fixpoint = safe(fixpoint))]
    WouldEmpty {
        /// The fixpoint that would have been replaced.
        fixpoint: String,
        /// The command that replaces it on purpose.
        command: Command,
    },
    /// The fixpoint that would be replaced holds rows of another kind of database.
    #[error("`{fixpoint}` holds rows of {stored}, and would be replaced by rows of {found}", fixpoint = safe(fixpoint), stored = safe(stored), found = safe(found))]
    WouldReplaceEngine {
        /// The fixpoint that would have been replaced.
        fixpoint: String,
        /// The engine its file names.
        stored: String,
        /// The engine of the open database.
        found: String,
        /// The command that replaces it on purpose.
        command: Command,
    },
    /// The file is not a fixpoint file.
    #[error("{path}{} is not a readable fixpoint: {reason}", at_line(*line), path = safe(path), reason = safe(reason))]
    Corrupt {
        /// The fixpoint, as commands take its name.
        fixpoint: String,
        /// The file.
        path: String,
        /// The line, counted from 1, where it is known.
        line: Option<usize>,
        /// What is wrong there.
        reason: String,
    },
    /// The file was written by another version of the format.
    #[error("{path} has format {found}, this program reads format 2", path = safe(path), found = safe(found))]
    UnsupportedFormat {
        /// The fixpoint, as commands take its name.
        fixpoint: String,
        /// The file.
        path: String,
        /// The number found.
        found: String,
    },
    /// The fixpoint was stored from another kind of database.
    #[error("`{fixpoint}` holds rows of {stored}, the database is {found}", fixpoint = safe(fixpoint), stored = safe(stored), found = safe(found))]
    OtherEngine {
        /// The fixpoint.
        fixpoint: String,
        /// The engine its file names.
        stored: String,
        /// The engine of the open database.
        found: String,
    },
    /// Two fixpoints come from different kinds of databases.
    #[error(
        "`{old}` holds rows of {old_engine}, `{new}` of {new_engine}, which write values differently", old = safe(old), old_engine = safe(old_engine), new = safe(new), new_engine = safe(new_engine))]
    EnginesDiffer {
        /// One fixpoint.
        old: String,
        /// The engine its file names.
        old_engine: String,
        /// The other fixpoint.
        new: String,
        /// The engine that one's file names.
        new_engine: String,
    },
    /// The fixpoint was stored again implicitly, and others stand on what it held before.
    #[error(
        "`{name}` was stored again, and {} stood on what it held before",
        safe(join(children)), name = safe(name))]
    ChildrenLeft {
        /// The fixpoint, whose file is the new one.
        name: String,
        /// The fixpoints that cannot be read until they are rebased.
        children: Vec<String>,
    },
    /// The parent was stored again after the child was.
    #[error("`{parent}` changed after `{child}` was stored on top of it", parent = safe(parent), child = safe(child))]
    ParentMoved {
        /// The incremental fixpoint.
        child: String,
        /// Its parent.
        parent: String,
    },
    /// What a test restored was stored again since, so that nothing can stand on what was restored.
    #[error(
        "`{restored}` changed since it was restored here, so that `{child}` cannot stand on it", restored = safe(restored), child = safe(child))]
    RestoredMoved {
        /// The fixpoint that was restored.
        restored: String,
        /// The fixpoint that would have been stored.
        child: String,
    },
    /// The parent of an incremental fixpoint is gone.
    #[error("`{child}` stands on `{parent}`, which does not exist in {folder}", child = safe(child), parent = safe(parent), folder = safe(folder))]
    ParentMissing {
        /// The incremental fixpoint.
        child: String,
        /// Its missing parent.
        parent: String,
        /// The folder that was searched.
        folder: String,
    },
    /// A fixpoint is its own ancestor.
    #[error("`{name}` would be its own ancestor", name = safe(name))]
    ParentCycle {
        /// The fixpoint.
        name: String,
    },
    /// Other fixpoints stand on the one that was to be removed.
    #[error("`{name}` cannot be removed, because {} stand{} on it", safe(join(children)), if children.len() == 1 { "s" } else { "" }, name = safe(name))]
    HasChildren {
        /// The fixpoint.
        name: String,
        /// The fixpoints that stand on it.
        children: Vec<String>,
    },
    /// A file of another tool cannot be taken over.
    #[error("cannot import {path}{}: {reason}", at_line(*line).trim_end_matches(','), path = safe(path), reason = safe(reason))]
    Import {
        /// The file.
        path: String,
        /// The line, counted from 1, where it is known.
        line: Option<usize>,
        /// What is wrong there.
        reason: String,
    },
    /// A table was named that the operation does not cover.
    #[error("no covered table is called `{table}`", table = safe(table))]
    UnknownTable {
        /// The name given.
        table: String,
        /// The tables there are.
        known: Vec<String>,
    },
    /// A part of a table was named, and only the whole can be meant.
    #[error("`{name}` means {partition}, a partition of {table}, whose rows are stored, compared and restored together", name = safe(name), partition = safe(partition), table = safe(table))]
    Partition {
        /// The name or pattern given.
        name: String,
        /// The partition.
        partition: String,
        /// The table that it is a partition of.
        table: String,
        /// What means the whole.
        instead: String,
    },
    /// A setting names what the database does not have.
    #[error("`{setting}` names `{name}`, which means no {what} of the database", name = safe(name), what = setting.what())]
    Unmatched {
        /// The setting.
        setting: Setting,
        /// The name or pattern in it.
        name: String,
        /// The names there are.
        known: Vec<String>,
    },
    /// A table was to be skipped that the database does not have.
    #[error(
        "no table is called `{table}`, and {} is to skip it",
        asked.variable(), table = safe(table))]
    UnknownSkip {
        /// The name given.
        table: String,
        /// What names it.
        asked: Asked,
        /// The tables there are.
        known: Vec<String>,
    },
    /// The environment says of what depends on skipped tables what means nothing.
    #[error(
        "{} is `{word}`, which is neither `skip` nor `keep`",
        SKIP_DEPENDENTS, word = safe(word))]
    UnclearDependents {
        /// What it says.
        word: String,
    },
    /// A table was named that is skipped, by itself or with one it refers to.
    #[error(
        "{table} is skipped: {} names it, or a table it refers to",
        asked.variable(), table = safe(table))]
    SkippedTable {
        /// The name given.
        table: String,
        /// What names it.
        asked: Asked,
    },
    /// A fixpoint would have been stored without tables that are only left empty for a while.
    #[error("`{name}` is not stored while tables are skipped, because it would lack their rows", name = safe(name))]
    SkippingStore {
        /// The fixpoint that would have been stored.
        name: String,
        /// What skips them.
        asked: Asked,
    },
    /// The plan of what is hidden from each test cannot be used.
    #[error("{} cannot be used, which {} names: {reason}", safe(path), HIDE_PLAN, reason = safe(reason))]
    HidePlan {
        /// The file.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A plan hides tables from some tests, and it is not known which one runs.
    #[error("{} hides tables from single tests, and it cannot be told which test runs here: {reason}", safe(path), reason = safe(reason))]
    UnknownTest {
        /// The plan.
        path: String,
        /// Why it cannot be told.
        reason: String,
    },
    /// The database is not in the state a test wants.
    #[error("{0}")]
    Different(Box<Mismatch>),
    /// A test changed other rows than it said.
    #[error("{0}")]
    UnexpectedChanges(Box<UnexpectedChanges>),
    /// A test said two things about the same rows, or nothing.
    #[error("the expectations about {table} are not clear: {reason}", table = safe(table), reason = safe(reason))]
    UnclearExpectation {
        /// The table.
        table: String,
        /// What is not clear about them.
        reason: String,
        /// How to say it.
        hint: &'static str,
    },
    /// The columns of the database are not those of the state that changes are told from.
    #[error("the schema moved since {since}: {}", join(drifts), since = safe(since))]
    SchemaMovedSince {
        /// When the state was taken.
        since: String,
        /// Every table and column that moved.
        drifts: Vec<Drift>,
    },
    /// There was nothing to compare with, so that the state was stored for a person to look at.
    #[error("there was no `{name}` to compare with, so {path} was stored", name = safe(name), path = safe(path))]
    StoredInstead {
        /// The fixpoint.
        name: String,
        /// Its new file.
        path: String,
    },
    /// A column was named that no covered table has.
    #[error("no compared table has a column `{column}`", column = safe(column))]
    UnknownColumn {
        /// The name given, with or without its table.
        column: String,
    },
    /// There is nothing to compare with.
    #[error("no fixpoint named `{name}` in {folder}", name = safe(name), folder = safe(folder))]
    NothingToCompare {
        /// The name that was asked for.
        name: String,
        /// The folder that was searched.
        folder: String,
        /// The command that stores it.
        command: Command,
    },
    /// A fixpoint would have been written where only a person should write one.
    #[error("`{name}` is missing and `CI` is set, so nothing is written", name = safe(name))]
    ImplicitWrite {
        /// The fixpoint that would have been stored.
        name: String,
        /// The command that stores it on purpose.
        command: Command,
    },
    /// A statement of a script failed.
    #[error("statement {statement} of {script} failed: {message}", script = safe(script), message = safe(message))]
    Script {
        /// The script.
        script: String,
        /// Which statement, counted from 1.
        statement: usize,
        /// The line it begins on, counted from 1.
        line: usize,
        /// The database's own words.
        message: String,
        /// Why it failed.
        fault: Fault,
        /// Whether the whole script was one transaction, so that nothing of it was kept.
        one_transaction: bool,
    },
    /// A row could not be written back.
    #[error("cannot write {row} of table {table}: {message}", row = visible(&row.to_string()), table = safe(table), message = safe(message))]
    Row {
        /// The table.
        table: String,
        /// The row.
        row: NamedRow,
        /// The database's own words.
        message: String,
        /// Why it was refused.
        fault: Fault,
    },
    /// The database refused something.
    #[error("{act}: {message}", act = safe(act), message = safe(message))]
    Database {
        /// What was being done.
        act: String,
        /// The database's own words.
        message: String,
        /// Why it was refused.
        fault: Fault,
    },
    /// The configuration file is not valid.
    #[error("{path} is not a valid configuration: {message}", path = safe(path), message = safe(message))]
    Config {
        /// The file.
        path: String,
        /// What is wrong in it, and where.
        message: String,
    },
    /// A file or folder could not be read or written.
    #[error("cannot {act} {}", safe(path.display()), act = safe(act))]
    Io {
        /// What was being done.
        act: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's own words.
        source: std::io::Error,
    },
}

/// Why a file cannot be read that a merge has not finished with.
pub const CONFLICT: &str = "git left a conflict there";

/// What is done to a file whose path a person typed: where there is none, that path is wrong.
pub const TYPED: &str = "read the file";

/// Why a link is not followed.
#[derive(Debug, thiserror::Error)]
#[error(
    "it is a link, and in the folder of fixpoints none is followed, because it may lead anywhere"
)]
pub struct Linked;

/// The message, its causes and the hint, each on a line of its own: this is what a test that unwraps or returns an
/// error prints.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // They have several lines, and see to what is in them.
            Self::Different(_) | Self::UnexpectedChanges(_) => write!(f, "{self}")?,
            _ => f.write_str(&visible_line(&self.to_string()))?,
        }
        let mut next = std::error::Error::source(self);
        while let Some(cause) = next {
            write!(f, "\ncaused by: {}", visible_line(&safe(cause)))?;
            next = cause.source();
        }
        match self.hint() {
            Some(hint) => write!(f, "\nhint: {}", visible_line(&safe(hint))),
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
        .map(|item| visible(&item.to_string()).into_owned())
        .collect::<Vec<_>>()
        .join("; ");
    if items.len() > SHOWN {
        text.push_str(&format!("; and {} more", items.len() - SHOWN));
    }
    text
}
