//! `stillframe consumers check`: the ratchet for CI. Fixtures marked as retiring may not gain consumers.

use std::collections::BTreeSet;
use std::io::Write;

use anyhow::{Result, bail};
use stillframe::exit_code::ExitCode;
use stillframe::print::{self, message};

use super::naming::{self, count};
use super::session::{Session, Where};
use crate::detection::{self, Budget, Ended, Failing, News, Options, Shard};
use crate::lock_file::{LOCK_NAME, Lock, Locked};
use crate::memory::Memory as _;
use crate::name::FixtureName;
use crate::narrowed::{Narrowed, OfAll};
use crate::progress::{Progress, Shows};
use crate::ratchet::{Ratchet, Retired, Verdict};
use crate::suite::RunError;

mod junit;

/// How many lines of evidence are shown.
const EVIDENCE: usize = 4;

/// How to check.
#[derive(Debug, Clone, Copy)]
pub struct Request {
    /// Runs of the baseline; one where not set, as tests that seem to need something are run again with nothing hidden.
    pub runs: Option<usize>,
    /// What is done about tests that fail while nothing is hidden.
    pub failing: Failing,
    /// For whom.
    pub form: Form,
}

/// For whom the answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// For people.
    Text,
    /// One versioned document.
    Json,
    /// For CI.
    Junit,
}

/// Checks.
///
/// # Errors
///
/// When there is nothing to check or to compare with, or the suite cannot be measured.
pub fn run(at: &Where, request: &Request, shows: Shows, out: &mut dyn Write) -> Result<ExitCode> {
    let definition = at.definition()?;
    let names = definition.written.retiring.iter();
    let retiring: BTreeSet<FixtureName> = names.map(|retiring| retiring.name.clone()).collect();
    if retiring.is_empty() {
        bail!(
            "consumers.toml has no [[retiring]], so that there is nothing to check; add `[[retiring]]` with `name = \"…\"` for each fixture that is to go: `stillframe consumers plan` proposes some"
        );
    }
    let Some(lock) = Lock::read(&definition.root)? else {
        bail!(
            "there is no {LOCK_NAME} in {} to compare with; run `stillframe consumers detect` and commit it",
            definition.root.display()
        );
    };
    let locked = locked(&lock, &retiring)?;
    let Some(mut session) = at.session()? else {
        return Ok(ExitCode::Interrupted);
    };
    let Some(ratchet) = measure(&mut session, &retiring, &locked, request, shows)? else {
        return Ok(ExitCode::Interrupted);
    };
    match request.form {
        Form::Text => text(&ratchet, out)?,
        Form::Json => print::json(out, &ratchet)?,
        Form::Junit => junit::write(&ratchet, out)?,
    }
    Ok(match ratchet.verdict {
        Verdict::Fresh => ExitCode::Fresh,
        Verdict::Stale => ExitCode::Stale,
    })
}

/// The entries of the retiring fixtures.
fn locked<'a>(lock: &'a Lock, retiring: &BTreeSet<FixtureName>) -> Result<Vec<&'a Locked>> {
    let all = lock.by_fixture();
    let mut found = Vec::new();
    for name in retiring {
        match all.get(name) {
            Some(locked) => found.push(*locked),
            None => bail!(
                "{LOCK_NAME} knows no fixture {name}, which consumers.toml has under [[retiring]]; run `stillframe consumers detect` and commit {LOCK_NAME}, or remove that [[retiring]] when the fixture is gone"
            ),
        }
    }
    Ok(found)
}

fn measure(
    session: &mut Session,
    retiring: &BTreeSet<FixtureName>,
    locked: &[&Locked],
    request: &Request,
    shows: Shows,
) -> Result<Option<Ratchet>> {
    let all = session.suite.names();
    if let Some(gone) = retiring.iter().find(|name| !all.contains(name)) {
        bail!(
            "there is no fixture {gone}, which consumers.toml has under [[retiring]]; remove it there, and run `stillframe consumers detect` and commit {LOCK_NAME}"
        );
    }
    match session.suite.prepare() {
        Ok(()) => {}
        Err(RunError::Interrupted) => return Ok(None),
        Err(RunError::Failed(error)) => return Err(error),
    }
    let mut progress = Progress::new(shows);
    let (mut narrowed, names) = Narrowed::new(&mut session.suite, &all, retiring, None);
    let options = Options {
        runs: request.runs.unwrap_or(1),
        failing: request.failing,
        budget: Budget::default(),
        shard: Shard::WHOLE,
    };
    let mut memory = OfAll::new(&mut session.journal, None);
    let detected = detection::detect(&mut narrowed, &names, &options, &mut memory, &mut |news| {
        if !matches!(news, News::Estimate(_)) {
            progress.tell(&news);
        }
    })?;
    if detected.ended == Ended::Interrupted {
        return Ok(None);
    }
    let passing = memory.answers().steady();
    match session.refuse_not_proved(retiring, &detected.findings, &passing) {
        Ok(()) => session.check_tree()?,
        Err(RunError::Interrupted) => return Ok(None),
        Err(RunError::Failed(error)) => return Err(error),
    }
    Ok(Some(Ratchet::of(
        &detected.findings,
        locked,
        |fixtures, test| naming::repeat(fixtures.iter().copied(), Some(test)),
    )))
}

fn text(ratchet: &Ratchet, out: &mut dyn Write) -> Result<()> {
    for retired in &ratchet.retiring {
        message(out, &summary(retired))?;
        for gained in &retired.gained {
            let how = match gained.class {
                Some(class) => class.word().to_owned(),
                None => format!("joint, with {}", joined(&gained.or)),
            };
            message(out, &format!("  stale  {}  ({how})", gained.test))?;
            for line in gained.evidence.iter().take(EVIDENCE) {
                message(out, &format!("    | {line}"))?;
            }
            message(out, &format!("    repeat: {}", gained.repeat))?;
        }
        for test in &retired.lost {
            message(out, &format!("  gone   {test}  (consumes it no more)"))?;
        }
    }
    for (test, reason) in &ratchet.unknown {
        message(out, &format!("unknown: {test}: {reason}"))?;
    }
    if ratchet.verdict == Verdict::Stale {
        message(out, &format!("hint: {}", how_to_fix()))?;
    } else if ratchet
        .retiring
        .iter()
        .any(|retired| !retired.lost.is_empty())
    {
        message(
            out,
            &format!(
                "hint: run `stillframe consumers detect` and commit {LOCK_NAME}, so that what is gone cannot come back"
            ),
        )?;
    }
    Ok(())
}

fn summary(retired: &Retired) -> String {
    let known = count(retired.known, "known consumer");
    match (retired.gained.len(), retired.lost.len()) {
        (0, 0) => format!("{}: {known}, as before", retired.name),
        (0, lost) => format!("{}: {known}, {lost} of them gone", retired.name),
        (gained, 0) => format!("{}: {known}, {gained} new", retired.name),
        (gained, lost) => format!(
            "{}: {known}, {lost} of them gone, {gained} new",
            retired.name
        ),
    }
}

/// What to do about a new consumer.
fn how_to_fix() -> String {
    format!(
        "let these tests make what they need themselves; if the fixture is to stay, take it out of [[retiring]]; if a new consumer is meant, run `stillframe consumers detect` and commit {LOCK_NAME}"
    )
}

fn joined(names: &[FixtureName]) -> String {
    let names: Vec<&str> = names.iter().map(FixtureName::as_str).collect();
    names.join(", ")
}
