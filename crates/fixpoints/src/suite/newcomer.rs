//! Tables that came after a state was taken: they were empty then; tables the state has are compared elsewhere.

use std::time::Instant;

use crate::view::View;
use fixpoints_core::change::Change;
use fixpoints_core::comparison::ComparedTable;
use fixpoints_core::database::{Database, Transaction, reading};
use fixpoints_core::error::Result;
use fixpoints_core::table::Table;

/// These tables with all their rows as inserted ones, without the columns in `ignore`.
pub(super) fn read(
    database: &mut dyn Database,
    names: &[&str],
    ignore: &[String],
) -> Result<Vec<ComparedTable>> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    reading(database, |transaction| {
        let catalog = transaction.catalog();
        let tables = names.iter().filter_map(|&name| catalog.table(name));
        let tables: Vec<&Table> = tables.collect();
        transaction.read_ahead(&tables)?;
        let read = tables
            .into_iter()
            .map(|table| inserted(transaction, table, ignore));
        read.collect()
    })
}

fn inserted(
    transaction: &mut dyn Transaction,
    table: &Table,
    ignore: &[String],
) -> Result<ComparedTable> {
    let started = Instant::now();
    let view = View::new(table, ignore);
    let rows = view.read(transaction)?;
    let changes: Vec<Change> = rows.into_iter().map(Change::Inserted).collect();
    Ok(view.compared(changes.len() as u64, changes, started.elapsed()))
}
