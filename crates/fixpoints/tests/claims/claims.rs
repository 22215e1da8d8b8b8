//! What holds for every engine, said in the terms of the engine trait alone: rows go in and out through transactions.
//!
//! The random databases of `model` say more, and need SQL.

use fixpoints::database::{Database, Write};
use fixpoints::{
    Action, Cell, Chain, CompareOptions, FixpointName, Folder, Prefer, Row, Scope, StoreOptions,
    compare, rebase, restore, store,
};

/// Calls a claim with an empty database that has `books (id, title)`, whose key is `id`, and `log (at, line)`, which has
/// no key; `id` and `at` are whole numbers, the others text.
pub type Open<'a> = &'a dyn Fn(&mut dyn FnMut(&mut dyn Database));

struct Project {
    folder: Folder,
    _home: tempfile::TempDir,
}

fn row(id: i64, text: &str) -> Row {
    vec![Cell::Integer(id), Cell::Text(text.as_bytes().to_vec())]
}

fn name(text: &str) -> FixpointName {
    FixpointName::parse(text).unwrap()
}

/// Writes into a table in a transaction of its own.
fn write(
    database: &mut dyn Database,
    table: &str,
    work: impl FnOnce(&mut dyn Write, &fixpoints::Table) -> fixpoints::Result<()>,
) {
    let mut transaction = database.write(None).unwrap();
    let table = transaction.catalog().tables[table].table.clone();
    let write = transaction.lock(&[&table]).unwrap();
    work(write, &table).unwrap();
    write.finish().unwrap();
    transaction.commit().unwrap();
}

fn insert(database: &mut dyn Database, table: &str, rows: Vec<Row>) {
    write(database, table, |write, table| {
        write.insert(table, &mut rows.into_iter().map(Ok)).map(drop)
    });
}

fn delete(database: &mut dyn Database, table: &str, rows: &[Row]) {
    write(database, table, |write, table| write.delete(table, rows));
}

/// The rows of a table, in the order of the file.
fn rows(database: &mut dyn Database, table: &str) -> Vec<Row> {
    let mut transaction = database.read(None).unwrap();
    let table = transaction.catalog().tables[table].table.clone();
    let mut rows = Vec::new();
    let mut each = |row: &[fixpoints::CellRef<'_>]| {
        rows.push(row.iter().map(|cell| cell.to_cell()).collect());
        Ok(std::ops::ControlFlow::Continue(()))
    };
    transaction.scan(&table, &mut each).unwrap();
    transaction.commit().unwrap();
    rows
}

/// Two books, and a line that was logged twice.
fn fill(database: &mut dyn Database) {
    insert(database, "books", vec![row(2, "b"), row(1, "a")]);
    insert(database, "log", vec![row(1, "x"), row(1, "x")]);
}

impl Project {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        Self {
            folder: Folder::new(home.path()),
            _home: home,
        }
    }

    fn store(&self, database: &mut dyn Database, fixpoint: &str, parent: Option<&str>) {
        let options = StoreOptions {
            parent: parent.map(name),
            ..StoreOptions::default()
        };
        let scope = Scope::default();
        store(database, &self.folder, &name(fixpoint), &scope, &options).unwrap();
    }

    fn chain(&self, fixpoint: &str) -> Chain {
        Chain::open(&self.folder, &name(fixpoint)).unwrap()
    }

    /// What a restore did to each table.
    fn restore(&self, database: &mut dyn Database, fixpoint: &str) -> Vec<(String, Action)> {
        let done = restore(database, &self.chain(fixpoint), &Scope::default()).unwrap();
        let tables = done.tables.into_iter();
        tables.map(|table| (table.table, table.action)).collect()
    }

    /// How many changes a comparison finds, by table.
    fn differences(&self, database: &mut dyn Database, fixpoint: &str) -> Vec<(String, usize)> {
        let (chain, options) = (self.chain(fixpoint), CompareOptions::default());
        let found = compare(database, &chain, &Scope::default(), &options).unwrap();
        let tables = found.tables.into_iter();
        tables
            .map(|table| (table.table.name, table.changes.len()))
            .filter(|(_, changes)| *changes > 0)
            .collect()
    }
}

