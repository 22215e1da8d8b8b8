//! `show`.

use serde_json::Value;

use super::project::{Project, has_nextest};

#[test]
fn what_was_measured_is_shown_by_fixture_and_by_test() {
    if !has_nextest() {
        return;
    }
    let project = Project::new();
    let nothing = project.consumers(&["show"]).expect(2);
    nothing.says(&["nothing was measured yet", "stillframe consumers detect"]);
    project.consumers(&["detect"]).expect(0);

    let shown = project.consumers(&["show"]).expect(0);
    shown.prints(
        "\
themes (table): no consumer
cache (table): 1 consumer
  joint      suite::uses either_will_do  (it or store)
roles (table): 1 consumer
  reference  suite::uses anna_is_an_admin
store (table): 1 consumer
  joint      suite::uses either_will_do  (it or cache)
users (table): 2 consumers
  reads      suite::uses anna_is_a_user
  reads      suite::uses anna_is_an_admin
4 tests, 5 fixtures: 3 uses, 1 without a consumer; 0 tests unknown
",
    );
    let shown = project.consumers(&["show", "roles"]).expect(0).says(&[
        "reference  suite::uses anna_is_an_admin",
        "| ",
        "FOREIGN KEY constraint failed",
        "repeat: stillframe consumers confirm roles --test 'suite::uses anna_is_an_admin'",
    ]);
    assert!(!shown.stdout.contains("users"), "{}", shown.stdout);
    let shown = project.consumers(&["show", "--test", "is_an_admin"]);
    shown.expect(0).says(&[
        "suite::uses anna_is_an_admin: 2 fixtures",
        "reads      users",
        "reference  roles",
    ]);
    project
        .consumers(&["show", "--unused"])
        .expect(0)
        .prints("themes (table)\n1 of 5 fixtures without a consumer\n");
    project
        .consumers(&["show", "--independent"])
        .expect(0)
        .prints("suite::uses needs_nothing\n1 of 4 tests consume nothing; whether they leave rows or files behind was not measured\n");
    let polluters = project.consumers(&["show", "--polluters"]).expect(0);
    assert!(
        polluters.stdout.starts_with("not measured"),
        "{}",
        polluters.stdout
    );
    project
        .consumers(&["show", "nowhere"])
        .expect(2)
        .says(&["there is no fixture \"nowhere\""]);

    let json = project.consumers(&["show", "--format", "json"]).expect(0);
    let json: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(json["format-version"], 1);
    assert_eq!(json["source"], "measured");
    assert_eq!(json["unused"], serde_json::json!(["themes"]));
    assert_eq!(json["polluters"], Value::Null);
    assert_eq!(json["fixtures"][2]["consumers"][0]["class"], "reference");

    // Without a journal of the files as they are, the committed lock answers, and says that it does.
    project.append("src/lib.rs", "// edited\n");
    let locked = project.consumers(&["show", "users"]).expect(0);
    locked.says(&[
        "from consumers.lock",
        "reads      suite::uses anna_is_a_user",
    ]);
    project
        .consumers(&["show", "--independent"])
        .expect(2)
        .says(&["stillframe consumers detect"]);
}
