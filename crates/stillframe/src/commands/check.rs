//! `check`: everything `regen` does except writing; it leaves its candidates and says what differs.

use std::io::Write;

use anyhow::Result;
use stillframe_core::compare::REGEN;

use super::{Ending, Options, Projects, all, shown};
use crate::candidates;
use crate::exit_code::ExitCode;
use crate::judgement::{Leave, judge};
use crate::report::Conclusion;
use crate::run_lock::RunLock;
use crate::work;

/// Runs the command.
pub fn run(options: &Options, out: &mut dyn Write) -> Result<ExitCode> {
    if options.projects == Projects::AllBelow {
        return all::run("check", run, options, out);
    }
    let workspace = match options.load() {
        Ok(workspace) => workspace,
        Err(problems) => return options.finish("check", None, problems, Ending::default(), out),
    };
    let config = Some(&workspace.config);
    let work = match work::open(&workspace, options.work_folder().as_deref())? {
        Ok(work) => work,
        Err(problem) => {
            return options.finish("check", config, vec![problem], Ending::default(), out);
        }
    };
    let Some(_lock) = RunLock::acquire(work.path())? else {
        return Ok(ExitCode::Interrupted);
    };
    let judgement = judge(
        &workspace,
        &work,
        &options.selection,
        Leave::Candidates,
        &options.progress(),
    )?;
    if judgement.cancelled {
        return Ok(ExitCode::Interrupted);
    }
    let mut ending = Ending {
        summary: judgement.summary,
        versions: judgement.versions,
        notes: judgement.notes,
        ..Ending::default()
    };
    let mut problems = judgement.found;
    problems.extend(judgement.drift);
    if problems.is_empty() {
        ending.conclusion = Conclusion::line(format!("{} fresh", ending.summary.unchanged));
    }
    if judgement.changes.is_some_and(|changes| !changes.is_empty()) {
        ending.hint = Some(REGEN.into());
        if judgement.looked_twice > 0 {
            let same =
                "a second run printed the same: the program, or what it runs on, has changed";
            ending.news.push(same.to_owned());
        }
        ending.news.push(format!(
            "the candidates are in {}; `stillframe accept` publishes them as they are",
            shown(&work.path().join(candidates::FOLDER))
        ));
    }
    options.finish("check", config, problems, ending, out)
}
