//! Schemas as others publish them: in several files, of older drafts, for some of the captures.

use crate::project::Project;

/// A project whose two captures have the schema `greet`, written by hand.
fn project(schema: &str) -> Project {
    let project = Project::shell();
    project.write("schemas/greet.schema.json", schema);
    project
}

const CLOSED: &str = r#"{"$schema": "http://json-schema.org/draft-07/schema#", "$id": "http://example.org/greet.schema.json",
    "type": "object", "additionalProperties": false,
    "properties": {"command": {"const": "greet"}, "name": {"$ref": "names.schema.json#/definitions/name"},
        "took_ms": {"type": "integer"}, "rows": {"$ref": "common/rows.json"}}}"#;

/// [`CLOSED`] with the two files that it refers to.
fn several_files() -> Project {
    let project = project(CLOSED);
    project.write(
        "schemas/names.schema.json",
        r#"{"$schema": "http://json-schema.org/draft-07/schema#", "$id": "http://example.org/names.schema.json", "definitions": {"name": {"enum": ["one", "two"]}}}"#,
    );
    project.write("schemas/common/rows.json", r#"{"type": "array"}"#);
    project
}

#[test]
fn a_schema_in_several_files_works_as_published() {
    let project = several_files();
    let ran = project.stillframe(&["regen", "--deny-warnings"]).expect(0);
    assert!(!ran.stdout.contains("unused-schema"), "{}", ran.stdout);
    project.stillframe(&["check", "--deny-warnings"]).expect(0);
    project.stillframe(&["validate"]).expect(0);
    project.edit("tool", "you}", "you}x");
    project.stillframe(&["check"]).expect(1).says(&[
        "invalid  first/one.json",
        "names.schema.json#/definitions/name/enum",
    ]);
}

#[test]
fn candidates_hold_the_files_that_schemas_refer_to() {
    let project = several_files();
    project.stillframe(&["check"]).expect(3);
    project.stillframe(&["accept"]).expect(0);
    project.stillframe(&["check"]).expect(0);
}

#[test]
fn a_missing_file_is_named_always_the_same() {
    let project = several_files();
    project.remove("schemas/names.schema.json");
    project.remove("schemas/common/rows.json");
    let first = project.stillframe(&["regen"]).expect(1).says(&[
        "broken-schema  greet.schema.json  `common/rows.json` is missing: #/properties/rows refers to it",
        "`names.schema.json` is missing",
    ]);
    for _ in 0..5 {
        let again = project.stillframe(&["regen"]).expect(1);
        assert_eq!(again.stdout, first.stdout);
    }
}

#[test]
fn an_older_draft_is_called_open_only_where_it_is() {
    let project = several_files();
    project.edit(
        "schemas/common/rows.json",
        "}",
        r#", "items": {"type": ["object", "integer"], "properties": {}}}"#,
    );
    project.stillframe(&["regen"]).expect(0).says(&[
        "open-schema  greet.schema.json",
        "at common/rows.json#/items",
    ]);
}

#[test]
fn annotations_in_another_file_are_rules() {
    let project = several_files();
    project.edit(
        "schemas/names.schema.json",
        r#"{"enum": ["one", "two"]}"#,
        r#"{"enum": ["one", "two"], "x-stillframe": "constant"}"#,
    );
    project.stillframe(&["regen"]).expect(0);
    assert!(
        project
            .read("fixtures_generated/first/two.json")
            .contains(r#""name": "one""#)
    );
    let lock = project.read("fixtures_generated/corpus.lock");
    assert!(lock.contains("x-stillframe: constant"), "{lock}");
}

/// A schema that accepts what the captures print, and claims none of them.
const OTHER: &str = r#"{"type": "object", "properties": {"command": {"type": "string"}, "name": {"const": "one"}, "took_ms": {}, "rows": {}}}"#;

/// A project with that schema beside the two captures.
fn with_other() -> Project {
    let project = Project::shell();
    project.write("schemas/other.schema.json", OTHER);
    project
}

/// Adds lines to the first step, or to the second one.
fn edit_step(project: &Project, run: &str, lines: &str) {
    let run = format!("run = [\"{run}\"]");
    project.edit("pocs/01-first/poc.toml", &run, &format!("{run}\n{lines}"));
}

#[test]
fn a_capture_that_no_written_schema_claims_is_advice_and_counted() {
    let project = with_other();
    edit_step(&project, "one", "schema = \"other\"");
    project.stillframe(&["regen"]).expect(0).says(&[
        "unbound  first/two.json  01-first, step 2",
        "1 unbound",
        "`false` where it has none",
    ]);
    project.stillframe(&["check"]).expect(0);
    project.stillframe(&["check", "--deny-warnings"]).expect(1);
    project
        .stillframe(&["validate"])
        .expect(0)
        .says(&["1 fixture valid against 1 schema, 1 without a schema"]);
    project
        .stillframe(&["check", "--format", "json"])
        .expect(0)
        .says(&["\"unbound\": 1"]);
    let config = project.read("stillframe.toml");
    project.write(
        "stillframe.toml",
        &format!("{config}[problems]\nunbound = \"deny\"\n"),
    );
    project.stillframe(&["check"]).expect(1);
}

#[test]
fn a_step_says_that_its_output_has_no_schema() {
    let project = with_other();
    edit_step(&project, "one", "schema = \"other\"");
    edit_step(&project, "two", "schema = false");
    let ran = project.stillframe(&["regen", "--deny-warnings"]).expect(0);
    assert!(!ran.stdout.contains("unbound"), "{}", ran.stdout);
    assert_eq!(
        project
            .read("fixtures_generated/corpus.lock")
            .matches("schema = ")
            .count(),
        1
    );
    project.stillframe(&["check", "--deny-warnings"]).expect(0);
    project.edit("pocs/01-first/poc.toml", "schema = false", "schema = true");
    project
        .stillframe(&["check"])
        .expect(2)
        .says(&["`schema = true` does not say which one"]);
}

#[test]
fn captures_are_bound_by_pattern_and_a_step_comes_first() {
    let project = with_other();
    let config = project.read("stillframe.toml");
    let bind = |text: &str| project.write("stillframe.toml", &format!("{config}{text}"));
    bind("[[bind]]\nschema = \"other\"\ncaptures = [\"first/*\"]\n");
    project
        .stillframe(&["regen"])
        .expect(1)
        .says(&["invalid  first/two.json", "$.name"]);
    edit_step(&project, "two", "schema = false");
    project.stillframe(&["regen", "--deny-warnings"]).expect(0);
    bind("[[bind]]\nschema = \"other\"\ncaptures = [\"first/*\", \"fisrt/*\"]\n");
    project
        .stillframe(&["check"])
        .expect(0)
        .says(&["unused-bind  fisrt/*", "`first/one.json`"]);
    bind(
        "[[bind]]\nschema = \"other\"\ncaptures = [\"first/*\"]\n[[bind]]\nschema = \"another\"\ncaptures = [\"**/one.json\"]\n",
    );
    project
        .stillframe(&["check"])
        .expect(2)
        .says(&["`first/one.json` both the schema \"another\" and \"other\""]);
    bind("[[bind]]\nschema = \"ohter\"\ncaptures = [\"first/*\"]\n");
    project
        .stillframe(&["check"])
        .expect(1)
        .says(&["unbound     first/one.json", "did you mean `other`?"]);
}

#[test]
fn a_schema_that_is_named_has_to_be_there() {
    let project = with_other();
    project.remove("schemas/other.schema.json");
    edit_step(&project, "one", "schema = \"other\"");
    project
        .stillframe(&["regen"])
        .expect(1)
        .says(&["unbound  first/one.json", "there is no schema `other`"]);
}

#[test]
fn candidates_without_a_schema_are_accepted_where_their_step_says_so() {
    let project = with_other();
    edit_step(&project, "one", "schema = false");
    edit_step(&project, "two", "schema = false");
    project.stillframe(&["check"]).expect(3);
    project.stillframe(&["accept"]).expect(0);
    project.stillframe(&["check"]).expect(0);
}

#[test]
fn validate_knows_which_outputs_name_a_schema_that_the_lock_does_not() {
    let project = Project::published();
    project.write("schemas/greet.schema.json", "{}");
    project.stillframe(&["validate"]).expect(1).says(&[
        "unbound  first/one.json",
        "the lock names no schema for it, and its output names `greet`",
    ]);
    edit_step(&project, "one", "schema = false");
    edit_step(&project, "two", "schema = false");
    project.stillframe(&["validate"]).expect(0);
}
