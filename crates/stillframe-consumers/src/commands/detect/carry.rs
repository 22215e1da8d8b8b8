//! `detect --in-diff REV`: takes over the answers of an earlier revision that no change can have touched.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Result, bail};

use crate::commands::naming::count;
use crate::commands::recorded::{Now, remember};
use crate::commands::session::{Session, bare_place};
use crate::contents::Contents;
use crate::findings::Findings;
use crate::journal::{self, Read};
use crate::memory::Memory as _;
use crate::name::{FixtureName, TestName};
use crate::progress::Progress;
use crate::record::Record;
use crate::revision;

/// What a change may have touched.
#[derive(Debug, Default, PartialEq, Eq)]
struct Touched {
    /// Tests that may do something else than before.
    tests: BTreeSet<TestName>,
    /// Fixtures that hold something else than before, came, or went.
    fixtures: BTreeSet<FixtureName>,
}

/// Takes them over into the journal of the files as they are, if that has only just begun.
pub(super) fn carry(session: &mut Session, rev: &str, progress: &Progress) -> Result<()> {
    if session.journal.kept() > 0 {
        return Ok(());
    }
    let place = bare_place(&session.definition);
    let Some(commit) = revision::commit(&place.root, &place, rev)? else {
        bail!(
            "git knows no revision {rev:?} in {}; fetch it, or name another with --in-diff",
            place.root.display()
        );
    };
    let own = session.journal.path().to_owned();
    let folder = own.parent().unwrap_or(Path::new("."));
    let Some(read) = earlier(folder, &own, &commit)? else {
        progress.line(&format!(
            "{} holds no journal of {rev} ({}): everything is measured; keep the work folder from the run on {rev} to avoid that",
            folder.display(),
            &commit[..commit.len().min(12)]
        ));
        return Ok(());
    };
    let findings = remember(&session.definition, &read)?.findings;
    let changed = Now::of(&session.definition)?.changed_since(&read.header)?;
    let contents = Contents::of(&session.definition, session.suite.fixtures());
    let held_in: BTreeMap<FixtureName, BTreeSet<String>> = contents
        .iter()
        .map(|(name, content)| (name.clone(), content.held_in.clone()))
        .collect();
    let mut file_of = BTreeMap::new();
    for test in &findings.tests {
        if let Some(file) = session.suite.file_of(test) {
            let file = file.to_string_lossy().replace('\\', "/");
            file_of.insert(test.clone(), file);
        }
    }
    let mut touched = touched(&changed, &held_in, &file_of, &read, &findings);
    let before: BTreeSet<FixtureName> = read.header.names().into_iter().collect();
    let now: BTreeSet<FixtureName> = session.suite.names().into_iter().collect();
    touched
        .fixtures
        .extend(before.symmetric_difference(&now).cloned());
    let mut taken = 0;
    for record in select(read.records, &touched, &findings) {
        taken += usize::from(matches!(record, Record::Answer { .. }));
        session.journal.keep(record)?;
    }
    progress.line(&format!(
        "since {rev} {} changed: {} of {} and {} may be touched; {} taken over",
        count(changed.len(), "file"),
        touched.tests.len(),
        count(findings.tests.len(), "test"),
        count(touched.fixtures.len(), "fixture"),
        count(taken, "answer")
    ));
    Ok(())
}

/// The newest journal that was measured while this commit was checked out.
fn earlier(folder: &Path, own: &Path, commit: &str) -> Result<Option<Read>> {
    for path in journal::all(folder)? {
        if path != own && journal::header(&path)?.commit.as_deref() == Some(commit) {
            return Ok(Some(journal::read(&path)?));
        }
    }
    Ok(None)
}

/// A file of tests touches them, and one of fixtures those that use it; any other may touch every test.
fn touched(
    changed: &BTreeSet<String>,
    held_in: &BTreeMap<FixtureName, BTreeSet<String>>,
    file_of: &BTreeMap<TestName, String>,
    read: &Read,
    findings: &Findings,
) -> Touched {
    let mut touched = Touched::default();
    for file in changed {
        let holds = held_in.iter().filter(|(_, files)| files.contains(file));
        let fixtures: BTreeSet<FixtureName> = holds.map(|(name, _)| name.clone()).collect();
        let tests = file_of.iter().filter(|(_, of)| *of == file);
        let tests: BTreeSet<TestName> = tests.map(|(test, _)| test.clone()).collect();
        if fixtures.is_empty() && tests.is_empty() {
            touched.tests.extend(findings.tests.iter().cloned());
        }
        touched.fixtures.extend(fixtures);
        touched.tests.extend(tests);
    }
    for fixture in &touched.fixtures {
        let alone = findings.consumers(fixture).map(|(test, _)| test);
        let joint = findings.joint_consumers(fixture).map(|(test, _)| test);
        touched.tests.extend(alone.chain(joint).cloned());
    }
    // Who was seen to read it may need it now.
    for record in &read.records {
        if let Record::Baseline {
            observed: Some(observed),
            ..
        } = record
        {
            let readers = observed
                .iter()
                .filter(|(_, seen)| !seen.is_disjoint(&touched.fixtures));
            touched.tests.extend(readers.map(|(test, _)| test.clone()));
        }
    }
    touched
}

