//! Puts an incremental fixpoint on a parent that changed, or on another one; what both sides changed is a conflict,
//! and then nothing is written unless the caller says which side wins. Files know no constraints: a database that is at
//! hand is asked, and as before afterwards.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;

use crate::chain::{Chain, Rows};
use crate::folder::Folder;
use crate::recording::{Recorded, Recording};
use crate::remove::children;
use crate::source::open_file;
use fixpoints_core::change::Change;
use fixpoints_core::comparison::Counts;
use fixpoints_core::database::Database;
use fixpoints_core::document::Document;
use fixpoints_core::error::{Error, Result};
use fixpoints_core::header::{Header, Parent};
use fixpoints_core::line::ChangeLine;
use fixpoints_core::name::FixpointName;
use fixpoints_core::names::shown;
use fixpoints_core::position::Positions;
use fixpoints_core::scope::Scope;
use fixpoints_core::table::{Table, Tables, drifts};

mod finder;
mod trial;

use finder::Finder;
pub use fixpoints_core::decide::{Conflict, ConflictKind, Contested, Prefer};
use fixpoints_core::decide::{Counterpart, Decided, Decision, Resolution, decide};
pub use trial::Constraints;
use trial::Trial;

/// What a rebase did, or would have done.
#[derive(Debug, Clone)]
pub struct RebaseReport {
    /// The file, as messages show it.
    pub path: String,
    /// The parent it stood on; `None` where it was stored in full.
    pub before: Option<Parent>,
    /// The parent it stands on now.
    pub after: Parent,
    /// What was written; `None` where conflicts were left.
    pub finished: Option<Recorded>,
    /// Every table of the child.
    pub tables: Vec<RebasedTable>,
    /// Tables that the parent has and the child had not: the child covers them now, without changes of its own.
    pub added: Vec<String>,
    /// Fixpoints that stood on what the child held before.
    pub stale_children: Vec<FixpointName>,
    /// Whether a database takes the rows.
    pub constraints: Constraints,
}

impl RebaseReport {
    /// Every conflict that was left.
    pub fn conflicts(&self) -> impl Iterator<Item = &Conflict> {
        self.tables.iter().flat_map(|table| &table.conflicts)
    }
}

/// What happened to one table.
#[derive(Debug, Clone)]
pub struct RebasedTable {
    /// The table.
    pub table: Table,
    /// The child's changes on the new parent.
    pub counts: Counts,
    /// Changes of the child that the new parent made too.
    pub absorbed: u64,
    /// Changes the child and the parent disagree on; resolved ones are not among them.
    pub conflicts: Vec<Conflict>,
    /// Conflicts that the preferred side won.
    pub resolved: u64,
}

/// Rebases `name` onto `onto`. Files know keys only: constraints are not checked.
///
/// # Errors
/// [`Error::ParentCycle`], [`Error::SchemaDrift`], and whatever the files refuse; the file is then as it was.
pub fn rebase(
    folder: &Folder,
    name: &FixpointName,
    onto: &FixpointName,
    prefer: Prefer,
) -> Result<RebaseReport> {
    rebase_with(folder, name, onto, prefer, None)
}

/// See [`rebase`]; the rows are tried on a database, which is as before afterwards, and those it refuses are conflicts.
///
/// # Errors
/// Those of [`rebase`]. A database that cannot be asked is not an error, see [`Constraints::Unchecked`].
pub fn rebase_checked(
    database: &mut dyn Database,
    scope: &Scope,
    folder: &Folder,
    name: &FixpointName,
    onto: &FixpointName,
    prefer: Prefer,
) -> Result<RebaseReport> {
    let trial = Trial { database, scope };
    rebase_with(folder, name, onto, prefer, Some(trial))
}

