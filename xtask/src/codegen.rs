//! `codegen`: what is generated from code and committed. One list of files, and one function that writes or compares them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result, bail};
use clap::CommandFactory as _;
use schemars::JsonSchema;
use stillframe::commands::{Options, schemas};
use stillframe::corpus::{self, SchemaFiles};
use stillframe::disk::{self, Written};
use stillframe::exit_code::ExitCode;
use stillframe::inside;
use stillframe::print::line;
use stillframe_core::lock::{Lock, hash};
use stillframe_core::names::LOCK_NAME;

use crate::step;

/// What happens with a file that differs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// It is written.
    Write,
    /// It is reported.
    Check,
}

/// Generates everything and writes or compares it.
pub fn run(mode: Mode, out: &mut dyn Write) -> Result<ExitCode> {
    let root = step::repository();
    let exported = exported(&root)?;
    let mut stale = 0;
    for (path, bytes) in generated(&exported)? {
        let file = inside::below(&root, &path)?;
        match mode {
            Mode::Write => {
                if disk::replace(&file, &bytes)? == Written::Changed {
                    line(out, &format!("wrote  {path}"))?;
                }
            }
            Mode::Check => {
                if disk::read_if_any(&file)?.as_deref() != Some(bytes.as_slice()) {
                    line(out, &format!("stale  {path}"))?;
                    stale += 1;
                }
            }
        }
    }
    for path in leftover_schemas(&root, &exported)? {
        match mode {
            Mode::Write => {
                std::fs::remove_file(root.join(&path))
                    .with_context(|| format!("deleting {path}"))?;
                line(out, &format!("removed  {path}"))?;
            }
            Mode::Check => {
                line(out, &format!("orphan  {path}"))?;
                stale += 1;
            }
        }
    }
    if stale > 0 {
        line(out, "hint: run `cargo xtask codegen` and commit the result")?;
        return Ok(ExitCode::Stale);
    }
    Ok(ExitCode::Fresh)
}

/// Every generated file with its content.
fn generated(schemas: &SchemaFiles) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut files: BTreeMap<String, Vec<u8>> = schemas
        .iter()
        .map(|(name, bytes)| (format!("schemas/{name}"), bytes.clone()))
        .collect();
    let reference = "docs/src/reference";
    files.insert(
        format!("{reference}/stillframe.md"),
        cli(stillframe_cli::command()),
    );
    files.insert(
        format!("{reference}/fixpoints.md"),
        cli(fixpoints_cli::args::Cli::command()),
    );
    files.insert(
        format!("{reference}/stillframe.schema.json"),
        schema::<stillframe_core::config::Config>()?,
    );
    files.insert(
        format!("{reference}/poc.schema.json"),
        schema::<stillframe_core::poc::Manifest>()?,
    );
    files.insert(
        format!("{reference}/report.schema.json"),
        schema::<stillframe_core::report::Report>()?,
    );
    files.insert(
        format!("{reference}/consumers-show.schema.json"),
        schema::<stillframe_consumers::matrix::Matrix>()?,
    );
    files.insert(
        format!("{reference}/consumers-plan.schema.json"),
        schema::<stillframe_consumers::plan::Plan>()?,
    );
    files.insert(
        format!("{reference}/consumers-check.schema.json"),
        schema::<stillframe_consumers::ratchet::Ratchet>()?,
    );
    Ok(files)
}

/// The schemas that the target exports now.
fn exported(root: &Path) -> Result<SchemaFiles> {
    let options = Options {
        root: Some(root.to_owned()),
        ..Options::default()
    };
    match schemas::exported(&options)? {
        Ok(schemas) => Ok(schemas),
        Err(problems) => {
            let details: Vec<String> = problems
                .iter()
                .flat_map(|problem| problem.details.clone())
                .collect();
            bail!("exporting the schemas: {}", details.join("; "))
        }
    }
}

/// Schemas that a publish wrote and that the target exports no more; any other file there is not ours.
fn leftover_schemas(root: &Path, exported: &SchemaFiles) -> Result<Vec<String>> {
    let lock = disk::read_if_any(&root.join("fixtures_generated").join(LOCK_NAME))?;
    let lock = Lock::parse(&String::from_utf8(lock.unwrap_or_default())?)?;
    let committed = corpus::schemas(&root.join("schemas"), &mut Vec::new())?;
    Ok(committed
        .into_iter()
        .filter(|(name, bytes)| lock.schemas.get(name) == Some(&hash(bytes)))
        .map(|(name, _)| name)
        .filter(|name| !exported.contains_key(name))
        .map(|name| format!("schemas/{name}"))
        .collect())
}

fn schema<T: JsonSchema>() -> Result<Vec<u8>> {
    let mut text = serde_json::to_vec_pretty(&schemars::schema_for!(T))?;
    text.push(b'\n');
    Ok(text)
}

/// The reference of a command line: the help of each subcommand, as the binary prints it.
fn cli(mut command: clap::Command) -> Vec<u8> {
    command = command.term_width(100);
    command.build();
    let mut text = format!(
        "# {}\n\nGenerated by `cargo xtask codegen` from the command line itself.\n",
        command.get_name()
    );
    describe(&mut command, "", &mut text);
    text.into_bytes()
}

fn describe(command: &mut clap::Command, above: &str, text: &mut String) {
    let name = format!("{above}{}", command.get_name());
    let help = command.render_long_help().to_string();
    let help: Vec<&str> = help.lines().map(str::trim_end).collect();
    // Writing to a string cannot fail.
    let _ = write!(
        text,
        "\n## `{name}`\n\n```text\n{}\n```\n",
        help.join("\n").trim_end()
    );
    for sub in command
        .get_subcommands_mut()
        .filter(|sub| sub.get_name() != "help" && !sub.is_hide_set())
    {
        describe(sub, &format!("{name} "), text);
    }
}
