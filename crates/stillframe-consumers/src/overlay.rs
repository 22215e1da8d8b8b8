//! Lays a private copy over the path of the suite's own tree, for one command in a mount namespace of its own; where the system does not allow that, it says why.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use stillframe::disk;
use stillframe::process::End;

use crate::place::Place;

#[cfg(target_os = "linux")]
mod linux;

/// The program that knows the subcommand.
const PROGRAM: &str = "stillframe";

/// One folder that is laid over another.
#[derive(Debug, Clone)]
pub struct Layer {
    /// What is seen.
    pub from: PathBuf,
    /// Where it is seen.
    pub over: PathBuf,
}

/// The words that stand before a command, so that it sees the layers.
///
/// # Errors
///
/// When this program is not `stillframe` itself, which knows how to lay them.
pub fn wrapper(layers: &[Layer]) -> Result<Vec<OsString>> {
    let program = std::env::current_exe().context("looking for this program")?;
    if program.file_stem().is_none_or(|name| name != PROGRAM) {
        bail!("this program is not {PROGRAM}");
    }
    let mut words = vec![program.into_os_string()];
    words.extend(["consumers", "within"].map(OsString::from));
    for layer in layers {
        words.push("--lay".into());
        words.push(layer.from.clone().into_os_string());
        words.push(layer.over.clone().into_os_string());
    }
    words.push("--".into());
    Ok(words)
}

/// Looks whether a command sees a file of the copy at the path of the suite's own tree.
///
/// # Errors
///
/// When it does not, with the reason.
pub fn probe(place: &Place) -> Result<()> {
    const CANARY: &str = "stillframe-canary";
    let canary = place.files.join(CANARY);
    disk::scratch(&canary, CANARY.as_bytes())?;
    let seen = place.root.join(CANARY).into_os_string();
    let outcome = place.run(&[OsString::from("cat"), seen]);
    disk::remove_file(&canary)?;
    let outcome = outcome?;
    if outcome.end != End::Exited(0) || outcome.stdout != CANARY.as_bytes() {
        let said = String::from_utf8_lossy(&outcome.stderr);
        bail!("{}: {}", outcome.end, said.trim());
    }
    Ok(())
}

/// Becomes the command, which sees the layers. It returns only when that fails.
#[cfg(target_os = "linux")]
pub fn become_command(layers: &[Layer], command: &[OsString]) -> anyhow::Error {
    linux::become_command(layers, command)
}

/// Becomes the command, which sees the layers. It returns only when that fails.
#[cfg(not(target_os = "linux"))]
pub fn become_command(_layers: &[Layer], _command: &[OsString]) -> anyhow::Error {
    anyhow::anyhow!("only Linux has mount namespaces")
}

/// The layers that make a private copy the suite's own tree.
pub fn layers(original: &Path, copy: &Path, scratch: &Path) -> Result<Vec<Layer>> {
    let mut layers = Vec::new();
    // The history, which is not copied.
    let objects = Path::new(".git").join("objects");
    if original.join(&objects).is_dir() {
        layers.push(Layer {
            from: original.join(&objects),
            over: copy.join(&objects),
        });
    }
    // What is exchanged with the suite, which is not copied either.
    if let Ok(below) = scratch.strip_prefix(original) {
        disk::create_folder(&copy.join(below))?;
        layers.push(Layer {
            from: scratch.to_owned(),
            over: copy.join(below),
        });
    }
    layers.push(Layer {
        from: copy.to_owned(),
        over: original.to_owned(),
    });
    Ok(layers)
}
