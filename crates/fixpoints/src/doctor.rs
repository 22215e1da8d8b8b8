//! Looks at every fixpoint and its database and says what is wrong or could be better; it changes nothing.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use crate::chain::Chain;
use crate::compare::{diff_rows, unmatched_columns};
use crate::config::Config;
use crate::engines::Location;
use crate::engines::open;
use crate::finding::{Check, Finding};
use crate::folder::Folder;
use crate::restore::check_header;
use crate::sequences::{Standing, standings};
use crate::store::findings;
use crate::writer::abandoned;
use fixpoints_core::advice::{Advice, Command};
use fixpoints_core::catalog::Catalog;
use fixpoints_core::comparison::Counts;
use fixpoints_core::database::{Missing, Transaction, reading};
use fixpoints_core::error::{Error, Result};
use fixpoints_core::header::Header;
use fixpoints_core::left_out::LeftOut;
use fixpoints_core::name::FixpointName;
use fixpoints_core::names::shell_word;
use fixpoints_core::names::shown;
use fixpoints_core::scope::Scope;
use fixpoints_core::table::Table;

mod rehearsal;

use rehearsal::Failed;

/// What is examined.
#[derive(Debug)]
pub struct Project<'a> {
    /// The configuration.
    pub config: &'a Config,
    /// The fixpoints.
    pub folder: &'a Folder,
    /// The database.
    pub url: &'a Location,
    /// What names it, where something does: a URL, or a name in the configuration.
    pub chosen: Option<&'a str>,
}

/// What was found.
#[derive(Debug, Clone, Default)]
pub struct Diagnosis {
    /// Fixpoints looked at.
    pub fixpoints: Vec<FixpointName>,
    /// Tables of the database that are covered.
    pub tables: Vec<String>,
    /// Tables of the database that no fixpoint of it holds, each with the reason.
    pub left_out: Vec<LeftOut>,
    /// Everything found, by check.
    pub findings: Vec<Finding>,
}

impl Diagnosis {
    fn add(
        &mut self,
        check: Check,
        subject: impl Into<String>,
        message: String,
        hint: Option<Advice>,
    ) {
        self.findings.push(Finding {
            check,
            subject: Some(subject.into()),
            message,
            hint,
        });
    }

    /// The same, unless it was found before.
    fn failed(&mut self, check: Check, subject: &str, error: &Error) {
        let message = error.to_string();
        let mut findings = self.findings.iter();
        if !findings.any(|finding| finding.message == message) {
            self.error(check, subject, error);
        }
    }

    fn has(&self, check: Check, subject: Option<&str>) -> bool {
        let mut found = self
            .findings
            .iter()
            .filter(|finding| finding.check == check);
        found.any(|finding| subject.is_none() || finding.subject.as_deref() == subject)
    }

    fn error(&mut self, check: Check, subject: &str, error: &Error) {
        let mut message = error.to_string();
        if let Some(source) = std::error::Error::source(error) {
            message.push_str(&format!(": {source}"));
        }
        self.add(check, subject, message, error.advice());
    }
}

/// More links than this make a chain hard to follow.
const DEEP: usize = 5;
/// Below this many rows nothing is won by storing changes only.
const SMALL: u64 = 10;
/// Files above this are not compared with each other.
const LARGE: u64 = 4 * 1024 * 1024;

/// Examines a project.
///
/// # Errors
/// [`Error::Io`] when the folder itself cannot be listed; everything else is a finding.
pub fn doctor(project: &Project<'_>) -> Result<Diagnosis> {
    let mut diagnosis = Diagnosis {
        fixpoints: project.folder.own_names()?,
        ..Diagnosis::default()
    };
    let fixpoints = files(project.folder, &mut diagnosis);
    leftovers(project.folder, &mut diagnosis);
    for (name, path) in project.folder.links()? {
        diagnosis.error(Check::Files, &name, &Folder::linked(&path));
    }
    let mut scope = project.config.scope(project.chosen);
    let catalog = open(project.url, Missing::Refuse).and_then(|mut database| {
        reading(database.as_mut(), |transaction| {
            examine(transaction, &mut scope, &mut diagnosis)
        })
    });
    let mut read = Arc::default();
    match catalog {
        Ok((engine, catalog)) => {
            schema(
                engine,
                &catalog,
                &scope,
                (project.folder, &fixpoints),
                &mut diagnosis,
            );
            let ignored = project.config.ignored(project.chosen);
            configuration(&ignored, &scope, &catalog, &mut diagnosis);
            let scope = project.config.scope(project.chosen).looked_up(&catalog);
            let tables: Vec<&Table> = scope.covered(catalog.tables()).collect();
            rehearse(project, &fixpoints, &tables, &scope, &mut diagnosis);
            read = catalog;
        }
        Err(error) => diagnosis.error(Check::Database, &project.url.to_string(), &error),
    }
    depth(&fixpoints, &read, &scope, &mut diagnosis);
    size(project.folder, &fixpoints, &mut diagnosis);
    diagnosis.findings.sort();
    Ok(diagnosis)
}

