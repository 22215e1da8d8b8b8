//! `ci`: everything that CI checks, in one local command; stops at the first failure.

use std::io::Write;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use stillframe::commands::{Options, regen};
use stillframe::exit_code::ExitCode;
use stillframe::print;

use crate::{drift_check, step};

/// The command that the README gives for the tests.
const TESTS: &[&str] = &["test", "--workspace"];

/// Checks of dependencies, made where their tool is installed; CI has a job of its own for them.
const WHERE_INSTALLED: [&[&str]; 2] = [&["deny", "check"], &["machete"]];

/// Runs format check, lints, tests, the drift check, the docs and regen, and proves that the tree is as it was.
pub fn run(out: &mut dyn Write) -> Result<ExitCode> {
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
    for words in WHERE_INSTALLED {
        if installed(words[0]) {
            step::run_cargo(words)?;
        } else {
            print::note(&format!(
                "cargo-{0} is not installed: cargo install cargo-{0}",
                words[0]
            ));
        }
    }
    step::run_cargo(TESTS)?;
    let drift = drift_check::run(out)?;
    if drift != ExitCode::Fresh {
        return Ok(drift);
    }
    document()?;
    let regenerated = regenerate(out)?;
    if regenerated != ExitCode::Fresh {
        return Ok(regenerated);
    }
    let after = tree()?;
    if before != after {
        bail!("a step changed the tree; before:\n{before}\nafter:\n{after}");
    }
    Ok(ExitCode::Fresh)
}

fn document() -> Result<()> {
    print::note("$ RUSTDOCFLAGS=\"-D warnings\" cargo doc --workspace --no-deps");
    let mut docs = step::cargo();
    docs.args(["doc", "--workspace", "--no-deps", "--quiet"])
        .env("RUSTDOCFLAGS", "-D warnings");
    step::run(&mut docs, "cargo doc --workspace --no-deps")
}

/// What the drift check found fresh must not change when it is written.
fn regenerate(out: &mut dyn Write) -> Result<ExitCode> {
    print::note("$ cargo xtask regen-fixtures");
    let options = Options {
        root: Some(step::repository()),
        ..Options::default()
    };
    regen::run(&options, out)
}

fn installed(subcommand: &str) -> bool {
    step::cargo()
        .args([subcommand, "--version"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// What git says of the tree: which files differ from the last commit, and how.
fn tree() -> Result<String> {
    let said = [git(&["status", "--porcelain"])?, git(&["diff", "HEAD"])?];
    Ok(said.concat())
}

fn git(words: &[&str]) -> Result<String> {
    let output = Command::new("git")
        .args(words)
        .current_dir(step::repository())
        .output()
        .context("starting git")?;
    if !output.status.success() {
        bail!(
            "`git {}` failed: {}",
            words.join(" "),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
