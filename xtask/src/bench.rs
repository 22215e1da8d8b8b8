//! `bench`: whole processes against peers that do the same job in the same run; what counts is the ratio, never the seconds.

mod capture;
mod measure;
mod normalize;
mod sqlite;

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, Result};
use stillframe::exit_code::ExitCode;

use crate::step;

/// What to measure.
#[derive(clap::Args)]
pub struct BenchArgs {
    /// Only this comparison
    #[arg(value_enum)]
    only: Option<Comparison>,
    /// Rounds; each runs both sides once, and the median ratio counts
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Size of the normaliser's input, in MB
    #[arg(long, default_value_t = 100)]
    megabytes: usize,
}

/// The comparisons.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Comparison {
    /// `stillframe normalize` and a Python load, walk and dump
    Normalize,
    /// 1,000 captures and `xargs -P2` running the same processes
    Capture,
    /// `fixpoints` and the `sqlite3` tool on a million rows
    Sqlite,
    /// Restoring PostgreSQL tables, and truncating and copying them, and `pg_restore`
    Postgres,
    /// The parts of the normaliser, inside one process
    Micro,
}

/// Builds the binary for release and runs the comparisons.
pub fn run(args: &BenchArgs, out: &mut dyn Write) -> Result<ExitCode> {
    let wanted = |comparison| args.only.is_none() || args.only == Some(comparison);
    step::run_cargo(&[
        "build",
        "--release",
        "--package",
        "stillframe-cli",
        "--package",
        "fixpoints-cli",
    ])?;
    let binary = release_binary("stillframe")?;
    if wanted(Comparison::Normalize) {
        normalize::run(&binary, args.megabytes, args.rounds, out)?;
    }
    if wanted(Comparison::Capture) {
        capture::run(&binary, args.rounds, out)?;
    }
    if wanted(Comparison::Sqlite) {
        sqlite::run(&release_binary("fixpoints")?, args.rounds, out)?;
    }
    if wanted(Comparison::Postgres) {
        step::run_cargo(&[
            "bench",
            "--package",
            "fixpoints",
            "--features",
            "postgres",
            "--bench",
            "postgres",
        ])?;
    }
    if wanted(Comparison::Micro) {
        step::run_cargo(&[
            "bench",
            "--package",
            "stillframe-core",
            "--bench",
            "normalize",
        ])?;
    }
    Ok(ExitCode::Fresh)
}

fn release_binary(name: &str) -> Result<PathBuf> {
    let folder = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| step::repository().join("target"), PathBuf::from);
    let path = folder
        .join("release")
        .join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    path.canonicalize()
        .with_context(|| format!("finding {}", path.display()))
}
