//! `init` in a repository that has nothing yet.

use std::process::Command;

use crate::project::{Project, Ran, has_tool};

fn git(project: &Project, args: &[&str]) {
    let status = Command::new("git")
        .args(["-c", "user.name=x", "-c", "user.email=x@example.com"])
        .args(args)
        .current_dir(project.root())
        .status();
    assert!(status.unwrap().success(), "git {args:?}");
}

fn init_in(project: &Project, folder: &str) -> Ran {
    let mut command = project.command(&["init"]);
    Ran::from(command.current_dir(project.path(folder)).output().unwrap())
}

#[test]
fn a_script_gets_its_corpus_in_under_five_commands() {
    let project = Project::empty();
    project.script("echo '{\"command\": \"tool\",'\necho '\"items\": [1]}'\nexit 0");
    project
        .stillframe(&["init"])
        .expect(0)
        .says(&["created  stillframe.toml", "stillframe regen"]);
    project
        .stillframe(&["regen"])
        .expect(0)
        .says(&["published 1 new"]);
    project.stillframe(&["check"]).expect(0).says(&["1 fresh"]);
    project.edit("tool", "[1]", "[1, 2]");
    project
        .stillframe(&["check"])
        .expect(3)
        .says(&["stale  first/first.json"]);
}

#[test]
fn what_exists_is_kept() {
    let project = Project::empty();
    project.script("echo '{}'");
    project.write(".gitattributes", "*.txt text");
    project.write(".github/workflows/stillframe.yml", "mine");
    project.stillframe(&["init"]).expect(0).says(&[
        "kept     .github/workflows/stillframe.yml",
        "extended .gitattributes",
    ]);
    assert_eq!(
        project.read(".gitattributes"),
        "*.txt text\nfixtures_generated/** -text linguist-generated\npocs/** -text\nscenarios/** -text\nschemas/** -text\nstillframe.toml text eol=lf\n"
    );
    project
        .stillframe(&["init"])
        .expect(2)
        .says(&["exists already"]);
}

#[test]
fn a_cargo_package_is_found_and_a_target_can_be_named() {
    let project = Project::empty();
    project.write("Cargo.toml", "[package]\nname = \"tool-cli\"\n");
    project.write("src/main.rs", "fn main() {}");
    project.stillframe(&["init"]).expect(0);
    assert!(
        project
            .read("stillframe.toml")
            .contains("cargo = { package = \"tool-cli\" }")
    );
    let project = Project::empty();
    project
        .stillframe(&["init", "--target", "jq", "--", "-n", "{}"])
        .expect(0);
    assert!(project.read("stillframe.toml").contains("command = \"jq\""));
    assert!(
        project
            .read("pocs/01-first/poc.toml")
            .contains("run     = [\"-n\", \"{}\"]")
    );
}

#[test]
fn the_printed_reference_is_a_configuration_with_the_defaults() {
    use stillframe_core::config::Config;
    let printed = Project::empty()
        .stillframe(&["init", "--print"])
        .expect(0)
        .stdout;
    let whole = Config::parse(&printed).unwrap();
    let minimal = Config::parse("format-version = 1\n[target]\ncommand = \"./tool\"\n").unwrap();
    let without_levels = |config: Config| {
        format!(
            "{:?}",
            Config {
                problems: std::collections::BTreeMap::new(),
                ..config
            }
        )
    };
    let defaults_written_out =
        without_levels(minimal).replace("timeout: None, output_limit_mib: None", "");
    let printed = without_levels(whole).replace(
        "timeout: Some(Seconds(60s)), output_limit_mib: Some(64)",
        "",
    );
    assert_eq!(printed, defaults_written_out);
}

#[test]
fn choices_that_only_a_person_can_make_are_named_and_ready_to_uncomment() {
    let project = Project::empty();
    project.write(
        "Cargo.toml",
        "[workspace]\nmembers = [\"server\", \"admin\"]\n",
    );
    for name in ["server", "admin"] {
        project.write(
            &format!("{name}/Cargo.toml"),
            &format!("[package]\nname = \"{name}\"\n"),
        );
        project.write(&format!("{name}/src/main.rs"), "fn main() {}");
    }
    project
        .stillframe(&["init"])
        .expect(0)
        .says(&["there are 2: admin, server", "uncomment one"]);
    project
        .stillframe(&["check"])
        .expect(2)
        .says(&["names no program"]);
    project.edit(
        "stillframe.toml",
        "# cargo = { package = \"admin\" }",
        "cargo = { package = \"admin\" }",
    );
    let config = project.read("stillframe.toml");
    assert!(
        stillframe_core::config::Config::parse(&config).is_ok(),
        "{config}"
    );
    project.remove("stillframe.toml");
    project
        .stillframe(&["init", "--target", "server"])
        .expect(0);
    let config = project.read("stillframe.toml");
    assert!(
        config.contains("\ncargo = { package = \"server\" }\n"),
        "{config}"
    );
}

