//! Saves the state of a database as a fixpoint, in full or as changes against a parent; the database is only read.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use crate::chain::Chain;
use crate::finding::{Check, Finding};
use crate::folder::Folder;
use crate::recording::Recording;
use crate::remove::stale_children;
use crate::replaced::Replaced;
use crate::restore::check_schema;
use crate::writer::Written;
use fixpoints_core::advice::Command;
use fixpoints_core::catalog::{Catalog, Sequence};
use fixpoints_core::change::Change;
use fixpoints_core::comparison::Counts;
use fixpoints_core::database::{Database, Transaction, reading};
use fixpoints_core::error::{Error, Result};
use fixpoints_core::header::{Header, Parent};
use fixpoints_core::left_out::LeftOut;
use fixpoints_core::merge::Merge;
use fixpoints_core::name::FixpointName;
use fixpoints_core::names::shell_word;
use fixpoints_core::names::shown;
use fixpoints_core::position::Positions;
use fixpoints_core::scope::Scope;
use fixpoints_core::table::{KeyKind, Table, Tables, drifts};

/// What to store, and how.
#[derive(Debug, Clone, Default)]
pub struct StoreOptions {
    /// Store only the changes against this fixpoint.
    pub parent: Option<FixpointName>,
    /// Leave out these tables too; each must exist.
    pub exclude: Vec<String>,
    /// What may be replaced.
    pub replace: Replace,
}

/// What a fixpoint of the same name may be for another one to take its place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Replace {
    /// A fixpoint that has rows is not replaced by a database that has none, nor one of another kind of database: such
    /// a store nearly always names the wrong database.
    #[default]
    Likely,
    /// Anything.
    Anything,
}

/// What was stored.
#[derive(Debug, Clone)]
pub struct StoreReport {
    /// The file, as messages show it.
    pub path: String,
    /// What the write did.
    pub written: Written,
    /// The length of the file.
    pub bytes: u64,
    /// The digest over everything the file holds, in hexadecimal.
    pub content: String,
    /// The parent the file stands on.
    pub parent: Option<Parent>,
    /// Every covered table.
    pub tables: Vec<StoredTable>,
    /// Sequences stored.
    pub sequences: Positions,
    /// Tables left out, with the reason.
    pub left_out: Vec<LeftOut>,
    /// Other fixpoints that stood on what this one held before.
    pub orphaned_children: Vec<FixpointName>,
    /// What the tables will make harder.
    pub findings: Vec<Finding>,
}

/// What was stored of one table.
#[derive(Debug, Clone)]
pub struct StoredTable {
    /// The table.
    pub table: Table,
    /// Rows it has in the database.
    pub rows: u64,
    /// Lines written for it.
    pub counts: Counts,
    /// How long it took.
    pub duration: Duration,
}

/// Stores the database's state under a name, replacing what the name held.
///
/// # Errors
/// [`Error::SchemaDrift`] when a parent was stored under another schema, and whatever files and database refuse; the
/// file is then as it was.
pub fn store(
    database: &mut dyn Database,
    folder: &Folder,
    name: &FixpointName,
    scope: &Scope,
    options: &StoreOptions,
) -> Result<StoreReport> {
    let storing = Storing::open(folder, name, scope, options)?;
    let drawn = reading(database, |transaction| storing.draw(transaction))?;
    storing.publish(drawn)
}

/// See [`store`]; in the caller's transaction.
///
/// # Errors
/// Those of [`store`].
pub fn store_within(
    transaction: &mut dyn Transaction,
    folder: &Folder,
    name: &FixpointName,
    scope: &Scope,
    options: &StoreOptions,
) -> Result<StoreReport> {
    let storing = Storing::open(folder, name, scope, options)?;
    let drawn = storing.draw(transaction)?;
    storing.publish(drawn)
}

/// What is stored, and where.
struct Storing<'a> {
    folder: &'a Folder,
    name: &'a FixpointName,
    scope: &'a Scope,
    options: &'a StoreOptions,
    parent: Option<Chain>,
}

/// A state that was read whole, in a file that is not in its place yet.
struct Drawn {
    recording: Recording,
    header: Header,
    tables: Vec<StoredTable>,
    left_out: Vec<LeftOut>,
    findings: Vec<Finding>,
}

impl<'a> Storing<'a> {
    fn open(
        folder: &'a Folder,
        name: &'a FixpointName,
        scope: &'a Scope,
        options: &'a StoreOptions,
    ) -> Result<Self> {
        if !scope.skip().is_empty() {
            return Err(Error::SkippingStore {
                name: name.to_string(),
                asked: scope.skip().asked(),
            });
        }
        folder.check_new(name)?;
        let parent = match &options.parent {
            Some(parent) => {
                let chain = Chain::open(folder, parent)?;
                chain.check_above(name)?;
                Some(chain)
            }
            None => None,
        };
        Ok(Self {
            folder,
            name,
            scope,
            options,
            parent,
        })
    }

    /// All that the database is asked for: what fails here leaves the file as it was.
    fn draw(&self, transaction: &mut dyn Transaction) -> Result<Drawn> {
        let parent = self.parent.as_ref();
        let catalog = transaction.catalog();
        let scope = self.scope.clone();
        let scope = scope.and_excluding(&self.options.exclude, &catalog)?;
        let scope = scope.resolved(transaction)?;
        let header = header(transaction.engine(), &catalog, &scope, parent)?;
        let mut recording = Recording::create(&self.folder.file_of(self.name), &header)?;
        let mut tables = Vec::new();
        transaction.read_ahead(&header.tables.values().collect::<Vec<_>>())?;
        for table in header.tables.values() {
            recording.table(table);
            tables.push(store_table(transaction, table, parent, &mut recording)?);
        }
        let findings = findings(transaction, &scope, &header.tables)?;
        Ok(Drawn {
            recording,
            left_out: scope.left_out(&catalog),
            header,
            tables,
            findings,
        })
    }

