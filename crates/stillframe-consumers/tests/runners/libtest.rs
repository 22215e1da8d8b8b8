//! The runner `libtest` on a package that cargo builds.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use stillframe_consumers::suite::Selection;

use super::project::{Project, Suite, only, refused};

const MANIFEST: &str = r#"[package]
name = "demo"
version = "0.1.0"
edition = "2021"

[[test]]
name = "listed"
harness = false

[workspace]
"#;

const LIB: &str = r#"
#[cfg(test)]
mod tests {
    use std::io::Write;

    fn is(variable: &str) -> bool {
        std::env::var_os(variable).is_some()
    }

    #[test]
    fn a_passes() {
        assert_eq!(std::env::var("CARGO_MANIFEST_DIR").unwrap(), env!("CARGO_MANIFEST_DIR"));
        assert_eq!(std::env::current_dir().unwrap().display().to_string(), env!("CARGO_MANIFEST_DIR"));
        assert_eq!(std::thread::current().name(), Some("tests::a_passes"));
    }

    #[test]
    fn b_fails() {
        println!("test tests::a_passes ... FAILED");
        assert!(!is("FAIL"), "no such table: users");
    }

    #[test]
    fn c_errs() -> Result<(), String> {
        if is("FAIL") { Err("no such file".into()) } else { Ok(()) }
    }

    #[test]
    #[ignore]
    fn d_is_ignored() {}

    #[test]
    #[should_panic]
    fn e_panics() {
        panic!("as it should");
    }

    #[test]
    fn f_prints_past_the_harness() {
        std::io::stdout().write_all(b"no newline").unwrap();
    }

    #[test]
    fn g_goes_wrong() {
        if is("HANG") {
            std::thread::sleep(std::time::Duration::from_secs(300));
        }
        if is("ABORT") {
            std::process::abort();
        }
        if is("LEAVE") {
            std::process::exit(0);
        }
        if is("LEAK") {
            std::process::Command::new("sleep").arg("300").spawn().unwrap();
        }
    }

    #[test]
    fn h_passes() {}
}
"#;

/// A harness of its own, whose tests are files.
const LISTED: &str = r#"
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let files = std::fs::read_dir(std::env::var("DATA").expect("DATA is set")).unwrap();
    let mut names: Vec<String> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    if args.iter().any(|arg| arg == "--list") {
        for name in names {
            println!("{name}: test");
        }
        return;
    }
    let exact = args.iter().any(|arg| arg == "--exact");
    names.retain(|name| !exact || args.contains(name));
    for name in &names {
        println!("test {name} ... ok");
    }
    println!("\ntest result: ok. {} passed; 0 failed; 0 ignored; 0 measured; 0 filtered out", names.len());
}
"#;

fn project() -> &'static Project {
    static PROJECT: OnceLock<Project> = OnceLock::new();
    PROJECT.get_or_init(|| {
        let project = Project::kept("consumers-libtest");
        project.write("Cargo.toml", MANIFEST);
        project.write("src/lib.rs", LIB);
        project.write("tests/listed.rs", LISTED);
        project.write("tests/api.rs", "#[test]\nfn answers() {}\n");
        project.write("data/one", "");
        project.write("data/two", "");
        project
    })
}

/// The suite of these arguments after `cargo test`.
fn suite(arguments: &str) -> Suite {
    let project = project();
    let command =
        format!("runner = \"libtest\"\ncommand = [\"cargo\", \"test\", \"--offline\"{arguments}]");
    let suite = project.suite(&command);
    let target = project.path("target").display().to_string();
    let data = project.path("data").display().to_string();
    suite.with("CARGO_TARGET_DIR", &target).with("DATA", &data)
}

fn library() -> Suite {
    suite(", \"--lib\"").prepared()
}

const ENDS: [&str; 8] = [
    "demo tests::a_passes: passed",
    "demo tests::b_fails: passed",
    "demo tests::c_errs: passed",
    "demo tests::d_is_ignored: skipped",
    "demo tests::e_panics: passed",
    "demo tests::f_prints_past_the_harness: passed",
    "demo tests::g_goes_wrong: passed",
    "demo tests::h_passes: passed",
];

fn ends_with(at: usize, end: &'static str) -> [&'static str; 8] {
    let mut ends = ENDS;
    ends[at] = end;
    ends
}

#[test]
fn every_program_of_a_package_is_run() {
    let mut suite = suite("").prepared();
    let report = suite.run(&Selection::Whole).unwrap();
    let names: Vec<&str> = report.outcomes.keys().map(|name| name.as_str()).collect();
    assert_eq!(names.len(), 11);
    assert_eq!(names[0], "demo tests::a_passes");
    assert_eq!(
        names[8..],
        ["demo::api answers", "demo::listed one", "demo::listed two"]
    );
    let listed = report.listed.unwrap();
    assert!(listed.iter().eq(report.outcomes.keys()), "{listed:?}");
}