#[test]
fn console_scripts_and_npm_bins_are_targets_that_ci_can_install() {
    for (file, text, target, setup) in [
        (
            "pyproject.toml",
            "[project.scripts]\nmytool = \"m:f\"\n",
            "command = \"mytool\"",
            "- run: pip install .",
        ),
        (
            "package.json",
            "{\"name\": \"mytool\", \"bin\": \"bin/cli.js\"}",
            "command = \"./bin/cli.js\"",
            "- run: npm ci",
        ),
    ] {
        let project = Project::empty();
        project.write(file, text);
        project.stillframe(&["init"]).expect(0);
        let config = project.read("stillframe.toml");
        assert!(config.contains(target), "{config}");
        let workflow = project.read(".github/workflows/stillframe.yml");
        assert!(workflow.contains(setup), "{workflow}");
    }
}

#[test]
fn arguments_that_need_escapes_make_a_poc_that_is_read() {
    let project = Project::empty();
    project.script("echo '{}'");
    project
        .stillframe(&["init", "--", "\u{1b}", "a\"b", "e\u{301}"])
        .expect(0);
    project.stillframe(&["regen"]).expect(0);
}

#[test]
fn the_workflow_of_a_folder_goes_to_the_root_of_the_repository_and_runs_there() {
    if !has_tool("git") {
        return;
    }
    let project = Project::empty();
    git(&project, &["init", "--quiet"]);
    for folder in ["packages/api", "packages/my web"] {
        project.program(&format!("{folder}/tool"), "echo '{}'");
    }
    init_in(&project, "packages/api")
        .expect(0)
        .says(&["created  ../../.github/workflows/stillframe.yml"]);
    let workflow = project.read(".github/workflows/stillframe.yml");
    assert!(
        workflow.contains("working-directory: packages/api\n"),
        "{workflow}"
    );
    assert!(
        workflow.contains("path: packages/api/target/stillframe/candidates\n"),
        "{workflow}"
    );
    assert!(!project.path("packages/api/.github").exists());
    init_in(&project, "packages/my web")
        .expect(0)
        .says(&["../../.github/workflows/stillframe-packages-my-web.yml"]);
    let workflow = project.read(".github/workflows/stillframe-packages-my-web.yml");
    assert!(
        workflow.contains("working-directory: packages/my web\n"),
        "{workflow}"
    );
    project.write(".gitignore", "/build\n");
    project.program("build/tool", "echo '{}'");
    init_in(&project, "build")
        .expect(0)
        .says(&["left out .github/workflows/stillframe.yml: git ignores this folder"]);
}

#[test]
fn a_clone_with_line_ends_of_windows_is_fresh() {
    if !has_tool("git") {
        return;
    }
    let project = Project::empty();
    project.script("cat seed.txt > /dev/null; printf '{\"seed\": %s, \"lines\":[1,2]}' \"$(wc -c < seed.txt)\"");
    project.write("schemas/greet.schema.json", "{\n}\n");
    project.stillframe(&["init"]).expect(0);
    project.write("pocs/01-first/seed.txt", "a\nb\n");
    project.write("scenarios/greet/a.json", "{\n}\n");
    project.edit(
        "pocs/01-first/poc.toml",
        "capture = ",
        "schema = \"greet\"\ncapture = ",
    );
    project.edit(
        "schemas/greet.schema.json",
        "{\n}",
        "{\n\"additionalProperties\": true\n}",
    );
    project.stillframe(&["regen"]).expect(0);
    project.write("other.txt", "a\n");
    project.edit(".gitattributes", "fixtures", "/tool -text\nfixtures");
    git(&project, &["init", "--quiet"]);
    git(&project, &["add", "--all"]);
    git(&project, &["commit", "--quiet", "-m", "x"]);
    git(
        &project,
        &[
            "-c",
            "core.autocrlf=true",
            "clone",
            "--quiet",
            "-c",
            "core.autocrlf=true",
            ".",
            "clone",
        ],
    );
    assert_eq!(project.read("clone/other.txt"), "a\r\n");
    let mut command = project.command(&["check"]);
    let output = command.current_dir(project.path("clone")).output().unwrap();
    Ran::from(output).expect(0).says(&["1 fresh"]);
    for name in [
        "stillframe.toml",
        "pocs/01-first/poc.toml",
        "scenarios/greet/a.json",
        "schemas/greet.schema.json",
    ] {
        assert_eq!(
            project.read(name),
            project.read(&format!("clone/{name}")),
            "{name}"
        );
    }
}

#[test]
fn arguments_that_no_poc_can_hold_are_refused_before_anything_is_written() {
    let project = Project::empty();
    project.script("echo '{}'");
    let before = project.tree();
    project
        .stillframe(&["init", "--", "${x}"])
        .expect(2)
        .says(&[
            "unknown variable `${x}`",
            "nothing was written",
            "hint: write the value itself",
        ]);
    assert_eq!(project.tree(), before);
}
