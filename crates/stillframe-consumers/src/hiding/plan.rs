//! Tables that `fixpoints` leaves empty, for each test others, as a plan says.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use fixpoints::Logged;
use stillframe::disk;

use super::{Fixture, Hidden, Hiding, Proof, variable};
use crate::definition::{Definition, Tables};
use crate::name::{FixtureName, TestName};
use crate::place::Place;

/// The name in a plan that stands for every test.
const EVERY: &str = "*";

/// Hides tables by a plan.
pub struct Plan {
    fixtures: Vec<Fixture>,
}

impl Plan {
    /// The tables of a fixpoint, or those that are named.
    ///
    /// # Errors
    ///
    /// When the fixpoint cannot be read.
    pub fn new(definition: &Definition, tables: &Tables) -> Result<Plan> {
        Ok(Plan {
            fixtures: variable::fixtures(definition, tables)?,
        })
    }
}

impl Hiding for Plan {
    fn fixtures(&self) -> &[Fixture] {
        &self.fixtures
    }

    fn is_per_test(&self) -> bool {
        true
    }

    fn title(&self) -> String {
        format!("the plan in {}", fixpoints::Hiding::PLAN)
    }

    fn hide(&mut self, hidden: &Hidden, place: &mut Place) -> Result<()> {
        let (plan, log) = (plan_path(place), log_path(place));
        // Tables of another fixpoint may be hidden in the same run, and `fixpoints` reads one plan.
        let is_shared = place.env.contains_key(OsStr::new(fixpoints::Hiding::PLAN));
        let mut tables = Written::new();
        if is_shared {
            tables = serde_json::from_slice(&fs::read(&plan).with_context(|| reading(&plan))?)?;
        } else if let Err(error) = fs::remove_file(&log)
            && error.kind() != ErrorKind::NotFound
        {
            return Err(error).with_context(|| format!("removing {}", log.display()));
        }
        add(hidden, &mut tables);
        disk::scratch(&plan, &serde_json::to_vec(&tables)?)?;
        place.set(fixpoints::Hiding::PLAN, &plan);
        place.set(fixpoints::Hiding::LOG, &log);
        Ok(())
    }

    fn verify(&mut self, hidden: &Hidden, place: &Place) -> Result<Proof> {
        let log = log_path(place);
        let text = match fs::read_to_string(&log) {
            Ok(text) => text,
            // No test restored anything, so that none can have seen what was to be hidden.
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Proof::None),
            Err(error) => return Err(error).with_context(|| reading(&log)),
        };
        judge(&text, hidden).with_context(|| reading(&log))
    }
}

fn plan_path(place: &Place) -> PathBuf {
    place.scratch.join("hide-plan.json")
}

fn log_path(place: &Place) -> PathBuf {
    place.scratch.join("hide-log.jsonl")
}

fn reading(path: &Path) -> String {
    format!("reading {}", path.display())
}

/// The plan as `fixpoints` reads it.
type Written = BTreeMap<String, BTreeSet<FixtureName>>;

fn add(hidden: &Hidden, plan: &mut Written) {
    let own = hidden.from.iter();
    let own = own.map(|(test, tables)| (test.as_str(), tables));
    let every = (!hidden.from_all.is_empty()).then_some((EVERY, &hidden.from_all));
    for (test, tables) in own.chain(every) {
        let listed = plan.entry(test.to_owned()).or_default();
        listed.extend(tables.iter().cloned());
    }
}

/// Whether every restore hid what it was to hide.
fn judge(log: &str, hidden: &Hidden) -> Result<Proof> {
    let mut proof = Proof::None;
    for line in log.lines() {
        let logged: Logged = serde_json::from_str(line).with_context(|| {
            format!("{line:?} is not a line that this version of fixpoints writes; build the suite with the same version")
        })?;
        let test = logged.test.as_deref().unwrap_or("a test without a name");
        if let Some(reason) = &logged.refused {
            bail!("nothing could be hidden from {test}: {reason}");
        }
        let own = logged
            .test
            .as_deref()
            .and_then(|name| hidden.from.get(&TestName::from(name)));
        for table in hidden.from_all.iter().chain(own.into_iter().flatten()) {
            if logged.restored.contains_key(table.as_str()) {
                bail!(
                    "{table} was to be hidden from {test}, and {} restored it with {} rows",
                    logged.fixpoint,
                    logged.restored[table.as_str()]
                );
            }
            if logged.hidden.contains(table.as_str()) {
                proof = Proof::Seen;
            }
        }
    }
    Ok(proof)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(names: &[&str]) -> BTreeSet<FixtureName> {
        names.iter().map(|&name| FixtureName::from(name)).collect()
    }

    fn hidden() -> Hidden {
        let own = [
            ("p::t a", &["books"][..]),
            ("p::t b", &["authors", "we,ird"]),
        ];
        Hidden {
            from_all: set(&["audit"]),
            from: own
                .into_iter()
                .map(|(test, names)| (TestName::from(test), set(names)))
                .collect(),
        }
    }

    #[test]
    fn the_plan_names_every_test_with_its_tables() {
        let mut plan = Written::new();
        add(&hidden(), &mut plan);
        let more = [(TestName::from("p::t a"), set(&["logs"]))];
        let more = Hidden {
            from: BTreeMap::from(more),
            ..Hidden::default()
        };
        add(&more, &mut plan);
        assert_eq!(
            serde_json::to_string(&plan).unwrap(),
            r#"{"*":["audit"],"p::t a":["books","logs"],"p::t b":["authors","we,ird"]}"#
        );
    }

    #[test]
    fn a_restore_that_did_not_hide_what_it_was_to_hide_is_an_error() {
        let line = |test: &str, hidden: &str, restored: &str, more: &str| {
            format!(
                r#"{{"test":{test},"fixpoint":"base","hidden":{hidden},"restored":{restored}{more}}}"#
            )
        };
        let well = line(
            r#""p::t a""#,
            r#"["audit","books"]"#,
            r#"{"authors":2}"#,
            "",
        );
        let other = line(r#""p::t c""#, r#"["audit"]"#, r#"{"books":2}"#, "");
        let judge = |lines: &[&str]| match judge(&lines.join("\n"), &hidden()) {
            Ok(proof) => format!("{proof:?}"),
            Err(error) => format!("{error:#}"),
        };
        assert_eq!(judge(&[]), "None");
        assert_eq!(judge(&[&well, &other]), "Seen");
        // A fixpoint that has none of these tables proves nothing.
        let without = line(r#""p::t a""#, "[]", r#"{"authors":2}"#, "");
        assert_eq!(judge(&[&without]), "None");
        for (wrong, expected) in [
            (
                line(r#""p::t a""#, r#"["audit"]"#, r#"{"books":2}"#, ""),
                "books was to be hidden from p::t a, and base restored it with 2 rows",
            ),
            (
                line("null", "[]", r#"{"audit":0}"#, ""),
                "audit was to be hidden from a test without a name",
            ),
            (
                line("null", "[]", "{}", r#","refused":"no name""#),
                "nothing could be hidden from a test without a name: no name",
            ),
            (
                "{\"test\":".to_owned(),
                "build the suite with the same version",
            ),
        ] {
            let said = judge(&[&well, &wrong]);
            assert!(said.contains(expected), "{said}");
        }
    }
}
