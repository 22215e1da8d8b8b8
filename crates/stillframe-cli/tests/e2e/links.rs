//! No link leads a write or a deletion out of the project, and the work folder is only one that may be emptied.

use std::fs;
use std::os::unix::fs::symlink;

use crate::project::{Project, Ran};

/// A project and a folder outside of it that must stay as it is.
struct Case {
    project: Project,
    outside: Project,
}

impl Case {
    fn new() -> Case {
        let outside = Project::empty();
        outside.write("kept.json", "kept");
        outside.write("01-first/kept", "kept");
        Case {
            project: Project::published(),
            outside,
        }
    }

    /// Puts a link to the outside folder, or to a file in it, in the place of a path.
    fn link(&self, name: &str, file: &str) {
        let path = self.project.path(name);
        if path.symlink_metadata().is_ok() {
            self.project.remove(name);
        }
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        symlink(self.outside.path(file), path).unwrap();
    }

    /// Runs a command that must leave the outside folder as it is.
    #[track_caller]
    fn run(&self, args: &[&str]) -> Ran {
        let before = self.outside.tree();
        let ran = self.project.stillframe(args);
        assert_eq!(self.outside.tree(), before, "{}", ran.stdout);
        ran
    }

    fn export(&self, below: &str) {
        let tool = self.project.read("tool").replace("#!/bin/sh\n", "");
        let schema =
            r#"{"properties":{"command":{"const":"greet"},"name":{},"took_ms":{},"rows":{}}}"#;
        self.project.script(&format!(
            "if [ \"$1\" = export ]; then mkdir -p \"$2/{below}\"; echo '{schema}' > \"$2/{below}/greet.schema.json\"; exit; fi\n{tool}"
        ));
        let config = self.project.read("stillframe.toml");
        self.project.write(
            "stillframe.toml",
            &format!("{config}schemas = [\"export\", \"${{dir}}\"]\n"),
        );
    }
}

#[test]
fn a_linked_folder_below_the_schemas_is_not_written_through() {
    let case = Case::new();
    case.export("a");
    case.link("schemas/a", "");
    case.run(&["regen"]).expect(1).says(&["foreign  schemas/a"]);
    case.run(&["check"]).expect(1);
}

#[test]
fn a_linked_schema_is_not_replaced() {
    let case = Case::new();
    case.export(".");
    case.link("schemas/greet.schema.json", "kept.json");
    case.run(&["regen"])
        .expect(1)
        .says(&["foreign  schemas/greet.schema.json"]);
}

#[test]
fn a_linked_schema_or_corpus_folder_is_refused() {
    let case = Case::new();
    case.export(".");
    case.link("schemas", "");
    case.run(&["regen"]).expect(2).says(&["is a link"]);
    let case = Case::new();
    case.link("fixtures_generated", "");
    for command in ["regen", "check", "accept", "validate"] {
        case.run(&[command]).expect(2).says(&["is a link"]);
    }
}

#[test]
fn a_link_above_the_corpus_folder_is_refused() {
    let case = Case::new();
    let config = case.project.read("stillframe.toml");
    case.project.write(
        "stillframe.toml",
        &format!("{config}[paths]\nfixtures = \"tests/corpus\"\n"),
    );
    case.link("tests", "");
    case.run(&["regen"]).expect(2).says(&["tests is a link"]);
}

#[test]
fn links_in_the_corpus_are_foreign_and_neither_replaced_nor_deleted_through() {
    for name in ["first", "first/one.json", "old", "old.json"] {
        let case = Case::new();
        case.link(
            &format!("fixtures_generated/{name}"),
            if name.ends_with(".json") {
                "kept.json"
            } else {
                ""
            },
        );
        case.run(&["regen"])
            .expect(1)
            .says(&[&format!("foreign  {name}")]);
    }
}

#[test]
fn a_link_in_the_place_of_a_staged_file_is_not_written_through() {
    for name in [
        "first/.one.json.stillframe-new",
        ".corpus.lock.journal.stillframe-new",
    ] {
        let case = Case::new();
        case.project.edit("tool", "[1]", "[1,2]");
        case.link(&format!("fixtures_generated/{name}"), "kept.json");
        case.run(&["regen"]).expect(0);
        case.run(&["check"]).expect(0);
    }
}

#[test]
fn a_journal_renames_only_what_it_lists() {
    let case = Case::new();
    let lock = case.project.read("fixtures_generated/corpus.lock");
    case.project
        .write("fixtures_generated/corpus.lock.journal", &lock);
    case.project
        .write("fixtures_generated/.run.sh.stillframe-new", "evil");
    case.run(&["regen"]).expect(0);
    case.run(&["check"]).expect(0);
    assert!(!case.project.path("fixtures_generated/run.sh").exists());
}

#[test]
fn scenario_new_and_init_write_through_no_link() {
    let case = Case::new();
    case.link("scenarios", "");
    case.run(&["scenario", "new", "greet", "x"])
        .expect(2)
        .says(&["is a link"]);
    let case = Case::new();
    case.link("scenarios/greet", "");
    case.run(&["scenario", "new", "greet", "x"]).expect(2);
    let case = Case::new();
    case.project.remove("stillframe.toml");
    case.link(".github", "");
    let before = case.project.tree();
    case.run(&["init"]).expect(2);
    assert_eq!(case.project.tree(), before);
}

