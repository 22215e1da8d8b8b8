//! The runner `rspec` on small suites, where RSpec is installed.

use std::path::Path;

use stillframe_consumers::name::TestName;
use stillframe_consumers::suite::{Order, Selection};

use super::installed;
use super::project::{Project, Suite, only, shown};

const CART: &str = r#"
RSpec.describe "Cart" do
  it("adds") { File.write("ran.txt", "adds\n", mode: "a"); expect(1).to eq 1 }
  it("fails") { raise "no rows" if ENV["FAIL"] }
  it("waits", skip: "later") {}
  it { expect(ENV["FAIL"].to_s.size).to eq 0 }
  it "goes wrong" do
    sleep 300 if ENV["HANG"]
    exit! 0 if ENV["LEAVE"]
    Process.kill(:KILL, Process.pid) if ENV["KILL"]
  end
  it("adds more") { File.write("ran.txt", "more\n", mode: "a") }
end
"#;

/// A test for each file: what is hidden moves the ids of the others.
const FILES: &str = r#"
sleep 300 if ENV["HANG_LOADING"]
Dir["data/*.json"].sort.each do |file|
  RSpec.describe(File.basename(file)) { it("is read") { raise "empty" if File.read(file).empty? } }
end
raise "no such table" if ENV["BREAK_LOADING"]
"#;

const SUITE: &str = "runner = \"rspec\"\ncommand = [\"rspec\", \"spec\"]\n";

fn suite() -> Option<(Project, Suite)> {
    installed::has("rspec", "apt-get install ruby-rspec").then(|| {
        let project = Project::new();
        project.write("spec/cart_spec.rb", CART);
        project.write("spec/files_spec.rb", FILES);
        for name in ["a", "b", "c"] {
            project.write(&format!("data/{name}.json"), "{}");
        }
        let suite = project.suite(SUITE).prepared();
        (project, suite)
    })
}

const ENDS: [&str; 9] = [
    "spec/cart_spec.rb Cart (example 1:4): passed",
    "spec/cart_spec.rb Cart adds: passed",
    "spec/cart_spec.rb Cart adds more: passed",
    "spec/cart_spec.rb Cart fails: passed",
    "spec/cart_spec.rb Cart goes wrong: passed",
    "spec/cart_spec.rb Cart waits: skipped",
    "spec/files_spec.rb a.json is read: passed",
    "spec/files_spec.rb b.json is read: passed",
    "spec/files_spec.rb c.json is read: passed",
];

fn ends_with(at: usize, end: &'static str) -> [&'static str; 9] {
    let mut ends = ENDS;
    ends[at] = end;
    ends
}

/// The names of the tests of [`ENDS`].
fn all() -> Selection {
    let names = ENDS.map(|end| end.rsplit_once(": ").unwrap().0);
    only(&names)
}

#[test]
fn ends_are_read_and_names_do_not_depend_on_them() {
    let Some((_project, mut suite)) = suite() else {
        return;
    };
    assert_eq!(suite.ends(&Selection::Whole), ENDS);
    suite.set("FAIL", "1");
    let ends = suite.ends(&Selection::Whole);
    assert!(
        ends[0].starts_with("spec/cart_spec.rb Cart (example 1:4): Body, RSpec::"),
        "{ends:?}"
    );
    assert_eq!(
        ends[3],
        "spec/cart_spec.rb Cart fails: Body, RuntimeError: no rows"
    );
    let test = TestName::from("spec/cart_spec.rb Cart adds");
    let file = suite.runner.file_of(&test);
    assert_eq!(file.as_deref(), Some(Path::new("spec/cart_spec.rb")));
}

#[test]
fn examples_are_selected_and_nothing_else_runs() {
    let Some((project, mut suite)) = suite() else {
        return;
    };
    let two = only(&[
        "spec/cart_spec.rb Cart adds",
        "spec/files_spec.rb b.json is read",
    ]);
    assert_eq!(suite.ends(&two), [ENDS[1], ENDS[7]]);
    assert_eq!(project.read("ran.txt"), "adds\n");
}

