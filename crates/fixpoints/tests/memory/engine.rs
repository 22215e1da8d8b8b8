//! An engine that keeps its tables in memory and checks nothing: the least that fixpoints need of one.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use fixpoints::catalog::{Catalog, Feed, Sequence, TableInfo};
use fixpoints::database::{Access, Database, EachRow, ScriptReport};
use fixpoints::{
    AsCell as _, BrokenReference, Cell, CellRef, Error, Fault, KeyKind, Result, Row, Table,
};

/// Tables, each with its rows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Memory {
    pub tables: BTreeMap<String, (Table, Vec<Row>)>,
    pub sequences: BTreeMap<String, i64>,
    /// What a rollback brings back.
    before: Option<Box<Self>>,
}

impl Memory {
    /// A database with some tables: name, key, columns.
    pub fn new(tables: &[(&str, &[&str], &[&str])]) -> Self {
        let table = |(name, key, columns): &(&str, &[&str], &[&str])| {
            let columns = columns.iter();
            let columns = columns.map(|column| ((*column).to_owned(), "any".to_owned()));
            let key = key.iter().map(|column| (*column).to_owned()).collect();
            let table = Table::new((*name).to_owned(), key, columns.collect()).unwrap();
            ((*name).to_owned(), (table, Vec::new()))
        };
        Self {
            tables: tables.iter().map(table).collect(),
            ..Self::default()
        }
    }

    /// The rows of a table.
    pub fn rows(&mut self, table: &str) -> &mut Vec<Row> {
        &mut self.tables.get_mut(table).unwrap().1
    }

    fn key_of(table: &Table, row: &Row) -> Vec<Cell> {
        let positions = table.key_positions().iter();
        positions.map(|&at| row[at].clone()).collect()
    }
}

impl Database for Memory {
    fn engine(&self) -> &'static str {
        "memory"
    }

    fn begin(&mut self, _: Access) -> Result<()> {
        self.before = Some(Box::new(self.clone()));
        Ok(())
    }

    fn commit(&mut self) -> Result<()> {
        self.before = None;
        Ok(())
    }

    fn rollback(&mut self) {
        if let Some(before) = self.before.take() {
            *self = *before;
        }
    }

    fn catalog(&mut self) -> Result<Catalog> {
        let info = |(table, _): &(Table, Vec<Row>)| {
            let key = match table.key() {
                [] => KeyKind::None,
                _ => KeyKind::Exact,
            };
            let table = table.clone();
            (table.name.clone(), TableInfo { table, key })
        };
        let counter = |(name, position): (&String, &i64)| {
            let column = self.tables[name].0.key()[0].clone();
            let table = name.clone();
            let sequence = Sequence {
                position: *position,
                feeds: vec![Feed { table, column }],
                increment: 1,
                start: None,
            };
            (name.clone(), sequence)
        };
        Ok(Catalog {
            tables: self.tables.values().map(info).collect(),
            sequences: self.sequences.iter().map(counter).collect(),
            ..Catalog::default()
        })
    }

    fn scan(&mut self, table: &Table, each: &mut EachRow<'_>) -> Result<()> {
        let (own, rows) = &self.tables[&table.name];
        let places = table.columns().keys();
        let places: Vec<usize> = places
            .filter_map(|column| own.columns().get_index_of(column))
            .collect();
        let row = |row: &Row| -> Row { places.iter().map(|&at| row[at].clone()).collect() };
        let mut rows: Vec<Row> = rows.iter().map(row).collect();
        rows.sort_by(|a, b| table.order(a, b));
        for row in rows {
            let cells: Vec<CellRef<'_>> = row.iter().map(|cell| cell.cell()).collect();
            if let ControlFlow::Break(()) = each(&cells)? {
                break;
            }
        }
        Ok(())
    }

    fn clear(&mut self, table: &Table) -> Result<()> {
        self.rows(&table.name).clear();
        Ok(())
    }

    fn delete(&mut self, table: &Table, rows: &[Row]) -> Result<()> {
        let gone: Vec<_> = rows.iter().map(|row| Self::key_of(table, row)).collect();
        let kept = self.rows(&table.name);
        kept.retain(|row| !gone.contains(&Self::key_of(table, row)));
        Ok(())
    }

    fn insert(
        &mut self,
        table: &Table,
        rows: &mut dyn Iterator<Item = Result<Row>>,
    ) -> Result<u64> {
        let rows = rows.collect::<Result<Vec<_>>>()?;
        let count = rows.len() as u64;
        self.rows(&table.name).extend(rows);
        Ok(count)
    }

    fn set_sequences(&mut self, names: &[String], wanted: &BTreeMap<String, i64>) -> Result<()> {
        for name in names {
            match wanted.get(name) {
                Some(value) => self.sequences.insert(name.clone(), *value),
                None => self.sequences.remove(name),
            };
        }
        Ok(())
    }

    fn broken_references(&mut self) -> Result<Vec<BrokenReference>> {
        Ok(Vec::new())
    }

    fn run_script(&mut self, name: &str, _: &str) -> Result<ScriptReport> {
        Err(Error::Database {
            act: format!("cannot run {name}"),
            message: "it has no language".to_owned(),
            fault: Fault::Statement,
        })
    }
}
