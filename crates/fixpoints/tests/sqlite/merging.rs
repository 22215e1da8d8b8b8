//! Files that a person edited, or that a merge put together line by line.

use fixpoints::{Chain, Error, accept};

use crate::playground::{Playground, name};

const SQL: &str = "CREATE TABLE a (id INTEGER PRIMARY KEY, v TEXT); CREATE TABLE b (x INTEGER, y TEXT, PRIMARY KEY (y, x));
    CREATE TABLE c (x INTEGER, y TEXT);
    INSERT INTO a VALUES (1, 'one'), (2, 'two'), (10, 'ten'); INSERT INTO b VALUES (2, 'p'), (1, 'q'); INSERT INTO c VALUES (1, 'r'), (1, 'r'), (2, 's');";

/// A fixpoint's text with the lines of a table in the opposite order.
fn turned(text: &str, table: &str) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    let section = format!("  {table}:");
    let first = lines.iter().rposition(|line| *line == section).unwrap() + 2;
    let count = lines[first..]
        .iter()
        .take_while(|line| line.starts_with("      - "))
        .count();
    lines[first..first + count].reverse();
    lines.join("\n") + "\n"
}

fn state(playground: &Playground, fixpoint: &str) -> fixpoints::Result<Vec<fixpoints::Row>> {
    let chain = Chain::open(&playground.fixpoints(), &name(fixpoint))?;
    let tables = chain.header().tables.clone();
    let rows = tables
        .values()
        .map(|table| chain.rows(table).collect::<fixpoints::Result<Vec<_>>>());
    Ok(rows
        .collect::<fixpoints::Result<Vec<_>>>()?
        .into_iter()
        .flatten()
        .collect())
}

/// The line and the words of a refusal.
fn refusal(playground: &Playground, fixpoint: &str) -> (Option<usize>, String) {
    match state(playground, fixpoint).unwrap_err() {
        Error::Corrupt { line, reason, .. } => (line, reason),
        other => panic!("{other}"),
    }
}

fn line_of(text: &str, row: &str) -> Option<usize> {
    text.lines()
        .position(|line| line.contains(row))
        .map(|at| at + 1)
}

#[test]
fn rows_in_another_order_are_read_and_stored_in_theirs() {
    let playground = Playground::new(SQL);
    playground.store("base").unwrap();
    let (text, rows) = (playground.text("base"), state(&playground, "base").unwrap());
    for table in ["a", "b", "c"] {
        playground.write("base", &turned(&text, table));
        assert_eq!(state(&playground, "base").unwrap(), rows, "{table}");
        playground.sql("DELETE FROM a; DELETE FROM b; DELETE FROM c");
        playground.restore("base").unwrap();
        playground.store("base").unwrap();
        assert_eq!(playground.text("base"), text);
    }
}

#[test]
fn changes_in_another_order_are_read() {
    let playground = Playground::new(SQL);
    playground.store("base").unwrap();
    playground.sql("UPDATE a SET v = 'x' WHERE id = 1; DELETE FROM a WHERE id = 2; INSERT INTO a VALUES (5, 'five'); INSERT INTO c VALUES (0, 'o'), (9, 'z');");
    playground.store_on("child", "base").unwrap();
    let (text, rows) = (
        playground.text("child"),
        state(&playground, "child").unwrap(),
    );
    for table in ["a", "c"] {
        playground.write("child", &turned(&text, table));
        assert_eq!(state(&playground, "child").unwrap(), rows, "{table}");
    }
}

#[test]
fn a_row_that_is_there_twice_is_named_with_its_line_in_any_order() {
    let playground = Playground::new(SQL);
    playground.store("base").unwrap();
    let text = playground.text("base");
    let last = r#"      - {"id": 10, "v": "ten"}"#;
    for again in [r#"{"id": 10, "v": "TEN"}"#, r#"{"id": 2, "v": "TWO"}"#] {
        let text = text.replace(last, &format!("{last}\n      - {again}"));
        playground.write("base", &text);
        let (line, reason) = refusal(&playground, "base");
        assert_eq!(line, line_of(&text, again));
        assert!(reason.ends_with("of a is there twice"), "{reason}");
        let error = accept(&playground.fixpoints(), &name("base")).unwrap_err();
        assert!(
            matches!(error, Error::Corrupt { .. }),
            "it cannot be signed"
        );
    }
}

#[test]
fn a_child_that_inserts_what_its_parent_has_is_not_signed() {
    let playground = Playground::new(SQL);
    playground.store("base").unwrap();
    playground.sql("UPDATE a SET v = 'x' WHERE id = 2; INSERT INTO a VALUES (5, 'five');");
    playground.store_on("child", "base").unwrap();
    let text = playground.text("child");
    let accepted = |edited: &str| {
        playground.write("child", edited);
        match accept(&playground.fixpoints(), &name("child")).unwrap_err() {
            Error::Corrupt { reason, .. } => reason,
            other => panic!("{other}"),
        }
    };
    for row in [
        r#"{"insert": {"id": 1, "v": "new"}}"#,
        r#"{"insert": {"id": 10, "v": "new"}}"#,
    ] {
        let reason = accepted(&text.replacen(
            "  a:\n    rows:\n",
            &format!("  a:\n    rows:\n      - {row}\n"),
            1,
        ));
        assert_eq!(reason, "it inserts a row that its parent has");
    }
    let twice = "  a:\n    rows:\n      - {\"insert\": {\"id\": 5, \"v\": \"5\"}}\n";
    let reason = accepted(&text.replacen("  a:\n    rows:\n", twice, 1));
    assert_eq!(reason, r#"it changes the row {"id": 5} of a twice"#);
}

#[test]
fn a_reformatted_file_is_read_in_any_order_too() {
    let playground = Playground::new(SQL);
    playground.store("base").unwrap();
    let (text, rows) = (playground.text("base"), state(&playground, "base").unwrap());
    let reformatted = turned(&text, "a")
        .replace("\"one\"", "'one'")
        .replace("      - ", "    - ");
    playground.write("base", &reformatted);
    assert_eq!(state(&playground, "base").unwrap(), rows);
    let document = fixpoints::open_file(&playground.file("base")).unwrap();
    assert_eq!(document.bytes, reformatted.len() as u64);
}
