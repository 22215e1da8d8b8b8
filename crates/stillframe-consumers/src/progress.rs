//! What a person sees while a suite is measured: one line that is rewritten on a terminal, few lines elsewhere; always on stderr.

use std::io::IsTerminal as _;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use stillframe::print;

use crate::detection::{Estimate, News};

/// How long there is at least between two lines where they are not rewritten.
const PAUSE: Duration = Duration::from_secs(10);

/// Shows how far a measurement is.
#[derive(Debug)]
pub struct Progress {
    bar: Option<ProgressBar>,
    shows: Shows,
    last: Option<Instant>,
}

/// How much is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shows {
    /// How far it is.
    Lines,
    /// Nothing.
    Nothing,
}

impl Progress {
    /// Nothing is shown yet.
    pub fn new(shows: Shows) -> Progress {
        let is_terminal = shows == Shows::Lines && std::io::stderr().is_terminal();
        let bar = is_terminal.then(|| {
            let target = ProgressDrawTarget::stderr_with_hz(10);
            let style = ProgressStyle::with_template("{elapsed}  {msg}");
            ProgressBar::with_draw_target(None, target)
                .with_style(style.expect("the template is valid"))
        });
        Progress {
            bar,
            shows,
            last: None,
        }
    }

    /// A run begins, or the baseline is known.
    pub fn tell(&mut self, news: &News<'_>) {
        match news {
            News::Baseline { run, of } => self.step(&format!("baseline, run {run} of {of}")),
            News::Estimate(estimate) => self.line(&estimate_line(estimate)),
            News::Trial {
                tests,
                hidden,
                known,
                of,
            } => self.step(&format!(
                "{known} of {of} tests known; running {tests} with {hidden} hidden"
            )),
        }
    }

    /// What is done now; off a terminal it is said only when nothing was said for a while.
    pub fn step(&mut self, text: &str) {
        if let Some(bar) = &self.bar {
            bar.set_message(text.to_owned());
            bar.tick();
        } else if self.shows == Shows::Lines && self.last.is_none_or(|last| last.elapsed() >= PAUSE)
        {
            self.last = Some(Instant::now());
            print::note(text);
        }
    }

    /// A line that stays.
    pub fn line(&self, text: &str) {
        if self.shows == Shows::Nothing {
            return;
        }
        match &self.bar {
            Some(bar) => bar.suspend(|| print::note(text)),
            None => print::note(text),
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn estimate_line(estimate: &Estimate) -> String {
    format!(
        "{} tests, {} fixtures: {} to {} executions, baseline included; one fixture at a time would take {}; one run of the suite takes {:.1} s",
        estimate.tests,
        estimate.fixtures,
        estimate.at_least,
        estimate.at_most,
        estimate.one_at_a_time,
        estimate.run.as_secs_f64()
    )
}
