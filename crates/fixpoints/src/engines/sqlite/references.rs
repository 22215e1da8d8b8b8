//! Finds rows whose foreign keys lead nowhere, and names them by their key; it changes nothing.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, Error, ErrorCode, Result};

use super::cells::owned;
use super::virtuals::ROWID;
use super::{catalog, list, qualified, quoted};
use fixpoints_core::catalog::Catalog;
use fixpoints_core::cell::Cell;
use fixpoints_core::named::NamedRow;
use fixpoints_core::reference::BrokenReference;
use fixpoints_core::table::Table;

/// One foreign key of a table.
struct Reference {
    /// The table, by the name that it was made with: SQLite finds it whatever the case of its name.
    parent: String,
    /// The columns that refer, each with the column it refers to; `None` for the parent's primary key.
    columns: Vec<(String, Option<String>)>,
}

/// Every row that refers to nothing, sorted.
pub(super) fn broken(connection: &Connection) -> Result<Vec<BrokenReference>> {
    let mut found = BTreeSet::new();
    let catalog = catalog::read(connection)?;
    for table in catalog.tables() {
        let references = references(connection, &table.name, &catalog)?;
        let mut without_rowid = BTreeSet::new();
        for (rowid, constraint) in violations(connection, &table.name)? {
            let Some(reference) = references.get(&constraint) else {
                continue;
            };
            let rows = match rowid {
                Some(rowid) => row_by_rowid(connection, table, rowid)?,
                // SQLite does not say which row it is, so all are looked for once.
                None if without_rowid.insert(constraint) => {
                    rows_by_search(connection, table, &catalog, reference)?
                }
                None => continue,
            };
            found.extend(rows.into_iter().map(|row| {
                BrokenReference {
                    table: table.name.clone(),
                    row,
                    columns: reference
                        .columns
                        .iter()
                        .map(|(from, _)| from.clone())
                        .collect(),
                    parent: reference.parent.clone(),
                }
            }));
        }
    }
    Ok(found.into_iter().collect())
}

/// The tables each table refers to.
pub(super) fn between(connection: &Connection) -> Result<BTreeMap<String, BTreeSet<String>>> {
    let catalog = catalog::read(connection)?;
    let mut between = BTreeMap::new();
    for table in catalog.tables.keys() {
        let references = references(connection, table, &catalog)?.into_values();
        let parents = references.map(|reference| reference.parent).collect();
        between.insert(table.clone(), parents);
    }
    Ok(between)
}

fn references(
    connection: &Connection,
    table: &str,
    catalog: &Catalog,
) -> Result<BTreeMap<i64, Reference>> {
    let own = |name: String| {
        let mut tables = catalog.tables.keys();
        let found = tables.find(|own| own.eq_ignore_ascii_case(&name));
        found.cloned().unwrap_or(name)
    };
    let sql = format!("PRAGMA main.foreign_key_list({})", quoted(table));
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query([])?;
    let mut references: BTreeMap<i64, Reference> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let reference = references.entry(row.get("id")?).or_insert(Reference {
            parent: own(row.get("table")?),
            columns: Vec::new(),
        });
        // In the order of the key, which is that of the rows.
        reference.columns.push((row.get("from")?, row.get("to")?));
    }
    Ok(references)
}

/// How SQLite begins what it says of a foreign key that refers to columns which are not unique; names come after it,
/// and it has no code for that.
const MISMATCH: &str = "foreign key mismatch - ";

/// The rowid, where there is one, and the foreign key of each violation.
fn violations(connection: &Connection, table: &str) -> Result<Vec<(Option<i64>, i64)>> {
    match checked(connection, table) {
        // The schema itself is at fault, and no row of it can be checked.
        Err(Error::SqliteFailure(failure, Some(message)))
            if failure.code == ErrorCode::Unknown && message.starts_with(MISMATCH) =>
        {
            Ok(Vec::new())
        }
        found => found,
    }
}

fn checked(connection: &Connection, table: &str) -> Result<Vec<(Option<i64>, i64)>> {
    let sql = format!("PRAGMA main.foreign_key_check({})", quoted(table));
    let mut statement = connection.prepare(&sql)?;
    let rows = statement.query_map([], |row| Ok((row.get("rowid")?, row.get("fkid")?)))?;
    rows.collect()
}

fn row_by_rowid(connection: &Connection, table: &Table, rowid: i64) -> Result<Vec<NamedRow>> {
    let hidden = |name: &&&str| {
        !table
            .columns()
            .keys()
            .any(|column| column.eq_ignore_ascii_case(name))
    };
    let Some(name) = ROWID.iter().find(hidden) else {
        let rowid = ("rowid".to_owned(), Cell::Integer(rowid));
        return Ok(vec![NamedRow(vec![rowid])]);
    };
    named(connection, table, &format!("{name} = {rowid}"))
}

fn rows_by_search(
    connection: &Connection,
    table: &Table,
    catalog: &Catalog,
    reference: &Reference,
) -> Result<Vec<NamedRow>> {
    let parent = catalog.table(&reference.parent);
    let keys = parent.map(Table::key).unwrap_or_default();
    let given = reference
        .columns
        .iter()
        .map(|(from, _)| format!("{} IS NOT NULL", quoted(from)));
    let mut terms: Vec<String> = given.collect();
    if let Some(parent) = parent {
        let pairs = reference
            .columns
            .iter()
            .enumerate()
            .filter_map(|(at, (from, to))| {
                let to = to.as_ref().or_else(|| keys.get(at))?;
                Some(format!(
                    "p.{} = {}.{}",
                    quoted(to),
                    quoted(&table.name),
                    quoted(from)
                ))
            });
        let pairs = pairs.collect::<Vec<_>>().join(" AND ");
        terms.push(format!(
            "NOT EXISTS (SELECT 1 FROM {} p WHERE {pairs})",
            qualified(&parent.name)
        ));
    }
    named(connection, table, &terms.join(" AND "))
}

/// The rows a condition finds, by their keys.
fn named(connection: &Connection, table: &Table, condition: &str) -> Result<Vec<NamedRow>> {
    let sql = format!(
        "SELECT {} FROM {} WHERE {condition}",
        list(table.columns().keys()),
        qualified(&table.name)
    );
    let mut statement = connection.prepare(&sql)?;
    let rows = statement.query_map([], |row| {
        let cells = (0..table.columns().len())
            .map(|at| row.get_ref(at).map(owned))
            .collect::<Result<Vec<_>>>()?;
        Ok(NamedRow::of(table, &cells))
    })?;
    rows.collect()
}
