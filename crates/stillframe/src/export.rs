//! The schemas that the targets export now, or the committed ones where none exports any; it validates nothing.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

use anyhow::Result;
use stillframe_core::config;
use stillframe_core::lock::schema_path;
use stillframe_core::problem::{Kind, Problem};
use stillframe_core::variable;

use crate::capture::Session;
use crate::corpus::{self, SchemaFiles};
use crate::disk;
use crate::process::{self, End, Invocation};
use crate::sandbox::Sandbox;
use crate::target::Target;

/// Lets every target write its schemas; `None` where no target has `schemas`.
pub fn export(session: &Session<'_>) -> Result<Result<Option<SchemaFiles>, Problem>> {
    let into = session.work.at("schemas")?;
    disk::remove_folder(&into)?;
    let mut all: Option<Union> = None;
    for (name, target) in session.workspace.config.programs() {
        let (Some(written), Some(program)) = (&target.schemas, session.targets.get(name)) else {
            continue;
        };
        let export = Export {
            session,
            table: config::table(name),
            written,
            target: program,
        };
        let folder = match name {
            None => Path::new("schemas").join("target"),
            Some(name) => Path::new("schemas/targets").join(name),
        };
        let added = match export.run(&folder)? {
            Ok(files) => all.get_or_insert_default().add(files, &export),
            Err(problem) => Err(problem),
        };
        if let Err(problem) = added {
            return Ok(Err(problem));
        }
    }
    Ok(Ok(all.map(|all| all.files)))
}

/// What all targets exported so far.
#[derive(Default)]
struct Union {
    files: SchemaFiles,
    /// The table of the target that wrote a file, and the file's name, by what it is where case is ignored.
    from: BTreeMap<String, (String, String)>,
}

impl Union {
    /// Adds the files of one more target. The same file from two targets is one schema; a name that stands for two is refused.
    fn add(&mut self, files: SchemaFiles, export: &Export<'_>) -> Result<(), Problem> {
        for (name, bytes) in files {
            let first = self.from.get(&name.to_lowercase());
            if let Some((table, other)) = first
                && self.files.get(&name) != Some(&bytes)
            {
                return Err(export
                    .failed(format!(
                        "{table} exports the schema {other}, and {} exports another one as {name}",
                        export.table
                    ))
                    .fixed_by("export one of them under another name"));
            }
            self.from
                .insert(name.to_lowercase(), (export.table.clone(), name.clone()));
            self.files.insert(name, bytes);
        }
        Ok(())
    }
}

/// One target's export.
struct Export<'a> {
    session: &'a Session<'a>,
    table: String,
    written: &'a [String],
    target: &'a Target,
}

impl Export<'_> {
    fn failed(&self, detail: String) -> Problem {
        Problem::new(
            Kind::BrokenSchema,
            self.written.join(" "),
            format!(
                "correct the target's schema export, or correct {} schemas in stillframe.toml",
                self.table
            ),
        )
        .detail(detail)
    }

    fn run(&self, folder: &Path) -> Result<Result<SchemaFiles, Problem>> {
        let Export {
            session, target, ..
        } = self;
        let config = &session.workspace.config;
        let into = session.work.at(folder)?;
        disk::create_folder(&into)?;
        let sandbox = Sandbox::empty()?;
        let mut values = session.workspace.values.clone();
        values.insert("dir".into(), into.display().to_string());
        let written = self
            .written
            .iter()
            .map(|word| variable::expand(word, &values));
        let args: Vec<OsString> = target
            .args
            .iter()
            .cloned()
            .chain(written)
            .map(OsString::from)
            .collect();
        let outcome = process::run_sandboxed(&Invocation {
            program: &target.program,
            args: &args,
            cwd: sandbox.root(),
            env: &session.workspace.environment(&sandbox, &BTreeMap::new()),
            stdin: None,
            timeout: config.defaults.timeout(),
            output_limit: config.defaults.output_limit(),
        });
        let outcome = match outcome {
            Ok(outcome) => outcome,
            Err(error) => {
                let problem = self.failed(error.to_string());
                return Ok(Err(problem.fixed_by(error.hint().unwrap_or_default())));
            }
        };
        if outcome.end != End::Exited(0) {
            let problem = self.failed(format!("the export failed: {}", outcome.end));
            return Ok(Err(problem.lines(String::from_utf8_lossy(&outcome.stderr))));
        }
        Ok(self.read(folder))
    }

    fn read(&self, folder: &Path) -> Result<SchemaFiles, Problem> {
        let unread = |error: anyhow::Error| {
            self.failed(format!("what the export wrote cannot be read: {error:#}"))
        };
        let mut others = Vec::new();
        let into = self.session.work.at(folder).map_err(unread)?;
        let mut schemas = corpus::schemas(&into, &mut others).map_err(unread)?;
        schemas.retain(|name, _| {
            let is_schema = name.ends_with(corpus::SCHEMA_SUFFIX);
            if !is_schema {
                others.push(name.clone());
            }
            is_schema
        });
        let fault = if schemas.is_empty() {
            format!(
                "the export wrote no file that ends with {}",
                corpus::SCHEMA_SUFFIX
            )
        } else if let Some(reason) = schemas.keys().find_map(|name| schema_path(name).err()) {
            format!("the export wrote a file that no schema folder can hold: {reason}")
        } else if !others.is_empty() {
            format!(
                "the export wrote files that do not end with {}: {}",
                corpus::SCHEMA_SUFFIX,
                others.join(", ")
            )
        } else {
            return Ok(schemas);
        };
        Err(self.failed(fault))
    }
}
