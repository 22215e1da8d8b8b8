//! The binary `fixpoints`: it hands the command line to the library and ends with its exit code.

use std::ffi::OsString;
use std::io::BufWriter;
use std::process::ExitCode;

use clap::Parser as _;
use fixpoints_cli::{Surroundings, args::Cli};
use terminal::AutoStream;

fn main() -> ExitCode {
    let typed: Vec<OsString> = std::env::args_os().collect();
    terminal::choose_colours(&typed);
    let mut out = BufWriter::new(AutoStream::auto(std::io::stdout().lock()));
    let mut err = AutoStream::auto(std::io::stderr());
    match Cli::try_parse_from(typed) {
        Ok(cli) => fixpoints_cli::run(&cli, Surroundings::of_process(), &mut out, &mut err).into(),
        Err(error) => fixpoints_cli::usage::print(error, &mut out, &mut err),
    }
}
