//! Reads the changes of an incremental fixpoint, each of which is exactly one insert, update or delete.

use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, Visitor};

use super::ChangeLine;
use super::decode::{ColumnSeed, Unreadable, exact};
use crate::cell::{Cell, Row};
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
    let all = [
        &parts.insert,
        &parts.delete,
        &parts.update,
        &parts.old,
        &parts.new,
    ];
    let cells = all.into_iter().flatten().flatten().map(|(_, cell)| cell);
    exact(line, cells)
        .and_then(|()| parts.into_change(table))
        .map_err(Unreadable::value)
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
    if let Some((at, _)) = key
        .iter()
        .find(|(at, _)| !table.key_positions().contains(at))
    {
        let column = table.column(*at);
        return Err(format!(
            "update names column {column}, which is not in the key"
        ));
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
