//! `accept`: publishing what a check left, here or downloaded.

use crate::project::Project;

fn drifted() -> Project {
    let project = Project::published();
    project.edit("tool", "[1]", "[1,2]");
    project.stillframe(&["check"]).expect(3);
    project
}

#[test]
fn accepting_publishes_what_check_left() {
    let project = drifted();
    project
        .stillframe(&["accept"])
        .expect(0)
        .says(&["2 changed"]);
    project.stillframe(&["check"]).expect(0);
}

#[test]
fn candidates_from_elsewhere_are_accepted_without_the_target() {
    let project = drifted();
    std::fs::rename(
        project.path("target/stillframe/candidates"),
        project.path("target/downloaded"),
    )
    .unwrap();
    let tool = project.read("tool");
    project.remove("tool");
    project
        .stillframe(&["accept", "--from", "target/downloaded"])
        .expect(0);
    project.script(tool.lines().nth(1).unwrap());
    project.stillframe(&["check"]).expect(0);
}

#[test]
fn candidates_that_are_not_whole_are_refused() {
    for (broken, says) in [
        ("first/one.json", "is in the lock and not in the folder"),
        ("corpus.lock", "there is no"),
    ] {
        let project = drifted();
        let before = project.tree();
        project.remove(&format!("target/stillframe/candidates/fixtures/{broken}"));
        project.stillframe(&["accept"]).expect(2).says(&[says]);
        assert_eq!(project.tree(), before);
    }
    let project = drifted();
    project.write(
        "target/stillframe/candidates/fixtures/first/one.json",
        "{}\n",
    );
    project
        .stillframe(&["accept"])
        .expect(2)
        .says(&["first/one.json is not what the lock says"]);
}

#[test]
fn a_broken_check_leaves_nothing_to_accept() {
    let project = drifted();
    project.script("echo nothing good");
    project.stillframe(&["check"]).expect(1);
    project
        .stillframe(&["accept"])
        .expect(2)
        .says(&["no whole candidates"]);
}
