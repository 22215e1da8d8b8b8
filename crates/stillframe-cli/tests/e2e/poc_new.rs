//! `poc new`: a command line becomes a POC that captures it.

use crate::project::{Project, Ran};

/// A published project with a file that a POC could need.
fn project() -> Project {
    let project = Project::published();
    project.script("printf '{\"args\":\"%s\",\"files\":\"%s\"}' \"$*\" \"$(find . -type f | sort | tr '\\n' ' ')\"");
    project.write("src/main.c", "int main;");
    project.write("notes.txt", "");
    project.stillframe(&["regen"]).expect(0);
    project
}

#[test]
fn a_command_line_becomes_a_poc_and_the_next_command_is_named() {
    let project = project();
    let before = project.tree();
    let args = [
        "poc", "new", "lint", "--", "check", "--format", "json", "-q",
    ];
    project.stillframe(&args).expect(0).says(&[
        "wrote pocs/lint/poc.toml",
        "run `stillframe regen --poc lint`, look at fixtures_generated/lint/lint.json",
    ]);
    let manifest = project.read("pocs/lint/poc.toml");
    assert!(
        manifest.contains("run = [\"check\", \"--format\", \"json\", \"-q\"]"),
        "{manifest}"
    );
    assert!(manifest.contains("`check --format json -q`"), "{manifest}");
    assert_eq!(project.tree().len(), before.len() + 1);
    project.stillframe(&["regen", "--poc", "lint"]).expect(0);
    let fixture = project.read("fixtures_generated/lint/lint.json");
    assert!(fixture.contains("check --format json -q"), "{fixture}");
    project.stillframe(&["check"]).expect(0);
}

#[test]
fn words_that_toml_or_a_shell_would_read_otherwise_arrive_as_typed() {
    let project = Project::published();
    project.script("printf '%s\\n' '{}' ; printf '%s\\n' \"$@\" > \"$OUT\"");
    let out = project.path("out");
    project.edit(
        "stillframe.toml",
        "command = \"./tool\"\n",
        &format!("command = \"./tool\"\n[env]\nset = {{ OUT = {out:?} }}\n"),
    );
    let words = ["\"", "\\", "a\nb", "'''", "é\u{301}", "\u{1b}", "#"];
    let mut args = vec!["poc", "new", "odd", "--summary", "it's \"odd\"", "--"];
    args.extend(words);
    project.stillframe(&args).expect(0);
    project.stillframe(&["regen", "--poc", "odd"]).expect(0);
    assert_eq!(project.read("out"), format!("{}\n", words.join("\n")));
}

#[test]
fn only_what_is_asked_for_is_copied_and_the_rest_is_pointed_out() {
    let project = project();
    project
        .stillframe(&["poc", "new", "a", "--", "check", "src"])
        .expect(0)
        .says(&["`src` is not in the POC"]);
    assert!(!project.path("pocs/a/src").exists());
    let ran = project.stillframe(&[
        "poc",
        "new",
        "b",
        "--copy",
        "src",
        "--copy",
        "notes.txt",
        "--",
        "check",
        "src",
    ]);
    let ran = ran
        .expect(0)
        .says(&["copied pocs/b/src/main.c", "copied pocs/b/notes.txt"]);
    assert!(!ran.stdout.contains("is not in the POC"), "{}", ran.stdout);
    project.stillframe(&["regen", "--poc", "b"]).expect(0);
    let fixture = project.read("fixtures_generated/b/b.json");
    assert!(fixture.contains("./notes.txt ./src/main.c"), "{fixture}");
}

#[test]
fn the_programs_own_name_in_front_is_not_an_argument() {
    let project = project();
    project
        .stillframe(&["poc", "new", "a", "--", "./tool", "x"])
        .expect(0)
        .says(&["`./tool` is the target itself"]);
    assert!(project.read("pocs/a/poc.toml").contains("run = [\"x\"]"));
}

