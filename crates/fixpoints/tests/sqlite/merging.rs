//! Files that a person edited, or that a merge put together line by line.

use fixpoints::{Chain, Document, Error};

use crate::playground::{Playground, name};

const SQL: &str = "CREATE TABLE a (id INTEGER PRIMARY KEY, v TEXT); CREATE TABLE b (x INTEGER, y TEXT, PRIMARY KEY (y, x));
    CREATE TABLE c (x INTEGER, y TEXT);
    INSERT INTO a VALUES (1, 'one'), (2, 'two'), (10, 'ten'); INSERT INTO b VALUES (2, 'p'), (1, 'q'); INSERT INTO c VALUES (1, 'r'), (1, 'r'), (2, 's');";

/// A fixpoint's text with the lines of a table in the opposite order.
fn turned(text: &str, table: &str) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    let section = format!("  {table}:");
    let first = lines.iter().rposition(|line| *line == section).unwrap() + 1;
    let count = lines[first..]
        .iter()
        .take_while(|line| line.starts_with("    - "))
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
    for table in ["a", "c"] {
        playground.write("base", &turned(&text, table));
        assert_eq!(state(&playground, "base").unwrap(), rows, "{table}");
        playground.sql("DELETE FROM a; DELETE FROM c");
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
fn a_row_out_of_order_that_only_a_reader_can_tell_is_named_with_its_line() {
    let playground = Playground::new(SQL);
    playground.store("base").unwrap();
    let text = turned(&playground.text("base"), "b");
    playground.write("base", &text);
    assert_eq!(
        refusal(&playground, "base"),
        (
            line_of(&text, r#""y": "p""#),
            r#"the row {"y": "p", "x": 2} of b belongs above the one before it"#.to_owned()
        )
    );
}

#[test]
fn a_row_that_is_there_twice_is_named_with_its_line_in_any_order() {
    let playground = Playground::new(SQL);
    playground.store("base").unwrap();
    let text = playground.text("base");
    let last = r#"    - {"id": 10, "v": "ten"}"#;
    for again in [r#"{"id": 10, "v": "TEN"}"#, r#"{"id": 2, "v": "TWO"}"#] {
        let text = text.replace(last, &format!("{last}\n    - {again}"));
        playground.write("base", &text);
        let (line, reason) = refusal(&playground, "base");
        assert_eq!(line, line_of(&text, again));
        assert!(reason.ends_with("of a is there twice"), "{reason}");
    }
}

#[test]
fn a_child_that_inserts_what_its_parent_has_is_refused_at_that_line() {
    let playground = Playground::new(SQL);
    playground.store("base").unwrap();
    playground.sql("UPDATE a SET v = 'x' WHERE id = 2; INSERT INTO a VALUES (5, 'five');");
    playground.store_on("child", "base").unwrap();
    let text = playground.text("child");
    for row in [
        r#"{"insert": {"id": 1, "v": "new"}}"#,
        r#"{"insert": {"id": 10, "v": "new"}}"#,
    ] {
        for (from, to) in [
            ("  a:\n", format!("  a:\n    - {row}\n")),
            ("", format!("    - {row}\n")),
        ] {
            let edited = if from.is_empty() {
                format!("{text}{to}")
            } else {
                let at = text.rfind(from).unwrap();
                format!("{}{}", &text[..at], text[at..].replacen(from, &to, 1))
            };
            playground.write("child", &edited);
            assert_eq!(
                refusal(&playground, "child"),
                (
                    line_of(&edited, row),
                    "it inserts a row that its parent has".to_owned()
                )
            );
        }
    }
    let twice = format!("{text}    - {{\"delete\": {{\"id\": 5, \"v\": \"five\"}}}}\n");
    playground.write("child", &twice);
    assert_eq!(
        refusal(&playground, "child"),
        (
            line_of(&twice, "delete"),
            r#"it changes the row {"id": 5} of a twice"#.to_owned()
        )
    );
}

#[test]
fn a_reformatted_file_is_read_in_any_order_too() {
    let playground = Playground::new(SQL);
    playground.store("base").unwrap();
    let (text, rows) = (playground.text("base"), state(&playground, "base").unwrap());
    let reformatted = turned(&text, "a")
        .replace("\"one\"", "'one'")
        .replace("    - ", "  - ");
    playground.write("base", &reformatted);
    assert_eq!(state(&playground, "base").unwrap(), rows);
    let document = Document::open(&playground.file("base")).unwrap();
    assert_eq!(document.bytes, reformatted.len() as u64);
}
