//! A thousand captures, published and then checked, against `xargs -P2` merely running the same processes.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use stillframe::print::line;

use super::measure::{Ratios, Usage, measure};

const POCS: usize = 200;
const STEPS: usize = 5;
const SCRIPT: &str =
    "#!/bin/sh\necho '{\"command\": \"trivial\", \"name\": \"'\"$1\"'\", \"took_ms\": 3}'\n";

/// Runs all of them and prints their ratios.
pub fn run(binary: &Path, rounds: u32, out: &mut dyn Write) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut publish = Ratios::default();
    let mut check = Ratios::default();
    let mut again = Ratios::default();
    for round in 0..rounds {
        // A project of its own for each round: a file system may be slow to create where much was just deleted.
        let root = &folder.path().join(round.to_string());
        project(root)?;
        let peer = measure(
            Command::new("sh")
                .args(["-c", "exec xargs -P2 -n1 ./tool < names"])
                .current_dir(root)
                .stdout(Stdio::null()),
        )?;
        // The second look would run every process once more.
        publish.add(ours(binary, root, &["regen", "--once"])?, peer);
        check.add(ours(binary, root, &["check"])?, peer);
        again.add(ours(binary, root, &["check"])?, peer);
    }
    let captures = POCS * STEPS;
    line(
        out,
        &format!(
            "capture {captures} outputs of a shell script, stillframe / xargs -P2, median of {rounds}"
        ),
    )?;
    line(out, &publish.line("regen --once, all of them new"))?;
    line(out, &check.line("check, all of them unchanged"))?;
    line(out, &again.line("the same again"))?;
    Ok(())
}

fn ours(binary: &Path, root: &Path, words: &[&str]) -> Result<Usage> {
    measure(
        Command::new(binary)
            .args(words)
            .args(["--jobs", "2"])
            .current_dir(root)
            .stdout(Stdio::null()),
    )
}

fn project(root: &Path) -> Result<()> {
    put(
        &root.join("stillframe.toml"),
        "format-version = 1\n[target]\ncommand = \"./tool\"\n",
    )?;
    put(&root.join("tool"), SCRIPT)?;
    make_executable(&root.join("tool"))?;
    let mut names = String::new();
    for poc in 0..POCS {
        let mut manifest = format!("summary = \"POC {poc}\"\n");
        for step in 0..STEPS {
            manifest.push_str(&format!(
                "[[step]]\ncapture = \"step{step}\"\nrun = [\"p{poc}s{step}\"]\n"
            ));
            names.push_str(&format!("p{poc}s{step}\n"));
        }
        put(&root.join(format!("pocs/p{poc}/poc.toml")), &manifest)?;
    }
    put(&root.join("names"), &names)
}

fn put(path: &Path, text: &str) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    File::create(path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .with_context(|| format!("writing {}", path.display()))
}

#[cfg(unix)]
fn make_executable(path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).map_err(Into::into)
}

#[cfg(not(unix))]
fn make_executable(_: &Path) -> Result<()> {
    Ok(())
}
