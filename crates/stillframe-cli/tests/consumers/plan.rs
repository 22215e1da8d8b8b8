//! `plan`, and `show --mentions`.

use serde_json::Value;

use super::project::{Project, has_nextest};

#[test]
fn what_goes_first_is_what_changes_the_fewest_tests() {
    if !has_nextest() {
        return;
    }
    let project = Project::new();
    project.consumers(&["detect"]).expect(0);
    project.consumers(&["plan"]).expect(0).prints(
        "\
slice 1: 1 fixture, no test has to be changed
  themes: 0 tests
  then: stillframe consumers confirm themes
slice 2: 4 fixtures, 3 tests to change
  roles: 1 test
  users: 2 tests
  cache and store: 1 test
    together, as suite::uses either_will_do needs one of cache, store
  change suite::uses anna_is_a_user
  change suite::uses anna_is_an_admin
  change suite::uses either_will_do
  then: stillframe consumers confirm cache roles store users
",
    );
    let json = project.consumers(&["plan", "--slice", "1", "--format", "json"]);
    let json: Value = serde_json::from_str(&json.expect(0).stdout).unwrap();
    assert_eq!(json["format-version"], 1);
    assert_eq!(json["source"], "measured");
    let slices = json["slices"].as_array().unwrap();
    assert_eq!(slices.len(), 4, "{json:#}");

    // The definition is part of what was measured: now the committed lock answers.
    project.append(
        "consumers.toml",
        "\n[[keep]]\nname = \"cache\"\nreason = \"slow to make\"\n",
    );
    let kept = project.consumers(&["plan"]).expect(0);
    kept.says(&[
        "from consumers.lock",
        "slice 1: 2 fixtures, no test has to be changed\n  store: 0 tests\n  themes: 0 tests\n",
        "keep cache (1 consumer): slow to make",
    ]);
}

#[test]
fn places_that_name_a_fixture_are_listed_apart_from_its_consumers() {
    if !has_nextest() {
        return;
    }
    let project = Project::new();
    project.write(
        "seeds/first.sql",
        "-- first\nINSERT INTO users VALUES (1);\n",
    );
    project.write(
        "docs/roles.md",
        "super_users have all\nroles, users have none\n",
    );
    project.consumers(&["detect"]).expect(0);
    let ran = project
        .consumers(&["show", "--mentions", "users", "themes"])
        .expect(0);
    ran.says(&[
        "themes: 0 mentions\n",
        "  seeds/first.sql:2\n",
        "  docs/roles.md:2\n",
    ]);
    let json = project
        .consumers(&["show", "--mentions", "--format", "json"])
        .expect(0);
    let json: Value = serde_json::from_str(&json.stdout).unwrap();
    let roles = &json["mentions"]["roles"][0];
    assert_eq!(
        *roles,
        serde_json::json!({"file": "docs/roles.md", "line": 2, "text": "roles"})
    );
}