#[test]
fn what_cannot_become_a_poc_is_refused_and_nothing_is_written() {
    let project = project();
    project.write(
        "pocs/group/01-inner/poc.toml",
        "summary = \"x\"\n[[step]]\ncapture = \"inner\"\nrun = []\n",
    );
    let before = project.tree();
    for (args, reason) in [
        (&["01-first"][..], "the POC exists already"),
        (&["pocs/01-first/"], "the POC exists already"),
        (&["01-first/deeper"], "inside another POC"),
        (&["group"], "another POC lies inside it"),
        (&["group/02-inner"], "writes inner/inner.json already"),
        (&["../x"], "does not stay in"),
        (&["/x"], "does not stay in"),
        (&["."], "does not stay in"),
        (&[".hidden"], "hidden name"),
        (&["a:b"], "not a portable file name"),
        (&["nul"], "not a portable file name"),
        (&[""], "does not stay in"),
        (&["new", "--", "${unknown}"], "unknown"),
        (&["new", "--copy", "nosuch"], "--copy nosuch"),
        (&["new", "--copy", "."], "no name of its own"),
        (&["new", "--copy", "pocs"], "the POC itself would lie in it"),
    ] {
        let mut all = vec!["poc", "new"];
        all.extend(args);
        let ran = project.stillframe(&all).expect(2);
        ran.says(&[reason, "nothing was written"]);
    }
    assert_eq!(project.tree(), before);
}

#[test]
fn a_project_without_a_poc_gets_its_first_one_also_from_a_folder_below() {
    let project = Project::shell();
    project.remove("pocs");
    project
        .stillframe(&["check"])
        .expect(2)
        .says(&["stillframe poc new NAME"]);
    project.write("src/main.c", "");
    let mut command = project.command(&["poc", "new", "01-basics/02-greet", "--", "you"]);
    let output = command.current_dir(project.path("src")).output().unwrap();
    Ran::from(output).expect(0);
    project.stillframe(&["regen"]).expect(0);
    assert!(project.path("fixtures_generated/greet/greet.json").exists());
}

#[test]
fn a_step_can_run_another_target_or_any_program_and_print_lines() {
    let project = project();
    let config = project.read("stillframe.toml");
    project.write(
        "stillframe.toml",
        &format!("{config}\n[targets.admin]\ncommand = \"./admin\"\n"),
    );
    project.program("admin", "printf '{\"admin\":\"%s\"}\\n' \"$@\"");
    let new = |args: &[&str]| project.stillframe(&[&["poc", "new"], args].concat());
    new(&[
        "b", "--target", "admin", "--ndjson", "--", "./admin", "x", "y",
    ])
    .expect(0)
    .says(&["fixtures_generated/b/b.ndjson"]);
    new(&["c", "--exec", "--", "printf", "{\"from\":\"%s\"}", "printf"]).expect(0);
    project.stillframe(&["regen", "--poc", "b", "c"]).expect(0);
    assert_eq!(
        project.read("fixtures_generated/b/b.ndjson"),
        "{\"admin\":\"x\"}\n{\"admin\":\"y\"}\n"
    );
    assert!(
        project
            .read("fixtures_generated/c/c.json")
            .contains("\"from\": \"printf\"")
    );
    let before = project.tree();
    for (args, reason) in [
        (&["d", "--target", "amdin"][..], "name one of them: admin"),
        (&["d", "--exec"], "no program follows"),
    ] {
        new(args).expect(2).says(&[reason, "nothing was written"]);
    }
    new(&["d", "--exec", "--target", "admin", "--", "x"]).expect(2);
    assert_eq!(project.tree(), before);
}

#[test]
fn variables_that_are_not_set_stand_in_nobodys_way_and_arguments_show_them() {
    let project = project();
    project.edit(
        "stillframe.toml",
        "command = \"./tool\"\n",
        "command = \"./tool\"\n[env]\nset = { TOKEN = \"${env.NO_SUCH_TOKEN}\" }\n",
    );
    let new = |args: &[&str]| project.stillframe(&[&["poc", "new"], args].concat());
    new(&["a", "--", "--token", "", "$HOME/x"])
        .expect(0)
        .says(&["argument 2 is empty", "the program gets `$HOME/x` as it is"]);
    new(&["b", "--", "--token", "${env.NO_SUCH_TOKEN}"])
        .expect(2)
        .says(&[
            "unknown variable `${env.NO_SUCH_TOKEN}`",
            "env = { NAME = \"${env.NAME}\" }",
        ]);
    new(&["b", "--", "${HOME}"])
        .expect(2)
        .says(&["unknown variable `${HOME}`", "write the value itself"]);
    project
        .stillframe(&["regen"])
        .expect(2)
        .says(&["NO_SUCH_TOKEN, which is not set"]);
}
