//! Schemas that a person wrote are never touched; those that Stillframe wrote are known by the lock.

use crate::project::Project;

const MINE: &str = "{\"description\":\"mine\",\"properties\":{\"command\":{\"const\":\"mine\"}}}\n";
const GREET: &str = "{\"type\":\"object\",\"properties\":{\"command\":{\"const\":\"greet\"},\"name\":{},\"took_ms\":{},\"rows\":{}}}\n";

/// A published project whose target exports every file of its folder `exports`.
fn exporting() -> Project {
    let project = Project::shell();
    let root = project.root().display();
    let tool = project.read("tool").replace("#!/bin/sh\n", "");
    project.script(&format!(
        "if [ \"$1\" = export ]; then cp -R {root}/exports/. \"$2\"; exit; fi\n{tool}"
    ));
    project.write("exports/greet.schema.json", GREET);
    let config = project.read("stillframe.toml");
    project.write(
        "stillframe.toml",
        &format!("{config}schemas = [\"export\", \"${{dir}}\"]\n"),
    );
    project.stillframe(&["regen"]).expect(0);
    project
}

/// A published project with a schema of its own and none exported.
fn by_hand() -> Project {
    let project = Project::shell();
    project.write("schemas/greet.schema.json", GREET);
    project.stillframe(&["regen"]).expect(0);
    project
}

#[test]
fn no_command_deletes_a_schema_that_was_written_by_hand() {
    let project = exporting();
    project.write("schemas/mine.schema.json", MINE);
    project.write(
        "schemas/deep/er.schema.json",
        MINE.replace("mine", "deeper").as_str(),
    );
    project.stillframe(&["regen"]).expect(0);
    project.edit("tool", "[1]", "[1,2]");
    project.stillframe(&["check"]).expect(3);
    project.stillframe(&["accept"]).expect(0);
    assert_eq!(project.read("schemas/mine.schema.json"), MINE);
    assert!(project.path("schemas/deep/er.schema.json").exists());
    project.stillframe(&["check"]).expect(0);
    assert!(
        !project
            .read("fixtures_generated/corpus.lock")
            .contains("mine")
    );
}

#[test]
fn the_first_regen_keeps_the_schemas_that_are_there() {
    let project = exporting();
    project.remove("fixtures_generated");
    project.write("schemas/legacy.schema.json", MINE);
    project.stillframe(&["regen"]).expect(0);
    assert_eq!(project.read("schemas/legacy.schema.json"), MINE);
}

#[test]
fn an_exported_schema_that_is_no_longer_exported_is_deleted() {
    let project = exporting();
    project.write("exports/more/old.schema.json", MINE);
    project.stillframe(&["regen"]).expect(0);
    assert!(project.path("schemas/more/old.schema.json").exists());
    project.remove("exports/more");
    project.stillframe(&["check"]).expect(3).says(&[
        "stale-schema  schemas/more/old.schema.json",
        "no longer exports it",
    ]);
    project.stillframe(&["regen"]).expect(0);
    assert!(!project.path("schemas/more").exists());
    project.stillframe(&["check"]).expect(0);
}

#[test]
fn an_exported_schema_that_was_edited_is_written_again_and_kept_once_it_is_not_exported() {
    let project = exporting();
    project.edit(
        "schemas/greet.schema.json",
        "\"type\"",
        "\"title\":\"x\",\"type\"",
    );
    project
        .stillframe(&["validate"])
        .expect(3)
        .says(&["stale-schema  schemas/greet.schema.json"]);
    project
        .stillframe(&["check"])
        .expect(3)
        .says(&["stale-schema  schemas/greet.schema.json", "edited by hand"]);
    project.stillframe(&["regen"]).expect(0);
    assert_eq!(project.read("schemas/greet.schema.json"), GREET);
    project.write("exports/old.schema.json", MINE);
    project.stillframe(&["regen"]).expect(0);
    project.remove("exports/old.schema.json");
    project.edit("schemas/old.schema.json", "\"mine\",", "\"edited\",");
    project.stillframe(&["regen"]).expect(0);
    assert!(project.read("schemas/old.schema.json").contains("edited"));
    project.stillframe(&["check"]).expect(0);
}

