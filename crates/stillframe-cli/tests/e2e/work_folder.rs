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

#[test]
fn the_configured_folder_may_lie_outside_of_the_project() {
    let outside = Project::empty();
    let absolute = outside.path("new/work");
    let up = outside.path("again");
    for path in [absolute.clone(), "../".into()] {
        let project = Project::shell();
        let (path, folder) = if path == absolute {
            (absolute.display().to_string(), absolute.clone())
        } else {
            // From a folder that does not exist there is a way back, too.
            let name = outside.root().file_name().unwrap().to_str().unwrap();
            (format!("not/there/../../../{name}/again"), up.clone())
        };
        let config = project.read("stillframe.toml");
        let paths = format!("[paths]\nwork = \"{path}\"\n");
        project.write("stillframe.toml", &format!("{config}{paths}"));
        project.stillframe(&["regen"]).expect(0);
        project.edit("tool", "[1]", "[1,2]");
        project.stillframe(&["check"]).expect(3);
        assert!(folder.join("candidates").exists(), "{}", folder.display());
        assert!(!project.path("target").exists());
        assert!(!project.path("not").exists());
        project.stillframe(&["accept"]).expect(0);
    }
}

#[test]
fn a_configured_folder_that_holds_what_is_committed_is_refused_however_it_is_written() {
    let project = Project::published();
    let before = project.tree();
    let name = project.root().file_name().unwrap().to_str().unwrap();
    let config = project.read("stillframe.toml");
    for (path, words) in [
        ("..".to_owned(), "project's own folder"),
        (".".to_owned(), "project's own folder"),
        (format!("../{name}"), "project's own folder"),
        (format!("../{name}/pocs"), "[paths] pocs"),
        ("no/../pocs/w".to_owned(), "[paths] pocs"),
        (
            project.path("fixtures_generated").display().to_string(),
            "[paths] fixtures",
        ),
        ("/".to_owned(), "project's own folder"),
    ] {
        let paths = format!("[paths]\nwork = \"{path}\"\n");
        project.write("stillframe.toml", &format!("{config}{paths}"));
        project.stillframe(&["check"]).expect(2).says(&[words]);
        project.write("stillframe.toml", &config);
        assert_eq!(project.tree(), before, "{path}");
    }
}
