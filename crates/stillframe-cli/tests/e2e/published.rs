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
