//! Which POCs run, and for how long each has been at its step; it is only for looking at.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use stillframe_core::visible::visible;
use terminal::columns;

/// The POCs that run.
#[derive(Debug, Default)]
pub(super) struct Running {
    pocs: Mutex<BTreeMap<String, At>>,
}

/// Where a POC is.
#[derive(Debug, Clone, Copy)]
struct At {
    step: usize,
    since: Instant,
}

impl Running {
    pub fn begins(&self, poc: &str, step: usize) {
        let since = Instant::now();
        self.lock().insert(poc.to_owned(), At { step, since });
    }

    pub fn ended(&self, poc: &str) {
        self.lock().remove(poc);
    }

    /// One line that fits into a width.
    pub fn shown(&self, width: usize) -> String {
        let steps = self.lock();
        let steps = steps
            .iter()
            .map(|(poc, at)| (poc.as_str(), at.step, at.since.elapsed()));
        listed(steps.collect(), width)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, At>> {
        self.pocs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The slowest step first; what does not fit is counted.
fn listed(mut steps: Vec<(&str, usize, Duration)>, width: usize) -> String {
    steps.sort_by_key(|(_, _, elapsed)| std::cmp::Reverse(*elapsed));
    let mut line = String::new();
    for (at, (poc, step, elapsed)) in steps.iter().enumerate() {
        let separator = if at == 0 { "  " } else { ", " };
        let seconds = elapsed.as_secs_f64();
        let next = format!("{separator}{} step {step} {seconds:.1} s", visible(poc));
        let more = format!("{separator}{} more", steps.len() - at);
        let is_last = at + 1 == steps.len();
        let room = if is_last { 0 } else { columns(", 999 more") };
        if columns(&line) + columns(&next) + room > width {
            if columns(&line) + columns(&more) <= width {
                line.push_str(&more);
            }
            break;
        }
        line.push_str(&next);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slowest_step_is_first_and_what_does_not_fit_is_counted() {
        let steps = || {
            let seconds = Duration::from_secs;
            vec![
                ("01-first", 1, seconds(1)),
                ("02-se\u{1b}cond", 3, seconds(7)),
                ("03-third", 1, seconds(2)),
            ]
        };
        let slowest = "  02-se\\u001bcond step 3 7.0 s";
        for (width, shown) in [
            (
                100,
                format!("{slowest}, 03-third step 1 2.0 s, 01-first step 1 1.0 s"),
            ),
            (60, format!("{slowest}, 2 more")),
            (20, "  3 more".to_owned()),
            (3, String::new()),
        ] {
            assert_eq!(listed(steps(), width), shown);
        }
    }
}
