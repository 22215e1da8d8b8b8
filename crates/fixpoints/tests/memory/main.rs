//! Everything but opening works on an engine that the library has never heard of: it is handed over as a trait object.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod engine;

use engine::Memory;
use fixpoints::{
    Action, Cell, Chain, CompareOptions, FixpointName, Folder, Prefer, Row, Scope, StoreOptions,
    compare, rebase, restore, store,
};

fn row(id: i64, title: &str) -> Row {
    vec![Cell::Integer(id), Cell::Text(title.as_bytes().to_vec())]
}

fn library() -> Memory {
    let mut database = Memory::new(&[
        ("books", &["id"], &["id", "title"]),
        ("log", &[], &["at", "line"]),
    ]);
    *database.rows("books") = vec![row(2, "b"), row(1, "a")];
    *database.rows("log") = vec![row(1, "x"), row(1, "x")];
    database.sequences.insert("books".to_owned(), 2);
    database
}

struct Project {
    folder: Folder,
    _home: tempfile::TempDir,
}

impl Project {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        Self {
            folder: Folder::new(home.path()),
            _home: home,
        }
    }

    fn store(&self, database: &mut Memory, fixpoint: &str, parent: Option<&str>) {
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

    /// The changes that a comparison finds, by table.
    fn differences(&self, database: &mut Memory, fixpoint: &str) -> Vec<(String, usize)> {
        let (chain, options) = (self.chain(fixpoint), CompareOptions::default());
        let found = compare(database, &chain, &Scope::default(), &options).unwrap();
        let tables = found.tables.into_iter();
        tables
            .map(|table| (table.table.name, table.changes.len()))
            .filter(|(_, changes)| *changes > 0)
            .collect()
    }
}

fn name(text: &str) -> FixpointName {
    FixpointName::parse(text).unwrap()
}

#[test]
fn a_state_comes_back_and_only_what_differs_is_written() {
    let (project, mut database) = (Project::new(), library());
    project.store(&mut database, "base", None);
    let before = database.clone();
    *database.rows("books") = vec![row(1, "z"), row(3, "c")];
    database.sequences.insert("books".to_owned(), 9);
    let changed = [("books".to_owned(), 3)];
    assert_eq!(project.differences(&mut database, "base"), changed);
    let done = restore(&mut database, &project.chain("base"), &Scope::default()).unwrap();
    let actions: Vec<Action> = done.tables.iter().map(|table| table.action).collect();
    assert_eq!(actions, [Action::Patched, Action::Unchanged]);
    assert_eq!(project.differences(&mut database, "base"), []);
    database
        .rows("books")
        .sort_by_key(|row| row[0].to_json().as_i64());
    let mut before = before;
    before
        .rows("books")
        .sort_by_key(|row| row[0].to_json().as_i64());
    assert_eq!(database, before);
}

#[test]
fn changes_stand_on_a_parent_and_on_another_one() {
    let (project, mut database) = (Project::new(), library());
    project.store(&mut database, "base", None);
    database.rows("books").push(row(3, "c"));
    project.store(&mut database, "child", Some("base"));
    *database.rows("books") = vec![row(1, "a"), row(2, "b"), row(4, "d")];
    project.store(&mut database, "base", None);
    rebase(
        &project.folder,
        &name("child"),
        &name("base"),
        Prefer::Neither,
    )
    .unwrap();
    restore(&mut database, &project.chain("child"), &Scope::default()).unwrap();
    let mut ids: Vec<_> = database
        .rows("books")
        .iter()
        .map(|row| row[0].to_json().as_i64())
        .collect();
    ids.sort();
    assert_eq!(ids, [Some(1), Some(2), Some(3), Some(4)]);
}

#[test]
fn rows_without_a_key_are_counted() {
    let (project, mut database) = (Project::new(), library());
    project.store(&mut database, "base", None);
    database.rows("log").push(row(1, "x"));
    let changed = [("log".to_owned(), 1)];
    assert_eq!(project.differences(&mut database, "base"), changed);
    restore(&mut database, &project.chain("base"), &Scope::default()).unwrap();
    assert_eq!(database.rows("log").len(), 2);
}
