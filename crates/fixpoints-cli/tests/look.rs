//! How texts look: colours where somebody asks for them, none in pipes, and less where less is wanted.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "shared/project.rs"]
mod project;

use project::{Project, Ran};

const ESCAPE: char = '\u{1b}';

/// A database that differs from its fixpoint in three rows.
fn changed() -> Project {
    let project = Project::stored(
        "sqlite:test.db",
        "CREATE TABLE books (id INTEGER PRIMARY KEY, title TEXT);
         INSERT INTO books VALUES (1, 'The old man'), (2, 'gone')",
    );
    project.sql(
        "UPDATE books SET title = 'The new man' WHERE id = 1; DELETE FROM books WHERE id = 2;
         INSERT INTO books VALUES (3, 'come')",
    );
    project
}

#[test]
fn a_comparison_in_colours_is_this() {
    let ran = changed().run(&["compare", "base", "--color", "always"]);
    let expected = "\
^[1mbooks^[0m (3 differences of 2 rows now)
^[35m  ~ id 1^[0m
      title: ^[31m\"The ^[0m^[7m^[31mold^[0m^[31m man\"^[0m → ^[32m\"The ^[0m^[7m^[32mnew^[0m^[32m man\"^[0m
^[31m  - id 2, title \"gone\"^[0m
^[32m  + id 3, title \"come\"^[0m
^[1m^[31msqlite:test.db differs from base: 1 inserted, 1 updated, 1 deleted^[0m
";
    let shown = ran.stdout.replace(ESCAPE, "^");
    assert!(shown.starts_with(expected), "{shown}");
    assert_eq!(ran.exit, 1);
}

#[test]
fn colours_change_no_text_and_there_are_none_in_a_pipe() {
    let project = changed();
    project.file("fixpoints/damaged.yaml", "\u{1b}[31m");
    for args in [
        &["compare", "base"][..],
        &["list"],
        &["tree"],
        &["show", "base", "--rows"],
        &["doctor"],
        &["restore", "nosuch"],
        &["no-such-command"],
        &["--help"],
    ] {
        let has_colours = |ran: &Ran| ran.stdout.contains(ESCAPE) || ran.stderr.contains(ESCAPE);
        let plain = project.run(args);
        assert!(!has_colours(&plain), "{args:?}");
        let with = |name: &str, value: &str, more: &[&str]| {
            let args: Vec<&str> = args.iter().chain(more).copied().collect();
            Ran::of(project.command(&args).env(name, value).output().unwrap())
        };
        let coloured = with("NO_COLOR", "1", &["--color", "always"]);
        assert!(has_colours(&coloured), "{args:?} {}", coloured.stderr);
        for (coloured, plain) in [
            (&coloured.stdout, &plain.stdout),
            (&coloured.stderr, &plain.stderr),
        ] {
            assert_eq!(&terminal::strip_str(coloured).to_string(), plain);
        }
        assert!(has_colours(&with("CLICOLOR_FORCE", "1", &[])), "{args:?}");
        assert!(
            !has_colours(&with("CLICOLOR_FORCE", "1", &["--color=never"])),
            "{args:?}"
        );
    }
}

#[test]
fn a_document_for_machines_has_no_colours() {
    let ran = changed().run(&["compare", "base", "--output", "json", "--color", "always"]);
    assert!(!ran.stdout.contains(ESCAPE), "{}", ran.stdout);
    assert_eq!(ran.json()["status"], "different");
}

#[test]
fn quiet_prints_findings_and_the_verdict_only() {
    let project = changed();
    let ran = project.run(&["compare", "base", "--quiet"]);
    assert_eq!(ran.exit, 1);
    assert!(
        ran.stdout.contains("  - id 2, title \"gone\"\n"),
        "{}",
        ran.stdout
    );
    assert!(ran.stdout.contains("differs from base"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("hint"), "{}", ran.stdout);
    let ran = project.run(&["restore", "base", "-q"]);
    assert_eq!(ran.stdout, "sqlite:test.db is at base again\n");
    let ran = project.run(&["-q", "restore", "nosuch"]);
    assert!(ran.stderr.starts_with("error: "), "{}", ran.stderr);
    assert!(ran.stderr.contains("hint: "), "{}", ran.stderr);
}
