//! What a person sees while a run goes on: a bar on a terminal, two plain lines elsewhere; always on stderr.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use stillframe_core::report::Summary;

use crate::print;

/// Shows how far a run is.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    shows: Shows,
}

/// How much is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shows {
    /// A bar on a terminal, lines elsewhere.
    Lines,
    /// Nothing: stdout is for a machine, and stderr only for errors.
    Nothing,
}

impl Progress {
    /// Nothing is shown before the first POC runs.
    pub fn new(shows: Shows) -> Progress {
        Progress {
            bar: ProgressBar::hidden(),
            shows,
        }
        .with_bar()
    }

    fn with_bar(mut self) -> Progress {
        if self.shows == Shows::Lines && std::io::stderr().is_terminal() {
            let style =
                ProgressStyle::with_template("capturing {bar:24} {pos}/{len} captures  {elapsed}")
                    .expect("the template is valid");
            self.bar =
                ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr_with_hz(10))
                    .with_style(style);
        }
        self
    }

    /// The POCs begin to run.
    pub fn capturing(&self, summary: &Summary) {
        self.bar.set_length(summary.captures as u64);
    }

    /// One POC has ended, with this many captures.
    pub fn poc_done(&self, captures: usize) {
        self.bar.inc(captures as u64);
    }

    /// All POCs have ended.
    pub fn captured(&self, summary: &Summary, elapsed: Duration) {
        self.bar.finish_and_clear();
        self.line(&format!(
            "capturing {}, {} ... {:.1} s",
            count(summary.pocs, "POC"),
            count(summary.captures, "capture"),
            elapsed.as_secs_f64()
        ));
        if summary.schemas == 0 {
            self.line("validation is off: the target exports no schemas and none are committed");
        } else {
            self.line(&format!(
                "validating {} against {}",
                count(summary.captures, "fixture"),
                count(summary.schemas, "schema")
            ));
        }
    }

    /// The verifiers begin to run.
    pub fn verifying(&self, verifiers: usize) {
        if verifiers > 0 {
            self.line(&format!("asking {}", count(verifiers, "verifier")));
        }
    }

    /// A line of news, if there is any.
    pub fn line_if(&self, text: Option<&str>) {
        if let Some(text) = text {
            self.line(text);
        }
    }

    /// One line of news.
    pub fn line(&self, text: &str) {
        if self.shows == Shows::Lines {
            print::note(text);
        }
    }
}

/// `1 POC`, `2 POCs`.
pub fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}
