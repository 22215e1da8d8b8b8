//! The binary `fixpoints`: it hands the command line to the library and ends with its exit code.

use std::io::BufWriter;
use std::process::ExitCode;

use clap::Parser as _;
use fixpoints_cli::{Surroundings, args::Cli};

fn main() -> ExitCode {
    let mut out = BufWriter::new(std::io::stdout().lock());
    let mut err = std::io::stderr();
    match Cli::try_parse() {
        Ok(cli) => fixpoints_cli::run(&cli, Surroundings::of_process(), &mut out, &mut err).into(),
        Err(error) => fixpoints_cli::usage::print(error, &mut out, &mut err),
    }
}