    fn publish(&self, drawn: Drawn) -> Result<StoreReport> {
        self.check_replaced(&drawn)?;
        let (folder, name) = (self.folder, self.name);
        let finished = drawn.recording.finish()?;
        let stale = match finished.written {
            Written::Replaced => stale_children(folder, name, &finished.content)?,
            Written::Created | Written::Unchanged => Vec::new(),
        };
        let mut findings = drawn.findings;
        let outgrown = stale.iter().filter(|(_, document)| {
            let stored = document.header.tables.values();
            !drifts(stored, |name| drawn.header.tables.get(name)).is_empty()
        });
        findings.extend(outgrown.map(|(child, _)| Finding::outgrown(child, name, folder)));
        Ok(StoreReport {
            path: shown(&folder.file_of(name)),
            written: finished.written,
            bytes: finished.bytes,
            content: finished.content,
            parent: drawn.header.parent,
            tables: drawn.tables,
            sequences: drawn.header.sequences,
            left_out: drawn.left_out,
            orphaned_children: stale.into_iter().map(|(child, _)| child).collect(),
            findings,
        })
    }

    fn check_replaced(&self, drawn: &Drawn) -> Result<()> {
        let options = self.options;
        if options.replace == Replace::Anything {
            return Ok(());
        }
        let parent = options.parent.as_ref();
        let onto = parent.map(|parent| format!(" --parent {parent}"));
        let excluded = options.exclude.iter();
        let excluded = excluded.map(|table| format!(" --exclude-table {}", shell_word(table)));
        let flags: String = onto.into_iter().chain(excluded).collect();
        let command = Command::fixpoints(format!("store {}{flags} --force", self.name));
        let rows = drawn.tables.iter().map(|table| table.rows).sum();
        let replaced = Replaced {
            folder: self.folder,
            name: self.name,
            command,
        };
        replaced.check(&drawn.header.engine, rows)
    }
}

fn header(
    engine: &str,
    catalog: &Catalog,
    scope: &Scope,
    parent: Option<&Chain>,
) -> Result<Header> {
    let mut tables: Tables = scope
        .covered(catalog.tables())
        .map(|table| (table.name.clone(), table.clone()))
        .collect();
    if let Some(chain) = parent {
        check_schema(engine, catalog, chain, scope)?;
        // A child's rows are read in its parent's order of columns.
        for (name, table) in &chain.header().tables {
            tables
                .entry(name.clone())
                .and_modify(|own| own.clone_from(table));
        }
    }
    let covers = |sequence: &Sequence| {
        let mut feeds = sequence.feeds.iter();
        sequence.feeds.is_empty() || feeds.any(|feed| tables.contains_key(&feed.table))
    };
    let covered = || {
        let sequences = catalog.sequences.iter();
        sequences.filter(|(_, sequence)| covers(sequence))
    };
    let sequences = covered().map(|(name, sequence)| (name.clone(), sequence.position));
    let parent = parent.map(|chain| Parent {
        name: chain.name().to_string(),
        content: chain.document().content.clone(),
    });
    let fed = |(name, sequence): (&String, &Sequence)| {
        Some((name.clone(), sequence.only_table()?.to_owned()))
    };
    Ok(Header {
        engine: engine.to_owned(),
        parent,
        sequences: sequences.collect(),
        feeds: covered().filter_map(fed).collect(),
        tables,
    })
}

fn store_table(
    transaction: &mut dyn Transaction,
    table: &Table,
    parent: Option<&Chain>,
    recording: &mut Recording,
) -> Result<StoredTable> {
    let started = Instant::now();
    let (mut rows, mut counts) = (0, Counts::default());
    match parent {
        None => {
            transaction.scan(table, &mut |row| {
                rows += 1;
                recording.row(row).map(ControlFlow::Continue)
            })?;
            counts.inserted = rows;
        }
        Some(chain) => {
            let mut each = |change: Change| {
                counts.add(&change);
                recording.change(&change).map(ControlFlow::Continue)
            };
            let mut merge = Merge::new(table, chain.rows(table), &mut each);
            transaction.scan(table, &mut |row| {
                rows += 1;
                merge.push(row)
            })?;
            merge.finish()?;
        }
    }
    Ok(StoredTable {
        table: table.clone(),
        rows,
        counts,
        duration: started.elapsed(),
    })
}

/// What a person should know about the stored tables.
pub(crate) fn findings(
    transaction: &mut dyn Transaction,
    scope: &Scope,
    tables: &Tables,
) -> Result<Vec<Finding>> {
    let catalog = &transaction.catalog();
    let keyless = tables
        .keys()
        .filter(|table| catalog.key(table) == Some(KeyKind::None));
    let mut findings: Vec<Finding> = keyless.map(|table| Finding::keyless(table)).collect();
    findings.extend(scope.omissions(catalog).into_iter().map(Finding::omission));
    for broken in transaction.broken_references()? {
        findings.push(Finding {
            check: Check::ForeignKeys,
            subject: Some(broken.table.clone()),
            message: broken.to_string(),
            hint: Some(
                "correct the row and store again; a restore refuses to break foreign keys, unless fixpoints.toml has `broken-references = \"keep\"`"
                    .into(),
            ),
        });
    }
    Ok(findings)
}
