//! The work folder, named outside of the configuration: for a checkout that cannot be written.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::project::{Project, Ran};

#[test]
fn check_and_accept_work_in_any_folder_and_leave_the_checkout_alone() {
    let project = Project::published();
    project.remove("target");
    project.edit("tool", "[1]", "[1,2]");
    let before = project.tree();
    let work = Project::empty();
    let folder = work.path("new/folder");
    let folder = folder.to_str().unwrap();
    project
        .stillframe(&["check", "--work", folder])
        .expect(3)
        .says(&[folder]);
    let output = project
        .command(&["check"])
        .env("STILLFRAME_WORK", folder)
        .output()
        .unwrap();
    Ran::from(output).expect(3);
    assert_eq!(project.tree(), before);
    assert!(!project.path("target").exists());
    project.stillframe(&["accept", "--work", folder]).expect(0);
    project.stillframe(&["check", "--work", folder]).expect(0);
}

#[test]
fn a_folder_that_cannot_be_written_is_answered_with_the_flag() {
    let project = Project::published();
    project.remove("target");
    let locked = project.path("locked");
    fs::create_dir(&locked).unwrap();
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o555)).unwrap();
    // Permissions do not bind root, and this file system binds everybody.
    let is_bound = fs::create_dir(locked.join("x")).is_err();
    let unwritable = if is_bound {
        locked.join("work")
    } else {
        "/sys/stillframe".into()
    };
    let ran = project
        .stillframe(&["check", "--work", unwritable.to_str().unwrap()])
        .expect(2);
    ran.says(&["cannot be written", "--work DIR", "STILLFRAME_WORK"]);
}

#[test]
fn a_named_folder_that_is_somebody_elses_is_refused_by_its_flag() {
    let project = Project::published();
    let work = Project::empty();
    work.write("theirs", "");
    let ran = project
        .stillframe(&["check", "--work", work.root().to_str().unwrap()])
        .expect(2);
    ran.says(&["it holds files", "with --work or STILLFRAME_WORK"]);
    project
        .stillframe(&["check", "--work", "."])
        .expect(2)
        .says(&["project's own folder"]);
    assert_eq!(work.read("theirs"), "");
}
