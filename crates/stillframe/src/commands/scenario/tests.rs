//! Claims about the scenario commands, in a project of their own.

use std::path::Path;

use super::{NewScenario, check, list, new};
use crate::commands::Options;
use crate::disk;
use crate::exit_code::ExitCode;

const SCHEMA: &str = r##"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "required": ["command", "tables"],
  "properties": {
    "command": {"type": "string", "const": "store"},
    "tables": {"type": "array", "items": {"$ref": "#/$defs/Table"}},
    "note": {"type": ["string", "null"]}
  },
  "$defs": {"Table": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}, "rows": {"type": "integer", "minimum": 0}}}}
}"##;

fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path(),
        "stillframe.toml",
        "format-version = 1\n[target]\ncommand = \"./t\"\n",
    );
    write(folder.path(), "schemas/store.schema.json", SCHEMA);
    write(
        folder.path(),
        "schemas/other.schema.json",
        "{\"properties\": {\"command\": {\"const\": \"other\"}}}",
    );
    folder
}

fn write(root: &Path, name: &str, text: &str) {
    disk::replace(&root.join(name), text.as_bytes()).unwrap();
}

fn options(root: &Path) -> Options {
    Options {
        root: Some(root.to_owned()),
        ..Options::default()
    }
}

/// What was printed, without styles.
fn plain(out: Vec<u8>) -> String {
    let text = String::from_utf8(out).unwrap();
    terminal::strip_str(&text).to_string()
}

fn checked(root: &Path) -> (ExitCode, String) {
    let mut out = Vec::new();
    let code = check(&options(root), &mut out).unwrap();
    (code, plain(out))
}

fn added(root: &Path, command: &str, name: &str, from: Option<&str>) -> (ExitCode, String) {
    let mut out = Vec::new();
    let wanted = NewScenario {
        command: command.to_owned(),
        name: name.to_owned(),
        from: from.map(Into::into),
    };
    let code = new(&options(root), &wanted, &mut out).unwrap();
    (code, plain(out))
}

#[test]
fn a_project_without_scenarios_fails_the_check() {
    let project = project();
    let (code, text) = checked(project.path());
    assert_eq!(code, ExitCode::Setup, "{text}");
    assert!(text.contains("stillframe scenario new"), "{text}");
}

#[test]
fn a_new_scenario_is_made_from_the_schema_and_passes_the_check() {
    let project = project();
    let (code, text) = added(project.path(), "store", "rich", None);
    assert_eq!(code, ExitCode::Fresh, "{text}");
    assert!(text.contains("the schema `store`"), "{text}");
    let written =
        std::fs::read_to_string(project.path().join("scenarios/store/rich.json")).unwrap();
    assert!(
        written.starts_with("{\n  \"command\": \"store\",\n  \"tables\""),
        "{written}"
    );
    assert!(
        written.contains("\"rows\": 1") && written.contains("\"note\""),
        "{written}"
    );
    let (code, text) = checked(project.path());
    assert_eq!(code, ExitCode::Fresh, "{text}");
    assert!(
        text.contains("1 scenario valid against 2 schemas"),
        "{text}"
    );
}

#[test]
fn a_new_scenario_is_copied_from_a_captured_fixture() {
    let project = project();
    let fixture =
        "{\n  \"command\": \"store\",\n  \"tables\": [{\"name\": \"books\", \"rows\": 2}]\n}\n";
    write(
        project.path(),
        "fixtures_generated/basics/store.json",
        fixture,
    );
    let entry = |path: &str, blake3: &str| {
        format!(
            "version = 1\n\n[[fixture]]\npath = \"{path}\"\npoc = \"a\"\nargs = []\nexit = 0\nblake3 = \"{blake3}\"\n"
        )
    };
    let hash = stillframe_core::lock::hash(fixture.as_bytes());
    write(
        project.path(),
        "fixtures_generated/corpus.lock",
        &entry("basics/store.json", &hash),
    );
    let (code, text) = added(project.path(), "store", "copy", None);
    assert_eq!(code, ExitCode::Fresh, "{text}");
    assert!(
        text.contains("from fixtures_generated/basics/store.json"),
        "{text}"
    );
    let (code, text) = added(project.path(), "store", "named", Some("basics/store.json"));
    assert_eq!(code, ExitCode::Fresh, "{text}");
    for name in ["copy", "named"] {
        let path = project.path().join(format!("scenarios/store/{name}.json"));
        assert_eq!(std::fs::read_to_string(path).unwrap(), fixture);
    }
}

#[test]
fn a_new_scenario_overwrites_nothing() {
    let project = project();
    write(project.path(), "scenarios/store/rich.json", "mine");
    let (code, text) = added(project.path(), "store", "rich", None);
    assert_eq!(code, ExitCode::Setup, "{text}");
    assert!(text.contains("exists already"), "{text}");
    let kept = std::fs::read_to_string(project.path().join("scenarios/store/rich.json")).unwrap();
    assert_eq!(kept, "mine");
}

#[test]
fn an_unfit_start_writes_nothing() {
    let project = project();
    write(project.path(), "other.json", "{\"command\": \"other\"}");
    for (command, name, from, said) in [
        ("store", "../x", None, "file name"),
        ("sto", "x", None, "did you mean `store`?"),
        ("store", "x", Some("other.json"), "its `command` is `other`"),
        ("store", "x", Some("nowhere.json"), "no such file"),
    ] {
        let (code, text) = added(project.path(), command, name, from);
        assert_ne!(code, ExitCode::Fresh, "{text}");
        assert!(text.contains(said), "{text}");
    }
    assert!(!project.path().join("scenarios").exists());
}

#[test]
fn an_unknown_property_in_a_scenario_fails_the_check_with_its_place() {
    let project = project();
    write(
        project.path(),
        "scenarios/store/x.json",
        "{\"command\": \"store\", \"tables\": [{\"name\": \"a\", \"old\": 1}]}",
    );
    let (code, text) = checked(project.path());
    assert_eq!(code, ExitCode::Broken, "{text}");
    assert!(
        text.contains("scenarios/store/x.json") && text.contains("$.tables[0].old"),
        "{text}"
    );
}

#[test]
fn the_list_names_scenarios_and_schemas_without_one() {
    let project = project();
    added(project.path(), "store", "a", None);
    added(project.path(), "store", "b", None);
    let mut out = Vec::new();
    list(&options(project.path()), &mut out).unwrap();
    let text = plain(out);
    insta::assert_snapshot!(text, @r"
    store  a, b
    other  none: `stillframe scenario new other NAME`
    ");
}
