//! `ci`: everything that CI checks, in one local command; stops at the first failure.

use std::process::Command;

use anyhow::{Context, Result, bail};
use stillframe::exit_code::ExitCode;

use crate::{drift_check, step};

/// The command that the README gives for the tests.
const TESTS: &[&str] = &["test", "--workspace"];

/// Runs format check, lints, tests, the drift check and the docs, and proves that the tree is as it was.
pub fn run() -> Result<ExitCode> {
    let before = tree()?;
    step::run_cargo(&["fmt", "--all", "--check"])?;
    step::run_cargo(&[
        "clippy",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ])?;
    step::run_cargo(TESTS)?;
    let drift = drift_check::run()?;
    if drift != ExitCode::Fresh {
        return Ok(drift);
    }
    eprintln!("$ RUSTDOCFLAGS=\"-D warnings\" cargo doc --workspace --no-deps");
    let mut docs = step::cargo();
    docs.args(["doc", "--workspace", "--no-deps", "--quiet"])
        .env("RUSTDOCFLAGS", "-D warnings");
    step::run(&mut docs, "cargo doc --workspace --no-deps")?;
    let after = tree()?;
    if before != after {
        bail!("a step changed the tree:\n{after}");
    }
    Ok(ExitCode::Fresh)
}

/// What git says of the tree.
fn tree() -> Result<String> {
    let output = Command::new("git")
        .args(["status", "--porcelain"])
        .current_dir(step::repository())
        .output()
        .context("starting git")?;
    if !output.status.success() {
        bail!(
            "`git status` failed: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