/// The records that still hold. Of a test that is measured again, what it needed tells where to look first.
fn select(records: Vec<Record>, touched: &Touched, findings: &Findings) -> Vec<Record> {
    let is_touched = |test: &TestName| touched.tests.iter().any(|one| test.stands_for(one));
    let same_fixtures = touched.fixtures.is_empty();
    let mut selected: Vec<Record> = records
        .into_iter()
        .filter(|record| match record {
            Record::Answer { test, hidden, .. } => {
                !is_touched(test) && hidden.is_disjoint(&touched.fixtures)
            }
            Record::Control { test, .. }
            | Record::Companions { test, .. }
            | Record::Known { test, .. }
            | Record::Undecided { test, .. } => !is_touched(test) && same_fixtures,
            Record::Shifting { .. } => true,
            Record::Expected { .. } | Record::Baseline { .. } | Record::Unproved { .. } => false,
        })
        .collect();
    for test in &findings.tests {
        let is_measured_again = is_touched(test) || !same_fixtures;
        if !is_measured_again || findings.unknown.contains_key(test) {
            continue;
        }
        let alone = findings
            .edges
            .get(test)
            .into_iter()
            .flat_map(BTreeMap::keys);
        let joint = findings.joint.get(test).into_iter().flatten();
        let joint = joint.flat_map(|set| &set.fixtures);
        selected.push(Record::Expected {
            test: test.clone(),
            fixtures: alone.chain(joint).cloned().collect(),
        });
    }
    selected
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::Edge;
    use crate::journal::Header;
    use crate::outcome::{Class, Outcome};
    use crate::record::Company;

    fn findings() -> Findings {
        let mut findings = Findings::default();
        for test in ["a", "b", "c"] {
            findings.tests.insert(TestName::from(test));
        }
        let edge = Edge {
            class: Class::Reads,
            evidence: Vec::new(),
        };
        let edges = BTreeMap::from([(FixtureName::from("users"), edge)]);
        findings.edges.insert(TestName::from("a"), edges);
        findings
    }

    fn answer(test: &str, hidden: &[&str]) -> Record {
        Record::Answer {
            test: TestName::from(test),
            hidden: hidden.iter().map(|name| FixtureName::from(*name)).collect(),
            company: Company::Selection,
            outcome: Outcome::Passed,
        }
    }

    fn known(test: &str) -> Record {
        Record::Known {
            test: TestName::from(test),
            company: Company::Selection,
            alone: BTreeSet::new(),
            joint: Vec::new(),
        }
    }

    fn expected(test: &str, fixtures: &[&str]) -> Record {
        Record::Expected {
            test: TestName::from(test),
            fixtures: fixtures
                .iter()
                .map(|name| FixtureName::from(*name))
                .collect(),
        }
    }

    fn of(changed: &[&str]) -> Touched {
        let name = |name: &str| name.to_owned();
        let held_in = [("users", "users.yml"), ("roles", "roles.yml")];
        let held_in = held_in
            .map(|(fixture, file)| (FixtureName::from(fixture), BTreeSet::from([name(file)])));
        let file_of = [("a", "one.py"), ("b", "one.py"), ("c", "two.py")];
        let file_of = file_of.map(|(test, file)| (TestName::from(test), name(file)));
        let read = Read {
            header: Header::new(String::new(), Vec::new(), None, BTreeMap::new()),
            records: Vec::new(),
            sound: 0,
        };
        let changed = changed.iter().map(|file| name(file)).collect();
        touched(
            &changed,
            &BTreeMap::from(held_in),
            &BTreeMap::from(file_of),
            &read,
            &findings(),
        )
    }

    fn names(touched: &Touched) -> Vec<&str> {
        let tests = touched.tests.iter().map(TestName::as_str);
        tests
            .chain(touched.fixtures.iter().map(FixtureName::as_str))
            .collect()
    }

    #[test]
    fn a_file_touches_what_it_holds_and_an_unknown_one_everything() {
        assert_eq!(names(&of(&["two.py"])), ["c"]);
        assert_eq!(names(&of(&["users.yml"])), ["a", "users"]);
        assert_eq!(names(&of(&["roles.yml"])), ["roles"]);
        assert_eq!(names(&of(&["src/lib.rs"])), ["a", "b", "c"]);
        assert_eq!(names(&of(&[])), [""; 0]);
    }

    #[test]
    fn what_was_not_touched_holds_and_what_was_tells_where_to_look() {
        let records = || vec![answer("a", &["users"]), answer("c", &["roles"]), known("c")];
        assert_eq!(
            select(records(), &of(&["one.py"]), &findings()),
            [
                answer("c", &["roles"]),
                known("c"),
                expected("a", &["users"]),
                expected("b", &[]),
            ]
        );
        assert_eq!(
            select(records(), &of(&["roles.yml"]), &findings()),
            [
                answer("a", &["users"]),
                expected("a", &["users"]),
                expected("b", &[]),
                expected("c", &[]),
            ],
            "with another content nothing is known of hiding it"
        );
    }
}
