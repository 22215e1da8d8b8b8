//! What SQLite derives from the rows that a restore wrote: full-text indexes, and what virtual tables keep in memory.
//!
//! An index whose shadow tables are all covered is what it was once their rows are, and is left alone. One that is not
//! covered, or only in part, is built again from its content, because triggers are off during a restore.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, Result};

use super::virtuals::{Content, Virtual};
use super::{quoted, virtuals};
use fixpoints_core::table::Table;

/// Why a virtual table cannot be what a restore wants.
pub(super) enum Unfit {
    /// It is covered only in part, and nothing builds it again.
    Torn {
        name: String,
        covered: String,
        left_out: String,
    },
    /// It was to be left empty, and its own tables are never empty.
    Emptied(String),
}

/// See [`fixpoints_core::database::Write::derive`].
pub(super) fn derive(
    connection: &Connection,
    owners: &BTreeMap<String, String>,
    covered: &[&Table],
    emptied: &[&Table],
) -> Result<std::result::Result<(), Unfit>> {
    let virtuals = virtuals::all(connection)?;
    if virtuals.is_empty() {
        return Ok(Ok(()));
    }
    forget(connection)?;
    let named = |tables: &[&Table]| tables.iter().map(|table| table.name.clone()).collect();
    let (covered, emptied): (BTreeSet<String>, BTreeSet<String>) = (named(covered), named(emptied));
    for one in &virtuals {
        let own = owners.iter().filter(|(_, owner)| **owner == one.name);
        let is_emptied = own.clone().any(|(table, _)| emptied.contains(table));
        let (own_covered, own_left): (Vec<&String>, Vec<&String>) = own
            .map(|(table, _)| table)
            .partition(|table| covered.contains(*table));
        if owners.values().any(|owner| *owner == one.name) {
            take_part(connection, one);
        }
        if is_emptied && !one.is_search() {
            return Ok(Err(Unfit::Emptied(one.name.clone())));
        }
        if is_emptied && one.module == "fts5" {
            begin_again(connection, one)?;
        }
        let is_stale = match one.content() {
            _ if !one.is_search() => false,
            Content::Nowhere if is_emptied => {
                command(connection, one, "delete-all")?;
                continue;
            }
            Content::Nowhere => false,
            Content::Own => is_emptied || (!own_covered.is_empty() && !own_left.is_empty()),
            Content::Outer(content) => {
                let is_content = |table: &String| table.eq_ignore_ascii_case(content);
                emptied.iter().any(is_content) || !own_left.is_empty()
            }
        };
        if is_stale {
            command(connection, one, "rebuild")?;
        } else if let (Some(covered), Some(left_out)) = (own_covered.first(), own_left.first()) {
            return Ok(Err(Unfit::Torn {
                name: one.name.clone(),
                covered: (*covered).clone(),
                left_out: (*left_out).clone(),
            }));
        }
    }
    Ok(Ok(()))
}

/// Gives an index whose tables were emptied the version of its format, without which FTS5 takes no command.
fn begin_again(connection: &Connection, index: &Virtual) -> Result<()> {
    let config = quoted(&format!("{}_config", index.name));
    connection.execute_batch(&format!(
        "INSERT OR IGNORE INTO main.{config} VALUES ('version', 4)"
    ))
}

/// Has an index do something to itself.
fn command(connection: &Connection, index: &Virtual, word: &str) -> Result<()> {
    let name = quoted(&index.name);
    connection.execute_batch(&format!(
        "INSERT INTO main.{name} ({name}) VALUES ('{word}')"
    ))
}

/// Lets a virtual table take part in the transaction, so that it forgets what it reads from now on where the caller
/// undoes that. Nothing is deleted. One that cannot be used here keeps nothing in memory either.
fn take_part(connection: &Connection, one: &Virtual) {
    let name = quoted(&one.name);
    let _ = connection.execute_batch(&format!("DELETE FROM main.{name} WHERE 0"));
}

/// Lets this connection read its schema again, and connect its virtual tables again with it: FTS5 keeps a part of its
/// index in memory, and notices only what other connections write.
fn forget(connection: &Connection) -> Result<()> {
    const WRITABLE: DbConfig = DbConfig::SQLITE_DBCONFIG_WRITABLE_SCHEMA;
    let was_writable = connection.db_config(WRITABLE)?;
    connection.execute_batch("PRAGMA writable_schema = RESET")?;
    if was_writable {
        connection.set_db_config(WRITABLE, true)?;
    }
    Ok(())
}