#[test]
fn ends_and_messages_are_read() {
    let mut suite = library();
    assert_eq!(suite.ends(&Selection::Whole), ENDS);
    suite.set("FAIL", "1");
    let report = suite.run(&Selection::Whole).unwrap();
    let evidence = |name: &str| report.outcomes[&name.into()].evidence().join("\n");
    assert!(evidence("demo tests::b_fails").starts_with("thread 'tests::b_fails'"));
    assert!(evidence("demo tests::b_fails").contains("\nno such table: users"));
    assert_eq!(evidence("demo tests::c_errs"), "Error: \"no such file\"");
}

#[test]
fn tests_are_selected_by_their_exact_names() {
    let mut suite = library();
    assert_eq!(
        suite.ends(&only(&[
            "demo tests::h_passes",
            "demo tests::f_prints_past_the_harness"
        ])),
        [ENDS[5], ENDS[7]]
    );
    assert_eq!(suite.ends(&only(&["demo tests::h"])), [""; 0]);
}

#[test]
fn a_test_that_hangs_is_found_and_no_other_is_blamed() {
    for arguments in [", \"--lib\"", ", \"--lib\", \"--\", \"--test-threads=1\""] {
        let mut suite = suite(arguments).prepared().with("HANG", "1").ended_after(5);
        assert_eq!(
            suite.ends(&Selection::Whole),
            ends_with(6, "demo tests::g_goes_wrong: timed out")
        );
    }
}

#[test]
fn a_test_that_ends_the_process_is_found_and_no_other_is_blamed() {
    for (variable, end) in [
        (
            "ABORT",
            "demo tests::g_goes_wrong: Body, the process ended while the test ran: ended by SIGABRT",
        ),
        (
            "LEAVE",
            "demo tests::g_goes_wrong: Body, the process ended while the test ran: exit code 0",
        ),
    ] {
        let mut suite = library().with(variable, "1");
        assert_eq!(suite.ends(&Selection::Whole), ends_with(6, end));
        let two = only(&["demo tests::g_goes_wrong", "demo tests::h_passes"]);
        assert_eq!(suite.ends(&two), [end, ENDS[7]]);
    }
}

#[test]
fn what_a_test_leaves_running_does_not_hold_the_run() {
    let mut suite = library().with("LEAK", "1");
    let started = Instant::now();
    assert_eq!(suite.ends(&Selection::Whole), ENDS);
    assert!(started.elapsed() < Duration::from_secs(60));
}

#[test]
fn a_program_that_does_not_start_any_more_has_missing_tests() {
    let mut suite = suite(", \"--test\", \"listed\"").prepared();
    let mut ends = suite.ends(&Selection::Whole);
    assert_eq!(
        ends,
        ["demo::listed one: passed", "demo::listed two: passed"]
    );
    suite.unset("DATA");
    ends = suite.ends(&Selection::Whole);
    assert_eq!(
        ends,
        [
            "demo::listed one: missing, exit code 101",
            "demo::listed two: missing, exit code 101"
        ]
    );
    // A program that lists its tests by files lists fewer of them.
    let none = project().path("src").display().to_string();
    suite.set("DATA", &none);
    let report = suite.run(&only(&["demo::listed one"])).unwrap();
    assert!(report.outcomes.is_empty(), "{report:?}");
    assert_eq!(report.listed.unwrap().len(), 1);
}

#[test]
fn a_package_that_does_not_build_is_an_error_with_what_the_compiler_says() {
    let project = Project::new();
    project.write(
        "Cargo.toml",
        "[package]\nname = \"broken\"\nversion = \"0.1.0\"\n[workspace]\n",
    );
    project.write("src/lib.rs", "fn broken() { let number: u8 = \"text\"; }\n");
    let suite =
        project.suite("runner = \"libtest\"\ncommand = [\"cargo\", \"test\", \"--offline\"]");
    let target = project.path("target").display().to_string();
    let problem = suite
        .with("CARGO_TARGET_DIR", &target)
        .problem_of_preparing();
    assert!(problem.contains("mismatched types"), "{problem}");
}

#[test]
fn commands_that_the_runner_cannot_read_are_refused() {
    for (command, part) in [
        ("[\"cargo\", \"build\"]", "write [\"cargo\", \"test\"]"),
        ("[\"cargo\", \"test\", \"--\", \"-q\"]", "remove it"),
        ("[\"cargo\", \"test\", \"--\", \"some_test\"]", "remove it"),
    ] {
        let problem = refused(&format!("runner = \"libtest\"\ncommand = {command}"));
        assert!(problem.contains(part), "{problem}");
    }
}
