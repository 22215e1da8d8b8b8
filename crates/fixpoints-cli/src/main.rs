//! The binary `fixpoints`: it hands the command line to the library and ends with its exit code.

use std::io::{BufWriter, Write as _};
use std::process::ExitCode;

use clap::Parser as _;
use fixpoints_cli::{Exit, Surroundings, args::Cli};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let mut out = BufWriter::new(std::io::stdout().lock());
    match fixpoints_cli::run(
        &cli,
        Surroundings::of_process(),
        &mut out,
        &mut std::io::stderr(),
    ) {
        Ok(exit) => exit.into(),
        // A reader that has seen enough, as `head` does, is no failure of ours.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Exit::Failed.into(),
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: cannot print: {error}");
            Exit::Failed.into()
        }
    }
}
