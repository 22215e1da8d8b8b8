//! Where a step runs, what lies there, and what it can name: `cwd`, `base`, `${root}`, links and ignored files.

use std::os::unix::fs::symlink;
use std::process::Command;

use crate::project::{Project, has_tool};

/// A project whose target runs this script, and a POC of these lines.
fn project(script: &str, poc: &str) -> Project {
    let project = Project::shell();
    project.script(script);
    project.write("pocs/01-first/poc.toml", &format!("summary = \"x\"\n{poc}"));
    project
}

const CAPTURE: &str = "[[step]]\ncapture = \"x\"\nrun = []\n";
const LIST: &str = "printf '{\"files\":\"%s\"}' \"$(find . -type f | sort | tr '\\n' ' ')\"";

fn fixture(project: &Project) -> String {
    project.read("fixtures_generated/first/x.json")
}

#[test]
fn a_step_runs_in_the_folder_that_it_names() {
    let project = project(
        "printf '{\"here\":\"%s\",\"seed\":\"%s\"}' \"$PWD\" \"$(cat)\"",
        &format!("{CAPTURE}cwd = \"packages/api\"\nstdin = \"seed\"\n"),
    );
    project.write("pocs/01-first/packages/api/main", "");
    project.write("pocs/01-first/seed", "from the POC's folder");
    project.stillframe(&["regen"]).expect(0);
    let fixture = fixture(&project);
    assert!(
        fixture.contains("/stillframe/poc/packages/api\""),
        "{fixture}"
    );
    assert!(fixture.contains("from the POC's folder"), "{fixture}");
}

#[test]
fn a_program_beside_the_step_is_found_from_the_folder_it_runs_in() {
    let project = project(
        "exit 1",
        "[[step]]\ncapture = \"x\"\nexec = [\"./print\"]\ncwd = \"bin\"\n",
    );
    project.program("pocs/01-first/bin/print", "echo '{}'");
    project.stillframe(&["regen"]).expect(0);
}

#[test]
fn a_folder_that_is_not_there_or_leads_out_is_refused() {
    let project = project(
        "echo '{}'",
        &format!("[[step]]\nexec = [\"ln\", \"-s\", \"..\", \"out\"]\n{CAPTURE}cwd = \"out\"\n"),
    );
    project
        .stillframe(&["regen"])
        .expect(1)
        .says(&["out leads out of the sandbox"]);
    project.edit("pocs/01-first/poc.toml", "cwd = \"out\"", "cwd = \"gone\"");
    project
        .stillframe(&["regen"])
        .expect(1)
        .says(&["gone does not exist", "git keeps no empty folder"]);
    project.edit(
        "pocs/01-first/poc.toml",
        "cwd = \"gone\"",
        "cwd = \"../gone\"",
    );
    project
        .stillframe(&["regen"])
        .expect(2)
        .says(&["does not stay in the sandbox"]);
}

#[test]
fn a_base_is_laid_down_first_and_a_file_of_the_poc_replaces_its_own() {
    let project = project(
        "printf '{\"config\":\"%s\",\"data\":\"%s\"}' \"$(cat etc/config)\" \"$(cat data)\"",
        &format!("base = \"pocs/_shop\"\n{CAPTURE}"),
    );
    project.write("pocs/_shop/etc/config", "of the shop");
    project.write("pocs/_shop/data", "of the shop");
    project.write("pocs/01-first/etc/config", "of the POC");
    project.stillframe(&["regen"]).expect(0);
    assert_eq!(
        fixture(&project),
        "{\n  \"config\": \"of the POC\",\n  \"data\": \"of the shop\"\n}\n"
    );
    project.write("pocs/_shop/data", "changed");
    project.stillframe(&["check"]).expect(3).says(&["$.data"]);
}

#[test]
fn seeds_and_programs_are_found_in_the_base() {
    let project = project(
        "cat",
        &format!(
            "base = \"shared\"\n[[step]]\nexec = [\"./prepare\"]\n{CAPTURE}stdin = \"seed.json\"\n"
        ),
    );
    project.program("shared/prepare", "exit 0");
    project.write("shared/seed.json", "{\"from\": \"shared\"}");
    project.stillframe(&["regen"]).expect(0);
    assert!(fixture(&project).contains("shared"));
}

