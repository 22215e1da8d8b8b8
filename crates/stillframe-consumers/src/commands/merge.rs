//! `stillframe consumers merge`: puts the journals of shards into one, and writes `consumers.lock` when nothing is missing.

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Result, bail};
use stillframe::exit_code::ExitCode;
use stillframe::print;

use super::detect::{NOT_WRITTEN, tell_unhidden, write_lock};
use super::recorded::{Now, remember};
use super::session::Where;
use crate::detection::Ended;
use crate::journal;
use crate::lock_file::Lock;

/// Merges them.
///
/// # Errors
///
/// When they are not of one measurement, or not of the files as they are now.
pub fn run(at: &Where, parts: &[PathBuf], out: &mut dyn Write) -> Result<ExitCode> {
    let definition = at.definition()?;
    let now = Now::of(&definition)?;
    for part in parts {
        if !now.is_of(&journal::header(part)?)? {
            bail!(
                "the journal {} was measured on other files than those in {}; check out the commit that the shards ran on, without edits",
                part.display(),
                definition.root.display()
            );
        }
    }
    let Some(session) = at.alone(&definition)? else {
        return Ok(ExitCode::Interrupted);
    };
    let path = journal::merge(parts, session.path())?;
    let read = journal::read(&path)?;
    let remembered = remember(&definition, &read)?;
    print::message(
        out,
        &format!("{} answers in {}", read.records.len(), path.display()),
    )?;
    tell_unhidden(&remembered.findings, out)?;
    match remembered.ended {
        Ended::Complete if !remembered.findings.unhidden.is_empty() => {
            print::message(out, NOT_WRITTEN)?;
            Ok(ExitCode::Broken)
        }
        Ended::Complete => {
            let lock = Lock::of(&read.header.fixtures, &remembered.findings);
            write_lock(&lock, &definition.root, out)?;
            Ok(ExitCode::Fresh)
        }
        _ => {
            let open = remembered.findings.unknown.len();
            print::message(
                out,
                &format!(
                    "something is left to measure, {open} tests are unknown: merge the journals of all shards, or run `stillframe consumers detect`, which goes on from here"
                ),
            )?;
            Ok(ExitCode::Broken)
        }
    }
}