fn rebase_with(
    folder: &Folder,
    name: &FixpointName,
    onto: &FixpointName,
    prefer: Prefer,
    trial: Option<Trial<'_>>,
) -> Result<RebaseReport> {
    let parent = Chain::open(folder, onto)?;
    parent.check_above(name)?;
    let child = folder.open(name)?;
    check_tables(name, &child, &parent)?;
    let mut then = parent_then(folder, name);
    let (header, added) = header(&child, &parent, then.as_ref());
    if then.is_none() && prefer == Prefer::Child {
        then = copy_of_parent(folder, &child);
    }
    let side = Side {
        child: &child,
        parent: &parent,
        then: then.as_ref().filter(|_| prefer == Prefer::Child),
        prefer,
    };
    let judged = header.tables.values().map(|table| side.judge(table));
    let tables = judged.collect::<Result<Vec<_>>>()?;
    let mut report = RebaseReport {
        path: shown(&folder.file_of(name)),
        before: child.header.parent.clone(),
        after: Parent {
            name: onto.to_string(),
            content: parent.document().content.clone(),
        },
        finished: None,
        tables,
        added,
        stale_children: Vec::new(),
        constraints: Constraints::Unchecked { reason: None },
    };
    if report.conflicts().next().is_some() {
        return Ok(report);
    }
    if let Some(trial) = trial {
        let stage =
            tempfile::tempdir().map_err(Error::io("make a folder", std::env::temp_dir()))?;
        let path = stage.path().join("rebased.yaml");
        side.write(&path, &header)?;
        let chain = Chain::open(folder, onto)?.below(name.clone(), open_file(&path)?);
        report.constraints = trial.of(&chain, &mut report.tables);
    }
    if report.conflicts().next().is_none() {
        let finished = side.write(&folder.file_of(name), &header)?;
        if finished.content != child.content {
            report.stale_children = children(folder, name)?;
        }
        report.finished = Some(finished);
    }
    Ok(report)
}

/// A child's changes mean nothing on other columns.
fn check_tables(name: &FixpointName, child: &Document, parent: &Chain) -> Result<()> {
    let header = parent.header();
    if header.engine != child.header.engine {
        return Err(Error::EnginesDiffer {
            old: name.to_string(),
            old_engine: child.header.engine.clone(),
            new: parent.name().to_string(),
            new_engine: header.engine.clone(),
        });
    }
    let shared = child.header.tables.values();
    let shared = shared.filter(|table| header.tables.contains_key(&table.name));
    let drifts = drifts(shared, |name| header.tables.get(name));
    if drifts.is_empty() {
        return Ok(());
    }
    Err(Error::SchemaDrift {
        fixpoint: name.to_string(),
        parent: Some(parent.name().to_string()),
        folder: parent.folder().to_owned(),
        drifts,
    })
}

/// What the child was stored on, where its files still hold what they held.
fn parent_then(folder: &Folder, name: &FixpointName) -> Option<Chain> {
    let chain = Chain::open(folder, name).ok()?;
    let parent = chain.ancestors().next()?.clone();
    Chain::open(folder, &parent).ok()
}

/// The fixpoint of any name that holds what the child was stored on.
fn copy_of_parent(folder: &Folder, child: &Document) -> Option<Chain> {
    let pinned = &child.header.parent.as_ref()?.content;
    let names = folder.names().ok()?;
    let holds_it = |name: &FixpointName| {
        let document = folder.open(name).ok();
        document.is_some_and(|document| document.content == *pinned)
    };
    let name = names.into_iter().find(holds_it)?;
    Chain::open(folder, &name).ok()
}

/// The child's header on its new parent, and the tables that came with it.
fn header(child: &Document, parent: &Chain, then: Option<&Chain>) -> (Header, Vec<String>) {
    let mut tables: Tables = child.header.tables.clone();
    let mut added = Vec::new();
    for (name, table) in &parent.header().tables {
        // What the child did not take over from its former parent was left out of it on purpose.
        let left_out = then.is_some_and(|then| then.header().tables.contains_key(name))
            || child.header.parent.is_none();
        if !tables.contains_key(name) {
            if left_out {
                continue;
            }
            added.push(name.clone());
        }
        // A child's rows are read in its parent's order of columns.
        tables.insert(name.clone(), table.clone());
    }
    let header = Header {
        engine: child.header.engine.clone(),
        parent: Some(Parent {
            name: parent.name().to_string(),
            content: parent.document().content.clone(),
        }),
        sequences: sequences(child, parent, then, &added),
        feeds: feeds(child, parent, &tables),
        tables,
    };
    (header, added)
}

