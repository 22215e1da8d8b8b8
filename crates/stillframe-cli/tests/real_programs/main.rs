//! Programs that other people wrote, taken from `init` to a fresh corpus as a new user would; `.ci/run` installs them.

#![cfg(unix)]
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test that cannot set itself up fails"
)]

#[expect(dead_code, reason = "shared with the other end-to-end tests")]
#[path = "../e2e/project.rs"]
mod project;

mod installed;

use project::{Project, Ran};

/// Runs the binary with exactly these arguments, and with what the user has installed on the PATH.
fn stillframe(project: &Project, path: &str, args: &[&str]) -> Ran {
    let mut command = project.command_as_typed(args);
    let home = std::env::var_os("HOME").unwrap_or_default();
    command.env("PATH", path).env("HOME", home);
    Ran::from(command.output().unwrap())
}

/// From what `init` wrote to a fresh corpus, in two commands; gives what the first of them said.
#[track_caller]
fn fresh_in_two_commands(project: &Project, path: &str) -> Ran {
    let ran = stillframe(project, path, &["regen", "--fix-varying"]).expect(0);
    stillframe(project, path, &["check", "--deny-warnings"]).expect(0);
    ran
}

#[test]
fn ruff_is_fresh_and_its_other_version_is_named_with_readable_drift() {
    let (Some(new), Some(old)) = (installed::ruff("0.12.0"), installed::ruff("0.5.0")) else {
        return;
    };
    let project = Project::empty();
    let lint = ["check", "--output-format", "json", "--no-cache", "."];
    let init = [&["init", "--target", "ruff", "--"], &lint[..]].concat();
    stillframe(&project, &new, &init).expect(0);
    project.edit(
        "stillframe.toml",
        "command = \"ruff\"\n",
        "command = \"ruff\"\nversion = [\"--version\"]\n",
    );
    project.write("pocs/01-first/ruff.toml", "lint.select = [\"E\", \"F\"]\n");
    project.write(
        "pocs/01-first/app.py",
        "import os\n\n\ndef named(value):\n    return isinstance(value, str) == True\n",
    );
    fresh_in_two_commands(&project, &new).says(&["masked  first/first.json  $[*].filename"]);

    let ran = stillframe(&project, &old, &["check"]).expect(3);
    assert!(
        ran.stdout.starts_with(
            "ruff 0.12.0 → 0.5.0\n\
             stale  first/first.json  01-first, step 1\n       \
             $[1].fix.edits[0].content: \"isinstance(value, str)\" → \"isinstance(value, str) is True\"\n       \
             $[1].message: \"Avoid equality comparisons"
        ),
        "{}",
        ran.stdout
    );
    ran.says(&["a second run printed the same: the program, or what it runs on, has changed"]);
    stillframe(&project, &old, &["regen"]).expect(0);
    let lock = project.read("fixtures_generated/corpus.lock");
    assert!(
        lock.contains("[target.ruff]\nversion = \"ruff 0.5.0\""),
        "{lock}"
    );
    stillframe(&project, &old, &["check", "--deny-warnings"]).expect(0);
}

#[test]
fn shellcheck_is_fresh_and_the_line_with_its_number_is_its_version() {
    let Some(path) = installed::on_path("shellcheck") else {
        return;
    };
    let project = Project::empty();
    stillframe(&project, &path, &["init", "--target", "shellcheck"]).expect(0);
    project.remove("pocs/01-first");
    project.edit(
        "stillframe.toml",
        "command = \"shellcheck\"\n",
        "command = \"shellcheck\"\nversion = [\"--version\"]\n",
    );
    project.write(
        "script.sh",
        "#!/bin/sh\nfor file in $(ls *.txt); do\n  echo $file\ndone\n[ $a == 1 ]\n",
    );
    let new = "poc new lint --copy script.sh -- --format json1 script.sh";
    let words: Vec<&str> = new.split(' ').collect();
    stillframe(&project, &path, &words).expect(0);
    fresh_in_two_commands(&project, &path);
    let fixture = project.read("fixtures_generated/lint/lint.json");
    assert!(fixture.contains("\"code\": 2045"), "{fixture}");
    let lock = project.read("fixtures_generated/corpus.lock");
    assert!(lock.contains("version = \"version: "), "{lock}");
}

#[test]
fn what_a_database_draws_and_when_it_was_asked_is_covered_and_its_rows_stay() {
    let Some(path) = installed::on_path("sqlite3") else {
        return;
    };
    let project = Project::empty();
    let init = ["init", "--target", "sqlite3"];
    stillframe(&project, &path, &init).expect(0);
    project.remove("pocs/01-first");
    project.write(
        "pocs/02-books/seed.sql",
        "CREATE TABLE books (id TEXT, title TEXT, price REAL, bought TEXT);\n\
         INSERT INTO books VALUES ('b-1', 'Emma', 9.5, '2019-03-04'), ('b-2', 'Ulysses', 12.0, '2021-01-01');\n",
    );
    project.write(
        "pocs/02-books/poc.toml",
        r#"summary = "What was bought, and what differs in every run"

[[step]]
exec  = ["sqlite3", "shop.db"]
stdin = "seed.sql"

[[step]]
capture = "books"
run     = ["-json", "shop.db", "SELECT * FROM books ORDER BY id"]

[[step]]
capture = "now"
run     = ["-json", "shop.db", """
SELECT lower(hex(randomblob(16))) AS token, random() AS draw, datetime('now') AS at, date('now') AS day,
  unixepoch() AS epoch, strftime('%s', 'now') AS printed, julianday('now') AS julian,
  'row ' || abs(random() % 1000000) || ' of ' || file AS note, file FROM pragma_database_list"""]
"#,
    );
    let ran = fresh_in_two_commands(&project, &path);
    ran.says(&["$[*].day (day)", "$[*].file (machine-paths)"]);
    let books = project.read("fixtures_generated/books/books.json");
    assert!(books.contains("\"bought\": \"2019-03-04\""), "{books}");
    let now = project.read("fixtures_generated/books/now.json");
    for expected in [
        "\"at\": \"2000-01-01 00:00:00\"",
        "\"day\": \"2000-01-01\"",
        "\"epoch\": 0",
        "\"file\": \"/stillframe/poc/shop.db\"",
    ] {
        assert!(now.contains(expected), "{expected} is not in:\n{now}");
    }
}

#[test]
fn what_cargo_says_of_a_package_is_the_same_in_another_checkout() {
    let Some(path) = installed::on_path("cargo") else {
        return;
    };
    let project = Project::named("one");
    let init = "init --target cargo -- metadata --format-version 1 --offline";
    let words: Vec<&str> = init.split(' ').collect();
    stillframe(&project, &path, &words).expect(0);
    project.write(
        "pocs/01-first/Cargo.toml",
        "[package]\nname = \"demo\"\nversion = \"0.1.0\"\nedition = \"2021\"\n",
    );
    project.write("pocs/01-first/src/main.rs", "fn main() {}\n");
    installed::toolchain(&project);
    fresh_in_two_commands(&project, &path);

    let elsewhere = Project::named("another-checkout");
    for (name, bytes) in project.tree() {
        elsewhere.write(&name, &String::from_utf8(bytes).unwrap());
    }
    stillframe(&elsewhere, &path, &["check", "--deny-warnings"]).expect(0);
}
