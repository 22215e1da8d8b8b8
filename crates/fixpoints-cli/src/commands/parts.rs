//! Parts of documents that several commands show.

use fixpoints::core::comparison::Counts;
use fixpoints::core::header::Parent;
use fixpoints::core::line::ChangeLine;
use fixpoints::core::names::shown as shown_path;
use fixpoints::{Chain, FixpointName, Result, Table};

use crate::context::Context;
use crate::output::{CellMap, Finding, Kind, ParentRef};

/// The rows of a table in the state a fixpoint stands for, and what its own file says of them.
pub(crate) fn count(chain: &Chain, table: &Table) -> Result<(u64, Counts)> {
    let mut rows = 0;
    chain
        .rows(table)
        .try_for_each(|row| row.map(|_| rows += 1))?;
    let mut counts = Counts::default();
    if chain.header().parent.is_none() {
        counts.inserted = rows;
        return Ok((rows, counts));
    }
    for change in chain.document().changes(table) {
        match change?.1 {
            ChangeLine::Insert(_) => counts.inserted += 1,
            ChangeLine::Update { .. } => counts.updated += 1,
            ChangeLine::Delete(_) => counts.deleted += 1,
        }
    }
    Ok((rows, counts))
}

/// The file of a fixpoint, as documents show it.
pub(crate) fn path(context: &Context, name: &FixpointName) -> String {
    shown_path(&context.folder.file_of(name))
}

/// Whether a file that has this parent, or none, holds rows or changes.
pub(crate) fn kind(parent: Option<&Parent>) -> Kind {
    match parent {
        Some(_) => Kind::Incremental,
        None => Kind::Full,
    }
}

/// A parent as documents show it.
pub(crate) fn parent_ref(parent: &Parent) -> ParentRef {
    ParentRef {
        name: parent.name.clone(),
        content: parent.content.clone(),
    }
}

/// A whole row as documents show it.
pub(crate) fn row_map(table: &Table, row: &[fixpoints::Cell]) -> CellMap {
    table
        .columns()
        .keys()
        .zip(row)
        .map(|(column, cell)| (column.clone(), cell.into()))
        .collect()
}

/// Some columns of a row as documents show them.
pub(crate) fn some(table: &Table, row: &[fixpoints::Cell], positions: &[usize]) -> CellMap {
    positions
        .iter()
        .map(|&at| (table.column(at).to_owned(), (&row[at]).into()))
        .collect()
}

/// A finding as documents show it.
pub(crate) fn finding(context: &Context, finding: &fixpoints::Finding) -> Finding {
    let hint = finding.hint.as_ref();
    Finding {
        subject: finding.subject.clone(),
        message: finding.message.clone(),
        hint: hint.map(|hint| context.typed.complete(hint)),
    }
}
