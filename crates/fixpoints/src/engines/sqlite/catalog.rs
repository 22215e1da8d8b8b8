//! The schema of a SQLite database: tables, columns, keys, sequences; it reads no rows of tables.
//!
//! SQLite is asked by pragmas, and not by their table-valued functions: a table or view of such a name would be read in
//! their place.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, OptionalExtension as _, Result};

use super::quoted;
use super::virtuals::{self, ROWID, Virtual};
use fixpoints_core::catalog::{Catalog, Feed, Sequence, TableInfo};
use fixpoints_core::position::{Position, Positions};
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
    let listed = table_list(connection)?;
    let virtuals = virtuals::all(connection)?;
    for (name, kind, without_rowid) in &listed {
        // A shadow table is a table like any other, and the rows of its virtual table are nowhere else.
        if matches!(kind.as_str(), "table" | "shadow") {
            let mut info = describe(connection, name.clone(), *without_rowid)?;
            let mut found = virtuals.iter().filter_map(Virtual::finds_by_rowid);
            if !without_rowid && found.any(|found| found.eq_ignore_ascii_case(name)) {
                info = with_rowid(connection, info)?;
            }
            catalog.tables.insert(name.clone(), info);
        }
    }
    let tables = listed.iter().filter(|(_, kind, _)| kind != "virtual");
    let tables = tables.map(|(name, kind, _)| (name.as_str(), kind == "shadow"));
    catalog.owners = virtuals::owners(&virtuals, tables);
    catalog.skipped = rowless(connection, &virtuals, &catalog.owners)?;
    for (name, position) in sequences(connection)? {
        if let Some(table) = catalog.table(&name) {
            let sequence = counter(table, position);
            catalog.sequences.insert(name, sequence);
        }
    }
    Ok(catalog)
}

/// A table that a full-text index finds by its rowids has them as a column, so that the index finds the same rows after
/// a restore.
fn with_rowid(connection: &Connection, info: TableInfo) -> Result<TableInfo> {
    let table = &info.table;
    let columns = columns(connection, &table.name)?;
    let mut indexes = indexes(connection, &table.name)?.into_iter();
    let has_key = columns.iter().any(|column| column.key_part > 0);
    let is_column = has_key && indexes.all(|index| index.origin != "pk");
    let is_free = |name: &&&str| {
        let mut columns = columns.iter();
        !columns.any(|column| column.name.eq_ignore_ascii_case(name))
    };
    let Some(name) = ROWID.iter().find(is_free).filter(|_| !is_column) else {
        return Ok(info);
    };
    let rowid = ((*name).to_owned(), "INTEGER".to_owned());
    let stored = table.columns().iter();
    let stored = stored.map(|(name, kind)| (name.clone(), kind.clone()));
    let stored = std::iter::once(rowid).chain(stored).collect();
    let (own, kind) = match table.key() {
        [] => (vec![(*name).to_owned()], KeyKind::Exact),
        own => (own.to_vec(), info.key),
    };
    let table = Table::new(table.name.clone(), own, stored).expect("the key is among the columns");
    Ok(TableInfo {
        table,
        key: kind,
        ..info
    })
}

/// Whether the key is a rowid that is not a column.
fn is_hidden_rowid(key: &[String], found: &Table) -> bool {
    let [key] = key else { return false };
    let is_rowid = ROWID.iter().any(|name| name == key);
    is_rowid && found.key().is_empty() && !found.columns().contains_key(key)
}

/// What counts the rows of a table.
fn counter(table: &Table, position: Position) -> Sequence {
    let column = match table.key() {
        [column] => column.clone(),
        _ => String::new(),
    };
    Sequence {
        position,
        feeds: vec![Feed {
            table: table.name.clone(),
            column,
        }],
        increment: 1,
        range: (i64::MIN, i64::MAX),
        start: None,
    }
}

