//! What can be typed after `stillframe consumers`.

use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;

use anyhow::Result;
use clap::{Subcommand, ValueEnum};
use stillframe::exit_code::ExitCode;
use stillframe::print;
use stillframe::report::{Amount, Look};
use stillframe_consumers::broken::Broken;
use stillframe_consumers::commands::show::{Form, Mentions, Part};
use stillframe_consumers::commands::{Where, check, confirm, detect, merge, plan, show};
use stillframe_consumers::definition::Span;
use stillframe_consumers::detection::{Budget, Failing, Options, Shard};
use stillframe_consumers::overlay::{self, Layer};
use stillframe_consumers::place::{NOT_STARTED, NOT_STARTED_MESSAGE};
use stillframe_consumers::progress::Shows;
use stillframe_consumers::suite::RunError;

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum ConsumersCommand {
    /// Hide fixtures, see which tests notice, and write consumers.lock
    Detect(DetectArgs),
    /// Run a command that sees some folders laid over others
    #[command(hide = true)]
    Within(WithinArgs),
    /// Show who consumes what, as it was measured
    Show(ShowArgs),
    /// Hide fixtures together, run the suite, and name the tests that cannot do without them
    Confirm(ConfirmArgs),
    /// Compare the consumers of retiring fixtures with consumers.lock
    Check(CheckArgs),
    /// Propose what to retire, smallest fan-out first, in slices of reviewable size
    Plan(PlanArgs),
    /// Put the journals of shards into one and write consumers.lock
    Merge(MergeArgs),
}

/// What `consumers within` lays where, and for whom.
#[derive(Debug, clap::Args)]
pub struct WithinArgs {
    /// A folder, and the one that it is laid over
    #[arg(long, num_args = 2, value_names = ["FROM", "OVER"])]
    lay: Vec<PathBuf>,
    /// The command
    #[arg(last = true, required = true)]
    command: Vec<OsString>,
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
    /// Measure only what a change since this revision may have touched
    #[arg(long, value_name = "REV")]
    in_diff: Option<String>,
    /// Measure only this part of the tests, as 1/3
    #[arg(long, value_name = "M/N", default_value = "1/1")]
    shard: Shard,
}

/// The flags of `consumers show`.
#[derive(Debug, clap::Args)]
pub struct ShowArgs {
    /// Only these fixtures, with the evidence
    #[arg(value_name = "FIXTURE")]
    fixtures: Vec<String>,
    /// Only this test, with the evidence
    #[arg(long, value_name = "NAME")]
    test: Option<String>,
    /// Fixtures that no test consumes
    #[arg(long, group = "part")]
    unused: bool,
    /// Tests that consume nothing and leave nothing behind
    #[arg(long, group = "part")]
    independent: bool,
    /// Tests that leave rows or files changed
    #[arg(long, group = "part")]
    polluters: bool,
    /// Places outside of tests that name a fixture or one of its rows
    #[arg(long, group = "part")]
    mentions: bool,
    /// Form of the answer on stdout
    #[arg(long, value_enum, default_value_t = FormArg::Text)]
    format: FormArg,
    #[command(flatten)]
    at: WhereArgs,
}

/// The forms of an answer.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum FormArg {
    /// For people
    Text,
    /// One versioned document
    Json,
}

impl From<FormArg> for Form {
    fn from(form: FormArg) -> Form {
        match form {
            FormArg::Text => Form::Text,
            FormArg::Json => Form::Json,
        }
    }
}

impl ShowArgs {
    fn request(self) -> show::Request {
        show::Request {
            part: if self.unused {
                Part::Unused
            } else if self.independent {
                Part::Independent
            } else if self.polluters {
                Part::Polluters
            } else {
                Part::Matrix
            },
            mentions: if self.mentions {
                Mentions::Searched
            } else {
                Mentions::NotSearched
            },
            fixtures: self.fixtures,
            test: self.test,
            form: self.format.into(),
        }
    }
}

/// The flags of `consumers plan`.
#[derive(Debug, clap::Args)]
pub struct PlanArgs {
    /// How many tests one slice may change
    #[arg(long = "slice", value_name = "N", default_value_t = 20)]
    most_tests: usize,
    /// Form of the answer on stdout
    #[arg(long, value_enum, default_value_t = FormArg::Text)]
    format: FormArg,
    #[command(flatten)]
    at: WhereArgs,
}

/// The flags of `consumers confirm`.
#[derive(Debug, clap::Args)]
pub struct ConfirmArgs {
    /// The fixtures to hide together
    #[arg(value_name = "FIXTURE", required = true)]
    fixtures: Vec<String>,
    /// Run only this test
    #[arg(long, value_name = "NAME")]
    test: Option<String>,
    #[command(flatten)]
    at: WhereArgs,
}

