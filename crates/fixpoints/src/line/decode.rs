//! Reads what the encoder wrote, or a person: unknown, missing, repeated and inexact things are refused.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, MapAccess, Visitor};

use super::{BYTES, ChangeLine, REAL, TEXT};
use crate::cell::{AsCell, Cell, CellRef, Row};
use crate::table::Table;

/// Reads a line that holds a whole row of `table`.
///
/// # Errors
/// A sentence fragment about what is wrong with the line.
pub fn decode_row(table: &Table, line: &[u8]) -> Result<Row, String> {
    let mut reader = serde_json::Deserializer::from_slice(line);
    let row = RowSeed(table)
        .deserialize(&mut reader)
        .map_err(|error| spoken(&error))?;
    reader.end().map_err(|error| spoken(&error))?;
    exact(line, row.iter())?;
    Ok(row)
}

/// Reads a line of an incremental fixpoint.
///
/// # Errors
/// A sentence fragment about what is wrong with the line.
pub fn decode_change(table: &Table, line: &[u8]) -> Result<ChangeLine, String> {
    let mut reader = serde_json::Deserializer::from_slice(line);
    let parts = PartsSeed(table)
        .deserialize(&mut reader)
        .map_err(|error| spoken(&error))?;
    reader.end().map_err(|error| spoken(&error))?;
    let all = [
        &parts.insert,
        &parts.delete,
        &parts.update,
        &parts.old,
        &parts.new,
    ];
    exact(
        line,
        all.into_iter().flatten().flatten().map(|(_, cell)| cell),
    )?;
    parts.into_change(table)
}

fn spoken(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ")
        .next()
        .unwrap_or_default()
        .to_owned()
}

/// serde_json turns integers beyond 64 bits into floats; such a line is refused instead.
fn exact<'a>(line: &[u8], mut cells: impl Iterator<Item = &'a Cell>) -> Result<(), String> {
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

struct RowSeed<'t>(&'t Table);

impl<'de> DeserializeSeed<'de> for RowSeed<'_> {
    type Value = Row;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Row, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for RowSeed<'_> {
    type Value = Row;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a row of table {} as an object", self.0.name)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Row, A::Error> {
        let columns = self.0.columns();
        let mut row: Vec<Option<Cell>> = vec![None; columns.len()];
        let mut next = 0;
        while let Some(at) = map.next_key_seed(ColumnSeed {
            table: self.0,
            expected: next,
        })? {
            if row[at].is_some() {
                return Err(de::Error::custom(format!(
                    "column {} is given twice",
                    self.0.column(at)
                )));
            }
            row[at] = Some(map.next_value()?);
            next = at + 1;
        }
        let missing = row.iter().position(Option::is_none);
        if let Some(at) = missing {
            return Err(de::Error::custom(format!(
                "column {} is missing",
                self.0.column(at)
            )));
        }
        Ok(row.into_iter().flatten().collect())
    }
}

/// Finds a column by its name, trying first the one that follows.
struct ColumnSeed<'t> {
    table: &'t Table,
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

impl<'de> Deserialize<'de> for Cell {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CellVisitor)
    }
}

struct CellVisitor;

