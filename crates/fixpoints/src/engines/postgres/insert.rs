//! Inserts rows through COPY, and names the row the server refuses; it decides nothing about rows.

use std::io::Write as _;

use super::copy::{cause, encode, interrupted};
use super::fault;
use super::name::quoted;
use super::relation::Relation;
use super::spoken::{is_outside, refused, spoken};
use super::wire::Wire;
use fixpoints_core::cell::{AsCell as _, Row};
use fixpoints_core::error::{Error, Result};
use fixpoints_core::line::{RowEncoder, decode_row};
use fixpoints_core::named::NamedRow;
use fixpoints_core::table::Table;

/// Rows in one COPY; the keys of so many are held, to name the one that is refused.
const AT_ONCE: usize = 10_000;
/// Bytes handed over at once.
const FLUSH: usize = 64 * 1024;

/// See [`fixpoints_core::database::Write::insert`].
pub(super) fn insert(
    wire: &mut dyn Wire,
    relation: &Relation,
    table: &Table,
    rows: &mut dyn Iterator<Item = Result<Row>>,
) -> Result<u64> {
    let columns: Vec<String> = table.columns().keys().map(|name| quoted(name)).collect();
    let copy = format!("COPY {} ({}) FROM STDIN", relation.sql, columns.join(", "));
    let mut rows = rows.peekable();
    let mut inserted = 0;
    while rows.peek().is_some() {
        inserted += one_copy(wire, &copy, table, &mut rows.by_ref().take(AT_ONCE))?;
    }
    Ok(inserted)
}

fn one_copy(
    wire: &mut dyn Wire,
    copy: &str,
    table: &Table,
    rows: &mut dyn Iterator<Item = Result<Row>>,
) -> Result<u64> {
    let act = || format!("cannot insert into {}", table.name);
    let encoder = RowEncoder::new(table);
    let mut writer = wire.copy_in(copy).map_err(refused(act()))?;
    let (mut out, mut keys) = (Vec::with_capacity(FLUSH * 2), Keys::default());
    for row in rows {
        let row = row?;
        keys.add(&encoder, &row);
        for (at, cell) in row.iter().enumerate() {
            if at > 0 {
                out.push(b'\t');
            }
            encode(&mut out, cell.cell());
        }
        out.push(b'\n');
        if out.len() >= FLUSH {
            let written = writer.write_all(&out);
            written.map_err(|error| {
                keys.explain(table, cause(&error), || {
                    interrupted(act(), &error, fault::of)
                })
            })?;
            out.clear();
        }
    }
    let written = writer.write_all(&out);
    written.map_err(|error| {
        keys.explain(table, cause(&error), || {
            interrupted(act(), &error, fault::of)
        })
    })?;
    writer.finish().map_err(|error| {
        let message = spoken(&error);
        keys.explain(table, Some(&error), || Error::Database {
            act: act(),
            message,
            fault: fault::of(&error),
        })
    })
}

/// The keys of the rows of one COPY, one after the other.
#[derive(Default)]
struct Keys {
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl Keys {
    fn add(&mut self, encoder: &RowEncoder, row: &Row) {
        encoder.key(&mut self.text, row);
        self.ends.push(self.text.len());
    }

    /// The refusal with the row the server names by its line.
    fn explain(
        &self,
        table: &Table,
        error: Option<&postgres::Error>,
        otherwise: impl FnOnce() -> Error,
    ) -> Error {
        let by_row = error.filter(|error| !is_outside(error));
        let found = by_row.and_then(|error| {
            let context = error.as_db_error()?.where_()?;
            let row = self.row(table, line_in(context)?)?;
            Some(Error::Row {
                table: table.name.clone(),
                row,
                message: spoken(error),
                fault: fault::of(error),
            })
        });
        found.unwrap_or_else(otherwise)
    }

    fn row(&self, table: &Table, line: usize) -> Option<NamedRow> {
        let at = line.checked_sub(1)?;
        let end = *self.ends.get(at)?;
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        let key = table.key_positions();
        let others = (0..table.columns().len()).filter(|at| !key.is_empty() && !key.contains(at));
        let (named, _) = table.without(&others.collect::<Vec<_>>());
        let row = decode_row(&named, &self.text[start..end]).ok()?;
        Some(NamedRow::of(&named, &row))
    }
}

/// The number in `COPY books, line 3, column title: …`, which is there in every language.
fn line_in(context: &str) -> Option<usize> {
    let copy = context.lines().rev().find_map(|line| {
        let at = line.find("COPY ")?;
        Some(&line[at..])
    })?;
    let after = &copy[copy
        .find(", line ")
        .map(|at| at + 7)
        .or_else(|| copy.find(", "))?..];
    let digits = after.trim_start_matches(|c: char| !c.is_ascii_digit());
    let end = digits
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(digits.len());
    digits[..end].parse().ok()
}
