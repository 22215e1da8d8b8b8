//! `init`: a configuration, a first POC, `.gitattributes` and a CI workflow for a repository that has none; it never overwrites a file.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use stillframe_core::config::CONFIG_NAME;

use crate::disk;
use crate::exit_code::ExitCode;
use crate::inside;
use crate::print::line;

/// What `init` was asked for.
#[derive(Debug, Clone, Default)]
pub struct InitOptions {
    /// The repository's folder; the current one when not set.
    pub root: Option<PathBuf>,
    /// The target as a path or a name on PATH; found out when not set.
    pub target: Option<String>,
    /// The arguments of the first capture.
    pub args: Vec<String>,
}

/// A whole configuration, with every key.
pub const REFERENCE: &str = include_str!("init/reference.toml");

/// Runs the command.
pub fn run(options: &InitOptions, out: &mut dyn Write) -> Result<ExitCode> {
    let root = match &options.root {
        Some(root) => root.clone(),
        None => std::env::current_dir()?,
    };
    if root.join(CONFIG_NAME).exists() {
        line(
            out,
            &format!("{CONFIG_NAME} exists already; nothing was written"),
        )?;
        line(out, "hint: edit it, or run `stillframe regen`")?;
        return Ok(ExitCode::Setup);
    }
    let target = options.target.as_deref().map_or_else(
        || guess(&root),
        |command| Guess::Command(command.to_owned()),
    );
    let files = files(&target, &options.args);
    for (name, _) in &files {
        guard(&root, name)?;
    }
    for (name, text) in files {
        create(&root.join(name), &text, name, out)?;
    }
    add_lines(&root, ".gitattributes", ATTRIBUTES, out)?;
    add_lines(&root, ".gitignore", &["/target/stillframe/"], out)?;
    let hint = match target {
        Guess::Unknown => format!(
            "hint: write the program to capture into [target] of {CONFIG_NAME}, then run `stillframe regen`"
        ),
        _ => format!(
            "hint: look at {FIRST_POC}, then run `stillframe regen` and commit what it writes"
        ),
    };
    line(out, &hint)?;
    Ok(ExitCode::Fresh)
}

const FIRST_POC: &str = "pocs/01-first/poc.toml";
const WORKFLOW: &str = ".github/workflows/stillframe.yml";
const ATTRIBUTES: &[&str] = &["fixtures_generated/** -text linguist-generated"];

/// What the target probably is.
enum Guess {
    /// A binary of the cargo package in this folder.
    Cargo(String),
    /// A program.
    Command(String),
    /// Nothing to go by.
    Unknown,
}

/// A cargo package with a binary, or the only executable file in the folder.
fn guess(root: &Path) -> Guess {
    if let Some(package) = cargo_package(root) {
        return Guess::Cargo(package);
    }
    let Ok(items) = fs::read_dir(root) else {
        return Guess::Unknown;
    };
    let mut programs: Vec<String> = items
        .flatten()
        .filter(|item| is_program(&item.path()))
        .filter_map(|item| item.file_name().into_string().ok())
        .collect();
    programs.sort();
    match programs.as_slice() {
        [program] => Guess::Command(format!("./{program}")),
        _ => Guess::Unknown,
    }
}

fn cargo_package(root: &Path) -> Option<String> {
    let manifest: toml::Table = disk::read_regular_text(&root.join("Cargo.toml"))
        .ok()?
        .parse()
        .ok()?;
    let has_binary = manifest.contains_key("bin") || root.join("src/main.rs").is_file();
    let name = manifest.get("package")?.get("name")?.as_str()?;
    has_binary.then(|| name.to_owned())
}

#[cfg(unix)]
fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "exe")
}

fn files(target: &Guess, args: &[String]) -> Vec<(&'static str, String)> {
    let (comment, program) = match target {
        Guess::Cargo(package) => (
            "# Built by cargo before every run.",
            format!("cargo = {{ package = {package:?} }}"),
        ),
        Guess::Command(command) => (
            "# With a slash: from this file's folder; without: a name on PATH.",
            format!("command = {command:?}"),
        ),
        Guess::Unknown => (
            "# The program to capture. With a slash: from this file's folder; without: a name on PATH.",
            "command = \"./your-program\"".to_owned(),
        ),
    };
    let config = include_str!("init/stillframe.toml")
        .replace("{comment}", comment)
        .replace("{target}", &program);
    let poc = include_str!("init/poc.toml").replace("{args}", &format!("{args:?}"));
    vec![
        (CONFIG_NAME, config),
        (FIRST_POC, poc),
        (WORKFLOW, include_str!("init/workflow.yml").to_owned()),
    ]
}

/// A file that is there already is kept, wherever it is; a new one is not written through a link.
fn guard(root: &Path, name: &str) -> Result<()> {
    if !root.join(name).exists() {
        inside::below(root, name)?;
    }
    Ok(())
}

fn create(path: &Path, text: &str, name: &str, out: &mut dyn Write) -> Result<()> {
    if path.exists() {
        line(out, &format!("kept     {name}"))?;
        return Ok(());
    }
    disk::replace(path, text.as_bytes())?;
    line(out, &format!("created  {name}"))?;
    Ok(())
}

/// Adds the lines that a file does not have yet.
fn add_lines(root: &Path, name: &str, lines: &[&str], out: &mut dyn Write) -> Result<()> {
    let path = root.join(name);
    let old = disk::read_if_any(&path)?.unwrap_or_default();
    let mut text = String::from_utf8(old).with_context(|| format!("{name} is not UTF-8"))?;
    let missing: Vec<&&str> = lines
        .iter()
        .filter(|line| !text.lines().any(|have| have == **line))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let word = if text.is_empty() {
        "created"
    } else {
        "extended"
    };
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    for rule in missing {
        text.push_str(rule);
        text.push('\n');
    }
    inside::below(root, name)?;
    disk::replace(&path, text.as_bytes())?;
    line(out, &format!("{word:8} {name}"))?;
    Ok(())
}
