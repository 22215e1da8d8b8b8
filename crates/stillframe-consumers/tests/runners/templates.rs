//! The runners `junit` and `tap` on shell scripts.

use std::time::{Duration, Instant};

use stillframe_consumers::suite::Selection;

use super::project::{Project, Suite, only};

/// Four tests; variables say what goes wrong.
const TAP: &str = r##"#!/bin/sh
[ -z "$BROKEN" ] || { echo "cannot open the fixtures" >&2; exit 3; }
[ "$1" != --list ] || { printf '%s\n' one two 'three, "3"' four; exit; }
[ $# -gt 0 ] || set -- one two 'three, "3"' four
[ -n "$NO_PLAN" ] || echo "1..$#"
number=0
for name; do
    number=$((number + 1))
    if [ "$name" = two ]; then
        [ -z "$HANG" ] || sleep 300
        [ -z "$KILL" ] || kill -9 $$
        [ -z "$LEAVE" ] || exit 1
        [ -z "$LEAK" ] || { sleep 300 & echo $! > leaked; }
        [ -z "$FAIL" ] || { echo "not ok $number - two"; echo "# no rows"; continue; }
    fi
    [ "$name" != four ] || name="four # SKIP later"
    echo "ok $number - $name"
done
"##;

const SUITE: &str = "runner = \"tap\"\ncommand = [\"./suite\"]\n";
const SELECT: &str = "select = [\"./suite\", \"${tests}\"]\n";

fn tap(more: &str) -> (Project, Suite) {
    let project = Project::new();
    project.script("suite", TAP);
    let suite = project.suite(&format!("{SUITE}{more}"));
    (project, suite)
}

#[test]
fn tap_tells_how_tests_end() {
    let (_project, suite) = tap("");
    let mut suite = suite.with("FAIL", "1");
    assert_eq!(
        suite.ends(&Selection::Whole),
        [
            "four: skipped",
            "one: passed",
            "three, \"3\": passed",
            "two: Body, no rows"
        ]
    );
}

#[test]
fn tests_are_selected_by_name() {
    let (_project, mut suite) = tap(SELECT);
    assert!(suite.runner.selects());
    assert_eq!(
        suite.ends(&only(&["three, \"3\"", "two"])),
        ["three, \"3\": passed", "two: passed"]
    );
    let (_project, suite) = tap("");
    assert!(!suite.runner.selects());
}

#[test]
fn a_suite_that_does_not_start_reports_no_test() {
    let (_project, suite) = tap(SELECT);
    let mut suite = suite.with("BROKEN", "1");
    for tests in [Selection::Whole, only(&["one", "two"])] {
        let report = suite.run(&tests).unwrap();
        assert!(report.outcomes.is_empty(), "{report:?}");
        assert!(report.printed.contains("exit code 3"), "{report:?}");
        assert!(report.printed.contains("cannot open"), "{report:?}");
    }
}

#[test]
fn a_test_that_hangs_is_found_and_no_other_is_blamed() {
    let (_project, mut suite) = tap(SELECT);
    suite.run(&Selection::Whole).unwrap();
    let mut suite = suite.with("HANG", "1").ended_after(3);
    let ends = [
        "four: skipped",
        "one: passed",
        "three, \"3\": passed",
        "two: timed out",
    ];
    assert_eq!(suite.ends(&Selection::Whole), ends);
    assert_eq!(
        suite.ends(&only(&["one", "two", "three, \"3\"", "four"])),
        ends
    );
}

#[test]
fn a_test_that_is_killed_is_found_and_no_other_is_blamed() {
    for (variable, end) in [
        (
            "KILL",
            "two: Body, the process ended while the test ran: ended by SIGKILL",
        ),
        ("LEAVE", "two: missing, exit code 1"),
    ] {
        let (_project, mut suite) = tap(SELECT);
        suite.run(&Selection::Whole).unwrap();
        suite.set(variable, "1");
        assert_eq!(
            suite.ends(&Selection::Whole),
            ["four: skipped", "one: passed", "three, \"3\": passed", end],
            "{variable}"
        );
    }
}

#[test]
fn without_selection_a_stopped_run_is_an_error_that_says_what_to_do() {
    for (variable, end) in [
        ("HANG", "raise [suite] timeout"),
        ("KILL", "write [suite] select"),
        ("LEAVE", "write [suite] select"),
    ] {
        let (_project, mut suite) = tap("");
        suite.run(&Selection::Whole).unwrap();
        let mut suite = suite.with(variable, "1").ended_after(3);
        let problem = suite.problem(&Selection::Whole);
        assert!(problem.contains(end), "{problem}");
        assert!(problem.contains("./suite"), "{problem}");
    }
}

#[test]
fn the_first_run_must_be_whole() {
    for variable in ["NO_PLAN", "LEAVE", "KILL", "HANG"] {
        let (_project, suite) = tap(SELECT);
        let mut suite = suite.with(variable, "1").ended_after(3);
        let problem = suite.problem(&Selection::Whole);
        assert!(
            problem.contains("before it reported every test"),
            "{variable}: {problem}"
        );
    }
}

#[test]
fn listed_tests_are_known_before_the_first_run() {
    let (_project, suite) = tap(&format!("{SELECT}list = [\"./suite\", \"--list\"]\n"));
    let mut suite = suite.prepared().with("KILL", "1");
    assert_eq!(suite.ends(&Selection::Whole).len(), 4);
    let mut suite = suite.with("BROKEN", "1");
    let problem = suite.problem_of_preparing();
    assert!(problem.contains("[suite] list"), "{problem}");
    assert!(problem.contains("cannot open"), "{problem}");
}

#[test]
fn names_that_only_the_list_has_are_refused() {
    let (project, suite) = tap("list = [\"./list\"]\n");
    project.script("list", "#!/bin/sh\necho 1. one\n");
    let problem = suite.prepared().problem(&Selection::Whole);
    assert!(
        problem.contains("make list print the names of the report"),
        "{problem}"
    );
}

#[test]
fn what_a_suite_leaves_running_is_ended() {
    let (project, suite) = tap("");
    let mut suite = suite.with("LEAK", "1");
    let started = Instant::now();
    assert_eq!(suite.ends(&Selection::Whole).len(), 4);
    assert!(started.elapsed() < Duration::from_secs(60));
    let id = project.read("leaked");
    // One that has ended may still wait for somebody to ask how.
    let runs = || {
        let state = std::fs::read_to_string(format!("/proc/{}/stat", id.trim()));
        state.is_ok_and(|state| !state.contains(") Z "))
    };
    while runs() {
        assert!(started.elapsed() < Duration::from_secs(60), "it still runs");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A suite that writes its report in the end.
const JUNIT: &str = r#"#!/bin/sh
[ -z "$BROKEN" ] || { echo "cannot open the fixtures" >&2; exit 3; }
[ $# -gt 0 ] || set -- 'Cart adds' 'Cart empties' pays
text='<testsuites><testsuite name="shop">'
for name; do
    case "$name" in
    Cart*) case="<testcase classname=\"Cart\" name=\"${name#Cart }\"" ;;
    *) case="<testcase classname=\"$name\" name=\"$name\"" ;;
    esac
    [ "$name$HANG" != pays1 ] || sleep 300
    [ "$name$KILL" != pays1 ] || kill -9 $$
    case "$name$FAIL" in
    pays1) text="$text$case><failure message=\"no rows\"/></testcase>" ;;
    *empties1) text="$text$case><error>no table</error></testcase>" ;;
    *) text="$text$case/>" ;;
    esac