#[test]
fn a_base_that_cannot_be_laid_down_is_named_before_anything_runs() {
    let project = project("echo '{}'", &format!("base = \"shared\"\n{CAPTURE}"));
    project
        .stillframe(&["regen"])
        .expect(2)
        .says(&["the POC's `base` is not a folder"]);
    project.edit("pocs/01-first/poc.toml", "\"shared\"", "\"pocs\"");
    project
        .stillframe(&["regen"])
        .expect(2)
        .says(&["the POC's `base` holds the POC itself"]);
}

#[test]
fn the_repository_can_be_named_in_arguments_seeds_and_variables() {
    let project = project(
        "printf '{\"same\":%s,\"lib\":\"%s\",\"seed\":\"%s\"}' \"$([ \"$1\" = \"$2\" ] && echo true)\" \"$(cat \"$LIB/note\")\" \"$(cat)\"",
        "env = { LIB = \"${root}/lib\" }\n[[step]]\nexec = [\"${root}/prepare\"]\n[[step]]\ncapture = \"x\"\nrun = [\"${root}\"]\nstdin = \"${root}/seed\"\n",
    );
    project.write("lib/note", "of the repository");
    project.write("seed", "also");
    project.program("prepare", "exit 0");
    project.edit(
        "stillframe.toml",
        "command",
        "args = [\"${root}\"]\ncommand",
    );
    project.stillframe(&["regen"]).expect(0);
    assert_eq!(
        fixture(&project),
        "{\n  \"same\": true,\n  \"lib\": \"of the repository\",\n  \"seed\": \"also\"\n}\n"
    );
    project.remove("seed");
    project.stillframe(&["check"]).expect(2).says(&["seed"]);
}

#[test]
fn a_variable_of_the_caller_can_be_handed_on_under_another_name() {
    let project = project("printf '{\"cargo\":\"%s\"}' \"$CARGO\"", CAPTURE);
    project.edit(
        "stillframe.toml",
        "[target]",
        "[env]\nset = { CARGO = \"${env.OUTER}/cargo\" }\n[target]",
    );
    let regen = |value: &[(&str, &str)]| {
        let mut command = project.command(&["regen"]);
        command.envs(value.iter().copied());
        crate::project::Ran::from(command.output().unwrap())
    };
    regen(&[("OUTER", "/over/there")]).expect(0);
    assert!(fixture(&project).contains("/over/there/cargo"));
    regen(&[]).expect(2).says(&[
        "uses the variable OUTER, which is not set",
        "hint: set OUTER",
    ]);
}

#[test]
fn what_env_pass_names_wins_over_the_sandbox_and_that_is_said() {
    let project = project(
        "printf '{\"home\":\"%s\",\"zone\":\"%s\"}' \"$HOME\" \"$TZ\"",
        CAPTURE,
    );
    project.edit(
        "stillframe.toml",
        "[target]",
        "[env]\npass = [\"HOME\", \"TZ\", \"EDITOR\"]\n[target]",
    );
    let mut command = project.command(&["regen"]);
    command.env("HOME", "/the/callers").env("TZ", "Asia/Tokyo");
    let ran = crate::project::Ran::from(command.output().unwrap()).expect(0);
    assert!(
        fixture(&project).contains("Asia/Tokyo"),
        "{}",
        fixture(&project)
    );
    assert!(!fixture(&project).contains("stillframe/home\",\n  \"zone\": \"UTC"));
    assert!(
        ran.stderr.contains("hands on HOME, TZ instead"),
        "{}",
        ran.stderr
    );
    let quiet = project.command(&["check"]).output().unwrap();
    let quiet = String::from_utf8_lossy(&quiet.stderr).into_owned();
    assert!(!quiet.contains("hands on"), "{quiet}");
}

