//! Candidates that nobody vouches for: whatever was done to them, accept publishes a sound corpus or writes nothing.

mod blows;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use stillframe_core::lock::Lock;

use crate::project::Project;
use blows::{Blow, Download, blow};

type Tree = BTreeMap<String, Vec<u8>>;

const GREET: &str = r#"{"type":"object","required":["rows"],"properties":{"command":{"const":"greet"},"name":{"type":"string"},"took_ms":{},"rows":{"type":"array"}}}"#;
const LINE: &str =
    r#"{"type":"object","properties":{"command":{"const":"line"},"n":{"type":"integer"}}}"#;

/// A project with a drift, its sound candidates, and a folder that nothing may touch.
struct Case {
    project: Project,
    outside: Project,
    before: Tree,
    sound: PathBuf,
}

impl Case {
    fn new() -> Case {
        let project = Project::shell();
        project.script(&format!(
            r#"case $1 in
export) mkdir "$2/deep"; echo '{GREET}' > "$2/greet.schema.json"; echo '{LINE}' > "$2/deep/line.schema.json";;
lines) printf '{{"command":"line","n":1}}\n{{"command":"line","n":2}}\n';;
*) printf '{{"command":"greet","name":"%s","took_ms":%s,"rows":[1]}}' "$1" "$$";;
esac"#
        ));
        let config = project.read("stillframe.toml");
        project.write(
            "stillframe.toml",
            &format!("{config}schemas = [\"export\", \"${{dir}}\"]\n"),
        );
        project.write(
            "pocs/02-lines/poc.toml",
            "summary = \"x\"\n[[step]]\ncapture = \"all\"\nrun = [\"lines\"]\nstdout = \"ndjson\"\nschema = \"deep/line\"\n",
        );
        project.write("schemas/mine.schema.json", "{\"title\":\"by hand\"}\n");
        project.stillframe(&["regen"]).expect(0);
        project.edit("tool", "[1]", "[1,2]");
        project.edit("tool", "\"n\":2", "\"n\":3");
        project.edit("tool", "\"type\":\"integer\"", "\"type\":\"number\"");
        project.write("fixtures_generated/old/orphan.json", "{}\n");
        project.stillframe(&["check"]).expect(3);
        let sound = project.path("target/sound");
        fs::rename(project.path("target/stillframe/candidates"), &sound).unwrap();
        let outside = Project::empty();
        outside.write("kept.json", "{}\n");
        Case {
            before: project.tree(),
            project,
            outside,
            sound,
        }
    }

    /// Puts the project and its candidates back as they were.
    fn reset(&self) -> Download {
        for (name, bytes) in self.project.tree() {
            if self.before.get(&name) != Some(&bytes) {
                self.project.remove(&name);
            }
        }
        for (name, bytes) in &self.before {
            if fs::read(self.project.path(name)).ok().as_ref() != Some(bytes) {
                self.project
                    .write(name, std::str::from_utf8(bytes).unwrap());
            }
        }
        let folder = self.project.path("target/download");
        fs::remove_dir_all(&folder).ok();
        copy(&self.sound, &folder);
        Download { folder }
    }

    fn after(&self, blows: &[Blow]) -> Result<(), TestCaseError> {
        let download = self.reset();
        for blow in blows {
            download.strike(blow, &self.outside);
        }
        let ran = self
            .project
            .stillframe(&["accept", "--from", "target/download"]);
        prop_assert_eq!(self.outside.tree().len(), 1);
        let after = self.project.tree();
        if ran.code != 0 {
            prop_assert!(matches!(ran.code, 1 | 2), "{}\n{}", ran.code, ran.stderr);
            prop_assert!(!ran.stdout.is_empty() || !ran.stderr.is_empty());
            prop_assert!(after == self.before, "refused, and written: {}", ran.stdout);
            return Ok(());
        }
        // What was published is what was downloaded, file by file, and nothing else has changed.
        for (name, bytes) in &after {
            let at = name
                .strip_prefix("fixtures_generated/")
                .map(|path| format!("fixtures/{path}"))
                .or_else(|| Some(format!("schemas/{}", name.strip_prefix("schemas/")?)));
            let expected = match at {
                Some(at) => fs::read(download.folder.join(at)).ok(),
                None => self.before.get(name).cloned(),
            };
            let same = if name.ends_with("corpus.lock") {
                parsed(expected.as_deref()) == parsed(Some(bytes))
            } else {
                expected.as_ref() == Some(bytes)
            };
            prop_assert!(same, "{name} is from nowhere");
        }
        prop_assert!(after.contains_key("schemas/mine.schema.json"));
        prop_assert!(after.contains_key("fixtures_generated/lines/all.ndjson"));
        let judged = self.project.stillframe(&["validate"]);
        prop_assert_eq!(judged.code, 0, "{}", judged.stdout);
        Ok(())
    }
}

/// A lock by its content, whatever its layout.
fn parsed(lock: Option<&[u8]>) -> Option<Lock> {
    Lock::parse(std::str::from_utf8(lock?).ok()?).ok()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to.join(entry.file_name()));
        } else {
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

thread_local! {
    static CASE: Case = Case::new();
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_candidates_are_published_soundly_or_not_at_all(
        blows in proptest::collection::vec(blow(), 1..4)
    ) {
        CASE.with(|case| case.after(&blows))?;
    }
}

#[test]
fn sound_candidates_are_published() {
    CASE.with(|case| {
        case.after(&[]).unwrap();
        assert_ne!(case.project.tree(), case.before);
    });
}
