//! The runner for pytest with real suites: what tests are called, how they end, and what they are seen to open.

#![cfg(unix)]
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test that cannot set itself up fails"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use stillframe_consumers::definition::Written;
use stillframe_consumers::name::TestName;
use stillframe_consumers::outcome::{Class, Outcome};
use stillframe_consumers::place::Place;
use stillframe_consumers::runner::{self, Runner, RunnerReport};
use stillframe_consumers::suite::{Order, Selection, Watch};

const VERSIONS: [&str; 3] = ["7.4.4", "8.4.2", "9.2.0"];

/// Folders with pytest in it: of each version where there are several, else that of python3 itself.
fn installed() -> Vec<Option<PathBuf>> {
    let tools = std::env::var_os("STILLFRAME_TEST_TOOLS").map_or_else(PathBuf::new, PathBuf::from);
    let folders = VERSIONS.map(|version| Some(tools.join(format!("pytest-{version}"))));
    let mut found: Vec<_> = folders.into_iter().filter(runs).collect();
    let all = found.len() == VERSIONS.len();
    let help = "pip install --target DIR/pytest-9.2.0 pytest==9.2.0, and STILLFRAME_TEST_TOOLS=DIR";
    assert!(
        all || std::env::var_os("STILLFRAME_REQUIRE_TOOLS").is_none(),
        "pytest {} are required here: {help}",
        VERSIONS.join(", ")
    );
    if found.is_empty() && runs(&None) {
        found.push(None);
    }
    if found.is_empty() {
        let line = format!("left out, because pytest is not installed ({help})\n");
        std::io::stderr().write_all(line.as_bytes()).unwrap();
    }
    found
}

fn runs(folder: &Option<PathBuf>) -> bool {
    let mut command = Command::new("python3");
    if let Some(folder) = folder {
        command.env("PYTHONPATH", folder);
    }
    let output = command.args(["-m", "pytest", "--version"]).output();
    output.is_ok_and(|output| output.status.success())
}

struct Suite {
    _folder: tempfile::TempDir,
    place: Place,
    runner: Box<dyn Runner>,
}

impl Suite {
    fn new(pytest: Option<&Path>, files: &[(&str, &str)]) -> Suite {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap().join("suite");
        for (name, text) in files {
            let path = root.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let written: Written = toml::from_str(
            "format-version = 1\n[suite]\nrunner = \"pytest\"\ncommand = [\"python3\", \"-m\", \"pytest\"]\n[observe]\npytest = true\n",
        )
        .unwrap();
        let mut env: BTreeMap<_, _> = std::env::vars_os().collect();
        if let Some(pytest) = pytest {
            env.insert("PYTHONPATH".into(), pytest.into());
        }
        let scratch = folder.path().canonicalize().unwrap().join("scratch");
        fs::create_dir(&scratch).unwrap();
        let place = Place {
            cwd: root.clone(),
            files: root.clone(),
            root,
            env,
            timeout: Duration::from_secs(20),
            scratch,
            wrapper: Vec::new(),
        };
        let runner = runner::choice::choose(&written).unwrap();
        Suite {
            _folder: folder,
            place,
            runner,
        }
    }

    fn run(&mut self, tests: &Selection, order: Order) -> RunnerReport {
        let watch = match order {
            Order::Given => Watch::Yes,
            Order::Shuffled(_) => Watch::No,
        };
        self.runner.run(&self.place, tests, order, watch).unwrap()
    }

    fn whole(&mut self) -> RunnerReport {
        self.run(&Selection::Whole, Order::Given)
    }

    fn remove(&self, file: &str) {
        fs::remove_file(self.place.root.join(file)).unwrap();
    }

    /// What a test opened of the data, below the root.
    fn opened(&self, report: &RunnerReport, test: &str) -> Vec<String> {
        let opened = report.opened.as_ref().expect("the observer works");
        let own = opened[&TestName::from(test)].iter();
        own.map(|path| path.strip_prefix(&self.place.root).unwrap())
            .filter(|path| path.extension().is_none_or(|end| end == "json"))
            .map(|path| path.display().to_string())
            .collect()
    }
}

fn only(tests: &[&str]) -> Selection {
    Selection::Only(tests.iter().map(|&test| TestName::from(test)).collect())
}

fn names(report: &RunnerReport) -> BTreeSet<&str> {
    report.outcomes.keys().map(TestName::as_str).collect()
}

fn outcome<'a>(report: &'a RunnerReport, test: &str) -> &'a Outcome {
    &report.outcomes[&TestName::from(test)]
}

