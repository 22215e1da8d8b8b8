//! Finds rows whose foreign keys lead nowhere, and names them by their key; it changes nothing.

use rusqlite::{Connection, Result};

use super::{catalog, list, owned, quoted};
use crate::database::BrokenReference;
use crate::line::RowEncoder;
use crate::table::Table;

struct Violation {
    table: String,
    rowid: Option<i64>,
    parent: String,
    constraint: i64,
}

/// Every violation, sorted.
pub(super) fn broken(connection: &Connection) -> Result<Vec<BrokenReference>> {
    let violations = violations(connection)?;
    if violations.is_empty() {
        return Ok(Vec::new());
    }
    let tables = catalog::read(connection)?.tables;
    let named = violations.into_iter().map(|violation| {
        let row = match (tables.get(&violation.table), violation.rowid) {
            (Some(table), Some(rowid)) => row_by_rowid(connection, table, rowid)?,
            // Tables without rowids do not say which row it is.
            _ => "(some)".to_owned(),
        };
        let columns = columns(connection, &violation)?;
        Ok(BrokenReference {
            table: violation.table,
            row,
            columns,
            parent: violation.parent,
        })
    });
    let mut named = named.collect::<Result<Vec<_>>>()?;
    named.sort();
    Ok(named)
}

fn violations(connection: &Connection) -> Result<Vec<Violation>> {
    let mut statement = connection.prepare("PRAGMA foreign_key_check")?;
    let rows = statement.query_map([], |row| {
        Ok(Violation {
            table: row.get(0)?,
            rowid: row.get(1)?,
            parent: row.get(2)?,
            constraint: row.get(3)?,
        })
    })?;
    rows.collect()
}

fn columns(connection: &Connection, violation: &Violation) -> Result<Vec<String>> {
    let sql = "SELECT \"from\" FROM pragma_foreign_key_list(?1) WHERE id = ?2 ORDER BY seq";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map((&violation.table, violation.constraint), |row| row.get(0))?;
    rows.collect()
}

fn row_by_rowid(connection: &Connection, table: &Table, rowid: i64) -> Result<String> {
    const NAMES: [&str; 3] = ["rowid", "_rowid_", "oid"];
    let hidden = |name: &&&str| {
        !table
            .columns()
            .keys()
            .any(|column| column.eq_ignore_ascii_case(name))
    };
    let Some(name) = NAMES.iter().find(hidden) else {
        return Ok("(some)".to_owned());
    };
    let sql = format!(
        "SELECT {} FROM {} WHERE {name} = ?1",
        list(table.columns().keys()),
        quoted(&table.name)
    );
    connection.query_row(&sql, [rowid], |row| {
        let cells = (0..table.columns().len())
            .map(|at| row.get_ref(at).map(owned))
            .collect::<Result<Vec<_>>>()?;
        let mut text = Vec::new();
        RowEncoder::new(table).key(&mut text, &cells);
        Ok(String::from_utf8_lossy(&text).into_owned())
    })
}
