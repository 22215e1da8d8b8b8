//! Whether a restore left what was asked for, although code of the database's own ran meanwhile; it changes nothing
//! that is kept.

use std::ops::ControlFlow;

use crate::chain::Chain;
use fixpoints_core::catalog::Catalog;
use fixpoints_core::cell::CellRef;
use fixpoints_core::change::Change;
use fixpoints_core::database::{Database, Finished, MayDiffer, Strays, Transaction, reading};
use fixpoints_core::disturbance::Disturbance;
use fixpoints_core::error::{Error, Result};
use fixpoints_core::line::RowEncoder;
use fixpoints_core::merge::Merge;
use fixpoints_core::position::Positions;
use fixpoints_core::scope::Scope;
use fixpoints_core::table::Table;

/// More rows of one table are not named.
const NAMED: usize = 3;

/// Why a restore is not kept.
pub(super) enum Failure {
    /// What is known already.
    Known(Error),
    /// Rows were written in tables that are not the fixpoint's. Which those are is found out by looking again once the
    /// transaction is undone.
    Elsewhere {
        others: Vec<Table>,
        /// The digests of their rows.
        now: Vec<blake3::Hash>,
        /// How many rows were written.
        rows: u64,
    },
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Known(error)
    }
}

impl Failure {
    /// The error to report; the transaction is undone by now.
    pub fn explain(self, database: &mut dyn Database, chain: &Chain) -> Error {
        let (others, now, rows) = match self {
            Self::Known(error) => return error,
            Self::Elsewhere { others, now, rows } => (others, now, rows),
        };
        match reading(database, |transaction| digests(transaction, &others)) {
            Ok(before) => Error::Disturbed {
                fixpoint: chain.name().to_string(),
                found: elsewhere(others, &now, &before, rows),
            },
            Err(error) => error,
        }
    }
}

/// Refuses a state that is not the fixpoint's, or in which more than that was written.
pub(super) fn check(
    finished: &mut dyn Finished,
    chain: &Chain,
    scope: &Scope,
    catalog: &Catalog,
    (sequences, wanted): (&[String], &Positions),
) -> Result<(), Failure> {
    let strays = finished.strays()?;
    let mut found = Vec::new();
    let stored = &chain.header().tables;
    for table in scope.covered(stored.values()) {
        if strays.tables.has(&table.name) && !strays.altered.contains(&table.name) {
            found.extend(differing(finished, chain, table)?);
        }
    }
    for table in scope.skipped(stored.values()) {
        if strays.tables.has(&table.name) && !strays.altered.contains(&table.name) {
            found.extend(filled(finished, table)?);
        }
    }
    let is_own =
        |table: &str| stored.contains_key(table) && (scope.covers(table) || scope.skips(table));
    found.extend(besides(&strays, is_own, (sequences, wanted)));
    if found.is_empty() && strays.rows > 0 {
        let others = catalog.tables().filter(|table| !is_own(&table.name));
        let others: Vec<Table> = others.cloned().collect();
        let now = digests(finished, &others)?;
        let rows = strays.rows;
        return Err(Failure::Elsewhere { others, now, rows });
    }
    if found.is_empty() {
        return Ok(());
    }
    let fixpoint = chain.name().to_string();
    Err(Error::Disturbed { fixpoint, found }.into())
}

/// Refuses rows that were written in a transaction that writes none itself, and sequences that it did not leave where
/// they were put.
pub(crate) fn check_sequences(
    finished: &mut dyn Finished,
    sequences: &[String],
    wanted: &Positions,
) -> Result<()> {
    let strays = finished.strays()?;
    let found = besides(&strays, |_| false, (sequences, wanted));
    if found.is_empty() {
        return Ok(());
    }
    Err(Error::DisturbedReset { found })
}

/// The rows in which a table differs from the fixpoint.
fn differing(
    transaction: &mut dyn Transaction,
    chain: &Chain,
    table: &Table,
) -> Result<Option<Disturbance>> {
    let mut rows = Vec::new();
    let mut each = |change| {
        rows.push(described(table, &change));
        Ok(enough(&rows))
    };
    let mut merge = Merge::new(table, chain.rows(table), &mut each);
    let mut flow = ControlFlow::Continue(());
    transaction.scan(table, &mut |row| {
        flow = merge.push(row)?;
        Ok(flow)
    })?;
    if flow.is_continue() {
        merge.finish()?;
    }
    Ok(disturbed(table, rows))
}

