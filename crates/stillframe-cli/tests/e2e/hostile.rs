//! Text that would act on whoever reads it, in every place that a message quotes, through every command.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;

use stillframe_core::visible::line;

use crate::project::{Project, Ran};

/// Without a slash or a NUL, so that it can be a file's name too.
const HOSTILE: &str = "\u{1b}]8;;x\u{7}\u{1b}[2J\u{9b}2J\u{7f}\u{202e}\u{2066}\u{200f}\u{61c}\u{2028}\u{2029}\u{feff}\r\n::error file=a::b\n  ##[error]c\n\u{a0}::add-mask::d";

/// As a JSON string with its quotes.
fn json() -> String {
    serde_json::to_string(HOSTILE).unwrap()
}

/// As a TOML string with its quotes.
fn toml() -> String {
    toml::Value::from(HOSTILE).to_string()
}

/// A shell command that prints it.
fn prints() -> String {
    let octal: String = HOSTILE
        .bytes()
        .map(|byte| format!("\\{byte:03o}"))
        .collect();
    format!("printf '{octal}\\n'")
}

#[track_caller]
fn inert(args: &[&str], ran: &Ran) {
    for text in [&ran.stdout, &ran.stderr] {
        for shown in text.lines() {
            assert_eq!(line(shown), shown, "{args:?} printed:\n{text:?}");
        }
    }
}

/// Runs a command in both forms of its report, where it has two.
#[track_caller]
fn run(project: &Project, args: &[&str]) -> Ran {
    let as_json = [args, &["--format", "json"]].concat();
    inert(&as_json, &project.stillframe(&as_json));
    let ran = project.stillframe(args);
    inert(args, &ran);
    ran
}

/// Every command that there is, down to the last word.
fn commands() -> BTreeSet<String> {
    fn leaves(command: &clap::Command, above: &str, found: &mut BTreeSet<String>) {
        for sub in command.get_subcommands() {
            let name = format!("{above}{}", sub.get_name());
            if sub.has_subcommands() {
                leaves(sub, &format!("{name} "), found);
            } else {
                found.insert(name);
            }
        }
    }
    let mut found = BTreeSet::new();
    leaves(&stillframe_cli::command(), "", &mut found);
    found
}

#[test]
fn what_is_typed_is_repeated_inert() {
    let project = Project::published();
    let flag = format!("--{HOSTILE}");
    for command in commands() {
        let words: Vec<&str> = command.split(' ').collect();
        for extra in [
            &[flag.as_str()] as &[&str],
            &[HOSTILE],
            &[HOSTILE, HOSTILE],
            &[HOSTILE, HOSTILE, HOSTILE],
            &["--root", HOSTILE],
            &["--poc", HOSTILE],
            &["--jobs", HOSTILE],
            &["--format", HOSTILE],
            &["--from", HOSTILE],
            &["--from", HOSTILE, "a", "b"],
            &["--config", HOSTILE],
            &["--schema", HOSTILE],
            &["--target", HOSTILE],
        ] {
            let args = [&words[..], extra].concat();
            inert(&args, &project.stillframe(&args));
        }
    }
    inert(&[HOSTILE], &project.stillframe(&[HOSTILE]));
}

#[test]
fn a_folder_of_any_name_is_shown_inert_by_every_command() {
    for command in commands() {
        let project = Project::named(HOSTILE).with_shell();
        let words: Vec<&str> = command.split(' ').collect();
        inert(&words, &project.stillframe(&words));
        project.stillframe(&["regen"]).expect(0);
        project.write("fixtures_generated/first/one.json", "{\"a\":1}\n");
        inert(&words, &project.stillframe(&words));
        project.remove("stillframe.toml");
        inert(&words, &project.stillframe(&words));
    }
}