#[test]
fn a_seed_changes_the_order() {
    let Some((project, mut suite)) = suite() else {
        return;
    };
    suite.run(&Selection::Whole).unwrap();
    assert_eq!(project.read("ran.txt"), "adds\nmore\n");
    let mut orders = Vec::new();
    for seed in 0..6 {
        project.write("ran.txt", "");
        let report = suite
            .run_in(&Selection::Whole, Order::Shuffled(seed))
            .unwrap();
        assert_eq!(shown(&report.outcomes), ENDS);
        orders.push(project.read("ran.txt"));
    }
    assert!(orders.contains(&"more\nadds\n".to_owned()), "{orders:?}");
}

#[test]
fn a_file_that_does_not_load_loses_only_its_own_tests() {
    let Some((_project, suite)) = suite() else {
        return;
    };
    let mut suite = suite.with("BREAK_LOADING", "1");
    for tests in [Selection::Whole, all()] {
        let ends = suite.ends(&tests);
        assert_eq!(ends[..6], ENDS[..6]);
        let lost = "missing, An error occurred while loading ./spec/files_spec.rb.";
        for end in &ends[6..] {
            assert!(end.ends_with(lost), "{end}");
        }
    }
    let problem = suite.problem_of_preparing();
    assert!(problem.contains("no such table"), "{problem}");
}

#[test]
fn an_example_that_hangs_is_found_and_no_other_is_blamed() {
    let Some((_project, suite)) = suite() else {
        return;
    };
    let mut suite = suite.with("HANG", "1").ended_after(8);
    let ends = ends_with(4, "spec/cart_spec.rb Cart goes wrong: timed out");
    assert_eq!(suite.ends(&Selection::Whole), ends);
    assert_eq!(suite.ends(&all()), ends);
}

#[test]
fn a_file_that_hangs_while_it_is_loaded_loses_only_its_own_tests() {
    let Some((_project, suite)) = suite() else {
        return;
    };
    let mut suite = suite.with("HANG_LOADING", "1").ended_after(8);
    let ends = suite.ends(&Selection::Whole);
    assert_eq!(ends[..6], ENDS[..6]);
    for end in &ends[6..] {
        assert!(end.ends_with(": timed out"), "{end}");
    }
}

#[test]
fn an_example_that_ends_the_process_is_found_and_no_other_is_blamed() {
    for (variable, end) in [
        (
            "LEAVE",
            "spec/cart_spec.rb Cart goes wrong: Body, the process ended while the test ran: exit code 0",
        ),
        (
            "KILL",
            "spec/cart_spec.rb Cart goes wrong: Body, the process ended while the test ran: ended by SIGKILL",
        ),
    ] {
        let Some((_project, suite)) = suite() else {
            return;
        };
        let mut suite = suite.with(variable, "1");
        assert_eq!(suite.ends(&Selection::Whole), ends_with(4, end));
    }
}

#[test]
fn an_example_whose_id_has_moved_is_found_by_its_description() {
    let Some((project, mut suite)) = suite() else {
        return;
    };
    std::fs::remove_file(project.path("data/a.json")).unwrap();
    let three = ["a", "b", "c"].map(|name| format!("spec/files_spec.rb {name}.json is read"));
    let ends = suite.ends(&only(&three.each_ref().map(String::as_str)));
    assert_eq!(ends[1..], ENDS[7..]);
    assert!(
        ends[0].starts_with("spec/files_spec.rb a.json is read: missing"),
        "{ends:?}"
    );
}

#[test]
fn an_error_before_the_suite_makes_every_test_missing() {
    let Some((project, mut suite)) = suite() else {
        return;
    };
    project.write(".rspec", "--require ./setup.rb\n");
    project.write(
        "setup.rb",
        "RSpec.configure { |config| config.before(:suite) { raise 'no database' } }\n",
    );
    let report = suite.run(&Selection::Whole).unwrap();
    let ends = shown(&report.outcomes);
    assert_eq!(ends.len(), 9);
    for end in ends {
        assert!(
            end.contains(": missing, An error occurred in a `before(:suite)` hook."),
            "{end}"
        );
    }
    assert!(report.printed.contains("no database"), "{report:?}");
}
