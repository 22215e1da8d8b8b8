//! What can be typed: each subcommand's flags, and how they become the engine's options.

use std::path::PathBuf;

use clap::{ColorChoice, CommandFactory as _, Parser, Subcommand, ValueEnum};
use stillframe::commands::init::InitOptions;
use stillframe::commands::normalize::{Explain, NormalizeArgs};
use stillframe::commands::poc::{NewPoc, Program};
use stillframe::commands::scenario::NewScenario;
use stillframe::commands::{Options, Projects};
use stillframe::levels::Warnings;
use stillframe::pipeline::Selection;
use stillframe::report::{Amount, Form, Look};
use stillframe::second_look::Looks;
use stillframe_core::config::CONFIG_NAME;
use stillframe_core::normalize::Framing;

/// Capture the JSON that a live binary prints into a corpus that cannot lie.
#[derive(Debug, Parser)]
#[command(name = "stillframe", version, propagate_version = true)]
pub struct Args {
    /// Folder that holds stillframe.toml [default: found from here upwards]
    #[arg(long, global = true, value_name = "DIR")]
    pub root: Option<PathBuf>,
    /// When to use colours; NO_COLOR and CLICOLOR_FORCE count too
    #[arg(long, global = true, value_name = "WHEN", default_value_t = ColorChoice::Auto)]
    pub color: ColorChoice,
    /// Print only findings and the verdict
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

impl Args {
    /// How reports look.
    pub fn look(&self) -> Look {
        Look {
            amount: if self.quiet {
                Amount::Findings
            } else {
                Amount::Everything
            },
            width: terminal::output_width(),
        }
    }
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the target in every POC and publish the corpus
    Regen(RegenArgs),
    /// Do what regen does, write nothing, and say what differs
    Check(RunArgs),
    /// Publish the candidates of a check, here or from CI
    Accept(AcceptArgs),
    /// Validate the committed corpus without running the target
    Validate(ReportArgs),
    /// Normalise JSON from files or standard input, with or without a project
    Normalize(NormalizeFlags),
    /// Add, list or check hand-written outputs
    #[command(subcommand)]
    Scenario(ScenarioCommand),
    /// Add a playground project
    #[command(subcommand)]
    Poc(PocCommand),
    /// Find out which tests really use which fixture
    #[cfg(feature = "consumers")]
    #[command(subcommand)]
    Consumers(crate::consumers::ConsumersCommand),
    /// Write a configuration, a first POC and a CI workflow
    Init(InitArgs),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// How findings are printed and counted.
#[derive(Debug, clap::Args)]
pub struct ReportArgs {
    /// Form of the report on stdout
    #[arg(long, value_enum, default_value_t = FormArg::Text)]
    format: FormArg,
    /// Count advisory findings as broken
    #[arg(long)]
    deny_warnings: bool,
}

/// The forms of a report.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum FormArg {
    /// For people
    Text,
    /// One versioned document
    Json,
}

impl ReportArgs {
    /// As the engine's options.
    pub fn options(&self, root: Option<PathBuf>) -> Options {
        Options {
            root,
            look: Look::default(),
            selection: Selection::default(),
            form: match self.format {
                FormArg::Text => Form::Text,
                FormArg::Json => Form::Json,
            },
            warnings: if self.deny_warnings {
                Warnings::Deny
            } else {
                Warnings::AsConfigured
            },
            work: None,
            projects: Projects::One,
        }
    }
}

/// The flags of `regen` and `check`.
#[derive(Debug, clap::Args)]
pub struct RunArgs {
    /// Only these POCs: a path to one or above some, the last part of a path, or a name in the corpus; repeatable
    #[arg(long, value_name = "POC", num_args = 1..)]
    poc: Vec<String>,
    /// POCs that run at once [default: the number of processors]
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    /// Every project below the current folder, and the worst of their exit codes
    #[arg(long, conflicts_with = "poc")]
    all: bool,
    /// Run every POC once, also those with new or changed fixtures; what varies is then not noticed
    #[arg(long)]
    once: bool,
    #[command(flatten)]
    work: WorkArgs,
    #[command(flatten)]
    report: ReportArgs,
}

/// The flags of `regen`.
#[derive(Debug, clap::Args)]
pub struct RegenArgs {
    /// Append the rules that cover what varies to stillframe.toml, and go on
    #[arg(long, conflicts_with = "once")]
    fix_varying: bool,
    #[command(flatten)]
    run: RunArgs,
}

impl RegenArgs {
    /// As the engine's options.
    pub fn options(&self, root: Option<PathBuf>) -> Options {
        let mut options = self.run.options(root);
        if self.fix_varying {
            options.selection.looks = Looks::FixVarying;
        }
        options
    }
}

impl RunArgs {
    /// As the engine's options.
    pub fn options(&self, root: Option<PathBuf>) -> Options {
        Options {
            selection: Selection {
                looks: if self.once { Looks::Once } else { Looks::Twice },
                pocs: self.poc.clone(),
                jobs: self.jobs.map(usize::from),
            },
            work: self.work.work.clone(),
            projects: if self.all {
                Projects::AllBelow
            } else {
                Projects::One
            },
            ..self.report.options(root)
        }
    }
}

/// Where a run keeps its raw outputs and candidates.
#[derive(Debug, clap::Args)]
pub struct WorkArgs {
    /// Work folder, anywhere, such as for a read-only checkout [default: that of STILLFRAME_WORK or stillframe.toml]
    #[arg(long, value_name = "DIR")]
    work: Option<PathBuf>,
}

/// The flags of `accept`.
#[derive(Debug, clap::Args)]
pub struct AcceptArgs {
    /// Candidates folder [default: the one the last check left]
    #[arg(long, value_name = "DIR")]
    pub from: Option<PathBuf>,
    #[command(flatten)]
    work: WorkArgs,
    #[command(flatten)]
    report: ReportArgs,
}

impl AcceptArgs {
    /// As the engine's options.
    pub fn options(&self, root: Option<PathBuf>) -> Options {
        Options {
            work: self.work.work.clone(),
            ..self.report.options(root)
        }
    }
}

/// The flags of `normalize`.
#[derive(Debug, clap::Args)]
pub struct NormalizeFlags {
    /// Files to normalise, one after the other; `-` is standard input [default: -]
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Read one document a line, and write one a line [default: by the file's ending]
    #[arg(long)]
    ndjson: bool,
    /// Name, for each changed place, the rule and why, on stderr
    #[arg(long)]
    explain: bool,
    /// A stillframe.toml with the rules [default: found from here upwards, else the built-in lists]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// A JSON Schema whose x-stillframe annotations apply too
    #[arg(long, value_name = "FILE")]
    schema: Option<PathBuf>,
}

impl NormalizeFlags {
    /// As the engine's request.
    pub fn request(self, root: Option<PathBuf>) -> NormalizeArgs {
        NormalizeArgs {
            files: self.files,
            framing: self.ndjson.then_some(Framing::Ndjson),
            config: self
                .config
                .or_else(|| root.map(|root| root.join(CONFIG_NAME))),
            schema: self.schema,
            explain: if self.explain {
                Explain::Changes
            } else {
                Explain::No
            },
        }
    }
}

/// The subcommands of `scenario`.
#[derive(Debug, Subcommand)]
pub enum ScenarioCommand {
    /// Write a scenario to edit by hand, from a fixture or from the schema
    New(NewScenarioArgs),
    /// Show the scenarios of each command, and the schemas without one
    List(ReportArgs),
    /// Validate every scenario against the schema of its command
    Check(ReportArgs),
}

/// The flags of `scenario new`.
#[derive(Debug, clap::Args)]
pub struct NewScenarioArgs {
    /// The command whose output it is: the folder below the scenario folder
    command: String,
    /// The scenario's name: the file without its ending
    name: String,
    /// Copy this fixture: a path from here or in the corpus [default: the first of that command]
    #[arg(long, value_name = "FIXTURE")]
    from: Option<PathBuf>,
    /// How findings are printed.
    #[command(flatten)]
    pub report: ReportArgs,
}

impl NewScenarioArgs {
    /// As the engine's request.
    pub fn request(self) -> NewScenario {
        NewScenario {
            command: self.command,
            name: self.name,
            from: self.from,
        }
    }
}

/// The subcommands of `poc`.
#[derive(Debug, Subcommand)]
pub enum PocCommand {
    /// Write a POC that captures one command line
    New(NewPocArgs),
}

/// The flags of `poc new`.
#[derive(Debug, clap::Args)]
pub struct NewPocArgs {
    /// The POC's folder below the POC folder, such as `lint` or `01-basics/lint`
    name: String,
    /// What it shows, in a sentence [default: made up from the arguments]
    #[arg(long, value_name = "TEXT")]
    summary: Option<String>,
    /// Copy this file or folder into it; repeatable
    #[arg(long, value_name = "PATH")]
    copy: Vec<PathBuf>,
    /// Run this one of `[targets]`
    #[arg(long, value_name = "NAME", conflicts_with = "exec")]
    target: Option<String>,
    /// Run the program that the arguments begin with, and no target
    #[arg(long)]
    exec: bool,
    /// Capture one JSON document a line
    #[arg(long)]
    ndjson: bool,
    /// How findings are printed.
    #[command(flatten)]
    pub report: ReportArgs,
    /// The program's arguments, as typed after its name
    #[arg(last = true, value_name = "ARGUMENT")]
    args: Vec<String>,
}

impl NewPocArgs {
    /// As the engine's request.
    pub fn request(self) -> NewPoc {
        NewPoc {
            name: self.name,
            summary: self.summary,
            copy: self.copy,
            program: match self.target {
                Some(name) => Program::Named(name),
                None if self.exec => Program::Any,
                None => Program::Target,
            },
            framing: if self.ndjson {
                Framing::Ndjson
            } else {
                Framing::Json
            },
            args: self.args,
        }
    }
}

/// The flags of `init`.
#[derive(Debug, clap::Args)]
pub struct InitArgs {
    /// The program to capture: a path with a slash, or a name on PATH [default: what the folder holds]
    #[arg(long, value_name = "PROGRAM")]
    target: Option<String>,
    /// Print a configuration with every key, and write nothing
    #[arg(long)]
    pub print: bool,
    /// Arguments of the first capture
    #[arg(last = true)]
    args: Vec<String>,
}

impl InitArgs {
    /// As the engine's options.
    pub fn options(self, root: Option<PathBuf>) -> InitOptions {
        InitOptions {
            root,
            target: self.target,
            args: self.args,
        }
    }
}

/// The whole command line, for completions and the reference.
pub fn command() -> clap::Command {
    Args::command()
}