#[test]
fn keys_and_values_of_an_output_are_shown_inert() {
    let project = Project::shell();
    let print = |value: &str| {
        let key = json();
        let key = key.trim_matches('"');
        project.write("out.json", &format!("{{\"{key}\":{{\"{key}\":{value}}}}}"));
        let path = project.path("out.json");
        project.script(&format!("cat {}", path.display()));
    };
    print("1");
    project.stillframe(&["regen"]).expect(0);
    let (text, list) = (json(), format!("[{},2]", json()));
    for value in ["2", &text, "null", &list, "[]", "[1,1]"] {
        print(value);
        run(&project, &["check"]).expect(3);
    }
    project.write(
        "stillframe.toml",
        &format!(
            "format-version = 1\n[target]\ncommand = './tool'\n[[normalize.rule]]\nname = {0}\nmatch = {{ key = [{0}] }}\naction = 'sort'\nreason = {0}\n",
            toml()
        ),
    );
    run(&project, &["check"]);
    let explained = ["normalize", "--explain", "out.json"];
    let ran = project.stillframe(&explained).expect(0);
    assert_eq!(ran.stderr.lines().count(), 0, "{:?}", ran.stderr);
    project.edit(
        "stillframe.toml",
        "'sort'",
        &format!("{{ constant = {} }}", toml()),
    );
    let ran = project.stillframe(&explained).expect(0);
    assert!(!ran.stderr.is_empty());
    for shown in ran.stderr.lines() {
        assert_eq!(line(shown), shown);
    }
    run(&project, &["regen"]).expect(0);
    run(&project, &["accept"]);
}

#[test]
fn unreadable_json_is_shown_inert() {
    let project = Project::published();
    let key = json();
    for text in [
        format!("{{{key}:1,{key}:2}}"),
        format!("{{{key}:\u{1b}}}"),
        format!("{HOSTILE}{{}}"),
        format!("{{}}{HOSTILE}"),
        format!("{{{key}:[1,{HOSTILE}"),
    ] {
        project.write("out.json", &text);
        project.script(&format!(
            "cat {}; {} >&2",
            project.path("out.json").display(),
            prints()
        ));
        run(&project, &["check"]).expect(1);
        let ran = project.stillframe(&["normalize", "out.json"]);
        for shown in ran.stderr.lines() {
            assert_eq!(line(shown), shown);
        }
        project.write("fixtures_generated/first/one.json", &text);
        project.write("scenarios/greet/a.json", &text);
        run(&project, &["validate"]);
        run(&project, &["scenario", "check"]);
        run(
            &project,
            &["scenario", "new", "greet", "b", "--from", "out.json"],
        );
    }
}

#[test]
fn what_a_step_a_build_an_exporter_and_a_verifier_print_is_shown_inert() {
    let project = Project::published();
    let noise = prints();
    for body in [
        format!("{noise} >&2; kill -9 $$"),
        format!("{noise}; {noise} >&2; exit 1"),
    ] {
        project.script(&body);
        run(&project, &["check"]).expect(1);
        run(&project, &["regen"]).expect(1);
        project.write(
            "pocs/01-first/poc.toml",
            "summary = 'x'\n[[step]]\nrun = ['a']\n[[step]]\ncapture = 'one'\nrun = []\n",
        );
        run(&project, &["check"]).expect(1);
        let base = "format-version = 1\n[target]\ncommand = './tool'\n";
        project.write(
            "stillframe.toml",
            &format!("{base}build = ['./tool', {0}]\n", toml()),
        );
        run(&project, &["check"]).expect(2);
        project.write(
            "stillframe.toml",
            &format!("{base}schemas = ['${{dir}}', {0}]\n", toml()),
        );
        run(&project, &["check"]).expect(1);
        project.write("stillframe.toml", base);
    }
    let project = Project::shell();
    project.write(
        "verify",
        &format!("#!/bin/sh\n{noise}\n{noise} >&2\nexit 1\n"),
    );
    fs::set_permissions(project.path("verify"), fs::Permissions::from_mode(0o755)).unwrap();
    let base = project.read("stillframe.toml");
    for program in [
        "'./verify'",
        "'/bin/sh', '-c', 'kill -9 $$'",
        "'no-such-program'",
    ] {
        let verifier = format!(
            "[[verify]]\nname = {0}\ncommand = [{program}, {0}]\n",
            toml()
        );
        project.write("stillframe.toml", &format!("{base}{verifier}"));
        run(&project, &["check"]).expect(1);
    }
}

