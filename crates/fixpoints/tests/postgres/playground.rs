//! A database and a folder of fixpoints that end with the test.

use std::path::PathBuf;

use fixpoints::engines::postgres::Postgres;
use fixpoints::{
    Chain, Change, CompareOptions, Comparison, Database, FixpointName, Folder, Replace,
    RestoreReport, Result, Scope, StoreOptions, StoreReport,
};
use postgres::Client;

use crate::server::{Place, Server};

pub struct Playground {
    folder: tempfile::TempDir,
    pub place: Place,
    pub scope: Scope,
    pub user: &'static str,
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
    /// `None` where there is no server, which was said.
    pub fn new(sql: &str) -> Option<Self> {
        Some(Self::on(Server::get()?, sql))
    }

    pub fn on(server: &Server, sql: &str) -> Self {
        let playground = Self {
            folder: tempfile::tempdir().unwrap(),
            place: server.database(),
            scope: Scope::default(),
            user: "postgres",
        };
        playground.sql(sql);
        playground
    }

    /// A database whose server keeps text otherwise.
    pub fn in_encoding(encoding: &str) -> Option<Self> {
        let place = Server::get()?.database_in(encoding);
        let folder = tempfile::tempdir().unwrap();
        Some(Self {
            folder,
            place,
            scope: Scope::default(),
            user: "postgres",
        })
    }

    pub fn excluding(mut self, tables: &[&str]) -> Self {
        let tables: Vec<String> = tables.iter().map(|&table| table.to_owned()).collect();
        self.scope = Scope::excluding(&tables);
        self
    }

    pub fn fixpoints(&self) -> Folder {
        Folder::new(self.folder.path().join("fixpoints"))
    }

    pub fn database(&self) -> Postgres<'static> {
        Postgres::open(&self.place.url(self.user)).unwrap()
    }

    pub fn client(&self) -> Client {
        self.place.connect("postgres")
    }

    /// Runs SQL without enforcing foreign keys.
    pub fn sql(&self, sql: &str) {
        let mut client = self.client();
        client
            .batch_execute("SET session_replication_role = replica")
            .unwrap();
        client.batch_execute(sql).unwrap();
    }

    /// The first value a query gives, as text.
    pub fn one(&self, sql: &str) -> String {
        let messages = self.client().simple_query(sql).unwrap();
        let rows = messages.iter().filter_map(|message| match message {
            postgres::SimpleQueryMessage::Row(row) => Some(row.get(0).unwrap_or("NULL").to_owned()),
            _ => None,
        });
        rows.last().unwrap()
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

    pub fn chain(&self, fixpoint: &str) -> Result<Chain> {
        Chain::open(&self.fixpoints(), &name(fixpoint))
    }

    pub fn restore(&self, fixpoint: &str) -> Result<RestoreReport> {
        fixpoints::restore(&mut self.database(), &self.chain(fixpoint)?, &self.scope)
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
        let chain = self.chain(fixpoint)?;
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

    /// Everything in the database, as PostgreSQL itself would say it, without a word of ours.
    pub fn dump(&self) -> String {
        let tables = self.one(
            "SELECT string_agg(format('%I.%I', nspname, relname), E'\n' ORDER BY nspname, relname) FROM pg_class c
             JOIN pg_namespace n ON n.oid = relnamespace WHERE relkind = 'r' AND nspname !~ '^pg_|^info'",
        );
        let dump = |table: &str| {
            let rows = self.one(&format!(
                "SET bytea_output = hex; SET timezone = 'UTC'; SET extra_float_digits = 3;
                 SELECT coalesce(string_agg(t::text, E'\\n' ORDER BY t::text COLLATE \"C\"), '') FROM ONLY {table} t"
            ));
            format!("{table}\n{rows}")
        };
        tables.split('\n').map(dump).collect::<Vec<_>>().join("\n")
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
