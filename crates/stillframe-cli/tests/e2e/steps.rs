//! What a `poc.toml` can say, run by the real binary.

use crate::project::{Project, has_tool};

/// A project whose target prints its first argument, and a POC of these steps.
fn echo(steps: &str) -> Project {
    let project = Project::empty();
    project.script("printf '%s' \"$1\"");
    project.write(
        "stillframe.toml",
        "format-version = 1\n[target]\ncommand = \"./tool\"\n",
    );
    project.write(
        "pocs/01-echo/poc.toml",
        &format!("summary = \"echoes\"\n{steps}"),
    );
    project
}

#[test]
fn a_saved_value_reaches_later_steps_and_the_lock_keeps_the_variable() {
    let project = echo(
        r#"
[[step]]
run = ['{"plan": {"id": "p-7", "n": 3}}']
save = { id = "$.plan.id", n = "$.plan.n" }
[[step]]
capture = "apply"
run = ['{"applied": "${id}", "times": ${n}}']
"#,
    );
    project.stillframe(&["regen"]).expect(0);
    assert_eq!(
        project.read("fixtures_generated/echo/apply.json"),
        "{\n  \"applied\": \"p-7\",\n  \"times\": 3\n}\n"
    );
    assert!(
        project
            .read("fixtures_generated/corpus.lock")
            .contains("${id}")
    );
}

#[test]
fn a_save_that_finds_nothing_is_broken() {
    let project = echo(
        "[[step]]\nrun = ['{}']\nsave = { id = \"$.id\" }\n[[step]]\ncapture = \"x\"\nrun = ['\"${id}\"']\n",
    );
    project.stillframe(&["regen"]).expect(1).says(&[
        "unsaved",
        "`id`: $.id finds nothing",
        "01-echo, step 1",
    ]);
}

#[test]
fn ndjson_is_one_compact_document_a_line() {
    let project = echo(
        "[[step]]\ncapture = \"events\"\nstdout = \"ndjson\"\nrun = ['{\"n\": 1, \"took_ms\": 5}\n{\"n\": 2,  \"took_ms\": 6}']\nexpect = { \"$[1].n\" = 2 }\n",
    );
    // A TOML literal string holds no line break; a multi-line one does.
    let manifest = project
        .read("pocs/01-echo/poc.toml")
        .replace("['{", "['''{")
        .replace("}']", "}''']");
    project.write("pocs/01-echo/poc.toml", &manifest);
    project.stillframe(&["regen"]).expect(0);
    assert_eq!(
        project.read("fixtures_generated/echo/events.ndjson"),
        "{\"n\":1,\"took_ms\":0}\n{\"n\":2,\"took_ms\":0}\n"
    );
    project.stillframe(&["check"]).expect(0);
}

#[test]
fn stated_expectations_are_held_against_the_output() {
    let project = echo(
        "[[step]]\ncapture = \"x\"\nrun = ['{\"rows\": [], \"n\": 2}']\nnonempty = [\"$.rows\"]\nexpect = { \"$.n\" = 3 }\n",
    );
    project.stillframe(&["regen"]).expect(1).says(&[
        "unmet",
        "$.rows finds an empty array",
        "$.n is 2, expected 3",
    ]);
    assert!(project.corpus().is_empty());
}

#[test]
fn a_capture_that_says_nothing_is_reported_unless_the_step_says_so() {
    let project = echo("[[step]]\ncapture = \"x\"\nrun = ['{\"rows\": []}']\n");
    project
        .stillframe(&["regen"])
        .expect(0)
        .says(&["vacuous", "nonempty = []"]);
    project.stillframe(&["check", "--deny-warnings"]).expect(1);
    project.edit("pocs/01-echo/poc.toml", "run =", "nonempty = []\nrun =");
    let ran = project.stillframe(&["check", "--deny-warnings"]).expect(0);
    assert!(!ran.stdout.contains("vacuous"), "{}", ran.stdout);
}

#[test]
fn equal_fixtures_and_rules_without_effect_are_advice_that_can_be_denied() {
    let project =
        echo("[[step]]\ncapture = \"x\"\nrun = ['1']\n[[step]]\ncapture = \"y\"\nrun = ['1']\n");
    let config = project.read("stillframe.toml");
    let rule = "[[normalize.rule]]\nname = \"ids\"\nmatch = { key = [\"id\"] }\naction = \"zero\"\nreason = \"x\"\n";
    project.write("stillframe.toml", &format!("{config}{rule}"));
    project.stillframe(&["regen"]).expect(0).says(&[
        "duplicate",
        "same bytes as echo/x.json",
        "unused-rule",
        "ids",
    ]);
    project.write(
        "stillframe.toml",
        &format!("{config}[problems]\nduplicate = \"deny\"\n{rule}"),
    );
    project
        .stillframe(&["check"])
        .expect(1)
        .says(&["duplicate"]);
    project.write(
        "stillframe.toml",
        &format!("{config}[problems]\nduplicate = \"allow\"\n"),
    );
    project.stillframe(&["check"]).expect(0);
}

