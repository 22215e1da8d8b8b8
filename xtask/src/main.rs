//! `cargo xtask`: this repository's own automation, thin; what any project may want lies in the engine.

mod bench;
mod ci;
mod codegen;
mod drift_check;
mod step;

use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use stillframe::commands::Options;
use stillframe::commands::scenario::NewScenario;
use stillframe::commands::{check, regen, scenario};
use stillframe::exit_code::ExitCode as Code;
use stillframe::print::{self, Lasting};
use stillframe::{process, sandbox};

/// This repository's own automation.
#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the live binary in every POC and publish the corpus
    RegenFixtures {
        /// Write nothing; exit 3 when something differs
        #[arg(long)]
        check: bool,
        /// The flags of `stillframe regen`
        #[command(flatten)]
        run: stillframe_cli::RunArgs,
    },
    /// Write schemas and references that are generated from code
    Codegen {
        /// Write nothing; exit 3 when something differs
        #[arg(long)]
        check: bool,
    },
    /// One verdict on schemas, corpus, scenarios, verifiers and parsing tests
    DriftCheck,
    /// Add a hand-written output
    NewScenario(stillframe_cli::NewScenarioArgs),
    /// Measure against peers in the same run, and print ratios
    Bench(bench::BenchArgs),
    /// Everything that CI checks
    Ci,
}

fn main() -> ExitCode {
    let args: Args = match stillframe_cli::parse() {
        Ok(args) => args,
        Err(code) => return code,
    };
    if let Err(error) = process::end_all_on_interrupt(stillframe::sandbox::remove_all) {
        print::note(&format!("error: {error}"));
        return Code::Setup.into();
    }
    let mut out = Lasting::stdout();
    let code = run(args.command, &mut out).unwrap_or_else(|error| {
        print::error(&error);
        Code::Broken
    });
    sandbox::name_what_is_left();
    out.finish();
    code.into()
}

fn run(command: Command, out: &mut dyn Write) -> Result<Code> {
    let root = Some(step::repository());
    match command {
        Command::RegenFixtures { check: true, run } => check::run(&run.options(root), out),
        Command::RegenFixtures { check: false, run } => regen::run(&run.options(root), out),
        Command::Codegen { check: true } => codegen::run(codegen::Mode::Check, out),
        Command::Codegen { check: false } => codegen::run(codegen::Mode::Write, out),
        Command::DriftCheck => drift_check::run(out),
        Command::NewScenario(args) => {
            let options = Options {
                root,
                ..args.report.options(None)
            };
            let request: NewScenario = args.request();
            scenario::new(&options, &request, out)
        }
        Command::Bench(args) => bench::run(&args, out),
        Command::Ci => ci::run(out),
    }
}
