//! Deletes rows by their keys, many in one statement; nothing else of a table goes with them.

use super::copy::spelled;
use super::name::{literal, quoted};
use super::relation::Relation;
use super::spoken::refused;
use super::wire::Wire;
use crate::cell::{AsCell as _, Row};
use crate::error::{Error, Result};
use crate::table::Table;

/// Rows in one statement.
const AT_ONCE: usize = 1000;

/// See [`crate::database::Database::delete`].
pub(super) fn delete(
    wire: &mut dyn Wire,
    relation: &Relation,
    table: &Table,
    rows: &[Row],
) -> Result<()> {
    let failed = || refused(format!("cannot delete from {}", table.name));
    for rows in rows.chunks(AT_ONCE) {
        let sql = statement(relation, table, rows)?;
        let messages = wire.simple(&sql).map_err(failed())?;
        let deleted = messages.iter().find_map(|message| match message {
            postgres::SimpleQueryMessage::CommandComplete(rows) => Some(*rows),
            _ => None,
        });
        if deleted != Some(rows.len() as u64) {
            return Err(Error::Database {
                act: format!("cannot delete from {}", table.name),
                message: format!(
                    "{} rows were to go and {} went; something stands between them and the statement",
                    rows.len(),
                    deleted.unwrap_or_default()
                ),
            });
        }
    }
    Ok(())
}

fn statement(relation: &Relation, table: &Table, rows: &[Row]) -> Result<String> {
    let key: Vec<String> = table.key().iter().map(|name| quoted(name)).collect();
    let mut types = Vec::new();
    for name in table.key() {
        types.push(relation.column(name)?.declared.as_str());
    }
    let tuple = |row: &Row| {
        let positions = table.key_positions().iter().zip(&types);
        let values = positions.map(|(&at, declared)| {
            let text = spelled(row[at].cell()).unwrap_or_default();
            format!("{}::{declared}", literal(&text))
        });
        format!("({})", values.collect::<Vec<_>>().join(", "))
    };
    let tuples = rows.iter().map(tuple).collect::<Vec<_>>().join(", ");
    Ok(format!(
        "DELETE FROM {} WHERE ({}) IN (VALUES {tuples})",
        relation.only(),
        key.join(", ")
    ))
}
