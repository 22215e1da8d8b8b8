//! `detect` and `merge`.

use std::process::{Command, Output};
use std::time::{Duration, Instant};

use super::project::{LOCK, Project, has_nextest};

#[test]
fn a_suite_is_measured_once_and_its_lock_written() {
    if !has_nextest() {
        return;
    }
    let project = Project::new();
    let ran = project.consumers(&["detect"]).expect(0);
    let ran = ran.says(&[
        "4 tests, 5 fixtures: 3 uses, 1 joint",
        "consumers.lock: written",
    ]);
    let lines = ran.stderr.lines().count();
    assert!(
        lines < 8,
        "there are {lines} lines of news:\n{}",
        ran.stderr
    );
    assert_eq!(project.lock(), LOCK);

    let again = project.consumers(&["--quiet", "detect"]).expect(0);
    let again = again.says(&["0 executions in 0 runs", "consumers.lock: as it was"]);
    assert_eq!(again.stderr, "");
    assert_eq!(project.lock(), LOCK);
}

#[test]
fn a_test_that_fails_with_nothing_hidden_is_named_and_the_suite_broken() {
    if !has_nextest() {
        return;
    }
    let project = Project::new();
    project.append(
        "tests/uses.rs",
        "\n#[test]\nfn always() {\n    panic!(\"out of order\");\n}\n",
    );
    let ran = project.consumers(&["detect"]).expect(1);
    ran.says(&[
        "1 of 5 tests fail while nothing is hidden",
        "--allow-failing",
        "suite::uses always",
    ]);
    assert_eq!(project.lock(), "");
    project.consumers(&["detect", "--allow-failing"]).expect(0);
    let reason = "it fails while nothing is hidden";
    let unknown =
        format!("{LOCK}\n[[unknown]]\ntest = \"suite::uses always\"\nreason = \"{reason}\"\n");
    assert_eq!(project.lock(), unknown);
}

#[test]
fn interrupted_at_any_moment_it_goes_on_to_the_same_lock() {
    if !has_nextest() {
        return;
    }
    let project = Project::new();
    let mut interrupted = 0;
    // Moments that grow, so that it ends; the fractions differ from run to run with the machine's load.
    for round in 1.. {
        let output = interrupt_after(&project, Duration::from_millis(137 * round));
        match output.status.code() {
            Some(0) => break,
            Some(130) => interrupted += 1,
            other => panic!("it ended with {other:?}: {output:?}"),
        }
        assert_eq!(project.lock(), "", "nothing is written before the end");
    }
    assert!(interrupted > 2, "it was interrupted {interrupted} times");
    assert_eq!(project.lock(), LOCK);
}

fn interrupt_after(project: &Project, time: Duration) -> Output {
    let mut child = project.command(&["detect"]).spawn().unwrap();
    let started = Instant::now();
    while started.elapsed() < time && child.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(10));
    }
    let interrupt = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .output();
    drop(interrupt);
    child.wait_with_output().unwrap()
}

#[test]
fn shards_merged_give_the_same_lock() {
    if !has_nextest() {
        return;
    }
    let project = Project::new();
    let mut journals = Vec::new();
    for number in 1..=3 {
        let (shard, work) = (format!("{number}/3"), format!("target/shard-{number}"));
        let ran = project.consumers(&["detect", "--shard", &shard, "--work", &work]);
        ran.expect(0).says(&["stillframe consumers merge"]);
        journals.push(project.journal(&work).display().to_string());
        assert_eq!(project.lock(), "", "a shard does not know the whole");
    }
    let merge = |journals: &[String]| {
        let mut args = vec!["merge"];
        args.extend(journals.iter().map(String::as_str));
        project.consumers(&args)
    };
    // With no test in a shard, the other two are the whole.
    let partial = merge(&journals[..1]);
    partial.expect(1).says(&["something is left to measure"]);
    assert_eq!(project.lock(), "");
    merge(&journals)
        .expect(0)
        .says(&["consumers.lock: written"]);
    assert_eq!(project.lock(), LOCK);

    project.append("src/lib.rs", "// edited\n");
    merge(&journals)
        .expect(2)
        .says(&["measured on other files"]);
}

#[test]
fn a_change_is_measured_with_what_was_known_before_it() {
    if !has_nextest() {
        return;
    }
    let project = Project::new();
    project.consumers(&["detect"]).expect(0);
    project.write(
        "tests/more.rs",
        "#[test]\nfn bob_too() {\n    let skipped = std::env::var(\"SKIPPED\").unwrap_or_default();\n    assert!(!skipped.contains(\"users\"));\n}\n",
    );
    let nowhere = project.consumers(&["detect", "--in-diff", "nowhere"]);
    nowhere
        .expect(2)
        .says(&["git knows no revision \"nowhere\""]);
    let ran = project
        .consumers(&["detect", "--in-diff", "HEAD"])
        .expect(0);
    let ran = ran.says(&["since HEAD 1 file changed: 4 of 4 tests and 0 fixtures may be touched"]);
    let expected = LOCK.replace(
        "    { test = \"suite::uses anna_is_a_user\"",
        "    { test = \"suite::more bob_too\", class = \"reads\" },\n    { test = \"suite::uses anna_is_a_user\"",
    );
    assert_eq!(project.lock(), expected);
    let executions = |stdout: &str| -> u64 {
        let line = stdout.split("unknown; ").nth(1).unwrap();
        line.split_once(' ').unwrap().0.parse().unwrap()
    };
    let guided = executions(&ran.stdout);
    let alone = project
        .consumers(&["detect", "--work", "target/alone"])
        .expect(0);
    assert!(
        guided < executions(&alone.stdout),
        "{guided}:\n{}",
        alone.stdout
    );

    project.commit();
    project.append("src/lib.rs", "// edited\n");
    let ran = project
        .consumers(&["detect", "--in-diff", "HEAD"])
        .expect(0);
    ran.says(&["holds no journal of HEAD", "everything is measured"]);
    assert_eq!(project.lock(), expected);
}

#[test]
fn a_suite_that_hides_nothing_is_not_measured() {
    if !has_nextest() {
        return;
    }
    let project = Project::new();
    project.hide_nothing();
    project.consumers(&["detect"]).expect(1).says(&[
        "unknown  cache, roles, store, themes, users: the variable SKIPPED was never seen to hide anything",
        "nothing was written",
    ]);
    assert_eq!(project.lock(), "");
}

#[test]
fn a_command_with_flags_and_filters_is_run_as_it_is_written() {
    if !has_nextest() {
        return;
    }
    let project = Project::new();
    let definition = std::fs::read_to_string(project.path("consumers.toml")).unwrap();
    let command = r#"["cargo", "nextest", "run", "--workspace", "-E", "not test(nothing)", "--", "--skip", "either"]"#;
    let changed = definition.replace(r#"["cargo", "nextest", "run"]"#, command);
    assert_ne!(changed, definition);
    project.write("consumers.toml", &changed);
    project
        .consumers(&["detect"])
        .expect(0)
        .says(&["2 tests, 5 fixtures: 3 uses"]);
}
