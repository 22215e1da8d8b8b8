//! What a journal has answered already: searches that have ended are not gone through again, and findings are had without running anything.

use super::options::{Budget, Detected, Failing, Options, Shard};
use super::subject::State;
use super::{Detection, detect};
use crate::memory::Answers;
use crate::name::FixtureName;
use crate::outcome::Outcome;
use crate::record::Record;
use crate::search::Use;
use crate::set::FixtureSet;
use crate::suite::{Abilities, Report, Run, RunError, Suite};

/// What is known from these answers alone. It has ended as complete when nothing is missing.
///
/// # Errors
///
/// Never for answers that a measurement has kept.
pub fn recall(
    abilities: Abilities,
    fixtures: &[FixtureName],
    answers: &mut Answers,
) -> anyhow::Result<Detected> {
    let options = Options {
        runs: answers.baselines().max(1),
        failing: Failing::Allowed,
        budget: Budget::default(),
        shard: Shard::WHOLE,
    };
    detect(
        &mut NotRun { abilities },
        fixtures,
        &options,
        answers,
        &mut |_| {},
    )
}

/// A suite that is not run.
struct NotRun {
    abilities: Abilities,
}

impl Suite for NotRun {
    fn run(&mut self, _run: &Run) -> Result<Report, RunError> {
        Err(RunError::Interrupted)
    }

    fn abilities(&self) -> Abilities {
        self.abilities.clone()
    }
}

impl Detection<'_> {
    /// Takes over how earlier searches ended. Shards search in different orders, so that going through one again would ask
    /// what was never asked.
    pub(super) fn recall(&mut self) {
        for index in 0..self.subjects.len() {
            self.recall_one(index);
        }
    }

    pub(super) fn recall_one(&mut self, index: usize) {
        let subject = &self.subjects[index];
        if !subject.is_open() {
            return;
        }
        let (test, company) = (&subject.name, subject.company);
        let (alone, joint) = match self.memory.answers().end_of_search(test, company) {
            Some(Record::Known { alone, joint, .. }) => (self.set_of(alone), {
                let sets = joint.iter().map(|set| self.set_of(set));
                sets.collect::<Vec<FixtureSet>>()
            }),
            Some(Record::Undecided { reason, .. }) => {
                let reason = reason.clone();
                self.subjects[index].state = State::Unknown(reason);
                return;
            }
            _ => return,
        };
        let mut failures = Vec::new();
        let singles = alone.iter().map(|one| alone.only(one));
        for set in singles.chain(joint.iter().cloned()) {
            let outcome = self.answered(test, company, &set);
            match outcome {
                Some(outcome) if outcome != Outcome::Passed => failures.push((set, outcome)),
                // Its evidence is not there: it is searched for again.
                _ => return,
            }
        }
        let subject = &mut self.subjects[index];
        for (set, outcome) in failures {
            subject.learn(set, outcome);
        }
        subject.state = State::Known(Use { alone, joint });
    }
}