impl<'de> Visitor<'de> for CellVisitor {
    type Value = Cell;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value: null, a number, text, or a tagged object")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Cell, E> {
        Ok(Cell::Null)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Cell, E> {
        Ok(Cell::Bool(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Cell, E> {
        Ok(Cell::Integer(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Cell, E> {
        i64::try_from(value)
            .map(Cell::Integer)
            .map_err(|_| E::custom("an integer does not fit into 64 bits"))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Cell, E> {
        Ok(Cell::Real(value))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Cell, E> {
        Ok(Cell::Text(value.as_bytes().to_vec()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Cell, A::Error> {
        let Some((tag, text)) = map.next_entry::<String, String>()? else {
            return Err(de::Error::custom("an empty object is no value"));
        };
        if map.next_key::<de::IgnoredAny>()?.is_some() {
            return Err(de::Error::custom("a tagged value has one key"));
        }
        tagged(&tag, &text).map_err(de::Error::custom)
    }
}

fn tagged(tag: &str, text: &str) -> Result<Cell, String> {
    let bytes = || {
        BASE64
            .decode(text)
            .map_err(|error| format!("{tag} holds no base64: {error}"))
    };
    match (tag, text) {
        (BYTES, _) => bytes().map(Cell::Bytes),
        (TEXT, _) => bytes().map(Cell::Text),
        (REAL, "nan") => Ok(Cell::Real(f64::NAN)),
        (REAL, "inf") => Ok(Cell::Real(f64::INFINITY)),
        (REAL, "-inf") => Ok(Cell::Real(f64::NEG_INFINITY)),
        (REAL, other) => Err(format!("{REAL} cannot be {other:?}")),
        (other, _) => Err(format!("unknown tag {other:?}")),
    }
}

type Named = Vec<(usize, Cell)>;

#[derive(Default)]
struct Parts {
    insert: Option<Named>,
    delete: Option<Named>,
    update: Option<Named>,
    old: Option<Named>,
    new: Option<Named>,
}

impl Parts {
    fn into_change(self, table: &Table) -> Result<ChangeLine, String> {
        match self {
            Self {
                insert: Some(row),
                delete: None,
                update: None,
                old: None,
                new: None,
            } => whole(table, row).map(ChangeLine::Insert),
            Self {
                insert: None,
                delete: Some(row),
                update: None,
                old: None,
                new: None,
            } => whole(table, row).map(ChangeLine::Delete),
            Self {
                insert: None,
                delete: None,
                update: Some(key),
                old: Some(old),
                new: Some(new),
            } => updated(table, &key, old, new),
            _ => Err("a change is one of insert, delete, or update with old and new".to_owned()),
        }
    }
}

fn whole(table: &Table, mut row: Named) -> Result<Row, String> {
    row.sort_by_key(|(at, _)| *at);
    let missing =
        (0..table.columns().len()).find(|at| row.get(*at).is_none_or(|(found, _)| found != at));
    match missing {
        Some(at) => Err(format!("column {} is missing", table.column(at))),
        None => Ok(row.into_iter().map(|(_, cell)| cell).collect()),
    }
}

fn updated(
    table: &Table,
    key: &Named,
    mut old: Named,
    mut new: Named,
) -> Result<ChangeLine, String> {
    old.sort_by_key(|(at, _)| *at);
    new.sort_by_key(|(at, _)| *at);
    if !old
        .iter()
        .map(|(at, _)| at)
        .eq(new.iter().map(|(at, _)| at))
    {
        return Err("old and new name different columns".to_owned());
    }
    let key = table.key_positions().iter().map(|at| {
        key.iter()
            .find(|(found, _)| found == at)
            .map(|(_, cell)| cell.clone())
    });
    match key.collect::<Option<Vec<_>>>() {
        Some(key) if !key.is_empty() => Ok(ChangeLine::Update { key, old, new }),
        _ => Err(format!(
            "update does not give the key of table {}",
            table.name
        )),
    }
}

struct PartsSeed<'t>(&'t Table);

impl<'de> DeserializeSeed<'de> for PartsSeed<'_> {
    type Value = Parts;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Parts, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for PartsSeed<'_> {
    type Value = Parts;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a change as an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Parts, A::Error> {
        let mut parts = Parts::default();
        while let Some(word) = map.next_key::<String>()? {
            let part = match word.as_str() {
                "insert" => &mut parts.insert,
                "delete" => &mut parts.delete,
                "update" => &mut parts.update,
                "old" => &mut parts.old,
                "new" => &mut parts.new,
                other => return Err(de::Error::custom(format!("unknown change {other:?}"))),
            };
            if part
                .replace(map.next_value_seed(NamedSeed(self.0))?)
                .is_some()
            {
                return Err(de::Error::custom(format!("{word} is given twice")));
            }
        }
        Ok(parts)
    }
}

struct NamedSeed<'t>(&'t Table);

impl<'de> DeserializeSeed<'de> for NamedSeed<'_> {
    type Value = Named;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Named, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for NamedSeed<'_> {
    type Value = Named;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "columns of table {} as an object", self.0.name)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Named, A::Error> {
        let mut named: Named = Vec::new();
        let mut next = 0;
        while let Some(at) = map.next_key_seed(ColumnSeed {
            table: self.0,
            expected: next,
        })? {
            if named.iter().any(|(found, _)| *found == at) {
                return Err(de::Error::custom(format!(
                    "column {} is given twice",
                    self.0.column(at)
                )));
            }
            named.push((at, map.next_value()?));
            next = at + 1;
        }
        Ok(named)
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

    #[test]
    fn a_change_names_exactly_one_thing() {
        let good = br#"{"update": {"id": 1}, "old": {"v": 1}, "new": {"v": 2}}"#;
        assert!(matches!(
            decode_change(&table(), good),
            Ok(ChangeLine::Update { .. })
        ));
        for line in [
            r#"{"update": {"id": 1}, "old": {"v": 1}, "new": {"id": 2}}"#,
            r#"{"update": {"v": 1}, "old": {"v": 1}, "new": {"v": 2}}"#,
            r#"{"insert": {"id": 1, "v": 1}, "delete": {"id": 1, "v": 1}}"#,
            r#"{"insert": {"id": 1}}"#,
            r#"{}"#,
        ] {
            assert!(
                decode_change(&table(), line.as_bytes()).is_err(),
                "{line} was accepted"
            );
        }
    }
}