#[test]
fn everything_missing_is_named_at_once_with_its_hint() {
    let project = echo(
        "[[step]]\nexec = [\"no-such-program\"]\n[[step]]\nexec = [\"cat\"]\nstdin = \"nosuch.sql\"\n[[step]]\ncapture = \"x\"\nrun = ['1']\n",
    );
    let config = project.read("stillframe.toml");
    project.write(
        "stillframe.toml",
        &format!("{config}[[requires]]\nprogram = \"no-such-server\"\nhint = \"apt-get install no-such-server\"\n"),
    );
    project.stillframe(&["check"]).expect(2).says(&[
        "no-such-program",
        "pocs/01-echo/nosuch.sql",
        "no-such-server",
        "hint: apt-get install no-such-server",
    ]);
}

#[test]
fn a_step_gets_its_seed_file_and_leaves_the_poc_as_it_was() {
    let project = echo(
        "[[step]]\nexec = [\"sh\", \"-c\", \"cat > state\"]\nstdin = \"seed\"\n[[step]]\ncapture = \"x\"\nrun = []\n",
    );
    project.write("pocs/01-echo/seed", "{\"from\": \"seed\"}");
    project.script("cat state");
    project.stillframe(&["regen"]).expect(0);
    assert_eq!(
        project.read("fixtures_generated/echo/x.json"),
        "{\n  \"from\": \"seed\"\n}\n"
    );
    assert!(!project.path("pocs/01-echo/state").exists());
}

