//! A suite of which only some fixtures are hidden, and perhaps only some tests are run.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::Result;

use crate::memory::{Answers, Memory};
use crate::name::{FixtureName, TestName};
use crate::record::Record;
use crate::set::FixtureSet;
use crate::suite::{Abilities, Report, Run, RunError, Selection, Suite};

/// A suite with fewer fixtures.
pub struct Narrowed<'a> {
    suite: &'a mut dyn Suite,
    /// The position in the whole suite of each fixture.
    positions: Vec<usize>,
    count: usize,
    tests: Option<BTreeSet<TestName>>,
}

impl<'a> Narrowed<'a> {
    /// The fixtures of `all` that are in `chosen`, in the order of `all`, and these tests, or all of them.
    pub fn new(
        suite: &'a mut dyn Suite,
        all: &[FixtureName],
        chosen: &BTreeSet<FixtureName>,
        tests: Option<BTreeSet<TestName>>,
    ) -> (Narrowed<'a>, Vec<FixtureName>) {
        let places = all.iter().enumerate();
        let positions: Vec<usize> = places
            .filter(|(_, name)| chosen.contains(*name))
            .map(|(position, _)| position)
            .collect();
        let names = positions.iter().map(|&at| all[at].clone()).collect();
        let narrowed = Narrowed {
            suite,
            positions,
            count: all.len(),
            tests,
        };
        (narrowed, names)
    }

    fn widened(&self, set: &FixtureSet) -> FixtureSet {
        FixtureSet::of(self.count, set.iter().map(|at| self.positions[at]))
    }
}

impl Suite for Narrowed<'_> {
    fn run(&mut self, run: &Run) -> Result<Report, RunError> {
        let tests = match (&run.tests, &self.tests) {
            (Selection::Whole, Some(tests)) if self.suite.abilities().selects => {
                Selection::Only(tests.clone())
            }
            (tests, _) => tests.clone(),
        };
        let hidden_from = run.hidden_from.iter();
        let hidden_from = hidden_from.map(|(test, set)| (test.clone(), self.widened(set)));
        let mut report = self.suite.run(&Run {
            tests,
            order: run.order,
            hidden: self.widened(&run.hidden),
            hidden_from: hidden_from.collect(),
            watch: run.watch,
        })?;
        if let Some(tests) = &self.tests {
            report.outcomes.retain(|test, _| tests.contains(test));
        }
        report.observed = report.observed.map(|observed| {
            let narrow = |set: &FixtureSet| {
                let kept = self.positions.iter().enumerate();
                let kept = kept.filter(|(_, position)| set.contains(**position));
                FixtureSet::of(self.positions.len(), kept.map(|(at, _)| at))
            };
            let sets = observed.iter();
            sets.map(|(test, set)| (test.clone(), narrow(set)))
                .collect()
        });
        Ok(report)
    }

    fn baseline_took(&mut self, longest: Duration) {
        // One run of some tests says nothing about how long the whole suite may take.
        if self.tests.is_none() {
            self.suite.baseline_took(longest);
        }
    }

    fn abilities(&self) -> Abilities {
        let whole = self.suite.abilities();
        let own = |set: &FixtureSet| {
            let own = self.positions.iter().enumerate();
            let own = own.filter(|(_, position)| set.contains(**position));
            FixtureSet::of(self.positions.len(), own.map(|(at, _)| at))
        };
        Abilities {
            per_test: own(&whole.per_test),
            observable: own(&whole.observable),
            ..whole
        }
    }
}

/// The answers of a whole measurement for one of fewer fixtures or tests. New ones are kept for both.
pub struct OfAll<'a, M> {
    memory: &'a mut M,
    narrowed: Answers,
}

impl<'a, M: Memory> OfAll<'a, M> {
    /// Those for these tests, or for all.
    pub fn new(memory: &'a mut M, tests: Option<&BTreeSet<TestName>>) -> OfAll<'a, M> {
        let narrowed = memory.answers().narrowed(tests);
        OfAll { memory, narrowed }
    }
}

impl<M: Memory> Memory for OfAll<'_, M> {
    fn keep(&mut self, record: Record) -> Result<()> {
        self.narrowed.keep(record.clone())?;
        match record {
            // What observers saw of fewer fixtures is not what they saw of all.
            Record::Known { .. }
            | Record::Undecided { .. }
            | Record::Unproved { .. }
            | Record::Expected { .. }
            | Record::Baseline { .. } => Ok(()),
            record => self.memory.keep(record),
        }
    }

    fn answers(&self) -> &Answers {
        &self.narrowed
    }
}
