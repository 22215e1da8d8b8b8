//! `scenario new`, `list` and `check`: hand-written outputs beside the committed schemas; the target is never run.

mod create;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use stillframe_core::config::Config;
use stillframe_core::json::Document;
use stillframe_core::litter::is_litter;
use stillframe_core::normalize::Framing;
use stillframe_core::problem::Problem;
use stillframe_core::report::Summary;
use stillframe_core::scenario;
use stillframe_core::schema::Catalogue;
use stillframe_core::visible::visible;

use super::{Ending, Options};
use crate::corpus;
use crate::disk::{self, ItemKind};
use crate::exit_code::ExitCode;
use crate::print;
use crate::process;
use crate::progress::count;
use crate::report::{Conclusion, Form};
use crate::rulebook::{Rulebook, Schemas};

pub use create::{NewScenario, new};

/// Runs `scenario check`: every scenario is lossless JSON and valid against the schema of its command.
pub fn check(options: &Options, out: &mut dyn Write) -> Result<ExitCode> {
    let project = match Project::load(options)? {
        Ok(project) => project,
        Err(problems) => {
            return options.finish("scenario check", None, problems, Ending::default(), out);
        }
    };
    let files = project.scenarios()?;
    let (problems, schemas) = judge(&project, &files);
    if process::cancelled() {
        return Ok(ExitCode::Interrupted);
    }
    let mut ending = Ending {
        summary: Summary {
            schemas,
            ..Summary::default()
        },
        ..Ending::default()
    };
    if problems.is_empty() {
        ending.conclusion = Conclusion::line(match schemas {
            0 => format!(
                "{} read; there are no schemas, so nothing was validated",
                count(scenario_count(&files), "scenario")
            ),
            _ => format!(
                "{} valid against {}",
                count(scenario_count(&files), "scenario"),
                count(schemas, "schema")
            ),
        });
    }
    options.finish(
        "scenario check",
        Some(&project.config),
        problems,
        ending,
        out,
    )
}

/// Runs `scenario list`: the scenarios of each command, and the schemas that have none.
pub fn list(options: &Options, out: &mut dyn Write) -> Result<ExitCode> {
    let project = match Project::load(options)? {
        Ok(project) => project,
        Err(problems) => {
            return options.finish("scenario list", None, problems, Ending::default(), out);
        }
    };
    let none = Catalogue::default();
    let catalogue = project
        .schemas
        .as_ref()
        .map_or(&none, |schemas| &schemas.catalogue);
    let files = project.scenarios()?;
    let listing = scenario::list(files.keys().map(String::as_str), catalogue);
    match options.form {
        Form::Text => print_table(&listing, out)?,
        Form::Json => {
            let document = serde_json::json!({
                "format_version": 1,
                "command": "scenario list",
                "scenarios": listing.scenarios,
                "without": listing.without,
            });
            print::json(out, &document)?;
        }
    }
    Ok(ExitCode::Fresh)
}

fn print_table(listing: &scenario::Listing, out: &mut dyn Write) -> Result<()> {
    let commands = listing.scenarios.keys().chain(listing.without.keys());
    let width = commands
        .map(|name| visible(name).chars().count())
        .max()
        .unwrap_or(0);
    for (command, names) in &listing.scenarios {
        let (command, names) = (visible(command), names.join(", "));
        print::line(out, &format!("{command:width$}  {names}"))?;
    }
    for (schema, command) in &listing.without {
        let schema = visible(schema);
        print::line(
            out,
            &format!("{schema:width$}  none: `stillframe scenario new {command} NAME`"),
        )?;
    }
    if listing.scenarios.is_empty() && listing.without.is_empty() {
        print::line(out, "no scenarios and no schemas")?;
    }
    Ok(())
}

fn judge(project: &Project, files: &BTreeMap<String, Vec<u8>>) -> (Vec<Problem>, usize) {
    let folder = &project.config.paths.scenarios;
    match &project.schemas {
        Some(schemas) => {
            let violations =
                |name: &str, document: &Document| schemas.violations(name, Framing::Json, document);
            let problems = scenario::check(folder, files, &schemas.catalogue, violations);
            (problems, schemas.catalogue.names().count())
        }
        None => {
            let problems = scenario::check(folder, files, &Catalogue::default(), |_, _| Vec::new());
            (problems, 0)
        }
    }
}

fn scenario_count(files: &BTreeMap<String, Vec<u8>>) -> usize {
    files
        .keys()
        .filter(|path| scenario::address(path).is_some())
        .count()
}

/// What the three commands look at.
struct Project {
    root: std::path::PathBuf,
    config: Config,
    /// The committed ones; none where there are none.
    schemas: Option<Arc<Schemas>>,
}

impl Project {
    fn load(options: &Options) -> Result<Result<Project, Vec<Problem>>> {
        let root = match options.root() {
            Ok(root) => root,
            Err(problem) => return Ok(Err(vec![problem])),
        };
        let config = match crate::config_file::load_config(&root) {
            Ok(config) => config,
            Err(problems) => return Ok(Err(problems)),
        };
        let files = corpus::schemas(&root.join(&config.paths.schemas), &mut Vec::new())?;
        Ok(
            Rulebook::compile(&config, Some(&files)).map(|(rulebook, _)| Project {
                root,
                config,
                schemas: rulebook.schemas,
            }),
        )
    }

    /// Every file below the scenario folder, by its path there.
    fn scenarios(&self) -> Result<BTreeMap<String, Vec<u8>>> {
        let items = disk::list(&self.root.join(&self.config.paths.scenarios))?;
        let files = items
            .into_iter()
            .filter(|item| item.kind != ItemKind::Folder && !is_litter(&item.name));
        files
            .map(|item| Ok((item.name, read(&item.path)?)))
            .collect()
    }
}

fn read(path: &Path) -> Result<Vec<u8>> {
    disk::read_regular(path).with_context(|| format!("reading {}", path.display()))
}

#[cfg(test)]
mod tests;