fn a_state_comes_back_and_only_what_differs_is_written(database: &mut dyn Database) {
    let project = Project::new();
    fill(database);
    project.store(database, "base", None);
    delete(database, "books", &[row(1, "a"), row(2, "b")]);
    insert(database, "books", vec![row(1, "z"), row(3, "c")]);
    assert_eq!(
        project.differences(database, "base"),
        [("books".to_owned(), 3)]
    );
    assert_eq!(
        project.restore(database, "base"),
        [
            ("books".to_owned(), Action::Patched),
            ("log".to_owned(), Action::Unchanged)
        ]
    );
    assert_eq!(project.differences(database, "base"), []);
    assert_eq!(rows(database, "books"), [row(1, "a"), row(2, "b")]);
}

fn a_child_moves_with_its_parent(database: &mut dyn Database) {
    let project = Project::new();
    fill(database);
    project.store(database, "base", None);
    insert(database, "books", vec![row(3, "c")]);
    project.store(database, "child", Some("base"));
    delete(database, "books", &[row(3, "c")]);
    insert(database, "books", vec![row(4, "d")]);
    project.store(database, "base", None);
    let (child, base) = (name("child"), name("base"));
    rebase(&project.folder, &child, &base, Prefer::Neither).unwrap();
    project.restore(database, "child");
    let titles = rows(database, "books").into_iter();
    let titles: Vec<_> = titles.map(|row| row[1].to_json()).collect();
    assert_eq!(titles, ["a", "b", "c", "d"]);
}

fn rows_without_a_key_are_counted(database: &mut dyn Database) {
    let project = Project::new();
    fill(database);
    project.store(database, "base", None);
    insert(database, "log", vec![row(1, "x")]);
    assert_eq!(
        project.differences(database, "base"),
        [("log".to_owned(), 1)]
    );
    project.restore(database, "base");
    assert_eq!(rows(database, "log"), [row(1, "x"), row(1, "x")]);
}

fn storing_again_gives_the_same_bytes(database: &mut dyn Database) {
    let project = Project::new();
    let read = |fixpoint: &str| std::fs::read(project.folder.file_of(&name(fixpoint))).unwrap();
    fill(database);
    project.store(database, "base", None);
    let first = read("base");
    delete(database, "books", &[row(1, "a")]);
    project.restore(database, "base");
    project.store(database, "base", None);
    assert_eq!(read("base"), first);
}

fn a_transaction_that_is_dropped_leaves_nothing(database: &mut dyn Database) {
    fill(database);
    let mut transaction = database.write(None).unwrap();
    let books = transaction.catalog().tables["books"].table.clone();
    let write = transaction.lock(&[&books]).unwrap();
    write.clear(&books).unwrap();
    let mut new = [row(9, "z")].into_iter().map(Ok);
    write.insert(&books, &mut new).unwrap();
    drop(transaction);
    assert_eq!(rows(database, "books"), [row(1, "a"), row(2, "b")]);
}

fn versions_may_swap_their_values(database: &mut dyn Database) {
    fill(database);
    write(database, "books", |write, table| {
        let swapped = vec![(row(1, "a"), row(1, "b")), (row(2, "b"), row(2, "a"))];
        write.update(table, swapped)
    });
    assert_eq!(rows(database, "books"), [row(1, "b"), row(2, "a")]);
}

/// Every claim, each on a database of its own.
pub fn hold(open: Open<'_>) {
    for claim in [
        a_state_comes_back_and_only_what_differs_is_written as fn(&mut dyn Database),
        a_child_moves_with_its_parent,
        rows_without_a_key_are_counted,
        storing_again_gives_the_same_bytes,
        a_transaction_that_is_dropped_leaves_nothing,
        versions_may_swap_their_values,
    ] {
        open(&mut |database| claim(database));
    }
}
