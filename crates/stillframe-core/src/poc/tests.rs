//! What a `poc.toml` can say, and what is wrong with one.

use super::*;

fn errors(text: &str) -> String {
    match Poc::parse("00-a/01-basics", text) {
        Ok(_) => "accepted".into(),
        Err(errors) => errors
            .into_iter()
            .map(|e| e.message)
            .collect::<Vec<_>>()
            .join("\n"),
    }
}

#[test]
fn a_whole_manifest_is_understood() {
    let poc = Poc::parse(
        "00-a/01-basics",
        r#"
        summary = "All keys"
        [[step]]
        exec = ["sqlite3", "test.db"]
        stdin = "seed.sql"
        [[step]]
        run = ["plan"]
        save = { id = "$.plan_id" }
        [[step]]
        capture = "apply"
        run = ["apply", "${id}"]
        timeout = "1500ms"
        stdout = "ndjson"
        nonempty = ["$.rows[*]"]
        expect = { "$.n" = 2 }
        "#,
    )
    .unwrap();
    let (step, capture) = poc.captures().next().unwrap();
    assert_eq!(capture.path.as_str(), "basics/apply.ndjson");
    assert_eq!(step.exit, ExitPolicy::Any);
    assert_eq!(poc.steps[0].exit, ExitPolicy::OneOf(vec![0]));
    assert_eq!(step.timeout, Some(Duration::from_millis(1500)));
}

#[test]
fn a_string_for_run_is_refused_with_the_array() {
    let said = errors("summary = \"x\"\n[[step]]\nrun = \"store base\"\n");
    assert!(
        said.contains(r#"write the arguments as an array: ["store", "base"]"#),
        "{said}"
    );
    assert!(said.contains("line 3"), "{said}");
}

#[test]
fn each_mistake_is_named() {
    let head = "summary = \"x\"\n";
    for (manifest, expected) in [
        ("", "the POC has no step"),
        ("[[step]]\nexec = [\"a\"]\nrun = [\"b\"]", "not both"),
        ("[[step]]", "needs `run"),
        ("[[step]]\nrun = [\"${x}\"]", "unknown variable `${x}`"),
        (
            "[[step]]\nrun = []\ncapture = \"../x\"",
            "does not stay in the corpus folder",
        ),
        (
            "[[step]]\nrun = []\ncapture = \"/x\"",
            "does not stay in the corpus folder",
        ),
        (
            "[[step]]\nrun = []\ncapture = \"a:b\"",
            "not a portable file name",
        ),
        (
            "[[step]]\nrun = []\ncapture = \"con\"",
            "not a portable file name",
        ),
        (
            "dest = \"corpus.lock\"\n[[step]]\nrun = []\ncapture = \"a\"",
            "the name of the lock",
        ),
        (
            "[[step]]\nrun = []\nstdin = \"../x\"",
            "not a file of the POC",
        ),
        (
            "[[step]]\nrun = []\nstdin = \"/etc/passwd\"",
            "not a file of the POC",
        ),
        (
            "[[step]]\nrun = []\ncapture = \"a\"\nexpect = { \"$.z\" = 1979-05-27 }",
            "JSON has no dates",
        ),
        (
            "[[step]]\nrun = []\nexpect = { \"$.a\" = 1 }",
            "belong to a step with `capture`",
        ),
        (
            "[[step]]\nrun = []\ntimeout = \"soon\"",
            "is not a duration",
        ),
        ("[[step]]\nrun = []\nsave = { x = \"$[\" }", "JSONPath"),
        (
            "[[step]]\nexec = [\"a\"]\ntarget = \"x\"",
            "goes with `run`",
        ),
        (
            "[[step]]\nrun = []\ncwd = \"../x\"",
            "does not stay in the sandbox",
        ),
        (
            "[[step]]\nrun = []\ncwd = \"/tmp\"",
            "does not stay in the sandbox",
        ),
        (
            "[[step]]\nrun = []\ncapture = \"a\"\nfile = \"/tmp/x.json\"",
            "not a file of the sandbox",
        ),
        (
            "[[step]]\nrun = []\ncapture = \"a\"\nstdout = \"json\"\nfile = \"x.json\"",
            "a step has one output",
        ),
        (
            "[[step]]\nrun = []\nfile = \"x.json\"",
            "belong to a step with",
        ),
        (
            "[[step]]\nrun = []\nsave = { root = \"$.x\" }",
            "under another name",
        ),
        (
            "[[step]]\nrun = []\nstdin = \"${root}/../x\"",
            "not a file of the POC",
        ),
        ("env = { A = \"${PWD}\" }", "unknown variable `${PWD}`"),
        ("base = \"../x\"", "is not a folder below that of"),
        ("[[step]]\nrun = []\ntypo = 1", "unknown field `typo`"),
        ("[[step]]\nrun = [\"a\", \"b\\u0000\"]", "line 3, column 7"),
        ("[[step]]\nexec = [\"a\\u0000b\"]", "the character NUL"),
        (
            "[[step]]\nrun = []\nstdin = \"a\\u0000\"",
            "the character NUL",
        ),
        ("env = { A = \"\\u0000\" }", "the character NUL"),
        ("env = { \"A=B\" = \"\" }", "cannot name a variable"),
    ] {
        let said = errors(&format!("{head}{manifest}\n"));
        assert!(said.contains(expected), "{manifest}\nsaid: {said}");
    }
}

#[test]
fn default_dest_drops_the_leading_number() {
    for (id, dest) in [
        ("a/01-basics", "basics"),
        ("basics", "basics"),
        ("a/01", "01"),
        ("a/01-", "01-"),
        ("a/-x", "-x"),
    ] {
        assert_eq!(default_dest(id), dest);
    }
}

#[test]
fn an_output_is_a_stream_or_a_file_of_any_program() {
    let step = |keys: &str| {
        let text = format!("summary = \"x\"\n[[step]]\ncapture = \"x\"\n{keys}\n");
        Poc::parse("a", &text).unwrap().steps.remove(0)
    };
    for (keys, channel, name) in [
        ("run = []", "stdout", "a/x.json"),
        ("run = []\nstderr = \"ndjson\"", "stderr", "a/x.ndjson"),
        (
            "exec = [\"a\"]\nfile = \"out/r.json\"",
            "out/r.json",
            "a/x.json",
        ),
        ("run = []\nfile = \"r.jsonl\"", "r.jsonl", "a/x.ndjson"),
    ] {
        let step = step(keys);
        assert_eq!(step.channel.to_string(), channel);
        assert_eq!(step.capture.unwrap().path.as_str(), name);
    }
}