#[test]
fn an_exported_schema_never_replaces_one_that_was_written_by_hand() {
    let project = exporting();
    project.write("schemas/more.schema.json", MINE);
    project.write("exports/more.schema.json", "{\"title\":\"exported\"}");
    let before = project.tree();
    for command in ["check", "regen"] {
        project.stillframe(&[command]).expect(1).says(&[
            "schemas/more.schema.json",
            "the lock does not list it as written by Stillframe",
            "1 foreign",
            "rm schemas/more.schema.json",
        ]);
    }
    assert_eq!(project.tree(), before);
    project.remove("schemas/more.schema.json");
    project.stillframe(&["regen"]).expect(0);
}

#[test]
fn a_corpus_from_before_schemas_were_recorded_is_upgraded_by_one_regen() {
    let project = exporting();
    let lock = project.read("fixtures_generated/corpus.lock");
    let old = &lock[..lock.find("[[schema]]").unwrap()];
    project.write("fixtures_generated/corpus.lock", old.trim_end());
    project.write("schemas/mine.schema.json", MINE);
    project
        .stillframe(&["check"])
        .expect(3)
        .says(&["greet.schema.json: not recorded"]);
    project.stillframe(&["regen"]).expect(0);
    assert_eq!(project.read("fixtures_generated/corpus.lock"), lock);
    assert_eq!(project.read("schemas/mine.schema.json"), MINE);
    project.stillframe(&["check"]).expect(0);
}

#[test]
fn a_target_that_stops_exporting_leaves_its_schemas_to_the_project() {
    let project = exporting();
    project.edit(
        "stillframe.toml",
        "schemas = [\"export\", \"${dir}\"]\n",
        "",
    );
    project.stillframe(&["regen"]).expect(0);
    assert_eq!(project.read("schemas/greet.schema.json"), GREET);
    assert!(
        !project
            .read("fixtures_generated/corpus.lock")
            .contains("[[schema]]")
    );
}

#[test]
fn accept_leaves_schemas_alone_where_the_target_exports_none() {
    let project = by_hand();
    project.edit("tool", "[1]", "[1,2]");
    project.stillframe(&["check"]).expect(3);
    project.write("schemas/readme.txt", "mine");
    project.stillframe(&["accept"]).expect(0);
    assert_eq!(project.read("schemas/greet.schema.json"), GREET);
}

#[test]
fn accept_refuses_candidates_whose_project_has_moved_and_names_what_changed() {
    for (change, says) in [
        (
            "schemas/greet.schema.json",
            "schemas/greet.schema.json changed",
        ),
        (
            "schemas/new.schema.json",
            "schemas/new.schema.json was added",
        ),
        ("stillframe.toml", "stillframe.toml changed"),
        ("pocs/01-first/seed.txt", "pocs/01-first/seed.txt was added"),
        (
            "fixtures_generated/first/one.json",
            "fixtures_generated/first/one.json changed",
        ),
    ] {
        let project = by_hand();
        project.edit("tool", "[1]", "[1,2]");
        project.stillframe(&["check"]).expect(3);
        let old = std::fs::read_to_string(project.path(change)).unwrap_or_default();
        project.write(change, &format!("{old}\n"));
        if change.ends_with("new.schema.json") {
            project.write(change, MINE);
        }
        let before = project.tree();
        project
            .stillframe(&["accept"])
            .expect(2)
            .says(&[says, "run `stillframe check` again"]);
        assert_eq!(project.tree(), before, "{change}");
    }
}

#[test]
fn candidates_are_accepted_in_another_clone_of_the_same_state() {
    let project = by_hand();
    let clone = Project::empty();
    for (name, bytes) in project.tree() {
        clone.write(&name, std::str::from_utf8(&bytes).unwrap());
    }
    project.edit("tool", "[1]", "[1,2]");
    project.stillframe(&["check"]).expect(3);
    let from = project.path("target/stillframe/candidates");
    clone
        .stillframe(&["accept", "--from", from.to_str().unwrap()])
        .expect(0);
    project.stillframe(&["regen"]).expect(0);
    assert_eq!(clone.corpus(), project.corpus());
}