/// Finds what `store` and `restore` would fail with, where it was not found yet.
fn rehearse(
    project: &Project<'_>,
    fixpoints: &[Sound],
    tables: &[&Table],
    scope: &Scope,
    diagnosis: &mut Diagnosis,
) {
    let url = project.url.to_string();
    let mut database = match project.config.open_test(project.url, Missing::Refuse) {
        Ok(database) => database,
        Err(error) => {
            diagnosis.error(Check::Store, &url, &error);
            return;
        }
    };
    for Failed { table, error } in rehearsal::read(database.as_mut(), tables) {
        diagnosis.failed(Check::Store, &table.unwrap_or_else(|| url.clone()), &error);
    }
    for Failed { table, error } in rehearsal::write(database.as_mut(), tables) {
        diagnosis.failed(
            Check::Restore,
            &table.unwrap_or_else(|| url.clone()),
            &error,
        );
    }
    // With settings that name nothing every restore fails, and with another schema that of the fixpoint.
    if diagnosis.has(Check::Configuration, None) {
        return;
    }
    for Sound { name, .. } in fixpoints {
        if diagnosis.has(Check::Schema, Some(name.as_str())) {
            continue;
        }
        let restored = rehearsal::restore(database.as_mut(), project.folder, name, scope);
        if let Err(error) = restored {
            diagnosis.failed(Check::Restore, name.as_str(), &error);
        }
    }
}

/// A fixpoint that was read to its end, without its file: as many are open as one chain has links.
struct Sound {
    name: FixpointName,
    header: Header,
    /// What it stands on, the parent first.
    ancestors: Vec<FixpointName>,
    /// Rows, or changes, in its own file.
    lines: u64,
    bytes: u64,
}

impl Sound {
    fn read(folder: &Folder, name: &FixpointName) -> Result<Self> {
        let chain = Chain::open(folder, name)?;
        chain.read_through()?;
        let document = chain.document();
        Ok(Self {
            name: name.clone(),
            header: document.header.clone(),
            ancestors: chain.ancestors().cloned().collect(),
            lines: document.all_lines(),
            bytes: document.bytes,
        })
    }

    fn parent(&self) -> Option<String> {
        self.ancestors.first().map(ToString::to_string)
    }
}

fn files(folder: &Folder, diagnosis: &mut Diagnosis) -> Vec<Sound> {
    let mut sound = Vec::new();
    for name in diagnosis.fixpoints.clone() {
        match Sound::read(folder, &name) {
            Ok(read) => sound.push(read),
            Err(error) => unreadable(folder, &name, &error, diagnosis),
        }
    }
    sound
}

fn unreadable(folder: &Folder, name: &FixpointName, error: &Error, diagnosis: &mut Diagnosis) {
    let own = shown(&folder.file_of(name));
    match error {
        // What stands on a broken fixpoint is broken with it, which is said once.
        Error::ParentMoved { child, .. } | Error::ParentMissing { child, .. }
            if child != name.as_str() => {}
        Error::ParentCycle { name: ring } if ring != name.as_str() => {}
        Error::ParentMoved { .. } | Error::ParentMissing { .. } | Error::ParentCycle { .. } => {
            diagnosis.error(Check::Parents, name.as_str(), error);
        }
        Error::Corrupt { path, .. }
        | Error::Unsigned { path, .. }
        | Error::UnsupportedFormat { path, .. }
            if *path != own =>
        {
            if parent_file(folder, name).as_ref() == Some(path) {
                let message = format!("`{name}` stands on {path}, which cannot be read");
                diagnosis.add(Check::Parents, name.as_str(), message, error.advice());
            }
        }
        _ => diagnosis.error(Check::Files, name.as_str(), error),
    }
}

