//! Does what `store` and `restore` do and keeps nothing of it: what would fail there is found here.

use std::ops::ControlFlow;

use crate::chain::Chain;
use crate::folder::Folder;
use crate::restore::rehearse;
use fixpoints_core::database::{Database, reading};
use fixpoints_core::error::{Error, Result};
use fixpoints_core::name::FixpointName;
use fixpoints_core::scope::Scope;
use fixpoints_core::table::Table;

/// What failed, with the table where it did.
pub(super) struct Failed {
    pub table: Option<String>,
    pub error: Error,
}

/// Reads every row of every table, as `store` does.
pub(super) fn read(database: &mut dyn Database, tables: &[&Table]) -> Vec<Failed> {
    one_by_one(tables, |rest, done| {
        reading(database, |transaction| {
            // One table after the other, so that what fails is known by its table.
            for (at, table) in rest.iter().enumerate() {
                *done = Some(at);
                transaction.scan(table, &mut |_| Ok(ControlFlow::Continue(())))?;
            }
            Ok(())
        })
    })
}

/// Begins to write each table, as `restore` does where rows differ, and writes no row.
pub(super) fn write(database: &mut dyn Database, tables: &[&Table]) -> Vec<Failed> {
    one_by_one(tables, |rest, done| {
        let mut transaction = database.write(None)?;
        let write = transaction.lock(rest)?;
        for (at, table) in rest.iter().enumerate() {
            *done = Some(at);
            if !table.key().is_empty() {
                write.delete(table, &[])?;
            }
            write.insert(table, &mut std::iter::empty())?;
        }
        Ok(())
    })
}

/// Restores a fixpoint and undoes it.
pub(super) fn restore(
    database: &mut dyn Database,
    folder: &Folder,
    name: &FixpointName,
    scope: &Scope,
) -> Result<()> {
    rehearse(database, &Chain::open(folder, name)?, scope)
}

/// Tries all tables in one transaction, and where one fails those after it in another. `done` says which one is tried;
/// what fails before the first of them would fail for all.
fn one_by_one(
    tables: &[&Table],
    mut attempt: impl FnMut(&[&Table], &mut Option<usize>) -> Result<()>,
) -> Vec<Failed> {
    let (mut failed, mut rest) = (Vec::new(), tables);
    while !rest.is_empty() {
        let mut done = None;
        let Err(error) = attempt(rest, &mut done) else {
            break;
        };
        let table = done.map(|at| rest[at].name.clone());
        failed.push(Failed { table, error });
        rest = done.map_or(&[], |at| &rest[at + 1..]);
    }
    failed
}
