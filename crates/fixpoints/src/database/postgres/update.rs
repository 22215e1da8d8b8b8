//! Updates rows found by their keys, many in one statement, which leaves the indexes alone; columns whose values must
//! be unique are for others.

use super::copy::spelled;
use super::delete::check_count;
use super::name::{literal, quoted};
use super::relation::Relation;
use super::spoken::refused;
use super::wire::Wire;
use crate::cell::{AsCell as _, Row};
use crate::error::Result;
use crate::merge::Change;
use crate::table::Table;

/// Rows in one statement.
const AT_ONCE: usize = 1000;

/// The columns in which any of these rows changes; `None` where one of them cannot be set row by row.
pub(super) fn columns(
    relation: &Relation,
    table: &Table,
    rows: &[(Row, Row)],
) -> Option<Vec<usize>> {
    let mut changed: Vec<usize> = rows
        .iter()
        .flat_map(|(old, new)| Change::changed_columns(table, old, new))
        .collect();
    changed.sort_unstable();
    changed.dedup();
    let is_free = |at: &usize| relation.may_be_set(table.column(*at));
    changed.iter().all(is_free).then_some(changed)
}

/// Sets these columns of rows, each from its old version to its new one.
pub(super) fn update(
    wire: &mut dyn Wire,
    relation: &Relation,
    table: &Table,
    columns: &[usize],
    rows: &[(Row, Row)],
) -> Result<()> {
    for rows in rows.chunks(AT_ONCE) {
        let sql = statement(relation, table, columns, rows)?;
        let messages = wire
            .simple(&sql)
            .map_err(refused(format!("cannot update {}", table.name)))?;
        check_count(
            &messages,
            rows.len(),
            &format!("cannot update {}", table.name),
        )?;
    }
    Ok(())
}

/// The values carry their types in the first row only, which gives them to the rest.
fn statement(
    relation: &Relation,
    table: &Table,
    columns: &[usize],
    rows: &[(Row, Row)],
) -> Result<String> {
    let given: Vec<usize> = table
        .key_positions()
        .iter()
        .chain(columns)
        .copied()
        .collect();
    let mut types = Vec::new();
    for &at in &given {
        types.push(relation.column(table.column(at))?.declared.as_str());
    }
    let value = |row: &Row, at: usize| match spelled(row[at].cell()) {
        Some(text) => literal(&text),
        None => "NULL".to_owned(),
    };
    let tuples = rows.iter().enumerate().map(|(number, (_, new))| {
        let values = given
            .iter()
            .zip(&types)
            .map(|(&at, declared)| match number {
                0 => format!("{}::{declared}", value(new, at)),
                _ => value(new, at),
            });
        format!("({})", values.collect::<Vec<_>>().join(","))
    });
    let tuples = tuples.collect::<Vec<_>>().join(",");
    let names: Vec<String> = (0..given.len())
        .map(|number| format!("v{number}"))
        .collect();
    let keys = table.key_positions().len();
    let pair = |(at, name): (&usize, &String)| (quoted(table.column(*at)), format!("v.{name}"));
    let (found, set) = (
        given[..keys].iter().zip(&names),
        given[keys..].iter().zip(&names[keys..]),
    );
    let found = found
        .map(pair)
        .map(|(column, value)| format!("t.{column} = {value}"));
    let set = set
        .map(pair)
        .map(|(column, value)| format!("{column} = {value}"));
    Ok(format!(
        "UPDATE {} t SET {} FROM (VALUES {tuples}) v ({}) WHERE {}",
        relation.only(),
        set.collect::<Vec<_>>().join(", "),
        names.join(", "),
        found.collect::<Vec<_>>().join(" AND "),
    ))
}
