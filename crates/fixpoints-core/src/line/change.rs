//! Reads the changes of an incremental fixpoint, each of which is exactly one insert, update or delete.

use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, Visitor};

use super::ChangeLine;
use super::decode::{Cells, CellsSeed, Unreadable, exact, whole};
use crate::cell::Cell;
use crate::table::Table;

/// Reads a line of an incremental fixpoint.
///
/// # Errors
/// Whatever makes it no such line.
pub fn decode_change(table: &Table, line: &[u8]) -> Result<ChangeLine, Unreadable> {
    let mut reader = serde_json::Deserializer::from_slice(line);
    let parts = PartsSeed(table)
        .deserialize(&mut reader)
        .map_err(|error| Unreadable::json(&error))?;
    reader.end().map_err(|error| Unreadable::json(&error))?;
    let cells = parts.iter().flatten().flatten().flatten();
    exact(line, cells)
        .and_then(|()| change(table, parts))
        .map_err(Unreadable::value)
}

/// What the parts of a change are called, in the order of [`Parts`].
const WORDS: [&str; 5] = ["insert", "delete", "update", "old", "new"];

type Parts = [Option<Cells>; 5];

fn change(table: &Table, parts: Parts) -> Result<ChangeLine, String> {
    match parts {
        [Some(row), None, None, None, None] => whole(table, row).map(ChangeLine::Insert),
        [None, Some(row), None, None, None] => whole(table, row).map(ChangeLine::Delete),
        [None, None, Some(key), Some(old), Some(new)] => updated(table, key, old, new),
        _ => Err("a change is one of insert, delete, or update with old and new".to_owned()),
    }
}

fn updated(table: &Table, mut key: Cells, old: Cells, new: Cells) -> Result<ChangeLine, String> {
    let (old, new) = (given(old), given(new));
    let columns = |cells: &[(usize, Cell)]| cells.iter().map(|(at, _)| *at).collect::<Vec<_>>();
    if columns(&old) != columns(&new) {
        return Err("old and new name different columns".to_owned());
    }
    let in_key = table.key_positions().iter().map(|&at| key[at].take());
    let in_key: Option<Vec<Cell>> = in_key.collect();
    if let Some(at) = key.iter().position(Option::is_some) {
        let column = table.column(at);
        return Err(format!(
            "update names column {column}, which is not in the key"
        ));
    }
    match in_key {
        Some(key) if !key.is_empty() => Ok(ChangeLine::Update { key, old, new }),
        _ => Err(format!(
            "update does not give the key of table {}",
            table.name
        )),
    }
}

fn given(cells: Cells) -> Vec<(usize, Cell)> {
    let cells = cells.into_iter().enumerate();
    cells.filter_map(|(at, cell)| Some((at, cell?))).collect()
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
        let (table, what) = (self.0, "columns");
        let mut parts = Parts::default();
        while let Some(word) = map.next_key::<String>()? {
            let Some(at) = WORDS.iter().position(|known| *known == word) else {
                return Err(de::Error::custom(format!("unknown change {word:?}")));
            };
            let cells = map.next_value_seed(CellsSeed { table, what })?;
            if parts[at].replace(cells).is_some() {
                return Err(de::Error::custom(format!("{word} is given twice")));
            }
        }
        Ok(parts)
    }
}

#[cfg(test)]
mod tests {
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