#[test]
fn every_end_of_a_test_is_told_from_the_others() {
    for pytest in installed() {
        let mut suite = Suite::new(
            pytest.as_deref(),
            &[
                (
                    "t/test_ends.py",
                    r#"
import os, sqlite3, sys, time, unittest
import pytest

@pytest.fixture
def broken():
    raise KeyError("nothing")

@pytest.fixture
def untidy():
    yield
    raise OSError("left")

def test_passes(): assert os.environ["STILLFRAME_TEST"] == "t/test_ends.py::test_passes"
def test_fails(): assert [1] == [2]
def test_setup(broken): pass
def test_cleanup(untidy): pass
def test_slow():
    while True:
        try:
            time.sleep(60)
        except Exception:
            pass
def test_exits(): sys.exit(3)
@pytest.mark.skip
def test_skipped(): pass
@pytest.mark.xfail
def test_expected(): assert False
def test_wrapped():
    base = sqlite3.connect(":memory:")
    base.executescript("pragma foreign_keys = on; create table a (i integer primary key); create table b (i references a)")
    try:
        base.execute("insert into b values (1)")
    except sqlite3.Error as error:
        raise RuntimeError("cannot load b") from error
class Case(unittest.TestCase):
    def test_method(self): self.assertEqual(1, 1)
"#,
                ),
                ("t/test_import.py", "import there_is_no_such_module\n"),
            ],
        );
        suite.place.timeout = Duration::from_secs(2);
        let report = suite.whole();
        let class = |test: &str| outcome(&report, &format!("t/test_ends.py::{test}")).class();
        assert_eq!(class("test_passes"), None);
        assert_eq!(class("Case::test_method"), None);
        assert_eq!(class("test_fails"), Some(Class::Reads));
        assert_eq!(class("test_setup"), Some(Class::Setup));
        assert_eq!(class("test_cleanup"), Some(Class::Reads));
        assert_eq!(class("test_exits"), Some(Class::Reads));
        assert_eq!(class("test_slow"), Some(Class::Timeout));
        assert_eq!(class("test_wrapped"), Some(Class::Reference));
        for skipped in ["test_skipped", "test_expected"] {
            let outcome = outcome(&report, &format!("t/test_ends.py::{skipped}"));
            assert_eq!(*outcome, Outcome::Skipped, "{skipped}");
        }
        let evidence = outcome(&report, "t/test_ends.py::test_setup").evidence();
        assert_eq!(evidence, ["KeyError: 'nothing'", "t/test_ends.py:7"]);
        assert!(report.printed.starts_with(
            "t/test_import.py cannot be collected: ModuleNotFoundError: No module named 'there_is_no_such_module'"
        ), "{}", report.printed);
    }
}

const BY_FILE: &str = r#"
import json, pathlib
import pytest

DATA = pathlib.Path(__file__).parent / "data"
FILES = sorted(DATA.rglob("*.json"))

@pytest.mark.parametrize("path", FILES)
def test_path(path): json.loads(path.read_text())

@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_stem(path): pass

@pytest.mark.parametrize("path, thing", [(path, object()) for path in FILES])
def test_mixed(path, thing): pass

@pytest.mark.parametrize("thing", [object() for path in FILES])
def test_things(thing): pass

@pytest.mark.parametrize("value", [1, "a b", {"x": [1, None]}, {3, 1, 2}, "line\nbreak", "y" * 300, 1])
def test_values(value): pass
"#;

