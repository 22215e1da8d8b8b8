//! What the suite does while nothing is hidden: which tests can be measured, and how.

use std::collections::{BTreeMap, BTreeSet};

use crate::name::TestName;
use crate::outcome::Outcome;
use crate::suite::Order;

/// One run with nothing hidden.
#[derive(Debug, Clone)]
pub struct BaselineRun {
    /// The order in which the tests ran.
    pub order: Order,
    /// How each ended.
    pub outcomes: BTreeMap<TestName, Outcome>,
}

/// Whether, and how, a test can be measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It passes always.
    Steady,
    /// It passes in the suite's own order, and fails in others: it needs tests that run before it.
    NeedsOthers,
    /// It ends now in one way, now in another.
    Flaky,
    /// It never passes.
    Failing(Outcome),
    /// It is skipped.
    Skipped,
}

impl Standing {
    /// Why it is not measured; nothing for one that is.
    pub fn obstacle(&self) -> Option<&'static str> {
        match self {
            Standing::Steady | Standing::NeedsOthers => None,
            Standing::Flaky => Some("flaky: it does not always pass while nothing is hidden"),
            Standing::Failing(_) => Some("it fails while nothing is hidden"),
            Standing::Skipped => Some("it is skipped while nothing is hidden"),
        }
    }
}

/// Judges every test that any of the runs reported.
pub fn judge(runs: &[BaselineRun]) -> BTreeMap<TestName, Standing> {
    let names: BTreeSet<&TestName> = runs.iter().flat_map(|run| run.outcomes.keys()).collect();
    names
        .into_iter()
        .map(|name| (name.clone(), standing(name, runs)))
        .collect()
}

fn standing(test: &TestName, runs: &[BaselineRun]) -> Standing {
    let ends = |order: fn(&Order) -> bool| -> Vec<Option<&Outcome>> {
        let runs = runs.iter().filter(|run| order(&run.order));
        runs.map(|run| run.outcomes.get(test)).collect()
    };
    let passed = |end: &Option<&Outcome>| *end == Some(&Outcome::Passed);
    let given = ends(|order| *order == Order::Given);
    let shuffled = ends(|order| *order != Order::Given);
    if given.iter().all(passed) {
        return if shuffled.iter().all(passed) {
            Standing::Steady
        } else {
            Standing::NeedsOthers
        };
    }
    let mut every = given.iter().chain(&shuffled);
    if every.clone().all(|end| *end == Some(&Outcome::Skipped)) {
        return Standing::Skipped;
    }
    match given.first() {
        Some(Some(first)) if !every.any(passed) => Standing::Failing((*first).clone()),
        _ => Standing::Flaky,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::Phase;

    fn run(order: Order, ends: &str) -> BaselineRun {
        let outcomes = ends.chars().enumerate().filter_map(|(number, end)| {
            let outcome = match end {
                '.' => Outcome::Passed,
                'F' => Outcome::failed(Phase::Body, "no"),
                's' => Outcome::Skipped,
                _ => return None,
            };
            Some((TestName::from(format!("t{number}")), outcome))
        });
        BaselineRun {
            order,
            outcomes: outcomes.collect(),
        }
    }

    #[test]
    fn a_test_is_judged_by_all_runs_of_the_baseline() {
        let runs = [
            run(Order::Given, "..F.s.F"),
            run(Order::Shuffled(1), ".FF.s-."),
            run(Order::Given, "..FFs.F"),
        ];
        let judged: Vec<Standing> = judge(&runs).into_values().collect();
        let failed = Outcome::failed(Phase::Body, "no");
        assert_eq!(
            judged,
            [
                Standing::Steady,
                Standing::NeedsOthers,
                Standing::Failing(failed),
                Standing::Flaky,
                Standing::Skipped,
                Standing::NeedsOthers,
                Standing::Flaky,
            ]
        );
    }
}
