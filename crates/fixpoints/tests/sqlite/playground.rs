//! A database and a folder of fixpoints that end with the test.

use std::path::PathBuf;

use fixpoints::engines::sqlite::Sqlite;
use fixpoints::{
    Chain, Change, CompareOptions, Comparison, Database, FixpointName, Folder, Missing, Replace,
    RestoreReport, Result, Scope, StoreOptions, StoreReport,
};

pub struct Playground {
    folder: tempfile::TempDir,
    pub scope: Scope,
}

pub fn name(name: &str) -> FixpointName {
    FixpointName::parse(name).unwrap()
}

/// Tests empty their databases on purpose.
const ANYTHING: StoreOptions = StoreOptions {
    parent: None,
    exclude: Vec::new(),
    replace: Replace::Anything,
};

impl Playground {
    pub fn new(sql: &str) -> Self {
        let playground = Self {
            folder: tempfile::tempdir().unwrap(),
            scope: Scope::default(),
        };
        playground.sql(sql);
        playground
    }

    pub fn excluding(mut self, tables: &[&str]) -> Self {
        let tables: Vec<String> = tables.iter().map(|&table| table.to_owned()).collect();
        self.scope = Scope::excluding(&tables);
        self
    }

    pub fn fixpoints(&self) -> Folder {
        Folder::new(self.folder.path().join("fixpoints"))
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("test.db")
    }

    pub fn database(&self) -> Sqlite {
        Sqlite::open(&self.path(), Missing::Create).unwrap()
    }

    pub fn connection(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.path()).unwrap()
    }

    /// Runs SQL without enforcing foreign keys.
    pub fn sql(&self, sql: &str) {
        let connection = self.connection();
        connection.pragma_update(None, "foreign_keys", 0).unwrap();
        connection.execute_batch(sql).unwrap();
    }

    pub fn one<T: rusqlite::types::FromSql>(&self, sql: &str) -> T {
        self.connection()
            .query_row(sql, [], |row| row.get(0))
            .unwrap()
    }

    pub fn store(&self, fixpoint: &str) -> Result<StoreReport> {
        self.store_with(fixpoint, &ANYTHING)
    }

    pub fn store_on(&self, fixpoint: &str, parent: &str) -> Result<StoreReport> {
        self.store_with(
            fixpoint,
            &StoreOptions {
                parent: Some(name(parent)),
                ..ANYTHING
            },
        )
    }

    pub fn store_with(&self, fixpoint: &str, options: &StoreOptions) -> Result<StoreReport> {
        fixpoints::store(
            &mut self.database(),
            &self.fixpoints(),
            &name(fixpoint),
            &self.scope,
            options,
        )
    }

    pub fn restore(&self, fixpoint: &str) -> Result<RestoreReport> {
        let chain = Chain::open(&self.fixpoints(), &name(fixpoint))?;
        fixpoints::restore(&mut self.database(), &chain, &self.scope)
    }

    pub fn compare(&self, fixpoint: &str) -> Result<Comparison> {
        self.compare_with(fixpoint, &CompareOptions::default())
    }

    pub fn compare_ignoring(&self, fixpoint: &str, columns: &[&str]) -> Result<Comparison> {
        let ignore = columns.iter().map(|&column| column.to_owned()).collect();
        self.compare_with(
            fixpoint,
            &CompareOptions {
                ignore,
                ..CompareOptions::default()
            },
        )
    }

    pub fn compare_with(&self, fixpoint: &str, options: &CompareOptions) -> Result<Comparison> {
        let chain = Chain::open(&self.fixpoints(), &name(fixpoint))?;
        fixpoints::compare(&mut self.database(), &chain, &self.scope, options)
    }

    pub fn file(&self, fixpoint: &str) -> PathBuf {
        self.fixpoints().file_of(&name(fixpoint))
    }

    pub fn text(&self, fixpoint: &str) -> String {
        std::fs::read_to_string(self.file(fixpoint)).unwrap()
    }

    /// Replaces a fixpoint's file by hand.
    pub fn write(&self, fixpoint: &str, text: &str) {
        fixpoints::write_file(&self.file(fixpoint), text.as_bytes()).unwrap();
    }

    /// Replaces a fixpoint's file by hand, and signs it.
    pub fn edit(&self, fixpoint: &str, text: &str) {
        self.write(fixpoint, text);
        fixpoints::accept(&self.fixpoints(), &name(fixpoint)).unwrap();
    }

    /// Everything in the database, as a fixpoint would say it.
    pub fn state(&self) -> String {
        let other = Folder::new(self.folder.path().join("state"));
        fixpoints::store(
            &mut self.database(),
            &other,
            &name("state"),
            &Scope::default(),
            &ANYTHING,
        )
        .unwrap();
        std::fs::read_to_string(other.file_of(&name("state"))).unwrap()
    }

    pub fn tables(&self) -> fixpoints::Tables {
        let mut database = self.database();
        let catalog = database.read(None).unwrap().catalog();
        (catalog.tables())
            .map(|table| (table.name.clone(), table.clone()))
            .collect()
    }
}

/// Changes as short text, one line each.
pub fn changes(comparison: &Comparison) -> Vec<String> {
    let mut lines = Vec::new();
    for compared in &comparison.tables {
        let table = &compared.table;
        let cells = |row: &[fixpoints::Cell]| {
            row.iter()
                .map(|cell| cell.to_json().to_string())
                .collect::<Vec<_>>()
                .join(" ")
        };
        for change in &compared.changes {
            lines.push(match change {
                Change::Inserted(row) => format!("{} + {}", table.name, cells(row)),
                Change::Deleted(row) => format!("{} - {}", table.name, cells(row)),
                Change::Updated { old, new } => {
                    format!("{} ~ {} => {}", table.name, cells(old), cells(new))
                }
            });
        }
    }
    lines
}

/// The rows or changes in a fixpoint's text, without what is said below them.
pub fn lines(text: &str) -> String {
    let mut lines = String::new();
    let mut table = "";
    for line in text.lines() {
        if let Some(row) = line.strip_prefix("      - ") {
            if !table.is_empty() {
                lines.push_str(&format!("{}\n", std::mem::take(&mut table)));
            }
            lines.push_str(&format!("    - {row}\n"));
        } else if line.starts_with("  ") && line.ends_with(':') && !line.starts_with("    ") {
            table = line;
        }
    }
    lines
}