#[test]
fn hiding_a_file_takes_its_own_test_away() {
    for pytest in installed() {
        let files = [
            ("t/test_by_file.py", BY_FILE),
            ("t/data/a/x.json", "1"),
            ("t/data/b/x.json", "2"),
            ("t/data/c.json", "3"),
        ];
        let mut suite = Suite::new(pytest.as_deref(), &files);
        let before = suite.whole();
        for test in [
            "test_path[t/data/a/x.json]",
            "test_stem[t/data/b/x.json]",
            "test_mixed[t/data/c.json-thing]",
            "test_things[thing2]",
            "test_values[a b]",
            "test_values[{'x': [1, None]}]",
            "test_values[{1, 2, 3}]",
            "test_values[line\\nbreak]",
            "test_values[1]",
            "test_values[1#2]",
        ] {
            let outcome = outcome(&before, &format!("t/test_by_file.py::{test}"));
            assert_eq!(*outcome, Outcome::Passed, "{test}");
        }
        suite.remove("t/data/a/x.json");
        let after = suite.whole();
        let listed = after.listed.as_ref().unwrap();
        let gone: Vec<&str> = names(&before)
            .into_iter()
            .filter(|&test| !listed.contains(&TestName::from(test)))
            .collect();
        assert_eq!(
            gone,
            [
                "t/test_by_file.py::test_mixed[t/data/a/x.json-thing]",
                "t/test_by_file.py::test_path[t/data/a/x.json]",
                "t/test_by_file.py::test_stem[t/data/a/x.json]",
                "t/test_by_file.py::test_things[thing2]",
            ]
        );
        let appeared: Vec<&TestName> = listed
            .iter()
            .filter(|test| !before.outcomes.contains_key(test))
            .collect();
        assert_eq!(appeared, Vec::<&TestName>::new());
        let evidence = outcome(&after, gone[0]).evidence();
        assert_eq!(
            evidence,
            ["it was not run any more", "pytest does not collect it"]
        );
    }
}

#[test]
fn some_tests_run_alone_and_in_another_order_without_importing_the_rest() {
    for pytest in installed() {
        let say = "import os\ndef say(text):\n    with open(os.environ['SAID'], 'a') as file:\n        file.write(text + '\\n')\n";
        let module = |name: &str| {
            format!(
                "from say import say\nsay('import {name}')\ndef test_one(): say('{name} one')\ndef test_two(): say('{name} two')\ndef test_three(): say('{name} three')\n"
            )
        };
        let files = [
            ("conftest.py", "".to_owned()),
            ("say.py", say.to_owned()),
            ("test_a.py", module("a")),
            ("test_b.py", module("b")),
        ];
        let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, &**text)).collect();
        let mut suite = Suite::new(pytest.as_deref(), &files);
        let said = suite.place.root.join("said");
        suite.place.set("SAID", &said);
        let mut told = |tests: &Selection, order| {
            let report = suite.run(tests, order);
            let said_now = fs::read_to_string(&said).unwrap();
            fs::remove_file(&said).unwrap();
            (names(&report).len(), said_now)
        };
        let (count, text) = told(&only(&["test_b.py::test_two"]), Order::Given);
        assert_eq!((count, text.as_str()), (1, "import b\nb two\n"));
        let (_, given) = told(&Selection::Whole, Order::Given);
        let orders: BTreeSet<String> = (0..8)
            .map(|seed| told(&Selection::Whole, Order::Shuffled(seed)).1)
            .collect();
        assert!(orders.len() > 4, "{orders:?}");
        let (_, again) = told(&Selection::Whole, Order::Shuffled(3));
        assert!(orders.contains(&again));
        let sorted = |text: &str| text.lines().map(str::to_owned).collect::<BTreeSet<_>>();
        for order in orders {
            assert_eq!(sorted(&order), sorted(&given));
            // A module's tests stay together.
            let modules: Vec<&str> = order.lines().skip(2).map(|line| &line[..1]).collect();
            assert!(
                modules == ["a", "a", "a", "b", "b", "b"]
                    || modules == ["b", "b", "b", "a", "a", "a"]
            );
        }
    }
}

#[test]
fn a_test_that_takes_the_process_with_it_leaves_the_others_their_answers() {
    for pytest in installed() {
        let text = r#"
import os, signal, time
import pytest

def test_a(): pass
def test_b_dies(): os._exit(9)
def test_c(): pass
def test_d_hears_no_alarm():
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
    time.sleep(60)
def test_e(): pass
def test_f_stops(): pytest.exit("enough")
def test_g_closes():
    for number in map(int, os.listdir("/dev/fd")):
        try:
            if os.readlink(f"/dev/fd/{number}").endswith("report.jsonl"):
                os.close(number)
        except OSError:
            pass
def test_h(): assert False
"#;
        let mut suite = Suite::new(pytest.as_deref(), &[("test_deaths.py", text)]);
        suite.place.timeout = Duration::from_secs(1);
        let report = suite.whole();
        let classes: Vec<Option<Class>> = report.outcomes.values().map(Outcome::class).collect();
        assert_eq!(
            classes,
            [
                None,
                Some(Class::Reads),
                None,
                Some(Class::Timeout),
                None,
                Some(Class::Reads),
                None,
                Some(Class::Reads)
            ],
            "{report:#?}"
        );
        assert!(report.opened.is_none(), "no process saw all of it");
    }
}

