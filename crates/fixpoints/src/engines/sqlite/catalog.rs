//! The schema of a SQLite database: tables, columns, keys, sequences; it reads no rows of tables.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use rusqlite::{Connection, OptionalExtension as _, Result};

use fixpoints_core::database::Catalog;
use fixpoints_core::table::{KeyKind, Table};

struct Column {
    name: String,
    kind: String,
    not_null: bool,
    key_part: i64,
    generated: bool,
}

/// Reads the whole schema.
pub(super) fn read(connection: &Connection) -> Result<Catalog> {
    let mut catalog = Catalog::default();
    for (name, kind, without_rowid) in table_list(connection)? {
        match kind.as_str() {
            "table" => {
                let (table, key) = describe(connection, name, without_rowid)?;
                catalog.keys.insert(table.name.clone(), key);
                catalog.tables.insert(table.name.clone(), table);
            }
            "virtual" => drop(
                catalog
                    .skipped
                    .insert(name, "a virtual table keeps its rows elsewhere".to_owned()),
            ),
            "shadow" => drop(
                catalog
                    .skipped
                    .insert(name, "it belongs to a virtual table".to_owned()),
            ),
            _ => {}
        }
    }
    catalog.sequences = sequences(connection)?;
    catalog
        .sequences
        .retain(|name, _| catalog.tables.contains_key(name));
    Ok(catalog)
}

/// How well the key of a table, as a file gives it, identifies rows here.
pub(super) fn key_kind(connection: &Connection, table: &Table) -> Result<KeyKind> {
    if table.key().is_empty() {
        return Ok(KeyKind::None);
    }
    let without_rowid = "SELECT wr FROM pragma_table_list WHERE schema = 'main' AND name = ?1";
    let without_rowid = connection
        .query_row(without_rowid, [&table.name], |row| row.get(0))
        .optional()?;
    let (found, kind) = describe(
        connection,
        table.name.clone(),
        without_rowid.unwrap_or_default(),
    )?;
    // A comparison may match by fewer columns than the database does.
    Ok(if found.key() == table.key() {
        kind
    } else {
        KeyKind::Nullable
    })
}

/// Whether SQLite compares text as UTF-8 bytes, as fixpoints do.
pub(super) fn sorts_by_utf8(connection: &Connection) -> Result<bool> {
    connection
        .pragma_query_value(None, "encoding", |row| row.get::<_, String>(0))
        .map(|encoding| encoding == "UTF-8")
}

/// See [`fixpoints_core::database::Database::set_sequences`]; the inner error is a table that has no sequence.
pub(super) fn set_sequences<'a>(
    connection: &Connection,
    tables: impl Iterator<Item = &'a String>,
    wanted: &BTreeMap<String, i64>,
) -> Result<std::result::Result<(), String>> {
    let found = sequences(connection)?;
    for table in tables {
        let (is, should) = (found.get(table), wanted.get(table));
        if is == should {
            continue;
        }
        if is.is_some() {
            connection.execute("DELETE FROM main.sqlite_sequence WHERE name = ?1", [table])?;
        }
        if let Some(value) = should {
            if !has_sequence(connection, table)? {
                return Ok(Err(table.clone()));
            }
            connection.execute(
                "INSERT INTO main.sqlite_sequence (name, seq) VALUES (?1, ?2)",
                (table, value),
            )?;
        }
    }
    Ok(Ok(()))
}

/// Whether a table counts; SQLite keeps a number for any other name too, and never looks at it.
fn has_sequence(connection: &Connection, table: &str) -> Result<bool> {
    let sql = "SELECT sql LIKE '%AUTOINCREMENT%' FROM main.sqlite_schema WHERE type = 'table' AND name = ?1";
    let found = connection.query_row(sql, [table], |row| row.get(0));
    Ok(found.optional()?.unwrap_or_default())
}

fn table_list(connection: &Connection) -> Result<Vec<(String, String, bool)>> {
    let sql = "SELECT name, type, wr FROM pragma_table_list
               WHERE schema = 'main' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name COLLATE BINARY";
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    rows.collect()
}

fn describe(
    connection: &Connection,
    name: String,
    without_rowid: bool,
) -> Result<(Table, KeyKind)> {
    let columns = columns(connection, &name)?;
    let (key, kind) = key(connection, &name, &columns, without_rowid)?;
    let stored = columns
        .into_iter()
        .filter(|column| !column.generated)
        .map(|column| (column.name, column.kind));
    let stored: IndexMap<String, String> = stored.collect();
    let table = Table::new(name, key, stored).expect("keys are made of stored columns");
    Ok((table, kind))
}