fn parent_file(folder: &Folder, name: &FixpointName) -> Option<String> {
    let parent = folder.open(name).ok()?.header.parent?;
    let parent = FixpointName::parse(&parent.name).ok()?;
    Some(shown(&folder.file_of(&parent)))
}

/// What a program that was killed left in the folder.
fn leftovers(folder: &Folder, diagnosis: &mut Diagnosis) {
    let mut folders = vec![folder.path().to_path_buf()];
    folders.extend(diagnosis.fixpoints.iter().filter_map(|name| {
        let file = folder.file_of(name);
        file.parent().map(Path::to_path_buf)
    }));
    folders.sort();
    folders.dedup();
    for file in folders.iter().flat_map(|folder| abandoned(folder)) {
        let file = shown(&file);
        let message = format!("{file} was left by a program that was killed");
        let hint = format!(
            "run `rm {}`, which the next store into that folder does too",
            shell_word(&file)
        );
        diagnosis.add(Check::Size, file, message, Some(hint.into()));
    }
}

fn examine(
    transaction: &mut dyn Transaction,
    scope: &mut Scope,
    diagnosis: &mut Diagnosis,
) -> Result<(&'static str, Arc<Catalog>)> {
    let catalog = transaction.catalog();
    *scope = std::mem::take(scope).looked_up(&catalog);
    diagnosis.left_out = scope.left_out(&catalog);
    let covered = scope
        .covered(catalog.tables())
        .map(|table| (table.name.clone(), table.clone()))
        .collect();
    diagnosis
        .findings
        .extend(findings(transaction, scope, &covered)?);
    diagnosis.tables = covered.keys().cloned().collect();
    for standing in standings(transaction, scope)? {
        sequence(&standing, diagnosis);
    }
    Ok((transaction.engine(), catalog))
}

fn sequence(standing: &Standing, diagnosis: &mut Diagnosis) {
    let Some(highest) = standing.highest.filter(|_| standing.is_behind()) else {
        return;
    };
    let Standing {
        sequence,
        table,
        column,
        stands,
        ..
    } = standing;
    // SQLite's have the names of their tables.
    let named = if sequence == table {
        String::new()
    } else {
        format!("{sequence} ")
    };
    let end = if standing.descends() {
        "lowest"
    } else {
        "highest"
    };
    let message = format!(
        "the sequence {named}of {table}.{column} stands at {stands}, its {end} value is {highest}"
    );
    let command = format!("sequences reset --table {}", shell_word(table));
    let hint = Advice::from("run ").fixpoints(command);
    diagnosis.add(Check::Sequences, table, message, Some(hint));
}

fn schema(
    engine: &str,
    catalog: &Catalog,
    scope: &Scope,
    (folder, fixpoints): (&Folder, &[Sound]),
    diagnosis: &mut Diagnosis,
) {
    for fixpoint in fixpoints {
        let (header, name) = (&fixpoint.header, fixpoint.name.as_str());
        let checked = check_header(engine, catalog, (name, header, &folder.shown()), scope);
        if let Err(error) = checked {
            diagnosis.error(Check::Schema, name, &error);
            if matches!(error, Error::OtherEngine { .. }) {
                continue;
            }
        }
        let parent = fixpoint.parent();
        let unknown = scope
            .covered(catalog.tables())
            .filter(|table| !header.tables.contains_key(&table.name));
        let unknown: Vec<&str> = unknown.map(|table| table.name.as_str()).collect();
        if !unknown.is_empty() {
            let message = format!("`{name}` does not cover {}", unknown.join(", "));
            let onto = parent
                .map(|parent| format!(" --parent {parent}"))
                .unwrap_or_default();
            let hint = Advice::from("run `")
                .command(Command::fixpoints(format!("restore {name}")))
                .text(" && ")
                .command(Command::fixpoints(format!("store {name}{onto}")))
                .text("` to cover what is in it now, or add the table to `exclude`");
            diagnosis.add(Check::Coverage, name, message, Some(hint));
        }
    }
}