/// Virtual tables without any table that is known to hold their rows, each with what that means.
fn rowless(
    connection: &Connection,
    virtuals: &[Virtual],
    owners: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>> {
    let mut rowless = virtuals
        .iter()
        .filter(|one| !owners.values().any(|owner| *owner == one.name))
        .peekable();
    if rowless.peek().is_none() {
        return Ok(BTreeMap::new());
    }
    let modules = virtuals::modules(connection)?;
    let reason = |one: &Virtual| {
        let module = &one.module;
        if modules.contains(module) {
            format!("a virtual table of the module {module} keeps no rows in this database")
        } else {
            format!(
                "the module {module} is not loaded: rows that it keeps in ordinary tables are stored with those, all others are not"
            )
        }
    };
    Ok(rowless.map(|one| (one.name.clone(), reason(one))).collect())
}

/// How well the key of a table, as a file gives it, identifies rows here.
pub(super) fn key_kind(connection: &Connection, table: &Table) -> Result<KeyKind> {
    if table.key().is_empty() {
        return Ok(KeyKind::None);
    }
    let listed = format!("PRAGMA main.table_list({})", quoted(&table.name));
    let without_rowid = connection
        .query_row(&listed, [], |row| row.get("wr"))
        .optional()?;
    let found = describe(
        connection,
        table.name.clone(),
        without_rowid.unwrap_or_default(),
    )?;
    // A comparison may match by fewer columns than the database does.
    Ok(if is_hidden_rowid(table.key(), &found.table) {
        KeyKind::Exact
    } else if found.table.key() == table.key() {
        found.key
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

/// See [`fixpoints_core::database::Write::set_sequences`]; the inner error is a table that has no sequence.
pub(super) fn set_sequences<'a>(
    connection: &Connection,
    tables: impl Iterator<Item = &'a String>,
    wanted: &Positions,
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
                (table, value.last_value),
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
    let mut statement = connection.prepare("PRAGMA main.table_list")?;
    let rows = statement.query_map([], |row| {
        Ok((row.get("name")?, row.get("type")?, row.get("wr")?))
    })?;
    let mut tables: Vec<(String, String, bool)> = rows.collect::<Result<_>>()?;
    tables.retain(|(name, ..)| !is_own(name));
    tables.sort();
    Ok(tables)
}

/// Whether a table is SQLite's, which keeps names that begin so for itself.
fn is_own(name: &str) -> bool {
    const PREFIX: &str = "sqlite_";
    let start = name.get(..PREFIX.len());
    start.is_some_and(|start| start.eq_ignore_ascii_case(PREFIX))
}

fn describe(connection: &Connection, name: String, without_rowid: bool) -> Result<TableInfo> {
    let columns = columns(connection, &name)?;
    let (own, key) = key(connection, &name, &columns, without_rowid)?;
    let (generated, stored): (Vec<Column>, Vec<Column>) =
        columns.into_iter().partition(|column| column.generated);
    let stored = stored.into_iter().map(|column| (column.name, column.kind));
    let table = Table::new(name, own, stored.collect()).expect("keys are made of stored columns");
    Ok(TableInfo {
        table,
        key,
        is_append_only: false,
        generated: generated.into_iter().map(|column| column.name).collect(),
    })
}

fn columns(connection: &Connection, table: &str) -> Result<Vec<Column>> {
    let sql = format!("PRAGMA main.table_xinfo({})", quoted(table));
    let mut statement = connection.prepare(&sql)?;
    let rows = statement.query_map([], |row| {
        Ok(Column {
            name: row.get("name")?,
            kind: row.get("type")?,
            not_null: row.get("notnull")?,
            key_part: row.get("pk")?,
            generated: row.get::<_, i64>("hidden")? != 0,
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
    let indexes = indexes(connection, table)?;
    let is_rowid = indexes.iter().all(|index| index.origin != "pk");
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
    let mut keys = Vec::new();
    let all = indexes(connection, table)?.into_iter();
    for index in all.filter(|index| index.is_unique && !index.is_partial) {
        keys.push(indexed(connection, &index.name)?);
    }
    let usable = |name: &String| {
        columns
            .iter()
            .any(|column| column.name == *name && column.not_null && !column.generated)
    };
    let keys = keys.into_iter().flatten();
    Ok(keys
        .filter(|key| key.iter().all(usable))
        .min_by_key(|key| (key.len(), key.clone())))
}

struct Index {
    name: String,
    origin: String,
    is_unique: bool,
    is_partial: bool,
}

fn indexes(connection: &Connection, table: &str) -> Result<Vec<Index>> {
    let sql = format!("PRAGMA main.index_list({})", quoted(table));
    let mut statement = connection.prepare(&sql)?;
    let rows = statement.query_map([], |row| {
        Ok(Index {
            name: row.get("name")?,
            origin: row.get("origin")?,
            is_unique: row.get("unique")?,
            is_partial: row.get("partial")?,
        })
    })?;
    rows.collect()
}

/// The columns of an index; `None` where it has an expression.
fn indexed(connection: &Connection, index: &str) -> Result<Option<Vec<String>>> {
    let sql = format!("PRAGMA main.index_info({})", quoted(index));
    let mut statement = connection.prepare(&sql)?;
    let columns = statement.query_map([], |row| row.get("name"))?;
    columns.collect()
}

/// A collation that an index of a table needs and the connection does not have.
pub(super) fn missing_collation(connection: &Connection, table: &str) -> Result<Option<String>> {
    // The list of collations has those too that were only asked for.
    let is_known = |name: &str| {
        let sql = format!("SELECT '' = '' COLLATE {}", quoted(name));
        connection.prepare(&sql).is_ok()
    };
    for index in indexes(connection, table)? {
        let sql = format!("PRAGMA main.index_xinfo({})", quoted(&index.name));
        let mut statement = connection.prepare(&sql)?;
        let needed = statement.query_map([], |row| row.get::<_, String>("coll"))?;
        for needed in needed {
            let needed = needed?;
            if !is_known(&needed) {
                return Ok(Some(needed));
            }
        }
    }
    Ok(None)
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

fn sequences(connection: &Connection) -> Result<Positions> {
    let exists = "SELECT 1 FROM main.sqlite_schema WHERE name = 'sqlite_sequence'";
    if connection
        .query_row(exists, [], |_| Ok(()))
        .optional()?
        .is_none()
    {
        return Ok(Positions::new());
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
    rows.map(|row| row.map(|(name, value)| (name, Position::called(value))))
        .collect()
}
