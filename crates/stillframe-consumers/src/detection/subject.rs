//! One test under measurement, or all tests of a parametrised function whose names shift.

use std::collections::{BTreeMap, BTreeSet};

use crate::findings::{Edge, Findings, Joint};
use crate::name::{FixtureName, GROUP, TestName};
use crate::outcome::{Class, Outcome};
use crate::record::Company;
use crate::search::{Knowledge, Use, Verdict};
use crate::set::FixtureSet;
use crate::suite::Report;

pub(super) struct Subject {
    pub(super) name: TestName,
    /// The tests it stands for.
    pub(super) members: BTreeSet<TestName>,
    pub(super) company: Company,
    pub(super) known: Knowledge,
    pub(super) observed: Option<FixtureSet>,
    pub(super) state: State,
    /// How it ended where it did not pass.
    failures: BTreeMap<FixtureSet, Outcome>,
}

/// How far measuring it is.
pub(super) enum State {
    Open,
    Known(Use),
    Unknown(String),
}

impl Subject {
    pub(super) fn new(name: TestName, company: Company, observed: Option<FixtureSet>) -> Subject {
        Subject {
            members: BTreeSet::from([name.clone()]),
            name,
            company,
            known: Knowledge::default(),
            observed,
            state: State::Open,
            failures: BTreeMap::new(),
        }
    }

    /// All tests of a function as one.
    pub(super) fn merged(function: &str, parts: Vec<Subject>) -> Subject {
        let mut company = Company::Selection;
        let mut observed: Option<FixtureSet> = None;
        let mut members = BTreeSet::new();
        let all_observed = parts.iter().all(|part| part.observed.is_some());
        for part in parts {
            company = company.max(part.company);
            members.extend(part.members);
            observed = match (observed, part.observed) {
                (Some(all), Some(own)) => Some(all.union(&own)),
                (all, own) => all.or(own),
            };
        }
        let name = TestName::from(format!("{function}{GROUP}"));
        let observed = observed.filter(|_| all_observed);
        Subject {
            members,
            ..Subject::new(name, company, observed)
        }
    }

    /// Forgets everything, to be measured in another company.
    pub(super) fn start_again(&mut self, company: Company) {
        self.company = company;
        self.known = Knowledge::default();
        self.state = State::Open;
        self.failures.clear();
    }

    pub(super) fn is_open(&self) -> bool {
        matches!(self.state, State::Open)
    }

    pub(super) fn has_findings(&self) -> bool {
        matches!(&self.state, State::Known(found) if !found.alone.is_empty() || !found.joint.is_empty())
    }

    /// How it ended in a run that it belonged to. Of several tests the first that did not pass counts; one that appeared
    /// is a change, too.
    pub(super) fn outcome_in(&self, report: &Report) -> Outcome {
        for member in &self.members {
            match report.outcomes.get(member) {
                Some(Outcome::Passed) => {}
                Some(outcome) => return outcome.clone(),
                None => return Outcome::missing(&report.printed),
            }
        }
        Outcome::Passed
    }

    pub(super) fn learn(&mut self, hidden: FixtureSet, outcome: Outcome) {
        if outcome == Outcome::Passed {
            self.known.learn(hidden, Verdict::Same);
        } else {
            self.known.learn(hidden.clone(), Verdict::Changed);
            self.failures.insert(hidden, outcome);
        }
    }

    /// Adds what is known of it to the findings.
    pub(super) fn report(&self, fixtures: &[FixtureName], findings: &mut Findings) {
        let none = FixtureSet::none(fixtures.len());
        let (alone, joint): (FixtureSet, &[FixtureSet]) = match &self.state {
            State::Known(found) => (found.alone.clone(), &found.joint),
            State::Open => {
                let reason = "not decided within the budget";
                findings
                    .unknown
                    .insert(self.name.clone(), reason.to_owned());
                (self.seen_alone(&none), &[])
            }
            State::Unknown(reason) => {
                findings.unknown.insert(self.name.clone(), reason.clone());
                return;
            }
        };
        for fixture in alone.iter() {
            let outcome = self.failures.get(&none.only(fixture));
            let edge = Edge {
                class: outcome.and_then(Outcome::class).unwrap_or(Class::Reads),
                evidence: outcome.map(Outcome::evidence).unwrap_or_default(),
            };
            let edges = findings.edges.entry(self.name.clone()).or_default();
            edges.insert(fixtures[fixture].clone(), edge);
        }
        for set in joint {
            let outcome = self.failures.get(set);
            let joint = Joint {
                fixtures: set.iter().map(|one| fixtures[one].clone()).collect(),
                evidence: outcome.map(Outcome::evidence).unwrap_or_default(),
            };
            let sets = findings.joint.entry(self.name.clone()).or_default();
            sets.push(joint);
        }
    }

    /// What was hidden alone and changed it, while not everything is known.
    fn seen_alone(&self, none: &FixtureSet) -> FixtureSet {
        let mut alone = none.clone();
        for hidden in self.failures.keys().filter(|hidden| hidden.len() == 1) {
            alone.insert_all(hidden);
        }
        alone
    }
}