/// The table each sequence feeds, as far as the child covers it.
fn feeds(child: &Document, parent: &Chain, tables: &Tables) -> BTreeMap<String, String> {
    let mut feeds = parent.header().feeds.clone();
    feeds.extend(child.header.feeds.clone());
    feeds.retain(|_, table| tables.contains_key(table));
    feeds
}

/// Where the child moved a sequence, or nobody knows whether it did, the higher position counts; else the parent's.
fn sequences(
    child: &Document,
    parent: &Chain,
    then: Option<&Chain>,
    added: &[String],
) -> Positions {
    let now = &parent.header().sequences;
    let mut sequences = BTreeMap::new();
    for (name, &own) in &child.header.sequences {
        let unmoved = then.is_some_and(|then| then.header().sequences.get(name) == Some(&own));
        let value = match now.get(name) {
            Some(&now) if unmoved => now,
            Some(&now) if child.header.parent.is_some() => now.max(own),
            _ => own,
        };
        sequences.insert(name.clone(), value);
    }
    let came = now.iter().filter(|(name, _)| added.contains(name));
    sequences.extend(came.map(|(name, value)| (name.clone(), *value)));
    sequences
}

/// The child on its new parent.
struct Side<'a> {
    child: &'a Document,
    parent: &'a Chain,
    /// The parent the child was stored on, where its rows may be needed and are known.
    then: Option<&'a Chain>,
    prefer: Prefer,
}

impl Side<'_> {
    /// Decides about every change of a table without writing any.
    fn judge(&self, table: &Table) -> Result<RebasedTable> {
        let mut judged = RebasedTable {
            table: table.clone(),
            counts: Counts::default(),
            absorbed: 0,
            conflicts: Vec::new(),
            resolved: 0,
        };
        self.decide(table, &mut |decision| {
            match decision {
                Decision::Keep(change) => judged.counts.add(&change),
                Decision::Absorbed => judged.absorbed += 1,
                Decision::Conflict(conflict, Resolution::Open) => judged.conflicts.push(conflict),
                Decision::Conflict(_, Resolution::Stay) => judged.resolved += 1,
                Decision::Conflict(_, Resolution::Change(change)) => {
                    judged.resolved += 1;
                    judged.counts.add(&change);
                }
            }
            Ok(())
        })?;
        Ok(judged)
    }

    fn write(&self, path: &Path, header: &Header) -> Result<Recorded> {
        let mut recording = Recording::create(path, header)?;
        for table in header.tables.values() {
            recording.table(table);
            self.decide(table, &mut |decision| match decision {
                Decision::Keep(change) | Decision::Conflict(_, Resolution::Change(change)) => {
                    recording.change(&change)
                }
                Decision::Conflict(..) | Decision::Absorbed => Ok(()),
            })?;
        }
        recording.finish()
    }

    fn decide(&self, table: &Table, each: &mut Decided<'_>) -> Result<()> {
        if !self.child.header.tables.contains_key(&table.name) {
            return Ok(());
        }
        if self.child.header.parent.is_some() {
            let mut now = Finder::new(table, self.parent.rows(table));
            let then = self.then.map_or(Rows::None, |then| then.rows(table));
            let mut then = Finder::new(table, then);
            for change in self.child.changes(table) {
                let (_, change) = change?;
                let now = now.find(&change)?;
                let is_lost = now.is_none() && matches!(change, ChangeLine::Update { .. });
                let then = if is_lost { then.find(&change)? } else { None };
                let counterpart = Counterpart { now, then };
                each(decide(table, counterpart, change, self.prefer))?;
            }
            return now.finish();
        }
        // A full fixpoint has a state of its own, which the parent cannot contradict.
        let mut kept = |change: Change| each(Decision::Keep(change)).map(ControlFlow::Continue);
        crate::compare::diff_rows(
            table,
            self.parent.rows(table),
            self.child.rows(table),
            &mut kept,
        )
    }
}
