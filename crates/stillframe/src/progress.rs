//! What a person sees while a run goes on: on a terminal a bar with the POCs that run, elsewhere two plain lines; always on stderr.

mod running;

use std::io::IsTerminal;
use std::sync::Arc;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use stillframe_core::report::Summary;
use terminal::{ColorChoice, error_width};

use crate::print;
use running::Running;

/// How often the times of running steps are shown again.
const TICK: Duration = Duration::from_millis(100);
/// The columns where the terminal does not tell how many it has.
const USUAL_WIDTH: usize = 80;

/// Shows how far a run is.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    running: Arc<Running>,
    shows: Shows,
}

/// How much is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shows {
    /// A bar on a terminal, lines elsewhere.
    Lines,
    /// Nothing: stdout is for a machine, or nobody wants to know; stderr is only for errors.
    Nothing,
}

impl Progress {
    /// Nothing is shown before the first POC runs.
    pub fn new(shows: Shows) -> Progress {
        let running = Arc::new(Running::default());
        let bar = if shows == Shows::Lines && std::io::stderr().is_terminal() {
            ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr_with_hz(10))
                .with_style(style(Arc::clone(&running)))
        } else {
            ProgressBar::hidden()
        };
        Progress {
            bar,
            running,
            shows,
        }
    }

    /// The POCs begin to run.
    pub fn capturing(&self, summary: &Summary) {
        self.bar.set_length(summary.captures as u64);
        if !self.bar.is_hidden() {
            self.bar.enable_steady_tick(TICK);
        }
    }

    /// A step of a POC begins to run.
    pub fn step_begins(&self, poc: &str, step: usize) {
        self.running.begins(poc, step);
    }

    /// One POC has ended, with this many captures.
    pub fn poc_done(&self, poc: &str, captures: usize) {
        self.running.ended(poc);
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

    /// POCs with something new or changed are run once more.
    pub fn looking_again(&self, pocs: usize) {
        let pocs = count(pocs, "POC");
        self.line(&format!(
            "looking a second time at {pocs} with new or changed fixtures"
        ));
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

/// The bar, and below it the POCs that run, as far as there is room.
fn style(running: Arc<Running>) -> ProgressStyle {
    let template = match terminal::colours_of_errors() {
        ColorChoice::Never => "capturing {bar:24} {pos}/{len} captures  {elapsed}\n{running}",
        _ => "capturing {bar:24.green} {pos}/{len} captures  {elapsed}\n{running:.dim}",
    };
    let shown = move |_: &ProgressState, to: &mut dyn std::fmt::Write| {
        let width = error_width().unwrap_or(USUAL_WIDTH);
        // Writing to memory cannot fail.
        let _ = to.write_str(&running.shown(width.saturating_sub(1)));
    };
    ProgressStyle::with_template(template)
        .expect("the template is valid")
        .progress_chars("━╸─")
        .with_key("running", shown)
}

/// `1 POC`, `2 POCs`.
pub fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}