fn columns(connection: &Connection, table: &str) -> Result<Vec<Column>> {
    let sql = "SELECT name, type, \"notnull\", pk, hidden FROM pragma_table_xinfo(?1, 'main') ORDER BY cid";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([table], |row| {
        Ok(Column {
            name: row.get(0)?,
            kind: row.get(1)?,
            not_null: row.get(2)?,
            key_part: row.get(3)?,
            generated: row.get::<_, i64>(4)? != 0,
        })
    })?;
    rows.collect()
}

fn key(
    connection: &Connection,
    table: &str,
    columns: &[Column],
    without_rowid: bool,
) -> Result<(Vec<String>, KeyKind)> {
    let mut primary: Vec<&Column> = columns
        .iter()
        .filter(|column| column.key_part > 0)
        .collect();
    primary.sort_by_key(|column| column.key_part);
    if primary.is_empty() {
        return Ok(match unique_key(connection, table, columns)? {
            Some(key) => (key, KeyKind::Exact),
            None => (Vec::new(), KeyKind::None),
        });
    }
    // SQLite lets the primary key of an ordinary table be NULL, unless it is the rowid, which has no index of its own.
    let indexed = "SELECT count(*) FROM pragma_index_list(?1, 'main') WHERE origin = 'pk'";
    let is_rowid = connection.query_row(indexed, [table], |row| row.get::<_, i64>(0))? == 0;
    let exact = without_rowid || is_rowid || primary.iter().all(|column| column.not_null);
    let kind = if exact {
        KeyKind::Exact
    } else {
        KeyKind::Nullable
    };
    Ok((
        primary
            .into_iter()
            .map(|column| column.name.clone())
            .collect(),
        kind,
    ))
}

/// The unique index with the fewest columns, over stored columns that are never NULL.
fn unique_key(
    connection: &Connection,
    table: &str,
    columns: &[Column],
) -> Result<Option<Vec<String>>> {
    let sql = "SELECT l.name, i.name FROM pragma_index_list(?1, 'main') l, pragma_index_info(l.name, 'main') i
               WHERE l.\"unique\" AND NOT l.partial ORDER BY l.name, i.seqno";
    let mut statement = connection.prepare_cached(sql)?;
    let mut indexes: BTreeMap<String, Vec<Option<String>>> = BTreeMap::new();
    let mut rows = statement.query([table])?;
    while let Some(row) = rows.next()? {
        indexes.entry(row.get(0)?).or_default().push(row.get(1)?);
    }
    let usable = |name: &String| {
        columns
            .iter()
            .any(|column| column.name == *name && column.not_null && !column.generated)
    };
    let keys = indexes
        .into_values()
        .filter_map(|index| index.into_iter().collect::<Option<Vec<String>>>());
    Ok(keys
        .filter(|key| key.iter().all(usable))
        .min_by_key(|key| (key.len(), key.clone())))
}

/// Tables that do something else than refuse a row that conflicts with another: REPLACE and IGNORE lose one of them.
pub(super) fn drop_rows(connection: &Connection) -> Result<BTreeSet<String>> {
    let mut statement =
        connection.prepare("SELECT name, sql FROM main.sqlite_schema WHERE type = 'table'")?;
    let mut rows = statement.query([])?;
    let mut found = BTreeSet::new();
    while let Some(row) = rows.next()? {
        let sql: String = row.get::<_, Option<String>>(1)?.unwrap_or_default();
        if sql.to_ascii_lowercase().contains("conflict") {
            found.insert(row.get(0)?);
        }
    }
    Ok(found)
}

fn sequences(connection: &Connection) -> Result<BTreeMap<String, i64>> {
    let exists = "SELECT 1 FROM main.sqlite_schema WHERE name = 'sqlite_sequence'";
    if connection
        .query_row(exists, [], |_| Ok(()))
        .optional()?
        .is_none()
    {
        return Ok(BTreeMap::new());
    }
    let mut statement = connection.prepare(
        "SELECT name, CAST(seq AS INTEGER) FROM main.sqlite_sequence WHERE name IS NOT NULL",
    )?;
    let rows = statement.query_map([], |row| {
        Ok((
            row.get(0)?,
            row.get::<_, Option<i64>>(1)?.unwrap_or_default(),
        ))
    })?;
    rows.collect()
}
