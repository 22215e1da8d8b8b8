//! A thousand captures with their first publication, against `xargs -P2` merely running the same processes.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use stillframe::print::line;

use super::measure::{Usage, measure, median};

const POCS: usize = 200;
const STEPS: usize = 5;
const SCRIPT: &str =
    "#!/bin/sh\necho '{\"command\": \"trivial\", \"name\": \"'\"$1\"'\", \"took_ms\": 3}'\n";

/// Runs both and prints their ratio in wall time.
pub fn run(binary: &Path, rounds: u32, out: &mut dyn Write) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut ratios = Vec::new();
    let mut last: Option<(Usage, Usage)> = None;
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
        let ours = measure(
            Command::new(binary)
                .args(["regen", "--jobs", "2"])
                .current_dir(root)
                .stdout(Stdio::null()),
        )?;
        ratios.push(ours.wall.as_secs_f64() / peer.wall.as_secs_f64());
        last = Some((ours, peer));
    }
    let (ours, peer) = last.context("no round was run")?;
    line(
        out,
        &format!(
            "capture {} outputs of a shell script and publish them, median of {rounds}",
            POCS * STEPS
        ),
    )?;
    line(
        out,
        &format!(
            "  wall time       stillframe / xargs -P2   {:.2}×   ({:.2} s / {:.2} s in the last round)",
            median(ratios),
            ours.wall.as_secs_f64(),
            peer.wall.as_secs_f64()
        ),
    )?;
    Ok(())
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
