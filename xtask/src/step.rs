//! Running a named step of the automation: what runs is shown, and a failure says how to repeat it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use stillframe::print;

/// The repository's root.
pub fn repository() -> PathBuf {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask).to_owned()
}

/// The cargo that runs us.
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(repository());
    // `cargo run` sets it, and cargo-machete takes it to mean that cargo did not start it: it then reads its own name as a
    // folder to look at.
    command.env_remove("CARGO_PKG_NAME");
    command
}

/// Runs `cargo` with these words and fails with the command line to repeat.
pub fn run_cargo(words: &[&str]) -> Result<()> {
    run(cargo().args(words), &format!("cargo {}", words.join(" ")))
}

/// Runs a command and fails with the line to repeat it.
pub fn run(command: &mut Command, shown: &str) -> Result<()> {
    print::note(&format!("$ {shown}"));
    let status = command
        .status()
        .with_context(|| format!("starting `{shown}`"))?;
    if !status.success() {
        bail!("`{shown}` failed: {status}");
    }
    Ok(())
}
