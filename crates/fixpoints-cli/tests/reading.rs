//! What a person sees on a terminal: nothing that acts on it, on one line, and no more than can be read.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "shared/project.rs"]
mod project;

use project::{Project, Ran};

/// Whether a terminal would show what is there, and nothing else.
fn is_plain(ran: &Ran) -> bool {
    let is_hidden =
        |c: char| (c.is_control() && c != '\n') || ('\u{2028}'..='\u{202e}').contains(&c);
    !ran.stdout.contains(is_hidden) && !ran.stderr.contains(is_hidden)
}

const WILD: &str = "e\u{1b}[31m\u{9b}2J\u{202e}\u{2028}\n\tx";

#[test]
fn no_name_and_no_value_acts_on_the_terminal() {
    let project = Project::new("sqlite:test.db");
    project.sql(&format!(
        "CREATE TABLE \"t{WILD}\" (id INTEGER PRIMARY KEY, \"c{WILD}\" TEXT);
         CREATE TABLE \"k{WILD}\" (v TEXT);
         INSERT INTO \"t{WILD}\" VALUES (1, '{WILD}');"
    ));
    let missing = format!("--table=no{WILD}");
    let ignored = format!("--ignore=no{WILD}");
    let left_out = format!("--exclude-table=t{WILD}");
    project.run(&["store", "base"]);
    project.run(&["store", "kid", "--parent", "base"]);
    project.sql(&format!(
        "UPDATE \"t{WILD}\" SET \"c{WILD}\" = 'y{WILD}'; INSERT INTO \"k{WILD}\" VALUES ('{WILD}');"
    ));
    project.done(&["store", "next"]);
    project.done(&["store", "part", &left_out]);
    for (exit, args) in [
        (0, &["store", "other", &left_out][..]),
        (1, &["compare", "base"]),
        (1, &["diff", "base", "next"]),
        (0, &["compare", "part"]),
        (1, &["diff", "base", "part"]),
        (0, &["show", "base"]),
        (0, &["show", "base", "--rows"]),
        (0, &["list"]),
        (1, &["doctor"]),
        (3, &["compare", "base", &missing]),
        (3, &["compare", "base", &ignored]),
        (3, &["restore", WILD]),
        (3, &["--dir", WILD, "restore", "base"]),
        (3, &["--db", WILD, "restore", "base"]),
        (3, &["sql", WILD]),
        (0, &["restore", "base"]),
    ] {
        let ran = project.run(args);
        assert_eq!(ran.exit, exit, "{args:?}: {}{}", ran.stdout, ran.stderr);
        assert!(
            is_plain(&ran),
            "{args:?}: {:?} {:?}",
            ran.stdout,
            ran.stderr
        );
        if exit == 3 {
            assert_eq!(
                ran.stderr
                    .lines()
                    .filter(|line| !line.starts_with("  caused by: "))
                    .count(),
                2,
                "{:?}",
                ran.stderr
            );
        }
    }
    let shown = project.run(&["compare", "next"]).stdout;
    let wild = r"e\u001b[31m\u009b2J\u202e\u2028\n\tx";
    assert!(shown.contains(&format!("\nt{wild} (1 difference of 1 row now)\n  ~ id 1\n      c{wild}: \"y{wild}\" → \"{wild}\"\n")), "{shown}");
    // What programs read is exact.
    let (_, document) = project.json(&["compare", "next"]);
    assert_eq!(document["tables"][1]["name"], format!("t{WILD}"));
}

#[test]
fn a_name_with_a_line_break_is_quoted_for_a_shell() {
    let project = Project::stored("sqlite:test.db", "CREATE TABLE a (id INTEGER PRIMARY KEY);");
    project.sql("CREATE TABLE \"o'x\ny\" (id INTEGER PRIMARY KEY); INSERT INTO a VALUES (1);");
    let shown = project.run(&["compare", "base"]).stdout;
    assert!(
        shown.contains(r"`fixpoints store base --exclude-table $'o\'x\ny'`"),
        "{shown}"
    );
}

#[test]
fn a_long_value_is_shown_from_where_it_differs() {
    let project = Project::new("sqlite:test.db");
    project.sql("CREATE TABLE a (id INTEGER PRIMARY KEY, v TEXT); INSERT INTO a VALUES (1, printf('%.*c', 4000000, 'x') || 'old'), (2, 'b');");
    project.done(&["store", "base"]);
    project.sql("UPDATE a SET v = printf('%.*c', 4000000, 'x') || 'new!' WHERE id = 1; DELETE FROM a WHERE id = 2; INSERT INTO a VALUES (3, printf('%.*c', 300, 'z'));");
    insta::assert_snapshot!(project.run(&["compare", "base"]).stdout, @r#"
    a (3 differences of 2 rows now)
      ~ id 1
          v: …xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxold" (4000005 characters) → …xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxnew!" (4000006 characters)
      - id 2, v "b"
      + id 3, v "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz… (302 characters)
    sqlite:test.db differs from base: 1 inserted, 1 updated, 1 deleted
    hint: if this is right, run `fixpoints store base`
    "#);
    assert!(project.done(&["show", "base", "--rows"]).len() < 1000);
    let (_, document) = project.json(&["compare", "base"]);
    assert!(document.to_string().len() > 8_000_000);
}

#[test]
fn of_many_rows_twenty_are_shown_or_as_many_as_are_asked_for() {
    let project = Project::new("sqlite:test.db");
    project.sql("CREATE TABLE a (id INTEGER PRIMARY KEY); CREATE TABLE b (id INTEGER PRIMARY KEY); INSERT INTO b VALUES (1);");
    project.done(&["store", "base"]);
    project.sql("DELETE FROM b; INSERT INTO a WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1021) SELECT i FROM n;");
    project.done(&["store", "full"]);
    for args in [&["compare", "base"][..], &["diff", "base", "full"]] {
        let shown = |limit: &[&str]| project.run(&[args, limit].concat()).stdout;
        let some = shown(&[]);
        assert!(
            some.contains("  + id 20\n  … and 1001 more rows (--limit 0 shows all)\nb (1"),
            "{some}"
        );
        assert!(some.contains("base: 1021 inserted, 1 deleted"), "{some}");
        assert!(
            shown(&["--limit", "1020"])
                .contains("  + id 1020\n  … and 1 more row (--limit 0 shows all)\n")
        );
        let all = shown(&["--limit", "0"]);
        assert!(
            all.contains("  + id 1021\nb (1") && !all.contains('…'),
            "{all}"
        );
        let (_, document) = project.json(args);
        assert_eq!(
            document["tables"][0]["changes"].as_array().unwrap().len(),
            1021
        );
    }
}
