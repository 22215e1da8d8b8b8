//! `--all`: a command in every project below a folder, one after the other; the exit code is the worst of theirs.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Result;
use serde_json::{Value, json};
use stillframe_core::config::CONFIG_NAME;
use stillframe_core::problem::{Kind, Problem};

use super::{Ending, Options, Projects, here};
use crate::disk::slashed;
use crate::exit_code::ExitCode;
use crate::print;
use crate::progress::count;
use crate::projects;
use crate::report::Form;

/// A command for one project.
type Command = fn(&Options, &mut dyn Write) -> Result<ExitCode>;

/// Runs it in each of them.
pub(super) fn run(
    name: &str,
    command: Command,
    options: &Options,
    out: &mut dyn Write,
) -> Result<ExitCode> {
    let top = match options.root.clone().map_or_else(here, Ok) {
        Ok(top) => std::path::absolute(&top).unwrap_or(top),
        Err(problem) => return options.finish(name, None, vec![problem], Ending::default(), out),
    };
    let found = projects::below(&top);
    if found.is_empty() {
        let fix = "run `stillframe init` in the folder that should be a project, or go to a folder above one";
        let problem = Problem::new(Kind::Config, CONFIG_NAME, fix)
            .detail(format!("no {CONFIG_NAME} in {} or below it", top.display()));
        return options.finish(name, None, vec![problem], Ending::default(), out);
    }
    let mut done: Vec<(String, ExitCode)> = Vec::new();
    let mut reports = Vec::new();
    for root in &found {
        let label = label(&top, root);
        let own = of_project(options, root, &label);
        let code = match options.form {
            Form::Text => {
                print::line(out, &format!("== {label}"))?;
                ended(command(&own, out), out)?
            }
            Form::Json => {
                let mut bytes = Vec::new();
                let code = command(&own, &mut bytes);
                let mut report = json!({ "project": label });
                match &code {
                    Ok(_) => {
                        report["report"] = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
                    }
                    Err(error) => report["error"] = format!("{error:#}").into(),
                }
                reports.push(report);
                code.unwrap_or(ExitCode::Setup)
            }
        };
        if code == ExitCode::Interrupted {
            return Ok(code);
        }
        done.push((label, code));
    }
    let worst = done
        .iter()
        .map(|(_, code)| *code)
        .max_by_key(|code| severity(*code));
    let worst = worst.unwrap_or(ExitCode::Setup);
    match options.form {
        Form::Text => summarize(&done, out)?,
        Form::Json => print::json(
            out,
            &json!({
                "format_version": 1,
                "command": format!("{name} --all"),
                "verdict": word(worst),
                "projects": reports,
            }),
        )?,
    }
    Ok(worst)
}

/// An error of one project is not the end of the others.
fn ended(code: Result<ExitCode>, out: &mut dyn Write) -> Result<ExitCode> {
    code.or_else(|error| {
        print::message(out, &format!("error: {error:#}"))?;
        Ok(ExitCode::Setup)
    })
}

fn summarize(done: &[(String, ExitCode)], out: &mut dyn Write) -> Result<()> {
    print::line(out, &format!("== {}", count(done.len(), "project")))?;
    let width = done.iter().map(|(label, _)| label.chars().count()).max();
    let width = width.unwrap_or(0);
    for (label, code) in done {
        print::line(out, &format!("{label:width$}  {}", word(*code)))?;
    }
    Ok(())
}

/// The same options for one project. A work folder that was named is shared out between them.
fn of_project(options: &Options, root: &Path, label: &str) -> Options {
    let work = options.work_folder().map(|work| match label {
        "." => work.join("_"),
        label => work.join(label.replace('/', "_")),
    });
    Options {
        root: Some(root.to_owned()),
        work,
        projects: Projects::One,
        ..options.clone()
    }
}

fn label(top: &Path, root: &Path) -> String {
    let below: PathBuf = root.strip_prefix(top).unwrap_or(root).into();
    match slashed(&below) {
        empty if empty.is_empty() => ".".to_owned(),
        label => label,
    }
}

/// As for one project: what was not run first, then what regenerating cannot fix.
fn severity(code: ExitCode) -> u8 {
    match code {
        ExitCode::Fresh => 0,
        ExitCode::Stale => 1,
        ExitCode::Broken => 2,
        ExitCode::Setup => 3,
        ExitCode::Interrupted => 4,
    }
}

fn word(code: ExitCode) -> &'static str {
    match code {
        ExitCode::Fresh => "fresh",
        ExitCode::Stale => "stale",
        ExitCode::Broken => "broken",
        ExitCode::Setup => "setup",
        ExitCode::Interrupted => "interrupted",
    }
}
