//! What can be typed after `stillframe consumers`.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Result;
use clap::Subcommand;
use stillframe::exit_code::ExitCode;
use stillframe_consumers::commands::{Where, detect};
use stillframe_consumers::definition::Span;
use stillframe_consumers::detection::{Budget, Failing, Options, Shard};

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum ConsumersCommand {
    /// Hide fixtures, see which tests notice, and write consumers.lock
    Detect(DetectArgs),
}

/// Where the suite and the work folder are.
#[derive(Debug, clap::Args)]
pub struct WhereArgs {
    /// Folder for journals and private copies [default: target at the suite's root]
    #[arg(long, value_name = "DIR")]
    work: Option<PathBuf>,
}

/// The flags of `consumers detect`.
#[derive(Debug, clap::Args)]
pub struct DetectArgs {
    #[command(flatten)]
    at: WhereArgs,
    /// Runs of the baseline [default: [suite] runs of consumers.toml]
    #[arg(long, value_name = "N")]
    runs: Option<usize>,
    /// Set tests aside that fail while nothing is hidden
    #[arg(long)]
    allow_failing: bool,
    /// Stop in good order after this time, as 90s, 30m or 2h
    #[arg(long, value_name = "TIME")]
    budget: Option<Span>,
    /// Stop in good order after so many executions of tests
    #[arg(long, value_name = "N")]
    executions: Option<u64>,
    /// Measure only this part of the tests, as 1/3
    #[arg(long, value_name = "M/N", default_value = "1/1")]
    shard: Shard,
}

impl ConsumersCommand {
    /// Runs it.
    ///
    /// # Errors
    ///
    /// When it cannot be done.
    pub fn run(self, root: Option<PathBuf>, out: &mut dyn Write) -> Result<ExitCode> {
        match self {
            ConsumersCommand::Detect(args) => {
                let at = args.at.at(root);
                detect::run(&at, args.runs, &args.options(), out)
            }
        }
    }
}

impl WhereArgs {
    fn at(&self, root: Option<PathBuf>) -> Where {
        Where {
            root,
            work: self.work.clone(),
        }
    }
}

impl DetectArgs {
    fn options(&self) -> Options {
        Options {
            runs: 0,
            failing: if self.allow_failing {
                Failing::Allowed
            } else {
                Failing::Refused
            },
            budget: Budget {
                executions: self.executions,
                time: self.budget.map(|span| span.0),
            },
            shard: self.shard,
        }
    }
}
