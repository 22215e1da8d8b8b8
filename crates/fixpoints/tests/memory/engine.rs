//! An engine that keeps its tables in memory and checks nothing: the least that fixpoints need of one.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use fixpoints::catalog::{Catalog, TableInfo};
use fixpoints::database::{
    Database, EachRow, Finished, Remember, ScriptReport, Strays, Transaction, Writable, Write,
};
use fixpoints::{
    AsCell as _, BrokenReference, Cell, CellRef, Error, Fault, KeyKind, Positions, Result, Row,
    Table,
};

/// Tables, each with its rows.
#[derive(Debug, Clone)]
pub struct Memory {
    tables: BTreeMap<String, (Table, Vec<Row>)>,
}

/// A transaction: a copy that takes the place of the original when it is committed.
struct Begun<'m> {
    original: &'m mut Memory,
    copy: Memory,
    catalog: Arc<Catalog>,
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
        }
    }

    fn begin(&mut self) -> Begun<'_> {
        Begun {
            copy: self.clone(),
            catalog: Arc::new(self.catalog()),
            original: self,
        }
    }

    /// The rows of a table.
    fn rows(&mut self, table: &str) -> &mut Vec<Row> {
        &mut self.tables.get_mut(table).unwrap().1
    }

    fn key_of(table: &Table, row: &Row) -> Vec<Cell> {
        let positions = table.key_positions().iter();
        positions.map(|&at| row[at].clone()).collect()
    }

    fn catalog(&self) -> Catalog {
        let info = |(table, _): &(Table, Vec<Row>)| {
            let key = match table.key() {
                [] => KeyKind::None,
                _ => KeyKind::Exact,
            };
            let table = table.clone();
            (
                table.name.clone(),
                TableInfo {
                    table,
                    key,
                    is_append_only: false,
                    generated: std::collections::BTreeSet::new(),
                },
            )
        };
        Catalog {
            tables: self.tables.values().map(info).collect(),
            ..Catalog::default()
        }
    }
}

impl Database for Memory {
    fn engine(&self) -> &'static str {
        "memory"
    }

    fn read<'a>(&'a mut self, _: Option<&dyn Remember>) -> Result<Box<dyn Transaction + 'a>> {
        Ok(Box::new(self.begin()))
    }

    fn write<'a>(&'a mut self, _: Option<&dyn Remember>) -> Result<Box<dyn Writable + 'a>> {
        Ok(Box::new(self.begin()))
    }

    fn run_script(&mut self, name: &str, _: &str) -> Result<ScriptReport> {
        Err(Error::Database {
            act: format!("cannot run {name}"),
            message: "it has no language".to_owned(),
            fault: Fault::Statement,
        })
    }
}

impl Transaction for Begun<'_> {
    fn engine(&self) -> &'static str {
        "memory"
    }

    fn catalog(&self) -> Arc<Catalog> {
        Arc::clone(&self.catalog)
    }

    fn scan(&mut self, table: &Table, each: &mut EachRow<'_>) -> Result<()> {
        let (own, rows) = &self.copy.tables[&table.name];
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

    fn broken_references(&mut self) -> Result<Vec<BrokenReference>> {
        Ok(Vec::new())
    }

    fn commit(self: Box<Self>) -> Result<()> {
        *self.original = self.copy;
        Ok(())
    }
}

impl Writable for Begun<'_> {
    fn lock(&mut self, _: &[&Table]) -> Result<&mut dyn Write> {
        Ok(self)
    }
}

impl Write for Begun<'_> {
    fn clear(&mut self, table: &Table) -> Result<()> {
        self.copy.rows(&table.name).clear();
        Ok(())
    }

    fn delete(&mut self, table: &Table, rows: &[Row]) -> Result<()> {
        let gone: Vec<_> = rows.iter().map(|row| Memory::key_of(table, row)).collect();
        let kept = self.copy.rows(&table.name);
        kept.retain(|row| !gone.contains(&Memory::key_of(table, row)));
        Ok(())
    }

    fn insert(
        &mut self,
        table: &Table,
        rows: &mut dyn Iterator<Item = Result<Row>>,
    ) -> Result<u64> {
        let rows = rows.collect::<Result<Vec<_>>>()?;
        let count = rows.len() as u64;
        self.copy.rows(&table.name).extend(rows);
        Ok(count)
    }

    fn set_sequences(&mut self, _: &[String], _: &Positions) -> Result<()> {
        Ok(())
    }

    fn refresh(&mut self) -> Result<()> {
        self.catalog = Arc::new(self.copy.catalog());
        Ok(())
    }

    fn finish(&mut self) -> Result<&mut dyn Finished> {
        Ok(self)
    }
}

impl Finished for Begun<'_> {
    fn strays(&mut self) -> Result<Strays> {
        Ok(Strays::default())
    }
}
