//! `stillframe consumers detect`: measures the suite and writes `consumers.lock`.

use std::io::Write;
use std::path::Path;

use anyhow::Result;
use stillframe::disk::Written;
use stillframe::exit_code::ExitCode;
use stillframe::print;

use super::session::Where;
use crate::detection::{self, Detected, Ended, Options, Shard};
use crate::findings::Findings;
use crate::lock_file::{LOCK_NAME, Lock};
use crate::measured::NotProved;
use crate::memory::Memory as _;
use crate::progress::{Progress, Shows};
use crate::record::Record;
use crate::suite::RunError;

mod carry;

/// Why a measurement that has ended wrote no lock.
pub(super) const NOT_WRITTEN: &str = "nothing was written: make the suite hide what it is asked to hide, or take these fixtures out of consumers.toml";

/// What is not up to the measurement itself.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// Runs of the baseline, instead of what the definition says.
    pub runs: Option<usize>,
    /// The revision whose answers are taken over as far as they still hold.
    pub in_diff: Option<String>,
}

/// Measures.
///
/// # Errors
///
/// When the suite cannot be measured.
pub fn run(
    at: &Where,
    request: &Request,
    options: &Options,
    shows: Shows,
    out: &mut dyn Write,
) -> Result<ExitCode> {
    let mut progress = Progress::new(shows);
    let Some(mut session) = at.session()? else {
        return Ok(ExitCode::Interrupted);
    };
    if session.journal.kept() > 0 {
        progress.line(&format!(
            "going on with {} answers from {}",
            session.journal.kept(),
            session.journal.path().display()
        ));
    }
    if let Some(rev) = &request.in_diff {
        carry::carry(&mut session, rev, &progress)?;
    }
    match session.suite.prepare() {
        Ok(()) => {}
        Err(RunError::Interrupted) => return Ok(ExitCode::Interrupted),
        Err(RunError::Failed(error)) => return Err(error),
    }
    let names = session.suite.names();
    let options = Options {
        runs: request
            .runs
            .unwrap_or(session.definition.written.suite.runs),
        ..options.clone()
    };
    let mut detected = detection::detect(
        &mut session.suite,
        &names,
        &options,
        &mut session.journal,
        &mut |news| progress.tell(&news),
    )?;
    if detected.ended == Ended::Complete {
        let chosen = names.iter().cloned().collect();
        let passing = session.journal.answers().steady();
        match session
            .suite
            .not_proved(&chosen, &detected.findings, &passing)
        {
            Ok(not_proved) => {
                for NotProved { fixtures, reason } in not_proved {
                    let named = fixtures.iter().map(|name| (name.clone(), reason.clone()));
                    detected.findings.unhidden.extend(named);
                    session
                        .journal
                        .keep(Record::Unproved { fixtures, reason })?;
                }
            }
            Err(RunError::Interrupted) => detected.ended = Ended::Interrupted,
            Err(RunError::Failed(error)) => return Err(error),
        }
    }
    drop(progress);
    session.check_tree()?;
    let is_whole = options.shard == Shard::WHOLE;
    let lock = Lock::of(session.suite.fixtures(), &detected.findings);
    summary(&detected, names.len(), out)?;
    tell_unhidden(&detected.findings, out)?;
    match detected.ended {
        // Of a shard it is no wonder: another one may have the tests that use them.
        Ended::Complete if !detected.findings.unhidden.is_empty() && is_whole => {
            print::message(out, NOT_WRITTEN)?;
            Ok(ExitCode::Broken)
        }
        Ended::Complete => {
            if is_whole {
                write_lock(&lock, &session.definition.root, out)?;
            } else {
                let merge = format!(
                    "this shard is done; when all are, `stillframe consumers merge` with their journals writes {LOCK_NAME}; this one's: {}",
                    session.journal.path().display()
                );
                print::message(out, &merge)?;
            }
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

/// Says which fixtures could not be hidden, and why.
pub(super) fn tell_unhidden(findings: &Findings, out: &mut dyn Write) -> Result<()> {
    for (reason, fixtures) in findings.unhidden_by_reason() {
        print::message(out, &format!("unknown  {}: {reason}", fixtures.join(", ")))?;
    }
    Ok(())
}

/// Writes the lock file, and says so.
pub(super) fn write_lock(lock: &Lock, root: &Path, out: &mut dyn Write) -> Result<()> {
    let word = match lock.write(root)? {
        Written::Changed => "written",
        Written::Unchanged => "as it was",
    };
    print::message(out, &format!("{LOCK_NAME}: {word}"))?;
    Ok(())
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