#[test]
fn a_linked_target_folder_is_used_where_it_leads() {
    let case = Case::new();
    case.project.remove("target");
    symlink(case.outside.root(), case.project.path("target")).unwrap();
    case.project.edit("tool", "[1]", "[1,2]");
    case.project.stillframe(&["check"]).expect(3);
    assert!(
        case.outside
            .path("stillframe/candidates/made-from.json")
            .exists()
    );
    assert_eq!(case.outside.read("kept.json"), "kept");
    assert_eq!(case.outside.read("01-first/kept"), "kept");
    case.project.stillframe(&["accept"]).expect(0);
}

#[test]
fn links_inside_the_work_folder_are_not_emptied_through() {
    for name in ["raw", "candidates", "schemas"] {
        let case = Case::new();
        case.link(&format!("target/stillframe/{name}"), "");
        case.run(&["check"]).expect(2).says(&["is a link"]);
    }
    let case = Case::new();
    case.project.remove("target/stillframe/raw/01-first");
    case.link("target/stillframe/raw/01-first", "");
    case.run(&["check"]).expect(1).says(&["is a link"]);
}

fn with_work(work: &str) -> Project {
    let project = Project::published();
    let config = project.read("stillframe.toml");
    project.write(
        "stillframe.toml",
        &format!("{config}[paths]\nwork = \"{work}\"\n"),
    );
    project
}

#[test]
fn a_work_folder_that_holds_somebody_elses_files_is_refused_and_left_alone() {
    for held in [
        ".gitignore",
        "lock",
        "notes.txt",
        "schemas/h.json",
        "candidates/n.txt",
        "raw/01-first/n.txt",
    ] {
        let project = with_work("tests/work");
        project.write(&format!("tests/work/{held}"), "mine");
        let before = project.tree();
        for command in ["check", "regen", "accept"] {
            project
                .stillframe(&[command])
                .expect(2)
                .says(&["no .stillframe-work marks it", "[paths] work"]);
        }
        assert_eq!(project.tree(), before);
    }
}

#[test]
fn a_new_or_empty_work_folder_is_marked_and_ignores_itself() {
    for there in [true, false] {
        let project = with_work("deep/er/work");
        if there {
            fs::create_dir_all(project.path("deep/er/work")).unwrap();
        }
        project.stillframe(&["check"]).expect(0);
        assert_eq!(project.read("deep/er/work/.gitignore"), "*\n");
        project.write("deep/er/work/notes.txt", "mine");
        project.stillframe(&["check"]).expect(0);
        assert_eq!(project.read("deep/er/work/notes.txt"), "mine");
    }
}

#[test]
fn a_work_folder_is_never_the_project_or_the_home_or_a_committed_folder() {
    let project = with_work("work");
    let home = Project::empty();
    for leads in [
        project.root().to_owned(),
        project.root().parent().unwrap().to_owned(),
        "/".into(),
        home.root().to_owned(),
        project.path("pocs"),
        project.path("scenarios/x"),
        project.path("nowhere"),
    ] {
        fs::create_dir_all(project.path("scenarios/x")).unwrap();
        if project.path("work").symlink_metadata().is_ok() {
            fs::remove_file(project.path("work")).unwrap();
        }
        symlink(&leads, project.path("work")).unwrap();
        let before = fs::read_dir(project.root()).unwrap().count();
        let ran = project
            .command(&["check"])
            .env("HOME", home.root())
            .output();
        Ran::from(ran.unwrap()).expect(2);
        assert_eq!(fs::read_dir(project.root()).unwrap().count(), before);
        assert!(!leads.join(".stillframe-work").exists(), "{leads:?}");
    }
    assert_eq!(fs::read_dir(home.root()).unwrap().count(), 0);
}

#[test]
fn the_work_folder_of_another_project_is_refused_but_a_moved_project_keeps_its_own() {
    let one = Project::published();
    let two = with_work("work");
    symlink(one.path("target/stillframe"), two.path("work")).unwrap();
    one.edit("tool", "[1]", "[1,2]");
    one.stillframe(&["check"]).expect(3);
    two.stillframe(&["check"])
        .expect(2)
        .says(&["the work folder of"]);
    one.stillframe(&["accept"]).expect(0);
    let moved = Project::empty();
    let there = moved.path("project");
    fs::rename(one.root(), &there).unwrap();
    moved
        .stillframe(&["check", "--root", there.to_str().unwrap()])
        .expect(0);
    fs::rename(&there, one.root()).unwrap();
}

#[test]
fn the_default_work_folder_of_the_first_version_is_recognised() {
    let project = Project::published();
    project.remove("target/stillframe/.stillframe-work");
    project.stillframe(&["check"]).expect(0);
    assert!(project.path("target/stillframe/.stillframe-work").exists());
    project.remove("target/stillframe/.stillframe-work");
    project.write("target/stillframe/notes.txt", "mine");
    project.stillframe(&["check"]).expect(2);
}

#[test]
fn two_first_runs_at_once_share_the_work_folder() {
    for _ in 0..5 {
        let project = Project::shell();
        let runs: Vec<_> = (0..3)
            .map(|_| project.command(&["regen"]).output_later())
            .collect();
        for run in runs {
            Ran::from(run.wait_with_output().unwrap()).expect(0);
        }
    }
}

/// Starting a command and reading its output when it has ended.
trait Later {
    fn output_later(&mut self) -> std::process::Child;
}

impl Later for std::process::Command {
    fn output_later(&mut self) -> std::process::Child {
        use std::process::Stdio;
        let piped = self.stdout(Stdio::piped()).stderr(Stdio::piped());
        piped.spawn().unwrap()
    }
}
