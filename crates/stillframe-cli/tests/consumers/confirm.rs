//! `confirm`.

use super::project::{Project, has_nextest};

#[test]
fn fixtures_that_nobody_needs_are_confirmed_and_the_guilty_named() {
    if !has_nextest() {
        return;
    }
    let project = Project::new();
    project
        .consumers(&["confirm", "themes", "cache"])
        .expect(0)
        .prints("4 tests pass without cache and themes\n");
    let ran = project.consumers(&["confirm", "themes", "cache", "store", "roles"]);
    let ran = ran.expect(1).says(&[
        "2 of 4 tests do not pass without cache, roles, store and themes",
        "roles is needed by 1 test:\n  suite::uses anna_is_an_admin\n",
        "FOREIGN KEY constraint failed",
        "one of cache and store is needed by 1 test:\n  suite::uses either_will_do\n",
        "repeat: stillframe consumers confirm cache store --test 'suite::uses either_will_do'",
        "the others can be tried without them: stillframe consumers confirm themes",
    ]);
    assert!(!ran.stdout.contains("anna_is_a_user"), "{}", ran.stdout);
}

#[test]
fn an_edge_is_repeated_on_its_test_alone() {
    if !has_nextest() {
        return;
    }
    let project = Project::new();
    let with = |test| project.consumers(&["confirm", "users", "--test", test]);
    with("suite::uses anna_is_a_user").expect(1).says(&[
        "1 of 1 test does not pass without users",
        "there is no user anna",
    ]);
    with("suite::uses needs_nothing")
        .expect(0)
        .prints("1 test passes without users\n");
    with("suite::uses nowhere").expect(2).says(&["nowhere"]);
}

#[test]
fn a_suite_that_hides_nothing_confirms_nothing() {
    if !has_nextest() {
        return;
    }
    let project = Project::new();
    project.hide_nothing();
    project.consumers(&["confirm", "themes"]).expect(1).says(&[
        "the variable SKIPPED was never seen to hide anything",
        "hiding fixtures did not work",
    ]);
}