#[test]
fn the_sandbox_is_hermetic_and_its_paths_are_scrubbed() {
    let project = echo("env = { MODE = \"poc\" }\n[[step]]\ncapture = \"env\"\nrun = []\n");
    project.script(r#"printf '{"cwd":"%s/a.db","home":"%s","tmp":"file://%s/x","tz":"%s","mode":"%s","secret":"%s"}' "$PWD" "$HOME" "$TMPDIR" "$TZ" "$MODE" "$SECRET""#);
    let ran = project
        .command(&["regen"])
        .env("SECRET", "s3cr3t")
        .output()
        .unwrap();
    assert!(ran.status.success());
    assert_eq!(
        project.read("fixtures_generated/echo/env.json"),
        "{\n  \"cwd\": \"/stillframe/poc/a.db\",\n  \"home\": \"/stillframe/home\",\n  \"tmp\": \"file:///stillframe/tmp/x\",\n  \"tz\": \"UTC\",\n  \"mode\": \"poc\",\n  \"secret\": \"\"\n}\n"
    );
}

#[test]
fn what_a_step_printed_is_kept_for_diagnosis() {
    let project =
        echo("[[step]]\nrun = ['{}']\n[[step]]\ncapture = \"x\"\nrun = ['{\"took_ms\": 77}']\n");
    project.edit("tool", "printf", "echo note >&2; printf");
    project.stillframe(&["regen"]).expect(0);
    assert_eq!(
        project.read("target/stillframe/raw/01-echo/02.stdout"),
        "{\"took_ms\": 77}"
    );
    assert_eq!(
        project.read("target/stillframe/raw/01-echo/02.stderr"),
        "note\n"
    );
    let record = project.read("target/stillframe/raw/01-echo/steps.json");
    assert!(
        record.contains("\"end\": \"exit 0\"") && record.contains("elapsed_ms"),
        "{record}"
    );
}

#[test]
fn identities_are_equal_across_the_files_of_a_poc() {
    let project = echo(
        "[[step]]\ncapture = \"a\"\nrun = ['{\"run_id\": \"r-77\", \"parent_id\": \"r-12\"}']\n[[step]]\ncapture = \"b\"\nrun = ['{\"run_id\": \"r-12\"}']\n",
    );
    let config = project.read("stillframe.toml");
    project.write(
        "stillframe.toml",
        &format!("{config}[[normalize.rule]]\nname = \"run\"\nmatch = {{ key = [\"run_id\", \"parent_id\"] }}\naction = {{ identity = \"run-${{n}}\" }}\nreason = \"minted\"\n"),
    );
    project.stillframe(&["regen"]).expect(0);
    assert_eq!(
        project.read("fixtures_generated/echo/a.json"),
        "{\n  \"run_id\": \"run-1\",\n  \"parent_id\": \"run-2\"\n}\n"
    );
    assert_eq!(
        project.read("fixtures_generated/echo/b.json"),
        "{\n  \"run_id\": \"run-2\"\n}\n"
    );
}

#[test]
fn what_git_ignores_does_not_leak_into_a_capture() {
    if !has_tool("git") {
        return;
    }
    let project = echo(
        "[[step]]\nexec = [\"sh\", \"-c\", \"ls | wc -l > $TMPDIR/count\"]\n[[step]]\ncapture = \"x\"\nrun = []\n",
    );
    project.script("cat $TMPDIR/count");
    let git = |args: &[&str]| {
        let done = std::process::Command::new("git")
            .args(args)
            .current_dir(project.root())
            .output()
            .unwrap();
        assert!(done.status.success(), "{done:?}");
    };
    git(&["init", "-q"]);
    project.write(".gitignore", "/target\n*.db\nlocal/\n");
    project.write("pocs/01-echo/seed.sql", "");
    project.stillframe(&["regen"]).expect(0);
    let clean = project.corpus();
    project.write("pocs/01-echo/test.db", "left behind by a run by hand");
    project.write("pocs/01-echo/local/notes", "mine");
    project.stillframe(&["check"]).expect(0);
    assert_eq!(project.corpus(), clean);
    project.edit("pocs/01-echo/poc.toml", "exec", "stdin = \"test.db\"\nexec");
    project.stillframe(&["check"]).expect(2).says(&[
        "git ignores the file",
        "git add --force pocs/01-echo/test.db",
    ]);
}

#[test]
fn the_sandbox_is_scrubbed_wherever_its_name_stands() {
    let project = echo("[[step]]\ncapture = \"flags\"\nrun = []\n");
    project.script(r#"printf '["-I%s/inc", "%s-old", "x%s.bak"]' "$PWD" "$PWD" "$PWD""#);
    project.stillframe(&["regen"]).expect(0);
    assert_eq!(
        project.read("fixtures_generated/echo/flags.json"),
        "[\n  \"-I/stillframe/poc/inc\",\n  \"/stillframe/poc-old\",\n  \"x/stillframe/poc.bak\"\n]\n"
    );
    project.stillframe(&["check"]).expect(0);
}

#[test]
fn a_number_beyond_a_double_is_kept_as_printed() {
    let project = echo("[[step]]\ncapture = \"n\"\nrun = ['{\"n\": 1e400}']\n");
    project.write(
        "schemas/n.schema.json",
        "{\"properties\": {\"n\": {\"type\": \"number\"}}}",
    );
    project.edit("pocs/01-echo/poc.toml", "run", "schema = \"n\"\nrun");
    project.stillframe(&["regen"]).expect(0);
    assert_eq!(
        project.read("fixtures_generated/echo/n.json"),
        "{\n  \"n\": 1e400\n}\n"
    );
    project.stillframe(&["validate"]).expect(0);
}

#[test]
fn a_failed_step_shows_what_it_printed_on_both_streams() {
    let project = echo("[[step]]\nrun = []\n[[step]]\ncapture = \"x\"\nrun = ['1']\n");
    project.script("echo '{\"error\": \"no table\"}'; echo see above >&2; exit 3");
    project.stillframe(&["regen"]).expect(1).says(&[
        "exit code 3, expected 0",
        "stdout: {\"error\": \"no table\"}",
        "stderr: see above",
    ]);
}

#[test]
fn a_file_where_another_capture_needs_a_folder_is_refused() {
    let project = echo("[[step]]\ncapture = \"x\"\nrun = ['1']\n");
    project.write(
        "pocs/02-b/poc.toml",
        "summary = \"b\"\ndest = \"echo/x.json\"\n[[step]]\ncapture = \"y\"\nrun = ['2']\n",
    );
    project
        .stillframe(&["regen"])
        .expect(2)
        .says(&["echo/x.json/y.json", "needs a folder"]);
}

#[test]
fn a_program_that_an_earlier_step_makes_is_looked_for_when_its_step_runs() {
    let make = "printf '#!/bin/sh\\necho {}\\n' > made; chmod +x made; mkdir -p bin sub; cp made bin/tool; cp made sub/deep";
    let steps = format!(
        "env = {{ PATH = \"bin:/usr/bin:/bin\" }}\n[[step]]\nexec = [\"sh\", \"-c\", {}]\n",
        toml_string(make)
    ) + "[[step]]\ncapture = \"a\"\nexec = [\"./made\"]\nnonempty = []\n"
        + "[[step]]\ncapture = \"b\"\nexec = [\"tool\"]\nnonempty = []\n"
        + "[[step]]\ncapture = \"c\"\nexec = [\"./deep\"]\ncwd = \"sub\"\nnonempty = []\n";
    let project = echo(&steps);
    project.stillframe(&["regen"]).expect(0);
    project.edit("pocs/01-echo/poc.toml", "\"./made\"", "\"./meda\"");
    project.stillframe(&["regen"]).expect(1).says(&[
        "echo/a.json",
        "there is no program meda in the POC when the step runs",
        "let an earlier step make it",
    ]);
}

#[test]
fn a_program_that_no_step_can_have_made_is_named_before_anything_runs() {
    let project = echo(
        "[[step]]\nexec = [\"./gone\"]\n[[step]]\nexec = [\"no-such-program\"]\n[[step]]\nexec = [\"/no/such/program\"]\n",
    );
    project.stillframe(&["check"]).expect(2).says(&[
        "./gone",
        "no-such-program",
        "/no/such/program",
    ]);
}

fn toml_string(text: &str) -> String {
    format!("'''{text}'''")
}
