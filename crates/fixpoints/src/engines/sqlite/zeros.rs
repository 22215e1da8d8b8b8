//! Puts rows that differ in the sign of a zero into order, which SQLite can store but no SQL can tell apart.

use std::ops::ControlFlow;

use fixpoints_core::cell::{AsCell, CellRef, Row};
use fixpoints_core::database::EachRow;
use fixpoints_core::error::Result;
use fixpoints_core::table::Table;

/// Rows that SQL calls the same, held until another row comes; equal ones are counted.
pub(super) struct ZeroGroup<'t> {
    table: &'t Table,
    rows: Vec<(Row, u64)>,
}

impl<'t> ZeroGroup<'t> {
    pub fn new(table: &'t Table) -> Self {
        Self {
            table,
            rows: Vec::new(),
        }
    }

    /// Takes the next row as SQL orders it, and hands on those whose place is certain.
    pub fn push(&mut self, row: &[CellRef<'_>], each: &mut EachRow<'_>) -> Result<ControlFlow<()>> {
        let has_zero = row
            .iter()
            .any(|cell| matches!(cell, CellRef::Real(value) if *value == 0.0));
        let belongs = self
            .rows
            .first()
            .is_some_and(|(first, _)| has_zero && same_but_signs(first, row));
        if !belongs && self.flush(each)?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
        if !has_zero {
            return each(row);
        }
        let known = self.rows.iter_mut().find(|(known, _)| {
            let mut pairs = known.iter().zip(row);
            pairs.all(|(known, cell)| known.cell().same(*cell))
        });
        match known {
            Some((_, count)) => *count += 1,
            None => self
                .rows
                .push((row.iter().map(|cell| cell.to_cell()).collect(), 1)),
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Hands on what is held.
    pub fn flush(&mut self, each: &mut EachRow<'_>) -> Result<ControlFlow<()>> {
        let mut rows = std::mem::take(&mut self.rows);
        rows.sort_by(|a, b| self.table.order(&a.0, &b.0));
        for (row, count) in &rows {
            let cells: Vec<CellRef<'_>> = row.iter().map(AsCell::cell).collect();
            for _ in 0..*count {
                if each(&cells)?.is_break() {
                    return Ok(ControlFlow::Break(()));
                }
            }
        }
        Ok(ControlFlow::Continue(()))
    }
}

fn same_but_signs(a: &Row, b: &[CellRef<'_>]) -> bool {
    a.iter()
        .zip(b)
        .all(|(a, b)| a.cell().order(*b).is_eq() && a.cell().type_order(*b).is_eq())
}
