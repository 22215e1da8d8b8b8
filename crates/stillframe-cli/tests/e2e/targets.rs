//! Several programs in one repository, each built once, with arguments and schemas of its own.

use crate::project::Project;

/// A project with the programs `serve`, the target without a name, and `admin`, and a POC of these steps.
fn two(steps: &str) -> Project {
    let project = Project::empty();
    for name in ["serve", "admin"] {
        project.program(
            name,
            &format!(r#"printf '{{"program":"{name}","args":"%s"}}' "$*""#),
        );
    }
    project.write(
        "stillframe.toml",
        "format-version = 1\n[target]\ncommand = \"./serve\"\n[targets.admin]\ncommand = \"./admin\"\nargs = [\"--json\"]\n",
    );
    project.write(
        "pocs/01-two/poc.toml",
        &format!("summary = \"two programs\"\n{steps}"),
    );
    project
}

const BOTH: &str = "[[step]]\ncapture = \"serve\"\nrun = [\"a\"]\n[[step]]\ncapture = \"admin\"\ntarget = \"admin\"\nrun = [\"a\"]\n";

#[test]
fn a_step_runs_the_target_that_it_names_with_that_targets_arguments() {
    let project = two(BOTH);
    project.stillframe(&["regen"]).expect(0);
    let fixture = |name: &str| project.read(&format!("fixtures_generated/two/{name}.json"));
    assert!(fixture("serve").contains(r#""program": "serve""#));
    assert!(fixture("admin").contains(r#""args": "--json a""#));
    project.stillframe(&["check"]).expect(0);
}

#[test]
fn the_lock_names_a_target_that_is_not_the_default_and_keeps_the_arguments_as_written() {
    let project = two(BOTH);
    project.stillframe(&["regen"]).expect(0);
    let lock = project.read("fixtures_generated/corpus.lock");
    assert_eq!(lock.matches("target = \"admin\"").count(), 1, "{lock}");
    assert_eq!(lock.matches("args = [\"a\"]").count(), 2, "{lock}");
}

#[test]
fn another_program_with_the_same_output_makes_the_lock_stale() {
    let project = two("[[step]]\ncapture = \"x\"\nrun = []\n");
    project.program("serve", "echo '{}'");
    project.program("admin", "echo '{}'");
    project.stillframe(&["regen"]).expect(0);
    project.edit("pocs/01-two/poc.toml", "run", "target = \"admin\"\nrun");
    project
        .stillframe(&["check"])
        .expect(3)
        .says(&["stale-lock", "[target] → target = \"admin\""]);
}

#[test]
fn without_a_default_target_every_step_has_to_name_one() {
    let project = two(BOTH);
    project.edit("stillframe.toml", "[target]", "[targets.serve]");
    project.stillframe(&["regen"]).expect(2).says(&[
        "01-two, step 1",
        "has no [target]",
        "target = \"admin\" | \"serve\"",
    ]);
    project.edit(
        "pocs/01-two/poc.toml",
        "\"serve\"\n",
        "\"serve\"\ntarget = \"serve\"\n",
    );
    project.stillframe(&["regen"]).expect(0);
}

#[test]
fn a_target_that_is_not_configured_is_named_before_anything_runs() {
    let project = two(&BOTH.replace("target = \"admin\"", "target = \"amdin\""));
    project.stillframe(&["check"]).expect(2).says(&[
        "has no [targets.amdin]",
        "hint: write one of them into the step: target = \"admin\"",
    ]);
}

#[test]
fn a_build_that_two_targets_share_runs_once() {
    let project = two(BOTH);
    project.program("build", "echo built >> log");
    for command in ["serve", "admin"] {
        let line = format!("command = \"./{command}\"");
        project.edit(
            "stillframe.toml",
            &line,
            &format!("{line}\nbuild = [\"./build\"]"),
        );
    }
    project.stillframe(&["regen"]).expect(0);
    assert_eq!(project.read("log"), "built\n");
}

#[test]
fn a_build_that_fails_ends_with_its_exit_code_in_words() {
    let project = two(BOTH);
    project.edit(
        "stillframe.toml",
        "args",
        "build = [\"sh\", \"-c\", \"exit 7\"]\nargs",
    );
    project.stillframe(&["regen"]).expect(2).says(&[
        "the build of the target failed: exit code 7;",
        "correct [targets.admin] build",
    ]);
}

/// Lets a program write one schema that claims this `command`.
fn exporting(project: &Project, program: &str, file: &str, command: &str) {
    let schema = format!(
        r#"{{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","required":["command"],"properties":{{"command":{{"const":"{command}"}}}}}}"#
    );
    project.program(
        program,
        &format!(
            "if [ \"$1\" = export ]; then echo '{schema}' > \"$2/{file}.schema.json\"; exit; fi\necho '{{\"command\":\"{command}\"}}'"
        ),
    );
}

fn both_export(serve: [&str; 2], admin: [&str; 2]) -> Project {
    let project = two(BOTH);
    exporting(&project, "serve", serve[0], serve[1]);
    exporting(&project, "admin", admin[0], admin[1]);
    project.write(
        "stillframe.toml",
        "format-version = 1\n[target]\ncommand = \"./serve\"\nschemas = [\"export\", \"${dir}\"]\n[targets.admin]\ncommand = \"./admin\"\nschemas = [\"export\", \"${dir}\"]\n",
    );
    project
}

#[test]
fn the_schemas_of_two_targets_are_published_together() {
    let project = both_export(["status", "status"], ["grant", "grant"]);
    project.stillframe(&["regen"]).expect(0);
    let lock = project.read("fixtures_generated/corpus.lock");
    for name in ["status", "grant"] {
        assert!(
            project
                .path(&format!("schemas/{name}.schema.json"))
                .exists()
        );
        assert!(lock.contains(&format!("schema = \"{name}\"")), "{lock}");
    }
    project.stillframe(&["check", "--deny-warnings"]).expect(0);
    project.stillframe(&["validate"]).expect(0);
}

#[test]
fn a_schema_that_two_targets_export_alike_is_one_and_otherwise_a_clash() {
    let alike = both_export(["error", "error"], ["error", "error"]);
    alike.stillframe(&["regen"]).expect(0);
    for other in ["error", "Error"] {
        let clash = both_export(["error", "error"], [other, "grant"]);
        clash.stillframe(&["regen"]).expect(1).says(&[
            "[target] exports the schema error.schema.json",
            &format!("[targets.admin] exports another one as {other}.schema.json"),
            "hint: export one of them under another name",
        ]);
    }
}