#[test]
fn a_folder_that_holds_nothing_is_not_copied() {
    let project = project(
        "printf '{\"folders\":\"%s\"}' \"$(find . -type d | sort | tr '\\n' ' ')\"",
        CAPTURE,
    );
    std::fs::create_dir_all(project.path("pocs/01-first/empty/deep")).unwrap();
    project.write("pocs/01-first/full/file", "");
    project.stillframe(&["regen"]).expect(0);
    assert!(
        fixture(&project).contains("\". ./full \""),
        "{}",
        fixture(&project)
    );
}

#[test]
fn what_git_ignores_in_a_poc_or_its_base_is_named_once() {
    if !has_tool("git") {
        return;
    }
    let project = project(LIST, &format!("base = \"shared\"\n{CAPTURE}"));
    let done = Command::new("git")
        .args(["init", "-q"])
        .current_dir(project.root())
        .status();
    assert!(done.unwrap().success());
    project.write(".gitignore", "build/\n*.key\n/target\n");
    project.write("pocs/01-first/build/x.json", "{}");
    project.write("pocs/01-first/seed", "");
    project.write("shared/secret.key", "");
    project.write("shared/plain", "");
    let ran = project.stillframe(&["regen"]).expect(0);
    let named = "01-first runs without pocs/01-first/build, shared/secret.key:";
    assert_eq!(ran.stderr.matches(named).count(), 1, "{}", ran.stderr);
    let report = project.stillframe(&["check", "--format", "json"]).expect(0);
    let report: serde_json::Value = serde_json::from_str(&report.stdout).unwrap();
    let note = report["notes"][0].as_str().unwrap();
    assert!(note.starts_with(named), "{note}");
    assert!(
        fixture(&project).contains("\"./plain ./seed \""),
        "{}",
        fixture(&project)
    );
}

#[test]
fn a_poc_folder_that_is_a_link_is_followed_inside_the_repository() {
    let project = project("printf '{\"seed\":\"%s\"}' \"$(cat seed)\"", CAPTURE);
    project.write("examples/shop/seed", "of the shop");
    project.write(
        "examples/shop/poc.toml",
        &format!("summary = \"linked\"\n{CAPTURE}"),
    );
    project.write("pocs/01-first/seed", "of the first");
    symlink("../examples/shop", project.path("pocs/02-shop")).unwrap();
    project.stillframe(&["regen"]).expect(0);
    assert!(
        project
            .read("fixtures_generated/shop/x.json")
            .contains("of the shop")
    );
    project.write("examples/shop/seed", "changed");
    project
        .stillframe(&["check"])
        .expect(3)
        .says(&["shop/x.json"]);
}

#[test]
fn a_link_below_pocs_that_is_not_followed_is_reported() {
    let elsewhere = Project::shell();
    let project = project("echo '{}'", CAPTURE);
    for (to, what) in [
        (elsewhere.path("pocs/01-first"), "outside of the repository"),
        (project.path("gone"), "a link that leads nowhere"),
        (project.root().to_owned(), "which holds all POCs"),
    ] {
        symlink(to, project.path("pocs/02-link")).unwrap();
        project
            .stillframe(&["check"])
            .expect(2)
            .says(&["pocs/02-link", what]);
        project.remove("pocs/02-link");
    }
}

#[test]
fn a_folder_of_common_files_is_not_taken_for_a_poc() {
    let project = project("echo '{}'", CAPTURE);
    project.write("pocs/_shared/data", "");
    project.write("pocs/group/_shared/deep/data", "");
    project.stillframe(&["regen"]).expect(0);
    project.write("pocs/forgotten/data", "");
    project
        .stillframe(&["regen"])
        .expect(2)
        .says(&["pocs/forgotten", "a POC folder without poc.toml"]);
}

#[test]
fn a_temporary_folder_that_is_missing_is_a_setup_problem_with_its_fix() {
    let project = Project::shell();
    let missing = project.path("no/such/folder");
    let mut command = project.command(&["regen"]);
    let ran = command.env("TMPDIR", &missing).output().unwrap();
    let fix = format!("hint: mkdir -p {}", missing.display());
    crate::project::Ran::from(ran).expect(2).says(&[
        "prerequisite",
        "creating a folder for sandboxes",
        &fix,
    ]);
}
