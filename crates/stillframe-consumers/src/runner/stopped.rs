//! Runs that were stopped before every test was reported: which of them count as stopped, and what a test did that was running then.

use std::collections::BTreeMap;

use stillframe::process::{End, Outcome as Ended};

use super::end_of_output;
use crate::name::TestName;
use crate::outcome::{Outcome, Phase};

/// Whether a process was ended from outside, by a signal or by us. Shells and package managers hand a signal on as an exit
/// code above 128.
pub(super) fn is_stopped(end: End) -> bool {
    match end {
        End::TimedOut | End::Signalled(_) | End::Flooded(_) => true,
        End::Exited(code) => (129..=128 + 64).contains(&code),
        End::Cancelled => false,
    }
}

/// How a test ended that was the only one running when its process ended.
pub(super) fn outcome_of_running(ended: &Ended) -> Outcome {
    match ended.end {
        End::TimedOut => Outcome::TimedOut,
        _ => Outcome::failed(
            Phase::Body,
            &format!(
                "the process ended while the test ran: {}",
                end_of_output(ended)
            ),
        ),
    }
}

/// Notes how a test ended. Several tests of one name are measured as one, and the worst end counts.
pub(super) fn note(outcomes: &mut BTreeMap<TestName, Outcome>, test: TestName, outcome: Outcome) {
    let rank = |outcome: &Outcome| match outcome {
        Outcome::Skipped => 0,
        Outcome::Passed => 1,
        Outcome::Missing(_) => 2,
        Outcome::TimedOut | Outcome::Failed(_) => 3,
    };
    match outcomes.get(&test) {
        Some(noted) if rank(noted) >= rank(&outcome) => {}
        _ => {
            outcomes.insert(test, outcome);
        }
    }
}
