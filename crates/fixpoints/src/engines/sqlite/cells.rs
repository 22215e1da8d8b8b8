//! Cells into SQLite's statements and out of its rows; which cells is decided elsewhere.

use rusqlite::ToSql;
use rusqlite::types::{ToSqlOutput, ValueRef};

use fixpoints_core::cell::{Cell, CellRef};

/// A cell on its way into a statement.
pub(super) struct Bound<'a>(pub CellRef<'a>);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            CellRef::Null => ValueRef::Null,
            CellRef::Bool(value) => ValueRef::Integer(i64::from(value)),
            CellRef::Integer(value) => ValueRef::Integer(value),
            CellRef::Real(value) => ValueRef::Real(value),
            CellRef::Text(value) => ValueRef::Text(value),
            CellRef::Bytes(value) => ValueRef::Blob(value),
        }))
    }
}

/// A cell, borrowed from the row it is in.
pub(super) fn cell_of(value: ValueRef<'_>) -> CellRef<'_> {
    match value {
        ValueRef::Null => CellRef::Null,
        ValueRef::Integer(value) => CellRef::Integer(value),
        ValueRef::Real(value) => CellRef::Real(value),
        ValueRef::Text(value) => CellRef::Text(value),
        ValueRef::Blob(value) => CellRef::Bytes(value),
    }
}

/// A cell by itself.
pub(super) fn owned(value: ValueRef<'_>) -> Cell {
    cell_of(value).to_cell()
}
