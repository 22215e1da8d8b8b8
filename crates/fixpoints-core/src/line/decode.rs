//! Reads whole rows as the encoder wrote them, or a person: missing, repeated and inexact values are refused.

use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, Visitor};

use crate::cell::{AsCell, Cell, CellRef, Row};
use crate::table::Table;

/// Why a line is not a row.
#[derive(Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// A sentence fragment about what is wrong with it.
    pub reason: String,
    /// Whether it is not JSON at all.
    pub is_syntax: bool,
}

/// Reads a line that holds a whole row of `table`.
///
/// # Errors
/// Whatever makes it no such row.
pub fn decode_row(table: &Table, line: &[u8]) -> Result<Row, Unreadable> {
    // Text that is known to be UTF-8 is not looked at again string by string.
    let row = match std::str::from_utf8(line) {
        Ok(text) => read_row(table, serde_json::Deserializer::from_str(text)),
        Err(_) => read_row(table, serde_json::Deserializer::from_slice(line)),
    };
    let row = row.map_err(|error| Unreadable::json(&error))?;
    let row = whole(table, row).map_err(Unreadable::value)?;
    exact(line, row.iter()).map_err(Unreadable::value)?;
    Ok(row)
}

fn read_row<'de, R: serde_json::de::Read<'de>>(
    table: &Table,
    mut reader: serde_json::Deserializer<R>,
) -> serde_json::Result<Cells> {
    let what = "a row";
    let row = CellsSeed { table, what }.deserialize(&mut reader)?;
    reader.end()?;
    Ok(row)
}

/// A row all of whose cells are given.
pub(super) fn whole(table: &Table, cells: Cells) -> Result<Row, String> {
    match cells.iter().position(Option::is_none) {
        Some(at) => Err(format!("column {} is missing", table.column(at))),
        None => Ok(cells.into_iter().flatten().collect()),
    }
}

impl Unreadable {
    pub(super) fn json(error: &serde_json::Error) -> Self {
        Self {
            reason: plain_message(error),
            is_syntax: error.is_syntax() || error.is_eof(),
        }
    }

    pub(super) fn value(reason: String) -> Self {
        Self {
            reason,
            is_syntax: false,
        }
    }
}

/// The reader's words without the place, which the file gives.
fn plain_message(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ")
        .next()
        .unwrap_or_default()
        .to_owned()
}

/// serde_json turns integers beyond 64 bits into floats; such a line is refused instead.
pub(super) fn exact<'a>(
    line: &[u8],
    mut cells: impl Iterator<Item = &'a Cell>,
) -> Result<(), String> {
    const LEAST: f64 = 9_223_372_036_854_775_807.0;
    let suspicious =
        cells.any(|cell| matches!(cell.cell(), CellRef::Real(value) if value.abs() >= LEAST));
    if suspicious && has_oversized_integer(line) {
        return Err("an integer does not fit into 64 bits".to_owned());
    }
    Ok(())
}

fn has_oversized_integer(line: &[u8]) -> bool {
    let mut at = 0;
    while at < line.len() {
        match line[at] {
            b'"' => at = end_of_string(line, at),
            b'-' | b'0'..=b'9' => {
                let length = line[at..]
                    .iter()
                    .take_while(|b| matches!(b, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9'))
                    .count();
                let token = std::str::from_utf8(&line[at..at + length]).unwrap_or_default();
                if !token.contains(['.', 'e', 'E']) && token.parse::<i64>().is_err() {
                    return true;
                }
                at += length;
            }
            _ => at += 1,
        }
    }
    false
}

fn end_of_string(line: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while at < line.len() && line[at] != b'"' {
        at += if line[at] == b'\\' { 2 } else { 1 };
    }
    at + 1
}

/// A cell for each column of a table, where one is given.
pub(super) type Cells = Vec<Option<Cell>>;

/// Reads cells by the names of their columns.
pub(super) struct CellsSeed<'t> {
    pub table: &'t Table,
    /// What they are, for messages.
    pub what: &'static str,
}

impl<'de> DeserializeSeed<'de> for CellsSeed<'_> {
    type Value = Cells;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Cells, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for CellsSeed<'_> {
    type Value = Cells;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of table {} as an object", self.what, self.table.name)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Cells, A::Error> {
        let table = self.table;
        let mut cells: Cells = vec![None; table.columns().len()];
        let mut expected = 0;
        while let Some(at) = map.next_key_seed(ColumnSeed { table, expected })? {
            if cells[at].is_some() {
                let column = table.column(at);
                return Err(de::Error::custom(format!("column {column} is given twice")));
            }
            cells[at] = Some(map.next_value()?);
            expected = at + 1;
        }
        Ok(cells)
    }
}

/// Finds a column by its name, trying first the one that follows.
struct ColumnSeed<'t> {
    table: &'t Table,
    /// Where the column probably is.
    expected: usize,
}

impl<'de> DeserializeSeed<'de> for ColumnSeed<'_> {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<usize, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for ColumnSeed<'_> {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a column")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<usize, E> {
        let columns = self.table.columns();
        if columns
            .get_index(self.expected)
            .is_some_and(|(column, _)| column == name)
        {
            return Ok(self.expected);
        }
        columns
            .get_index_of(name)
            .ok_or_else(|| E::custom(format!("table {} has no column {name}", self.table.name)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::RowEncoder;
    use super::*;

    fn table() -> Table {
        let columns = ["id", "v"].map(|name| (name.to_owned(), String::new()));
        Table::new(
            "t".to_owned(),
            vec!["id".to_owned()],
            columns.into_iter().collect(),
        )
        .unwrap()
    }

    #[test]
    fn what_is_written_is_read_back_exactly() {
        let values = [
            Cell::Null,
            Cell::Integer(i64::MAX),
            Cell::Integer(i64::MIN),
            Cell::Real(-0.0),
            Cell::Real(1e19),
            Cell::Real(f64::INFINITY),
            Cell::Text("\u{85}\u{2028}\0\u{ffff}".as_bytes().to_vec()),
            Cell::Text(vec![b'a', 0xff]),
            Cell::Bytes(vec![0, 255]),
            Cell::Real(9_223_372_036_854_775_808.0),
            Cell::Text(b"18446744073709551616".to_vec()),
        ];
        for value in values {
            let row = vec![Cell::Integer(1), value];
            let mut line = Vec::new();
            RowEncoder::new(&table()).row(&mut line, &row);
            let read = decode_row(&table(), &line).unwrap();
            assert!(
                read.iter().zip(&row).all(|(a, b)| a.cell().same(b.cell())),
                "{}",
                String::from_utf8_lossy(&line)
            );
        }
    }

    #[test]
    fn inexact_and_unknown_things_are_refused() {
        for line in [
            r#"{"id": 1, "v": 18446744073709551616}"#,
            r#"{"id": 1, "v": 9223372036854775808}"#,
            r#"{"id": 1}"#,
            r#"{"id": 1, "v": 1, "w": 2}"#,
            r#"{"id": 1, "id": 2, "v": 1}"#,
            r#"{"id": 1, "v": {"$bytes": "!"}}"#,
            r#"{"id": 1, "v": {"$other": "x"}}"#,
            r#"{"id": 1, "v": {}}"#,
            r#"{"id": 1, "v": [1]}"#,
            r#"{"id": 1, "v": 1} x"#,
            r#"{id: 1, v: 1}"#,
        ] {
            assert!(
                decode_row(&table(), line.as_bytes()).is_err(),
                "{line} was accepted"
            );
        }
    }
}
