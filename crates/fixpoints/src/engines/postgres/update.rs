//! Updates rows found by their keys, many in one statement, which leaves the indexes alone; columns whose values must
//! be unique are for others.

use postgres::error::ErrorPosition;

use super::copy::spelled;
use super::delete::check_count;
use super::fault;
use super::name::{literal, quoted};
use super::relation::Relation;
use super::spoken::{is_outside, refused, spoken};
use super::wire::Wire;
use fixpoints_core::cell::{AsCell as _, Row};
use fixpoints_core::change::Change;
use fixpoints_core::error::{Error, Result};
use fixpoints_core::named::NamedRow;
use fixpoints_core::table::Table;

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
        let Statement { sql, starts } = statement(relation, table, columns, rows)?;
        let messages = wire.simple(&sql).map_err(|error| {
            let at = refused_row(&error, &sql, &starts, rows);
            match at.filter(|_| !is_outside(&error)) {
                Some(at) => row_error(table, &rows[at].1, &error),
                None => refused(format!("cannot update {}", table.name))(error),
            }
        })?;
        check_count(
            &messages,
            rows.len(),
            &format!("cannot update {}", table.name),
        )?;
    }
    Ok(())
}

/// Which row the server refuses: a value it cannot read has a place in the statement, and a row that a check forbids
/// is shown as it would be.
fn refused_row(
    error: &postgres::Error,
    sql: &str,
    starts: &[usize],
    rows: &[(Row, Row)],
) -> Option<usize> {
    let found = error.as_db_error()?;
    if let Some(ErrorPosition::Original(place)) = found.position() {
        let (place, _) = sql.char_indices().nth((*place as usize).checked_sub(1)?)?;
        return starts
            .partition_point(|start| *start <= place)
            .checked_sub(1);
    }
    let shown = |row: &Row| {
        let cells = row.iter().map(|cell| spelled(cell.cell()));
        let cells = cells.map(|text| text.unwrap_or_else(|| "null".to_owned()));
        format!("({})", cells.collect::<Vec<_>>().join(", "))
    };
    let detail = found.detail()?;
    rows.iter()
        .position(|(_, new)| detail.contains(&shown(new)))
}

fn row_error(table: &Table, row: &Row, error: &postgres::Error) -> Error {
    Error::Row {
        table: table.name.clone(),
        row: NamedRow::of(table, row),
        message: spoken(error),
        fault: fault::of(error),
    }
}

/// A statement, and where in it the values of each row begin.
struct Statement {
    sql: String,
    starts: Vec<usize>,
}

/// The values carry their types in the first row only, which gives them to the rest.
fn statement(
    relation: &Relation,
    table: &Table,
    columns: &[usize],
    rows: &[(Row, Row)],
) -> Result<Statement> {
    let given: Vec<usize> = table
        .key_positions()
        .iter()
        .chain(columns)
        .copied()
        .collect();
    let mut types = Vec::new();
    for &at in &given {
        types.push(relation.column(table.column(at))?.type_sql.as_str());
    }
    let value = |row: &Row, at: usize| match spelled(row[at].cell()) {
        Some(text) => literal(&text),
        None => "NULL".to_owned(),
    };
    let tuples = rows.iter().enumerate().map(|(number, (_, new))| {
        let values = given
            .iter()
            .zip(&types)
            .map(|(&at, type_sql)| match number {
                0 => format!("{}::{type_sql}", value(new, at)),
                _ => value(new, at),
            });
        format!("({})", values.collect::<Vec<_>>().join(","))
    });
    let tuples: Vec<String> = tuples.collect();
    let names: Vec<String> = (0..given.len())
        .map(|number| format!("v{number}"))
        .collect();
    let keys = table.key_positions().len();
    let set = given[keys..]
        .iter()
        .zip(&names[keys..])
        .map(|(&at, name)| format!("{} = v.{name}", quoted(table.column(at))));
    let mut sql = format!(
        "UPDATE {} t SET {} FROM (VALUES ",
        relation.only(),
        set.collect::<Vec<_>>().join(", ")
    );
    let mut starts = Vec::with_capacity(tuples.len());
    for (number, tuple) in tuples.iter().enumerate() {
        if number > 0 {
            sql.push(',');
        }
        starts.push(sql.len());
        sql.push_str(tuple);
    }
    sql.push_str(&format!(
        ") v ({}) WHERE {}",
        names.join(", "),
        relation.key_condition
    ));
    Ok(Statement { sql, starts })
}