fn configuration(ignored: &[String], scope: &Scope, catalog: &Catalog, diagnosis: &mut Diagnosis) {
    let tables = scope.unmatched(catalog);
    let columns = unmatched_columns(catalog, ignored);
    for error in tables.iter().chain(&columns) {
        if let Error::Unmatched { name, .. } | Error::Partition { name, .. } = error {
            diagnosis.error(Check::Configuration, name, error);
        }
    }
}

/// Of a chain that is too long the first link that is: once that is stored in full, what stands on it is pinned again.
fn depth(fixpoints: &[Sound], catalog: &Catalog, scope: &Scope, diagnosis: &mut Diagnosis) {
    for fixpoint in fixpoints {
        let depth = fixpoint.ancestors.len();
        if depth != DEEP + 1 {
            continue;
        }
        let (name, own) = (&fixpoint.name, &fixpoint.header.tables);
        let left_out = scope
            .covered(catalog.tables())
            .filter(|table| !own.contains_key(&table.name));
        let left_out =
            left_out.map(|table| format!(" --exclude-table {}", shell_word(&table.name)));
        let left_out: String = left_out.collect();
        let mut above: Vec<&Sound> = fixpoints.iter().collect();
        above.retain(|other| other.ancestors.contains(name));
        above.sort_by_key(|other| other.ancestors.len());
        let message = format!("`{name}` stands on {depth} others, one on top of the other");
        let mut hint = Advice::from("run `")
            .command(Command::fixpoints(format!("restore {name}")))
            .text(" && ")
            .command(Command::fixpoints(format!("store {name}{left_out}")));
        for child in above {
            let Some(parent) = child.parent() else {
                continue;
            };
            let rebase = format!("rebase {} --onto {parent}", child.name);
            hint = hint.text(" && ").command(Command::fixpoints(rebase));
        }
        let hint = hint.text("` to store it in full");
        diagnosis.add(Check::Size, name.as_str(), message, Some(hint));
    }
}

fn size(folder: &Folder, fixpoints: &[Sound], diagnosis: &mut Diagnosis) {
    let full: Vec<&Sound> = fixpoints.iter().filter(|one| is_comparable(one)).collect();
    let parents: BTreeSet<&FixpointName> =
        fixpoints.iter().flat_map(|one| &one.ancestors).collect();
    for (at, child) in full.iter().enumerate() {
        if parents.contains(&child.name) {
            continue;
        }
        // A suggestion goes one way only: to stand on a fixpoint that others stand on, or on one named before it.
        let mut others = full
            .iter()
            .enumerate()
            .filter(|(other, one)| *other < at || parents.contains(&one.name))
            .map(|(_, one)| *one);
        let near =
            others.find(|parent| parent.name != child.name && is_near(folder, parent, child));
        if let Some(parent) = near {
            let (child, parent) = (&child.name, &parent.name);
            let message = format!("`{child}` is stored in full and differs little from `{parent}`");
            let hint = Advice::from("run ")
                .fixpoints(format!("rebase {child} --onto {parent}"))
                .text(" to keep only what differs");
            diagnosis.add(Check::Size, child.as_str(), message, Some(hint));
        }
    }
}

fn is_comparable(fixpoint: &Sound) -> bool {
    fixpoint.ancestors.is_empty() && fixpoint.lines >= SMALL && fixpoint.bytes <= LARGE
}

/// Whether fewer than half of the child's rows differ from the parent's.
fn is_near(folder: &Folder, parent: &Sound, child: &Sound) -> bool {
    if parent.header.tables != child.header.tables {
        return false;
    }
    let open = |one: &Sound| folder.open(&one.name);
    let (Ok(old), Ok(new)) = (open(parent), open(child)) else {
        return false;
    };
    let mut counts = Counts::default();
    for table in child.header.tables.values() {
        let mut each = |change| {
            counts.add(&change);
            Ok(ControlFlow::Continue(()))
        };
        if diff_rows(table, old.rows(table), new.rows(table), &mut each).is_err() {
            return false;
        }
    }
    counts.total() * 2 < child.lines
}
