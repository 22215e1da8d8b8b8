//! Parametrised tests whose names move while something is hidden: they are measured as one, so that no edge is reported for a name that merely moved.

use std::collections::BTreeSet;

use super::subject::Subject;
use super::{Detection, Halt};
use crate::name::TestName;
use crate::record::Record;
use crate::suite::Report;

impl Detection<'_> {
    /// Tests whose names moved while something was hidden are measured as one from now on.
    pub(super) fn merge_what_shifted(&mut self, report: &Report) -> Result<(), Halt> {
        let Some(listed) = &report.listed else {
            return Ok(());
        };
        let known = |name: &TestName| {
            let has = |subject: &Subject| subject.members.contains(name);
            self.subjects.iter().any(has)
                || self.set_aside.contains_key(name)
                || !self.options.shard.holds(name)
        };
        let mut functions = BTreeSet::new();
        for name in listed {
            if let Some(function) = name.parametrised()
                && !known(name)
            {
                functions.insert(function.to_owned());
            }
        }
        // The last of a row of numbered names goes, whichever of them was hidden.
        let alive: BTreeSet<&str> = listed.iter().filter_map(TestName::parametrised).collect();
        for subject in &self.subjects {
            if let [only] = Vec::from_iter(&subject.members)[..]
                && let Some(function) = only.parametrised()
                && !listed.contains(only)
                && is_numbered(only)
                && alive.contains(function)
            {
                functions.insert(function.to_owned());
            }
        }
        for function in functions {
            self.memory.keep(Record::Shifting {
                function: function.clone(),
            })?;
            self.merge(&function);
        }
        Ok(())
    }

    pub(super) fn merge(&mut self, function: &str) {
        let belongs = |subject: &Subject| {
            let mut members = subject.members.iter();
            members.all(|member| member.parametrised() == Some(function))
        };
        let (parts, rest): (Vec<Subject>, Vec<Subject>) = std::mem::take(&mut self.subjects)
            .into_iter()
            .partition(belongs);
        self.subjects = rest;
        if parts.is_empty() {
            return;
        }
        for part in &parts {
            for member in &part.members {
                self.tests.remove(member);
            }
        }
        let merged = Subject::merged(function, parts);
        self.tests.insert(merged.name.clone());
        let at = self.subjects.partition_point(|one| one.name < merged.name);
        self.subjects.insert(at, merged);
    }
}

/// Whether the parameters of a test are named by their position: `path0`, `case12`.
fn is_numbered(test: &TestName) -> bool {
    let parameters = test.as_str().strip_suffix(']');
    let parameters = parameters.and_then(|test| test.split_once('['));
    parameters.is_some_and(|(_, parameters)| parameters.ends_with(|end: char| end.is_ascii_digit()))
}