/// The flags of `consumers check`.
#[derive(Debug, clap::Args)]
pub struct CheckArgs {
    /// Runs of the baseline [default: 1]
    #[arg(long, value_name = "N")]
    runs: Option<usize>,
    /// Set tests aside that fail while nothing is hidden
    #[arg(long)]
    allow_failing: bool,
    /// Form of the answer on stdout
    #[arg(long, value_enum, default_value_t = CheckFormArg::Text)]
    format: CheckFormArg,
    #[command(flatten)]
    at: WhereArgs,
}

/// The forms of the answer of a check.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum CheckFormArg {
    /// For people
    Text,
    /// One versioned document
    Json,
    /// JUnit XML, for CI
    Junit,
}

impl CheckArgs {
    fn request(&self) -> check::Request {
        check::Request {
            runs: self.runs,
            failing: failing(self.allow_failing),
            form: match self.format {
                CheckFormArg::Text => check::Form::Text,
                CheckFormArg::Json => check::Form::Json,
                CheckFormArg::Junit => check::Form::Junit,
            },
        }
    }
}

/// The flags of `consumers merge`.
#[derive(Debug, clap::Args)]
pub struct MergeArgs {
    /// The journals
    #[arg(value_name = "JOURNAL", required = true)]
    journals: Vec<PathBuf>,
    #[command(flatten)]
    at: WhereArgs,
}

impl ConsumersCommand {
    /// Whether it becomes another program, so that it must not start a thread before.
    pub fn becomes_another(&self) -> bool {
        matches!(self, ConsumersCommand::Within(_))
    }

    /// Runs it.
    ///
    /// # Errors
    ///
    /// When it cannot be done.
    pub fn run(self, root: Option<PathBuf>, look: Look, out: &mut dyn Write) -> Result<ExitCode> {
        ended(self.act(root, look, out))
    }

    fn act(self, root: Option<PathBuf>, look: Look, out: &mut dyn Write) -> Result<ExitCode> {
        let shows = match look.amount {
            Amount::Everything => Shows::Lines,
            Amount::Findings => Shows::Nothing,
        };
        match self {
            ConsumersCommand::Within(args) => args.become_command(),
            ConsumersCommand::Detect(args) => {
                let at = args.at.at(root);
                let request = detect::Request {
                    runs: args.runs,
                    in_diff: args.in_diff.clone(),
                };
                detect::run(&at, &request, &args.options(), shows, out)
            }
            ConsumersCommand::Show(args) => {
                let at = args.at.at(root);
                show::run(&at, &args.request(), out)
            }
            ConsumersCommand::Plan(args) => {
                let request = plan::Request {
                    most_tests: args.most_tests,
                    form: args.format.into(),
                };
                plan::run(&args.at.at(root), &request, out)
            }
            ConsumersCommand::Confirm(args) => {
                let request = confirm::Request {
                    fixtures: args.fixtures,
                    test: args.test,
                };
                confirm::run(&args.at.at(root), &request, shows, out)
            }
            ConsumersCommand::Check(args) => {
                let request = args.request();
                check::run(&args.at.at(root), &request, shows, out)
            }
            ConsumersCommand::Merge(args) => merge::run(&args.at.at(root), &args.journals, out),
        }
    }
}

impl WithinArgs {
    fn become_command(&self) -> Result<ExitCode> {
        let layers = self.lay.chunks_exact(2).map(|pair| Layer {
            from: pair[0].clone(),
            over: pair[1].clone(),
        });
        let layers: Vec<Layer> = layers.collect();
        let error = overlay::become_command(&layers, &self.command);
        print::note(&format!("{NOT_STARTED_MESSAGE}{error:#}"));
        std::process::exit(NOT_STARTED)
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
            failing: failing(self.allow_failing),
            budget: Budget {
                executions: self.executions,
                time: self.budget.map(|span| span.0),
            },
            shard: self.shard,
        }
    }
}

fn failing(allowed: bool) -> Failing {
    if allowed {
        Failing::Allowed
    } else {
        Failing::Refused
    }
}

/// The exit code of an error: what cannot be measured although everything is there is broken. The tests that fail are on
/// lines of their own.
fn ended(result: Result<ExitCode>) -> Result<ExitCode> {
    match result {
        Err(error) if error.downcast_ref::<Broken>().is_some() => {
            for line in format!("error: {error:#}").lines() {
                print::note(line);
            }
            Ok(ExitCode::Broken)
        }
        Err(error) if is_interrupted(&error) => Ok(ExitCode::Interrupted),
        result => result,
    }
}

/// Whether Ctrl-C ended a command that had nothing to do with tests, such as git.
fn is_interrupted(error: &anyhow::Error) -> bool {
    match error.downcast_ref::<RunError>() {
        Some(RunError::Interrupted) => true,
        Some(RunError::Failed(inner)) => is_interrupted(inner),
        None => false,
    }
}
