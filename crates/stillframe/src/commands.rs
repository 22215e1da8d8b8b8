//! One file per subcommand: what each does, without the command line.

pub mod accept;
mod all;
pub mod check;
pub mod init;
pub mod normalize;
pub mod poc;
pub mod regen;
pub mod scenario;
pub mod schemas;
pub mod validate;

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Result;
use stillframe_core::config::Config;
use stillframe_core::problem::{Kind, Problem};
use stillframe_core::report::Summary;

use crate::exit_code::ExitCode;
use crate::levels::{self, Warnings};
use crate::pipeline::Selection;
use crate::progress::{Progress, Shows};
use crate::report::{Amount, Conclusion, Form, Look, Outcome};
use crate::workspace::Workspace;

/// What `regen`, `check`, `accept` and `validate` have in common.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The folder with `stillframe.toml`; found from the current folder upwards when not set.
    pub root: Option<PathBuf>,
    /// Which POCs, and how many at once.
    pub selection: Selection,
    /// How findings are printed.
    pub form: Form,
    /// How much of them is printed as text, and how.
    pub look: Look,
    /// How advisory findings count.
    pub warnings: Warnings,
    /// The work folder, from the current folder; that of `STILLFRAME_WORK` or of the configuration when not set.
    pub work: Option<PathBuf>,
    /// How many projects the command is for.
    pub projects: Projects,
}

/// Which projects a command is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Projects {
    /// The one that the current folder belongs to.
    #[default]
    One,
    /// Every one below the current folder.
    AllBelow,
}

impl Options {
    fn progress(&self) -> Progress {
        Progress::new(match (self.form, self.look.amount) {
            (Form::Text, Amount::Everything) => Shows::Lines,
            _ => Shows::Nothing,
        })
    }

    /// The project's root.
    fn root(&self) -> Result<PathBuf, Problem> {
        match &self.root {
            Some(root) => Ok(std::path::absolute(root).unwrap_or_else(|_| root.clone())),
            None => Workspace::find(&here()?),
        }
    }

    /// The work folder that was named outside of the configuration.
    fn work_folder(&self) -> Option<PathBuf> {
        let named = std::env::var_os("STILLFRAME_WORK").filter(|path| !path.is_empty());
        let work = self.work.clone().or(named.map(PathBuf::from))?;
        Some(std::path::absolute(&work).unwrap_or(work))
    }

    /// The whole project, or the findings that stand against it.
    pub(crate) fn load(&self) -> Result<Workspace, Vec<Problem>> {
        let root = self.root().map_err(|problem| vec![problem])?;
        Workspace::load(&root)
    }

    /// The project's configuration alone.
    pub(crate) fn load_without_pocs(&self) -> Result<Workspace, Vec<Problem>> {
        let root = self.root().map_err(|problem| vec![problem])?;
        Workspace::without_pocs(&root)
    }

    /// The project's configuration alone, for what starts no program.
    pub(crate) fn load_without_values(&self) -> Result<Workspace, Vec<Problem>> {
        let root = self.root().map_err(|problem| vec![problem])?;
        Workspace::without_values(&root)
    }

    /// Ends a command: applies the levels, prints, and gives the exit code.
    fn finish(
        &self,
        command: &str,
        config: Option<&Config>,
        problems: Vec<Problem>,
        ending: Ending,
        out: &mut dyn Write,
    ) -> Result<ExitCode> {
        let problems = levels::apply(problems, config, self.warnings);
        let mut outcome = Outcome::new(command, problems, ending.summary);
        outcome.versions = ending.versions;
        outcome.report.notes = ending.notes;
        outcome.news = ending.news;
        outcome.conclusion = ending.conclusion;
        outcome.hint = ending.hint;
        outcome.print(self.form, self.look, out)?;
        Ok(outcome.report.verdict.into())
    }
}

/// The folder that the caller is in.
fn here() -> Result<PathBuf, Problem> {
    std::env::current_dir().map_err(|error| {
        let fix = "go to a folder that exists, or name the project's with --root";
        let problem = Problem::new(Kind::Config, "the current folder", fix);
        problem.detail(format!("it cannot be found: {error}"))
    })
}

/// What a command adds to its findings.
#[derive(Debug, Default)]
struct Ending {
    summary: Summary,
    versions: Vec<String>,
    notes: Vec<String>,
    news: Vec<String>,
    conclusion: Conclusion,
    hint: Option<String>,
}

/// A path as a person would type it from where they are.
pub(crate) fn shown(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    let short = path.strip_prefix(&here).unwrap_or(path);
    short.display().to_string()
}