#[test]
fn exported_and_committed_schemas_are_shown_inert() {
    let project = Project::published();
    let text = json();
    let stringified = serde_json::to_string(&text).unwrap();
    for schema in [
        format!("{{\"properties\":{{\"command\":{{\"const\":{text}}}}}}}"),
        format!(
            "{{\"properties\":{{\"command\":{{\"const\":\"greet\"}},\"name\":{{\"enum\":[{text}]}}}}}}"
        ),
        format!(
            "{{\"properties\":{{\"command\":{{\"const\":\"greet\"}},\"name\":{{\"format\":{text}}}}}}}"
        ),
        format!(
            "{{\"properties\":{{\"command\":{{\"const\":\"greet\"}},\"name\":{{\"pattern\":{text}}}}}}}"
        ),
        r#"{"properties":{"command":{"const":"greet"},"name":{"pattern":"("}}}"#.to_owned(),
        format!("{{\"required\":[{text}],\"properties\":{{\"command\":{{\"const\":\"greet\"}}}}}}"),
        format!("{{\"properties\":{{{text}:{{\"type\":{text}}}}}}}"),
        format!("{{\"$ref\":{text}}}"),
        format!("{{\"$ref\":\"#/$defs/\"}}{text}"),
        format!("{{\"$id\":{text},\"$schema\":{text}}}"),
        format!("{{\"properties\":{{\"name\":{{\"x-stillframe\":{text}}}}}}}"),
        format!(
            "{{\"properties\":{{{text}:{{\"x-stillframe\":\"identity\",\"type\":{stringified}}}}}}}"
        ),
        format!("{{{text}:1,{text}:2}}"),
        HOSTILE.to_owned(),
    ] {
        project.write("schemas/greet.schema.json", &schema);
        project.write("scenarios/greet/a.json", &format!("{{{text}:{text}}}"));
        project.write("scenarios/greet/b.json", &format!("{{\"command\":{text}}}"));
        for args in [
            &["check"] as &[&str],
            &["validate"],
            &["regen"],
            &["scenario", "check"],
            &["scenario", "list"],
            &["scenario", "new", "greet", "c"],
        ] {
            run(&project, args);
        }
        let args = ["normalize", "--schema", "schemas/greet.schema.json", "tool"];
        inert(&args, &project.stillframe(&args));
    }
}

#[test]
fn files_and_folders_of_any_name_are_shown_inert() {
    for path in [
        format!("pocs/{HOSTILE}/poc.toml"),
        format!("pocs/{HOSTILE}/left-over"),
        format!("fixtures_generated/{HOSTILE}"),
        format!("fixtures_generated/{HOSTILE}.json"),
        format!("schemas/{HOSTILE}.schema.json"),
        format!("schemas/{HOSTILE}"),
        format!("scenarios/{HOSTILE}/a.json"),
        format!("scenarios/greet/{HOSTILE}.json"),
        format!("scenarios/{HOSTILE}"),
    ] {
        let project = Project::published();
        project.write(&path, "x");
        for args in [
            &["check"] as &[&str],
            &["validate"],
            &["accept"],
            &["scenario", "list"],
            &["scenario", "check"],
        ] {
            run(&project, args);
        }
        let args = ["normalize", &path];
        inert(&args, &project.stillframe(&args));
    }
    let project = Project::published();
    project.write(
        &format!("pocs/{HOSTILE}/poc.toml"),
        &project.read("pocs/01-first/poc.toml"),
    );
    run(&project, &["check"]);
    run(&project, &["regen"]);
    project.remove(&format!("pocs/{HOSTILE}"));
    run(&project, &["check"]);
    run(&project, &["regen"]);
}

