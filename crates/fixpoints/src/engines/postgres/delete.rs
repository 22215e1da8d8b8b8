//! Deletes rows by their keys, many in one statement; nothing else of a table goes with them.

use postgres::SimpleQueryMessage;

use super::copy::spelled;
use super::name::literal;
use super::relation::Relation;
use super::spoken::refused;
use super::wire::Wire;
use fixpoints_core::cell::{AsCell as _, Row};
use fixpoints_core::error::{Error, Fault, Result};
use fixpoints_core::table::Table;

/// Rows in one statement.
const AT_ONCE: usize = 1000;

/// See [`fixpoints_core::database::Write::delete`].
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
        let act = format!("cannot delete from {}", table.name);
        check_count(&messages, rows.len(), &act)?;
    }
    Ok(())
}

/// Refuses a statement that did not reach every row it was meant for.
pub(super) fn check_count(messages: &[SimpleQueryMessage], meant: usize, act: &str) -> Result<()> {
    let reached = reached(messages);
    if reached == meant as u64 {
        return Ok(());
    }
    Err(Error::Database {
        act: act.to_owned(),
        message: format!(
            "{meant} rows were meant and {reached} reached; something stands between them and the statement"
        ),
        fault: Fault::Unknown,
    })
}

/// How many rows a statement reached.
pub(super) fn reached(messages: &[SimpleQueryMessage]) -> u64 {
    let reached = messages.iter().find_map(|message| match message {
        SimpleQueryMessage::CommandComplete(rows) => Some(*rows),
        _ => None,
    });
    reached.unwrap_or_default()
}

fn statement(relation: &Relation, table: &Table, rows: &[Row]) -> Result<String> {
    let mut types = Vec::new();
    for name in table.key() {
        types.push(relation.column(name)?.type_sql.as_str());
    }
    let tuple = |row: &Row| {
        let positions = table.key_positions().iter().zip(&types);
        let values = positions.map(|(&at, type_sql)| {
            let text = spelled(row[at].cell()).unwrap_or_default();
            format!("{}::{type_sql}", literal(&text))
        });
        format!("({})", values.collect::<Vec<_>>().join(", "))
    };
    let tuples = rows.iter().map(tuple).collect::<Vec<_>>().join(", ");
    let names: Vec<String> = (0..types.len()).map(|at| format!("v{at}")).collect();
    Ok(format!(
        "DELETE FROM {} t USING (VALUES {tuples}) v ({}) WHERE {}",
        relation.only(),
        names.join(", "),
        relation.key_condition
    ))
}
