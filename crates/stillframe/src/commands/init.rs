//! `init`: a configuration, a first POC, `.gitattributes` and a CI workflow for a repository that has none; it never overwrites a file.

mod programs;
mod workflow;

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use stillframe_core::config::CONFIG_NAME;
use stillframe_core::poc::Poc;

use super::poc::correction;
use crate::disk;
use crate::exit_code::ExitCode;
use crate::inside;
use crate::print::message;
use programs::Program;
use workflow::{WORKFLOW, Workflow};

/// What `init` was asked for.
#[derive(Debug, Clone, Default)]
pub struct InitOptions {
    /// The repository's folder; the current one when not set.
    pub root: Option<PathBuf>,
    /// The target as a path or a name on PATH; found out when not set.
    pub target: Option<String>,
    /// The arguments of the first capture.
    pub args: Vec<String>,
}

/// A whole configuration, with every key.
pub const REFERENCE: &str = include_str!("init/reference.toml");

/// Runs the command.
pub fn run(options: &InitOptions, out: &mut dyn Write) -> Result<ExitCode> {
    let root = match &options.root {
        Some(root) => root.clone(),
        None => std::env::current_dir()?,
    };
    if root.join(CONFIG_NAME).exists() {
        message(
            out,
            &format!("{CONFIG_NAME} exists already; nothing was written"),
        )?;
        message(out, "hint: edit it, or run `stillframe regen`")?;
        return Ok(ExitCode::Setup);
    }
    let first_poc = first_poc(&options.args);
    if let Err(errors) = Poc::parse(FIRST_ID, &first_poc) {
        for error in errors {
            message(out, &format!("error: the arguments: {}", error.message))?;
        }
        message(out, "nothing was written")?;
        message(out, &format!("hint: {}", correction(&options.args)))?;
        return Ok(ExitCode::Setup);
    }
    let guess = Guess::of(&root, options.target.as_deref());
    let workflow = Workflow::of(&root, guess.setup());
    let files = [(CONFIG_NAME, guess.config()), (FIRST_POC, first_poc)];
    for (name, _) in &files {
        guard(&root, name)?;
    }
    if let Workflow::At { top, name, .. } = &workflow {
        guard(top, name)?;
    }
    for (name, text) in files {
        create(&root.join(name), &text, name, out)?;
    }
    match workflow {
        Workflow::At {
            top,
            name,
            shown,
            text,
        } => create(&top.join(name), &text, &shown, out)?,
        Workflow::LeftOut(reason) => message(out, &format!("left out {WORKFLOW}: {reason}"))?,
    }
    add_lines(&root, ".gitattributes", ATTRIBUTES, out)?;
    add_lines(&root, ".gitignore", &["/target/stillframe/"], out)?;
    message(out, &guess.hint())?;
    Ok(ExitCode::Fresh)
}

const FIRST_ID: &str = "01-first";
const FIRST_POC: &str = "pocs/01-first/poc.toml";
/// What is compared byte for byte, or is read by a program: git must not change its line ends.
const ATTRIBUTES: &[&str] = &[
    "fixtures_generated/** -text linguist-generated",
    "pocs/** -text",
    "scenarios/** -text",
    "schemas/** -text",
    "stillframe.toml text eol=lf",
];

/// What the target probably is.
enum Guess {
    /// The only program that the folder holds, or the one that was asked for.
    One(Program),
    /// A program that was named, and that no manifest declares.
    Named(String),
    /// Only a person can choose.
    Several(Vec<Program>),
    /// Nothing to go by.
    Unknown,
}

impl Guess {
    fn of(root: &Path, named: Option<&str>) -> Guess {
        let mut programs = programs::of(root);
        if let Some(name) = named {
            let known = programs.into_iter().find(|program| program.name == name);
            return known.map_or(Guess::Named(name.to_owned()), Guess::One);
        }
        match programs.len() {
            0 => Guess::Unknown,
            1 => Guess::One(programs.remove(0)),
            _ => Guess::Several(programs),
        }
    }

    /// What CI does to have the program.
    fn setup(&self) -> Option<&'static str> {
        match self {
            Guess::One(program) => program.setup,
            Guess::Several(programs) => {
                let first = programs[0].setup;
                let same = programs.iter().all(|program| program.setup == first);
                first.filter(|_| same)
            }
            Guess::Named(_) | Guess::Unknown => None,
        }
    }

    fn config(&self) -> String {
        let target = match self {
            Guess::One(program) => format!("# {}\n{}", program.comment, program.target),
            Guess::Named(command) => format!(
                "# With a slash: from this file's folder; without: a name on PATH.\ncommand = {}",
                programs::quoted(command)
            ),
            Guess::Several(programs) => choices(programs),
            Guess::Unknown => "# The program to capture. With a slash: from this file's folder; without: a name on PATH.\ncommand = \"./your-program\"".to_owned(),
        };
        include_str!("init/stillframe.toml").replace("{target}", &target)
    }

    fn hint(&self) -> String {
        match self {
            Guess::Unknown => format!(
                "hint: write the program to capture into [target] of {CONFIG_NAME}, then run `stillframe regen`"
            ),
            Guess::Several(programs) => {
                let names: Vec<&str> = programs.iter().map(|program| &*program.name).collect();
                format!(
                    "hint: which program is captured is yours to choose, for there are {}: {}; uncomment one in [target] of {CONFIG_NAME}, then run `stillframe regen`",
                    names.len(),
                    names.join(", ")
                )
            }
            Guess::One(_) | Guess::Named(_) => format!(
                "hint: look at {FIRST_POC}, then run `stillframe regen --fix-varying` and commit what it writes"
            ),
        }
    }
}

/// Each program as lines to uncomment.
fn choices(programs: &[Program]) -> String {
    let lines = programs.iter().flat_map(|program| program.target.lines());
    let lines: Vec<String> = lines.map(|line| format!("# {line}")).collect();
    format!(
        "# The program to capture: uncomment one.\n{}",
        lines.join("\n")
    )
}

fn first_poc(args: &[String]) -> String {
    let args = toml::Value::from(args.to_vec()).to_string();
    include_str!("init/poc.toml").replace("{args}", &args)
}

/// A file that is there already is kept, wherever it is; a new one is not written through a link.
fn guard(root: &Path, name: &str) -> Result<()> {
    if !root.join(name).exists() {
        inside::below(root, name)?;
    }
    Ok(())
}

fn create(path: &Path, text: &str, name: &str, out: &mut dyn Write) -> Result<()> {
    if path.exists() {
        message(out, &format!("kept     {name}"))?;
        return Ok(());
    }
    disk::replace(path, text.as_bytes())?;
    message(out, &format!("created  {name}"))?;
    Ok(())
}

/// Adds the lines that a file does not have yet.
fn add_lines(root: &Path, name: &str, lines: &[&str], out: &mut dyn Write) -> Result<()> {
    let path = root.join(name);
    let old = disk::read_if_any(&path)?.unwrap_or_default();
    let mut text = String::from_utf8(old).with_context(|| format!("{name} is not UTF-8"))?;
    let missing: Vec<&&str> = lines
        .iter()
        .filter(|line| !text.lines().any(|have| have == **line))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let word = if text.is_empty() {
        "created"
    } else {
        "extended"
    };
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    for rule in missing {
        text.push_str(rule);
        text.push('\n');
    }
    inside::below(root, name)?;
    disk::replace(&path, text.as_bytes())?;
    message(out, &format!("{word:8} {name}"))?;
    Ok(())
}
