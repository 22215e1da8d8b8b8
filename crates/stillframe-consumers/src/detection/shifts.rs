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
        let subjects = self.subjects.iter();
        let all: Vec<&TestName> = subjects
            .flat_map(|subject| &subject.members)
            .chain(self.set_aside.keys())
            .collect();
        for subject in &self.subjects {
            if let [only] = Vec::from_iter(&subject.members)[..]
                && let Some(function) = only.parametrised()
                && !listed.contains(only)
                && alive.contains(function)
                && is_last_of_row(only, &all)
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

/// Whether the parameters of a test are named by their position, and it is the last one: `path2` beside `path0` and `path1`.
/// When any of them goes, this name does.
fn is_last_of_row(test: &TestName, all: &[&TestName]) -> bool {
    let own = parameters(test);
    let row: Vec<Vec<Parameter<'_>>> = all
        .iter()
        .filter(|other| other.parametrised() == test.parametrised())
        .map(|other| parameters(other))
        .filter(|other| names(other) == names(&own))
        .collect();
    own.iter().enumerate().any(|(place, parameter)| {
        let Some(last) = parameter.position else {
            return false;
        };
        // What stands for itself has no number; the second of two that look the same is `#2`.
        let first = if parameter.name.ends_with('#') { 2 } else { 0 };
        let numbers: BTreeSet<usize> = row.iter().filter_map(|one| one[place].position).collect();
        last > 0 && numbers.into_iter().eq(first..=last)
    })
}

/// A part of the name in brackets: `path12` is `path` and 12.
struct Parameter<'a> {
    name: &'a str,
    position: Option<usize>,
}

fn names<'a>(parameters: &[Parameter<'a>]) -> Vec<&'a str> {
    parameters.iter().map(|one| one.name).collect()
}

fn parameters(test: &TestName) -> Vec<Parameter<'_>> {
    let inside = test.as_str().strip_suffix(']');
    let inside = inside.and_then(|test| test.split_once('['));
    let parts = inside.map_or("", |(_, inside)| inside).split('-');
    let parameter = |part| {
        let name = str::trim_end_matches(part, |end: char| end.is_ascii_digit());
        let is_counted =
            name.ends_with(|end: char| end.is_alphabetic() || matches!(end, '_' | '#'));
        let position = part[name.len()..].parse().ok();
        Parameter {
            name,
            position: position.filter(|_| is_counted),
        }
    };
    parts.map(parameter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn last_of_row(test: &str, all: &[&str]) -> bool {
        let all: Vec<TestName> = all.iter().map(|&name| TestName::from(name)).collect();
        let all: Vec<&TestName> = all.iter().collect();
        is_last_of_row(&TestName::from(test), &all)
    }

    #[test]
    fn only_the_last_of_a_row_may_go_without_being_used() {
        let row = ["f[path0]", "f[path1]", "f[path2]", "g[path3]"];
        assert!(last_of_row("f[path2]", &row));
        assert!(!last_of_row("f[path1]", &row));
        let rows = ["f[a0-b0]", "f[a1-b1]", "f[a2-b2]"];
        assert!(last_of_row("f[a2-b2]", &rows));
        assert!(!last_of_row("f[a1-b1]", &rows));
        let all_of_two = ["f[a0-b0]", "f[a0-b1]", "f[a1-b0]", "f[a1-b1]"];
        assert!(last_of_row("f[a0-b1]", &all_of_two));
        assert!(!last_of_row("f[a0-b0]", &all_of_two));
        let alike = ["f[1]", "f[1#2]", "f[1#3]"];
        assert!(last_of_row("f[1#3]", &alike));
        assert!(!last_of_row("f[1#2]", &alike));
    }

    #[test]
    fn names_that_say_what_a_test_runs_on_do_not_shift() {
        assert!(!last_of_row("f[2]", &["f[0]", "f[1]", "f[2]"]));
        assert!(!last_of_row("f[row 2]", &["f[row 1]", "f[row 2]"]));
        assert!(!last_of_row("f[a/x7]", &["f[a/x3]", "f[a/x7]"]));
        assert!(!last_of_row(
            "f[users2.json]",
            &["f[users1.json]", "f[users2.json]"]
        ));
        assert!(!last_of_row("f[path0]", &["f[path0]", "f[other]"]));
    }
}
