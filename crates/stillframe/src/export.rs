//! The schemas that the target exports now, or the committed ones where it exports none; it validates nothing.

use std::ffi::OsString;

use anyhow::Result;
use stillframe_core::lock::schema_path;
use stillframe_core::problem::{Kind, Problem};

use crate::capture::Session;
use crate::corpus::{self, SchemaFiles};
use crate::disk;
use crate::process::{self, End, Invocation};
use crate::sandbox::Sandbox;

/// Lets the target write its schemas; `None` where `[target] schemas` is not set.
pub fn export(session: &Session<'_>) -> Result<Result<Option<SchemaFiles>, Problem>> {
    let config = &session.workspace.config;
    let Some(written) = &config.target.schemas else {
        return Ok(Ok(None));
    };
    let into = session.work.at("schemas")?;
    disk::remove_folder(&into)?;
    disk::create_folder(&into)?;
    let sandbox = Sandbox::empty()?;
    let env = sandbox.environment(&config.env.pass, &config.env.set);
    let folder = into.display().to_string();
    let args: Vec<OsString> = session
        .target
        .args
        .iter()
        .chain(written)
        .map(|arg| arg.replace("${dir}", &folder).into())
        .collect();
    let failed = |detail: String| {
        Problem::new(
            Kind::BrokenSchema,
            written.join(" "),
            "correct the target's schema export, or correct [target] schemas in stillframe.toml",
        )
        .detail(detail)
    };
    let outcome = process::run(&Invocation {
        program: &session.target.program,
        args: &args,
        cwd: sandbox.root(),
        env: &env,
        stdin: None,
        timeout: config.defaults.timeout(),
        output_limit: config.defaults.output_limit(),
    });
    let outcome = match outcome {
        Ok(outcome) => outcome,
        Err(error) => {
            let fix = error.hint().unwrap_or_default();
            let problem = Problem::new(Kind::BrokenSchema, written.join(" "), fix);
            return Ok(Err(problem.detail(error.to_string())));
        }
    };
    if outcome.end != End::Exited(0) {
        let stderr = String::from_utf8_lossy(&outcome.stderr).into_owned();
        return Ok(Err(failed(format!(
            "the export ended with {:?}",
            outcome.end
        ))
        .lines(stderr)));
    }
    let mut others = Vec::new();
    let into = session.work.at("schemas")?;
    let mut schemas = match corpus::schemas(&into, &mut others) {
        Ok(schemas) => schemas,
        Err(error) => {
            return Ok(Err(failed(format!(
                "what the export wrote cannot be read: {error:#}"
            ))));
        }
    };
    schemas.retain(|name, _| {
        let is_schema = name.ends_with(corpus::SCHEMA_SUFFIX);
        if !is_schema {
            others.push(name.clone());
        }
        is_schema
    });
    if schemas.is_empty() {
        return Ok(Err(failed(format!(
            "the export wrote no file that ends with {}",
            corpus::SCHEMA_SUFFIX
        ))));
    }
    if let Some(reason) = schemas.keys().find_map(|name| schema_path(name).err()) {
        return Ok(Err(failed(format!(
            "the export wrote a file that no schema folder can hold: {reason}"
        ))));
    }
    if !others.is_empty() {
        return Ok(Err(failed(format!(
            "the export wrote files that do not end with {}: {}",
            corpus::SCHEMA_SUFFIX,
            others.join(", ")
        ))));
    }
    Ok(Ok(Some(schemas)))
}