#[test]
fn a_suite_that_no_longer_starts_has_no_tests_and_says_why() {
    for pytest in installed() {
        let files = [
            ("conftest.py", "open('data.json').close()\n"),
            ("data.json", "1"),
            ("test_a.py", "def test_a(): pass\n"),
        ];
        let mut suite = Suite::new(pytest.as_deref(), &files);
        assert_eq!(suite.whole().outcomes.len(), 1);
        suite.remove("data.json");
        let report = suite.whole();
        assert_eq!(
            outcome(&report, "test_a.py::test_a").class(),
            Some(Class::Setup)
        );
        assert!(
            report.printed.contains("FileNotFoundError"),
            "{}",
            report.printed
        );
        fs::write(
            suite.place.root.join("conftest.py"),
            "import time; time.sleep(60)\n",
        )
        .unwrap();
        suite.place.timeout = Duration::from_secs(1);
        assert_eq!(
            *outcome(&suite.whole(), "test_a.py::test_a"),
            Outcome::TimedOut
        );
    }
}

#[test]
fn what_a_test_opens_and_lists_is_seen_also_where_it_is_prepared_for_several() {
    for pytest in installed() {
        let files = [
            (
                "t/conftest.py",
                r#"
import json, os, pathlib
import pytest
DATA = pathlib.Path(__file__).parent / "data"
json.loads((DATA / "always.json").read_text())

@pytest.fixture(scope="session")
def shared(): return json.loads((DATA / "shared.json").read_text())

@pytest.fixture(scope="module")
def listed(): return sorted(os.listdir(DATA / "list"))

@pytest.fixture(scope="session")
def built(shared): return [shared, (DATA / "built.json").read_text()]
"#,
            ),
            (
                "t/test_a.py",
                r#"
import pathlib
DATA = pathlib.Path(__file__).parent / "data"
TEXT = (DATA / "module.json").read_text()
def test_nothing(): pass
def test_own(): (DATA / "own.json").read_text()
def test_shared(shared): pass
def test_built(built): pass
def test_glob(): list((DATA / "list").glob("*.json"))
def test_stat(): assert (DATA / "own.json").exists()
"#,
            ),
            (
                "t/test_b.py",
                "def test_shared(shared): pass\ndef test_listed(listed): pass\n",
            ),
            ("t/data/always.json", "1"),
            ("t/data/shared.json", "1"),
            ("t/data/built.json", "1"),
            ("t/data/module.json", "1"),
            ("t/data/own.json", "1"),
            ("t/data/list/one.json", "1"),
        ];
        let mut suite = Suite::new(pytest.as_deref(), &files);
        let report = suite.whole();
        let data = |names: &[&str]| -> Vec<String> {
            names.iter().map(|name| format!("t/data/{name}")).collect()
        };
        let (always, module) = ("always.json", "module.json");
        for (test, seen) in [
            ("a.py::test_nothing", data(&[always, module])),
            ("a.py::test_own", data(&[always, module, "own.json"])),
            ("a.py::test_shared", data(&[always, module, "shared.json"])),
            (
                "a.py::test_built",
                data(&[always, "built.json", module, "shared.json"]),
            ),
            ("a.py::test_glob", data(&[always, "list", module])),
            ("b.py::test_shared", data(&[always, "shared.json"])),
            ("b.py::test_listed", data(&[always, "list"])),
            // Python reports no look at whether a file exists: the run with everything else hidden finds such a use.
            ("a.py::test_stat", data(&[always, module])),
        ] {
            assert_eq!(
                suite.opened(&report, &format!("t/test_{test}")),
                seen,
                "{test}"
            );
        }
        assert!(
            suite
                .run(&Selection::Whole, Order::Shuffled(1))
                .opened
                .is_none()
        );
    }
}
