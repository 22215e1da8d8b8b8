//! `check`.

use serde_json::Value;

use super::project::{Project, has_nextest};

const RETIRING: &str = "\n[[retiring]]\nname = \"users\"\n\n[[retiring]]\nname = \"themes\"\n";

#[test]
fn a_retiring_fixture_may_lose_consumers_and_not_gain_any() {
    if !has_nextest() {
        return;
    }
    let project = Project::new();
    project
        .consumers(&["check"])
        .expect(2)
        .says(&["no [[retiring]]", "stillframe consumers plan"]);
    project.append("consumers.toml", RETIRING);
    project
        .consumers(&["check"])
        .expect(2)
        .says(&["no consumers.lock", "stillframe consumers detect"]);
    project.consumers(&["detect"]).expect(0);
    project
        .consumers(&["check"])
        .expect(0)
        .prints("themes: 0 known consumers, as before\nusers: 2 known consumers, as before\n");

    project.append(
        "tests/uses.rs",
        "\n#[test]\nfn bob_too() {\n    assert!(has(\"users\"), \"no <user> bob\");\n}\n",
    );
    project.consumers(&["check"]).expect(3).says(&[
        "users: 2 known consumers, 1 new",
        "  stale  suite::uses bob_too  (reads)",
        "no <user> bob",
        "repeat: stillframe consumers confirm users --test 'suite::uses bob_too'",
        "hint: let these tests make what they need themselves",
    ]);
    let json = project.consumers(&["check", "--format", "json"]).expect(3);
    let json: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(json["verdict"], "stale");
    assert_eq!(json["retiring"][1]["gained"][0]["class"], "reads");
    let junit = project.consumers(&["check", "--format", "junit"]).expect(3);
    let junit = junit.says(&[
        "<testsuite name=\"stillframe consumers check\" tests=\"2\" failures=\"1\">",
        "<testcase classname=\"retiring\" name=\"themes\"/>",
        "no &lt;user&gt; bob",
    ]);
    assert!(junit.stdout.starts_with("<?xml"), "{}", junit.stdout);

    let tests = std::fs::read_to_string(project.path("tests/uses.rs")).unwrap();
    let without = tests.replace("assert!(has(\"users\"), \"there is no user anna\");", "");
    project.write(
        "tests/uses.rs",
        &without.replace("has(\"users\"), \"no", "true, \"no"),
    );
    project.consumers(&["check"]).expect(0).says(&[
        "users: 2 known consumers, 2 of them gone",
        "gone   suite::uses anna_is_a_user",
        "hint: run `stillframe consumers detect`",
    ]);
}

#[test]
fn a_retiring_fixture_that_is_gone_or_unknown_is_a_mistake() {
    if !has_nextest() {
        return;
    }
    let project = Project::new();
    project.append("consumers.toml", "\n[[retiring]]\nname = \"old\"\n");
    project.write("consumers.lock", "version = 1\n");
    project
        .consumers(&["check"])
        .expect(2)
        .says(&["knows no fixture old"]);
    project.write(
        "consumers.lock",
        "version = 1\n[[fixture]]\nname = \"old\"\nkind = \"table\"\nconsumers = []\n",
    );
    project
        .consumers(&["check"])
        .expect(2)
        .says(&["there is no fixture old", "remove it there"]);
}

#[test]
fn a_suite_that_hides_nothing_is_not_as_before() {
    if !has_nextest() {
        return;
    }
    let project = Project::new();
    project.append("consumers.toml", RETIRING);
    project.consumers(&["detect"]).expect(0);
    project.hide_nothing();
    project.consumers(&["check"]).expect(1).says(&[
        "the variable SKIPPED was never seen to hide anything",
        "hiding fixtures did not work",
    ]);
}
