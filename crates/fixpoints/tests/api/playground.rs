//! A database in memory and a folder of fixpoints that end with the test.

use fixpoints::{Environment, Fixpoints, Operator, Recording};
use rusqlite::Connection;

pub const SHOP: &str = "
    CREATE TABLE authors (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
    CREATE TABLE books (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        author_id INTEGER REFERENCES authors ON DELETE CASCADE,
        title TEXT, price REAL, updated_at TEXT
    );
    CREATE TABLE reviews (book_id INTEGER REFERENCES BOOKS, stars INTEGER, updated_at TEXT);
    CREATE TABLE audit (id INTEGER PRIMARY KEY, note TEXT);
    INSERT INTO authors VALUES (1, 'Austen'), (2, 'Joyce');
    INSERT INTO books VALUES (1, 1, 'Emma', 9.5, 'mon'), (2, 2, 'Ulysses', 12.0, 'mon');
    INSERT INTO reviews VALUES (1, 5, 'mon');
";

pub struct Playground {
    pub folder: tempfile::TempDir,
    pub db: Connection,
    pub fixpoints: Fixpoints,
}

/// A person at a desk, whatever runs this test.
pub fn desk() -> Environment {
    Environment {
        command: Some("cargo test THIS".to_owned()),
        ..Environment::default()
    }
}

pub fn ci() -> Environment {
    Environment {
        operator: Operator::Ci,
        ..desk()
    }
}

pub fn updating() -> Environment {
    Environment {
        recording: Recording::Update,
        ..desk()
    }
}

impl Playground {
    pub fn new(sql: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let fixpoints = Fixpoints::new(folder.path().join("fixpoints")).in_environment(desk());
        let db = database(sql);
        Self {
            folder,
            db,
            fixpoints,
        }
    }

    /// With `base` stored.
    pub fn stored(sql: &str) -> Self {
        let mut playground = Self::new(sql);
        playground
            .fixpoints
            .store(&mut playground.db, "base")
            .unwrap();
        playground
    }

    pub fn within(&self, environment: Environment) -> Fixpoints {
        self.fixpoints.clone().in_environment(environment)
    }

    pub fn sql(&self, sql: &str) {
        self.db.execute_batch(sql).unwrap();
    }

    pub fn count(&self, table: &str) -> i64 {
        count(&self.db, table)
    }

    pub fn text(&self, fixpoint: &str) -> String {
        std::fs::read_to_string(
            self.folder
                .path()
                .join("fixpoints")
                .join(format!("{fixpoint}.yaml")),
        )
        .unwrap()
    }

    /// Replaces a fixpoint's file by hand, and signs it.
    pub fn edit(&self, fixpoint: &str, text: &str) {
        let folder = self.folder.path().join("fixpoints");
        let path = folder.join(format!("{fixpoint}.yaml"));
        fixpoints::write_file(&path, text.as_bytes()).unwrap();
        let name = fixpoints::FixpointName::parse(fixpoint).unwrap();
        fixpoints::accept(&fixpoints::Folder::new(folder), &name).unwrap();
    }

    /// Text without the folder of this test.
    pub fn placeless(&self, error: impl std::fmt::Display) -> String {
        let folder = format!("{}/", self.folder.path().display()).replace('\\', "/");
        error.to_string().replace('\\', "/").replace(&folder, "")
    }
}

pub fn database(sql: &str) -> Connection {
    let db = Connection::open_in_memory().unwrap();
    db.execute_batch(sql).unwrap();
    db.pragma_update(None, "foreign_keys", 1).unwrap();
    db
}

pub fn count(db: &Connection, table: &str) -> i64 {
    db.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| {
        row.get(0)
    })
    .unwrap()
}

/// What a panic said.
pub fn panic_of(work: impl FnOnce()) -> String {
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).unwrap_err();
    *panic.downcast::<String>().unwrap()
}