done
[ -z "$HALF" ] || { echo "no space left"; printf %s "$text" > out/report.xml; exit 1; }
printf '%s</testsuite></testsuites>' "$text" > out/report.xml
"#;

fn junit(report: &str, more: &str) -> (Project, Suite) {
    let project = Project::new();
    project.script("suite", JUNIT);
    project.write("out/other.txt", "");
    let suite = project.suite(&format!(
        "runner = \"junit\"\ncommand = [\"./suite\"]\nreport = \"{report}\"\n{more}"
    ));
    (project, suite)
}

#[test]
fn junit_tells_failures_from_errors() {
    for report in ["out/report.xml", "out"] {
        let (_project, suite) = junit(report, SELECT);
        let mut suite = suite.with("FAIL", "1");
        let ends = [
            "Cart adds: passed",
            "Cart empties: Setup, no table",
            "pays: Body, no rows",
        ];
        assert_eq!(suite.ends(&Selection::Whole), ends);
        assert_eq!(
            suite.ends(&only(&["pays", "Cart adds"])),
            [ends[0], ends[2]]
        );
    }
}

#[test]
fn the_report_of_an_earlier_run_is_not_read_again() {
    let (_project, mut suite) = junit("out/report.xml", SELECT);
    assert_eq!(suite.ends(&Selection::Whole).len(), 3);
    suite.set("BROKEN", "1");
    let report = suite.run(&Selection::Whole).unwrap();
    assert!(report.outcomes.is_empty(), "{report:?}");
    assert!(report.printed.contains("cannot open"), "{report:?}");
}

#[test]
fn half_a_report_is_an_error() {
    let (_project, suite) = junit("out/report.xml", SELECT);
    let problem = suite.with("HALF", "1").problem(&Selection::Whole);
    for part in ["out/report.xml is not whole", "no space left"] {
        assert!(problem.contains(part), "{problem}");
    }
}

#[test]
fn a_junit_suite_that_is_stopped_is_run_test_by_test() {
    for (variable, end) in [
        ("HANG", "pays: timed out"),
        (
            "KILL",
            "pays: Body, the process ended while the test ran: ended by SIGKILL",
        ),
    ] {
        let (_project, mut suite) = junit("out/report.xml", SELECT);
        suite.run(&Selection::Whole).unwrap();
        let mut suite = suite.with(variable, "1").ended_after(3);
        assert_eq!(
            suite.ends(&Selection::Whole),
            ["Cart adds: passed", "Cart empties: passed", end]
        );
    }
}