#[test]
fn configuration_manifest_and_lock_are_quoted_inert() {
    let text = toml();
    let base = "format-version = 1\n[target]\ncommand = './tool'\n";
    for wrong in [
        format!("{text} = 1\n"),
        format!("format-version = {text}\n"),
        format!("format-version = 1\n[target]\ncommand = {text}\n"),
        format!("format-version = 1\n[target]\ncargo = {{ package = {text} }}\n"),
        format!("format-version = 1\n[target]\ncommand = './tool'\n{text} = 1\n"),
        format!("format-version = 1\n[target]\ncommand = './tool'\nargs = [{text}]\n"),
        format!("{base}[paths]\npocs = {text}\n"),
        format!("{base}[paths]\nschemas = 'a/../{HOSTILE}\n"),
        format!("{base}[defaults]\ntimeout = {text}\n"),
        format!("{base}[[requires]]\nprogram = {text}\nhint = {text}\n"),
        format!("{base}[problems]\n{text} = 'deny'\n"),
        format!("{base}[[verify]]\nname = {text}\ncommand = []\n"),
        format!("{base}[normalize]\ntimestamp = {text}\n"),
        format!("{base}[normalize]\npreserve = [{text}, '$.{{']\n"),
        format!(
            "{base}[[normalize.rule]]\nname = {text}\nmatch = {{ pattern = '(' }}\naction = 'zero'\nreason = {text}\n"
        ),
        format!(
            "{base}[[normalize.rule]]\nname = {text}\nmatch = {{ path = {text} }}\naction = 'zero'\nreason = {text}\n"
        ),
        format!(
            "{base}[[normalize.rule]]\nname = {text}\nmatch = {{ key = [{text}] }}\naction = {{ identity = {text} }}\nexample = {text}\nreason = {text}\n"
        ),
        format!(
            "{base}[[normalize.rule]]\nname = {text}\nmatch = {{ key = [{text}] }}\naction = {{ identity = 'a-${{n}}' }}\nreason = {text}\n"
        ),
        HOSTILE.to_owned(),
    ] {
        let project = Project::published();
        project.write("stillframe.toml", &wrong);
        for args in [
            &["check"] as &[&str],
            &["validate"],
            &["accept"],
            &["scenario", "list"],
        ] {
            run(&project, args);
        }
        let args = ["normalize", "tool"];
        inert(&args, &project.stillframe(&args));
    }
    for wrong in [
        format!("{text} = 1\n"),
        format!("[[step]]\nrun = {text}\n"),
        format!("[[step]]\nexec = [{text}]\n"),
        format!("[[step]]\nrun = ['${{{HOSTILE}}}']\n"),
        format!("[[step]]\nstdin = {text}\nrun = []\n"),
        format!("[[step]]\ncapture = {text}\nrun = []\n"),
        format!("[[step]]\ncapture = 'a'\nschema = {text}\nrun = [{text}]\n"),
        format!("[[step]]\ncapture = 'a'\nrun = []\nexpect = {{ '$.name' = {text} }}\n"),
        format!(
            "[[step]]\ncapture = 'a'\nrun = []\nexpect = {{ {text} = 1 }}\nnonempty = [{text}]\n"
        ),
        format!("[[step]]\nrun = []\nsave = {{ {text} = {text} }}\n"),
        format!("[[step]]\ncapture = 'a'\nrun = []\ntimeout = {text}\n"),
    ] {
        let project = Project::published();
        project.write("pocs/01-first/poc.toml", &format!("summary = 'x'\n{wrong}"));
        run(&project, &["check"]);
        run(&project, &["regen"]);
    }
    for (from, to) in [
        ("path = \"first/one.json\"", format!("path = {text}")),
        (
            "path = \"first/one.json\"",
            format!("path = \"first/one.json\"\n{text} = 1"),
        ),
        ("poc = \"01-first\"", format!("poc = {text}")),
        ("version = 1", format!("version = {text}")),
        ("exit = 0", "exit = 5".to_owned()),
    ] {
        let project = Project::published();
        project.edit("fixtures_generated/corpus.lock", from, &to);
        for args in [
            &["validate"] as &[&str],
            &["check"],
            &["accept"],
            &["regen"],
        ] {
            run(&project, args);
        }
    }
    let project = Project::published();
    project.script("echo {}");
    project.stillframe(&["check"]).expect(3);
    project.edit(
        "target/stillframe/candidates/fixtures/corpus.lock",
        "path = \"first/one.json\"",
        &format!("path = {}", toml::Value::from(format!("a{HOSTILE}.json"))),
    );
    run(&project, &["accept"]);
}
