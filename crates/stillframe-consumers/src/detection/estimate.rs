//! What a measurement may cost, once the baseline is known.

use std::time::Duration;

use super::Detection;
use super::control::CONTROLS;
use super::options::Estimate;
use crate::set::FixtureSet;

impl Detection<'_> {
    pub(super) fn estimate(&self, run: Duration) -> Estimate {
        let tests = self.subjects.len();
        let baseline = (self.tests.len() * self.options.runs) as u64;
        let observed = self.subjects.iter().filter_map(|one| one.observed.as_ref());
        let trials: usize = observed.clone().map(FixtureSet::len).sum();
        let watched = observed.count();
        let fixtures = self.fixtures.len();
        let unobserved = tests - watched;
        let blind = 2 * self.blind().len();
        Estimate {
            tests,
            fixtures,
            observed: watched,
            at_least: (tests + trials) as u64,
            at_most: (trials + (3 + blind) * watched + unobserved * (2 * fixtures + CONTROLS))
                as u64,
            one_at_a_time: (tests * fixtures) as u64,
            run,
        }
        .after(baseline)
    }
}

impl Estimate {
    /// The same, with the executions of the baseline, which are behind us.
    fn after(mut self, baseline: u64) -> Estimate {
        self.at_least += baseline;
        self.at_most += baseline;
        self.one_at_a_time += baseline;
        self
    }
}
