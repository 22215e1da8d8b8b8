//! No form of a mistake in a configuration or a command line prints what may be a password.

use crate::project::{Project, Ran};

const URL: &str = "postgres://me:s3cret@127.0.0.1/app";

#[track_caller]
fn is_silent(of: &str, ran: &Ran) {
    let printed = format!("{}{}", ran.stdout, ran.stderr);
    assert!(!printed.contains("s3cret"), "{of}: {printed}");
    assert!(!printed.is_empty(), "{of}");
}

#[test]
fn a_mistake_in_the_configuration_prints_no_password() {
    for added in [
        "[env]\nset = { DB = \"URL\"",
        "[env]\nset = \"DB=URL\"",
        "[env]\nset = { DB = \"s3cret\"",
        "[env]\npass = \"URL\"",
        "[env]\npassword = \"s3cret\"",
        "[env]\nset = { API_PASSWORD = s3cret }",
        "[env]\nset = { \"DB=URL\" = \"x\" }",
        "[env]\nset = { PGPASSWORD = \"s3cret }",
        "[env]\nset = { PGPASSWORD = \"s3cret\", PGPASSWORD = \"s3cret\" }",
        "args = \"--db URL\"",
        "args = [\"--password\", \"s3cret\"",
        "build = [\"false\", \"--password=s3cret\", \"URL\"]",
        "build = [\"false\", \"--password\", \"s3cret\"]",
        "build = [\"./missing\", \"--password\", \"s3cret\"]",
        "schemas = [\"fail\", \"--token\", \"s3cret\", \"URL\"]",
        "[[verify]]\nname = \"v\"\ncommand = [\"false\", \"--password=s3cret\", \"--token\", \"s3cret\"]",
        "[[verify]]\nname = \"v\"\ncommand = \"check --db URL\"",
        "[[requires]]\nprogram = \"psql URL\"",
        "[paths]\nwork = \"URL\"",
    ] {
        let project = Project::shell();
        let config = project.read("stillframe.toml");
        let added = added.replace("URL", URL);
        project.write("stillframe.toml", &format!("{config}{added}\n"));
        is_silent(&added, &project.stillframe(&["check"]));
        is_silent(&added, &project.stillframe(&["check", "--format", "json"]));
    }
}

#[test]
fn a_mistake_in_a_poc_prints_no_password() {
    for added in [
        "env = { DB = \"URL\", N = 1 }\n",
        "env = \"URL\"\n",
        "env = { DB = \"s3cret\"\n",
        "[[step]]\nrun = \"x --db URL\"\n",
        "[[step]]\nexec = [\"false\", \"--db\", \"URL\", \"--password\", \"s3cret\"]\n",
        "[[step]]\nexec = [\"./missing\", \"--db\", \"URL\"]\n",
        "[[step]]\nrun = []\nstdin = \"URL\"\n",
        "[[step]]\nrun = []\nsave = { a = \"URL\" }\n",
        "[[step]]\nrun = []\ntimeout = \"URL\"\n",
        "[[step]]\nrun = []\ntarget = \"URL\"\n",
        "[[step]]\nrun = []\npasswort = \"s3cret\"\n",
    ] {
        let project = Project::shell();
        let added = added.replace("URL", URL);
        let step = "[[step]]\ncapture = \"one\"\nrun = [\"one\"]\n";
        let poc = format!("summary = \"x\"\n{added}{step}");
        project.write("pocs/01-first/poc.toml", &poc);
        is_silent(&added, &project.stillframe(&["check"]));
    }
}

#[test]
fn a_mistake_on_the_command_line_prints_no_password() {
    let project = Project::shell();
    for args in [
        &["check", "--poc", URL][..],
        &["check", URL],
        &["check", "--work", URL],
        &["check", "--token", "s3cret"],
        &["accept", "--from", URL],
        &["scenario", "new", URL, "x"],
        &["normalize", URL],
        &["--root", URL, "check"],
    ] {
        is_silent(&args.join(" "), &project.as_typed(args));
    }
}

#[test]
fn what_a_fixture_holds_is_shown_in_its_drift() {
    let project = Project::shell();
    project.script(r#"echo '{"rows":[1],"token":"a","pass":1}'"#);
    project.stillframe(&["regen"]).expect(0);
    project.script(r#"echo '{"rows":[1],"token":"b","pass":2}'"#);
    project
        .stillframe(&["check"])
        .expect(3)
        .says(&["$.token: \"a\" → \"b\"", "$.pass: 1 → 2"]);
}
