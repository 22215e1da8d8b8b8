//! `stillframe consumers detect`: measures the suite and writes `consumers.lock`.

use std::io::Write;
use std::time::Duration;

use anyhow::Result;
use stillframe::disk::Written;
use stillframe::exit_code::ExitCode;
use stillframe::print;

use super::session::Where;
use crate::detection::{self, Detected, Ended, Estimate, News, Options};
use crate::lock_file::{LOCK_NAME, Lock};
use crate::suite::RunError;

/// Measures; `runs` of the baseline, or as many as the definition says.
///
/// # Errors
///
/// When the suite cannot be measured.
pub fn run(
    at: &Where,
    runs: Option<usize>,
    options: &Options,
    out: &mut dyn Write,
) -> Result<ExitCode> {
    let Some(mut session) = at.session()? else {
        return Ok(ExitCode::Interrupted);
    };
    if session.journal.kept() > 0 {
        print::note(&format!(
            "going on with {} answers from {}",
            session.journal.kept(),
            session.journal.path().display()
        ));
    }
    match session.suite.prepare() {
        Ok(()) => {}
        Err(RunError::Interrupted) => return Ok(ExitCode::Interrupted),
        Err(RunError::Failed(error)) => return Err(error),
    }
    let names = session.suite.names();
    let options = Options {
        runs: runs.unwrap_or(session.definition.written.suite.runs),
        ..options.clone()
    };
    let mut detected = detection::detect(
        &mut session.suite,
        &names,
        &options,
        &mut session.journal,
        &mut |news| tell(&news),
    )?;
    if detected.ended == Ended::Complete {
        match session.suite.not_proved(&detected.findings) {
            Ok(unhidden) => detected.findings.unhidden = unhidden,
            Err(RunError::Interrupted) => detected.ended = Ended::Interrupted,
            Err(RunError::Failed(error)) => return Err(error),
        }
    }
    let lock = Lock::of(session.suite.fixtures(), &detected.findings);
    summary(&detected, names.len(), out)?;
    for (fixture, reason) in &detected.findings.unhidden {
        print::message(out, &format!("unknown  {fixture}: {reason}"))?;
    }
    match detected.ended {
        Ended::Complete if !detected.findings.unhidden.is_empty() => {
            print::message(
                out,
                "nothing was written: make the suite hide what it is asked to hide, or take these fixtures out of consumers.toml",
            )?;
            Ok(ExitCode::Broken)
        }
        Ended::Complete => {
            let written = lock.write(&session.definition.root)?;
            let word = match written {
                Written::Changed => "written",
                Written::Unchanged => "as it was",
            };
            print::message(out, &format!("{LOCK_NAME}: {word}"))?;
            Ok(ExitCode::Fresh)
        }
        Ended::OutOfBudget => {
            print::message(
                out,
                "the budget is used up; run the command again to go on, what was measured is kept",
            )?;
            Ok(ExitCode::Broken)
        }
        Ended::Interrupted => Ok(ExitCode::Interrupted),
    }
}

fn tell(news: &News<'_>) {
    match news {
        News::Baseline { run, of } => print::note(&format!("baseline, run {run} of {of}")),
        News::Estimate(estimate) => print::note(&estimate_line(estimate)),
        News::Trial {
            tests,
            hidden,
            known,
            of,
        } => print::note(&format!(
            "{known} of {of} tests known; running {tests} with {hidden} hidden"
        )),
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
        seconds(estimate.run)
    )
}

fn seconds(time: Duration) -> f64 {
    time.as_secs_f64()
}

fn summary(detected: &Detected, fixtures: usize, out: &mut dyn Write) -> Result<()> {
    let findings = &detected.findings;
    let joint: usize = findings.joint.values().map(Vec::len).sum();
    print::message(
        out,
        &format!(
            "{} tests, {fixtures} fixtures: {} uses, {joint} joint, {} tests unknown; {} executions in {} runs",
            findings.tests.len(),
            findings.edge_count(),
            findings.unknown.len(),
            detected.executions,
            detected.runs
        ),
    )?;
    Ok(())
}