/// The rows of a table that should have none.
fn filled(transaction: &mut dyn Transaction, table: &Table) -> Result<Option<Disturbance>> {
    let mut rows = Vec::new();
    transaction.scan(table, &mut |row| {
        rows.push(format!("has {}", key(table, row)));
        Ok(enough(&rows))
    })?;
    Ok(disturbed(table, rows))
}

fn disturbed(table: &Table, rows: Vec<String>) -> Option<Disturbance> {
    let table = table.name.clone();
    (!rows.is_empty()).then_some(Disturbance::Rows { table, rows })
}

fn enough(rows: &[String]) -> ControlFlow<()> {
    if rows.len() < NAMED {
        ControlFlow::Continue(())
    } else {
        ControlFlow::Break(())
    }
}

/// What the second state, the database's, has made of a row.
fn described(table: &Table, change: &Change) -> String {
    match change {
        Change::Inserted(row) => format!("has {} besides", key(table, row)),
        Change::Deleted(row) => format!("lacks {}", key(table, row)),
        Change::Updated { old, new } => {
            let columns = Change::changed_columns(table, old, new);
            let columns: Vec<&str> = columns.iter().map(|&at| table.column(at)).collect();
            format!(
                "has other values in {} of {}",
                columns.join(", "),
                key(table, new)
            )
        }
    }
}

fn key<C: fixpoints_core::cell::AsCell>(table: &Table, row: &[C]) -> String {
    let mut text = Vec::new();
    RowEncoder::new(table).key(&mut text, row);
    String::from_utf8_lossy(&text).into_owned()
}

/// What was written in tables that are not covered, in the schema, and to sequences.
fn besides(
    strays: &Strays,
    is_own: impl Fn(&str) -> bool,
    (sequences, wanted): (&[String], &Positions),
) -> Vec<Disturbance> {
    let named: Vec<&String> = match &strays.tables {
        MayDiffer::Named(tables) => tables.iter().filter(|table| !is_own(table)).collect(),
        MayDiffer::Any => Vec::new(),
    };
    let named = named.into_iter().cloned();
    let mut found: Vec<_> = named
        .map(|table| Disturbance::Uncovered { table })
        .collect();
    if let Some(standing) = &strays.sequences {
        for sequence in sequences {
            let (stands, wanted) = (standing.get(sequence).copied(), wanted.get(sequence));
            if let Some(&wanted) = wanted.filter(|wanted| stands != Some(**wanted)) {
                found.push(Disturbance::Sequence {
                    sequence: sequence.clone(),
                    wanted,
                    stands,
                });
            }
        }
    }
    let altered = strays.altered.iter().cloned();
    found.extend(altered.map(|table| Disturbance::Altered { table }));
    found
}

/// The tables whose rows are others than before.
fn elsewhere(
    others: Vec<Table>,
    now: &[blake3::Hash],
    before: &[blake3::Hash],
    rows: u64,
) -> Vec<Disturbance> {
    let tables = others.into_iter().zip(now.iter().zip(before));
    let tables = tables.filter(|(_, (now, before))| now != before);
    let mut found: Vec<Disturbance> = tables
        .map(|(table, _)| Disturbance::Uncovered { table: table.name })
        .collect();
    if found.is_empty() {
        found.push(Disturbance::Elsewhere { rows });
    }
    found
}

fn digests(transaction: &mut dyn Transaction, tables: &[Table]) -> Result<Vec<blake3::Hash>> {
    let mut digests = Vec::new();
    for table in tables {
        let (mut hasher, mut text) = (blake3::Hasher::new(), Vec::new());
        let encoder = RowEncoder::new(table);
        transaction.scan(table, &mut |row: &[CellRef<'_>]| {
            text.clear();
            encoder.row(&mut text, row);
            hasher.update(&text);
            Ok(ControlFlow::Continue(()))
        })?;
        digests.push(hasher.finalize());
    }
    Ok(digests)
}
