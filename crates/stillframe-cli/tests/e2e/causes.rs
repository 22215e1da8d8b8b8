//! Advice is given where the cause is known, and only there.

use crate::project::{Project, Ran};

const ONE: &str = "[[step]]\ncapture = \"one\"\nrun = [\"one\"]\nnonempty = []\n";

fn project(target: &str, steps: &str) -> Project {
    let project = Project::shell();
    project.script(target);
    project.write(
        "pocs/01-first/poc.toml",
        &format!("summary = \"x\"\n{steps}"),
    );
    project
}

#[track_caller]
fn without_advice(ran: &Ran) {
    assert!(!ran.stdout.contains("hint: "), "{}", ran.stdout);
}

#[test]
fn nul_in_a_manifest_is_named_with_its_line() {
    let steps = "[[step]]\ncapture = \"one\"\nrun = [\"a\\u0000b\"]\n";
    project("echo '{}'", steps)
        .stillframe(&["check"])
        .expect(2)
        .says(&["pocs/01-first/poc.toml", "line 4", "the character NUL"]);
}

#[test]
fn nul_that_a_step_has_saved_is_named_and_is_not_a_matter_of_jobs() {
    let save = "[[step]]\nrun = [\"save\"]\nsave = { id = \"$.id\" }\n";
    let use_it = "[[step]]\ncapture = \"one\"\nrun = [\"${id}\"]\nnonempty = []\n";
    let ran = project("echo '{\"id\":\"a\\u0000b\"}'", &format!("{save}{use_it}"))
        .stillframe(&["check"])
        .expect(1)
        .says(&["the argument \"a\\0b\" holds the character NUL"]);
    assert!(!ran.stdout.contains("--jobs"), "{}", ran.stdout);
}

#[test]
fn vanished_working_folder_fails_the_step_without_advice() {
    let target = "d=$(pwd); cd /; rm -rf \"$d\"; echo '{}'";
    let again = ONE.replace("\"one\"", "\"two\"");
    let ran = project(target, &format!("{ONE}{again}"))
        .stillframe(&["check"])
        .expect(1)
        .says(&["there is no folder", "01-first, step 2"]);
    without_advice(&ran);
}

#[test]
fn arguments_beyond_the_systems_limit_are_called_that() {
    let long = "x".repeat(3 << 20);
    project(
        "echo '{}'",
        &ONE.replace("[\"one\"]", &format!("[\"{long}\"]")),
    )
    .stillframe(&["check"])
    .expect(1)
    .says(&["hint: pass less: the arguments and the environment"]);
}

#[test]
fn disk_that_the_system_refuses_gets_no_advice_about_steps() {
    let project = project("echo '{}'", ONE);
    let output = project
        .command(&["check"])
        .env("TMPDIR", project.path("nowhere"))
        .output()
        .unwrap();
    let ran = Ran::from(output).expect(2).says(&["nowhere", "TMPDIR"]);
    assert!(!ran.stdout.contains("step"), "{}", ran.stdout);
}

#[test]
fn folder_that_vanished_under_the_caller_is_called_that() {
    let project = project("echo '{}'", ONE);
    let output = std::process::Command::new("/bin/sh")
        .args([
            "-c",
            "mkdir gone && cd gone && rmdir ../gone && exec \"$0\" check",
            env!("CARGO_BIN_EXE_stillframe"),
        ])
        .current_dir(project.root())
        .output()
        .unwrap();
    let ran = Ran::from(output).expect(2).says(&["the current folder"]);
    assert!(!ran.stdout.contains("stillframe init"), "{}", ran.stdout);
}

#[cfg(target_os = "linux")]
#[test]
fn temporary_folder_in_which_nothing_can_be_made_is_not_to_be_made() {
    let project = project("echo '{}'", ONE);
    let mut command = project.command(&["check"]);
    let ran = Ran::from(command.env("TMPDIR", "/proc").output().unwrap())
        .expect(2)
        .says(&["let TMPDIR name a folder that you can write"]);
    assert!(!ran.stdout.contains("mkdir"), "{}", ran.stdout);
}

#[test]
fn name_that_no_file_system_takes_is_refused_before_anything_runs() {
    let named = |length| ONE.replacen("\"one\"", &format!("\"{}\"", "a".repeat(length)), 1);
    // `.json` and what is added while the file is written need room.
    let longest = 255 - ".".len() - ".json".len() - ".stillframe-new".len();
    let fits = project("echo '{}'", &named(longest));
    fits.stillframe(&["regen"]).expect(0);
    fits.stillframe(&["check"]).expect(0);
    for command in ["check", "regen"] {
        project("echo '{}'", &named(longest + 1))
            .stillframe(&[command])
            .expect(2)
            .says(&["01-first", "a name of 240 bytes"]);
    }
}

#[test]
fn a_program_in_the_users_home_that_misses_the_rest_of_itself_is_told_apart() {
    let home = Project::empty();
    home.program("bin/picker", "test -d \"$HOME/.picker\" && echo '{}'");
    home.write(".picker/chosen", "");
    let project = Project::shell();
    let command = format!("{:?}", home.path("bin/picker"));
    project.edit("stillframe.toml", "\"./tool\"", &command);
    let regen = || {
        let mut command = project.command(&["regen"]);
        Ran::from(command.env("HOME", home.root()).output().unwrap())
    };
    regen().expect(1).says(&[
        "picker lies in your home, and the HOME of a step is empty",
        "under [env] set",
    ]);
    let config = project.read("stillframe.toml");
    project.write(
        "stillframe.toml",
        &format!("{config}[env]\npass = [\"PATH\", \"HOME\"]\n"),
    );
    regen().expect(0);
}
