//! Documents against their schemas, in the strict view and offline; which schema a document has is decided elsewhere.

mod violation;

use std::collections::{BTreeMap, BTreeSet};

use jsonschema::{Draft, Validator};
use rayon::prelude::*;
use serde_json::Value;
use stillframe_core::schema::{Catalogue, Openness, dispatched, strict};
use thiserror::Error;

pub use violation::Violation;

/// All schemas of a catalogue, compiled once; shared freely between threads.
#[derive(Debug, Default)]
pub struct Validators(BTreeMap<String, Compiled>);

/// A schema that no document can be validated with.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Error)]
#[error("schema `{name}`: {message}")]
pub struct SchemaProblem {
    /// The schema's name.
    pub name: String,
    /// What is wrong with it, and where.
    pub message: String,
}

#[derive(Debug)]
struct Compiled {
    /// The schema as written: its errors are about what it says itself.
    plain: View,
    /// The strict view, asked only about documents that are valid as it is written, so that
    /// one wrong value is not also reported as a row of unknown properties.
    strict: Option<View>,
    openness: Openness,
    /// Every property name the schema declares anywhere.
    declared: BTreeSet<String>,
}

impl Validators {
    /// Compiles every schema; all that fail are reported at once.
    pub fn compile(catalogue: &Catalogue) -> Result<Self, Vec<SchemaProblem>> {
        let schemas: Vec<(&str, &Value)> = catalogue
            .names()
            .filter_map(|name| Some((name, catalogue.get(name)?)))
            .collect();
        let compiled: Vec<Result<(String, Compiled), SchemaProblem>> = schemas
            .par_iter()
            .map(|(name, schema)| {
                let problem = |message| SchemaProblem {
                    name: (*name).to_owned(),
                    message,
                };
                Ok(((*name).to_owned(), compile(schema).map_err(problem)?))
            })
            .collect();
        let mut validators = BTreeMap::new();
        let mut problems = Vec::new();
        for one in compiled {
            match one {
                Ok((name, compiled)) => _ = validators.insert(name, compiled),
                Err(problem) => problems.push(problem),
            }
        }
        if problems.is_empty() {
            Ok(Validators(validators))
        } else {
            Err(problems)
        }
    }

    /// What `document` violates of the schema called `name`, in the order of the document's places.
    ///
    /// A name that was never compiled is itself a violation.
    pub fn validate(&self, name: &str, document: &Value) -> Vec<Violation> {
        let Some(compiled) = self.0.get(name) else {
            return vec![Violation::without_schema(name)];
        };
        if !compiled.plain.judge.is_valid(document) {
            let (schema, errors) = compiled.plain.errors(document);
            return violation::plain(schema, document, errors);
        }
        match &compiled.strict {
            Some(strict) if !strict.judge.is_valid(document) => {
                let (schema, errors) = strict.errors(document);
                violation::strict(schema, document, errors, &compiled.declared)
            }
            _ => Vec::new(),
        }
    }

    /// Whether that schema refuses unknown properties; none if there is no such schema.
    pub fn openness(&self, name: &str) -> Option<&Openness> {
        Some(&self.0.get(name)?.openness)
    }
}

/// One schema with the two ways to ask it.
#[derive(Debug)]
struct View {
    schema: Value,
    /// Says whether a document is valid.
    judge: Validator,
    /// Says why it is not, with tagged alternatives as conditions.
    explainer: Option<Validator>,
}

impl View {
    fn new(schema: Value) -> Result<Self, String> {
        let judge = validator(&schema)?;
        let explainer = dispatched(&schema).and_then(|schema| validator(&schema).ok());
        Ok(View {
            schema,
            judge,
            explainer,
        })
    }

    /// Why a document is not valid, and the schema whose places the errors name.
    fn errors<'d>(&'d self, document: &'d Value) -> (&'d Value, jsonschema::ErrorIterator<'d>) {
        let explainer = self
            .explainer
            .as_ref()
            .filter(|one| !one.is_valid(document));
        let asked = explainer.unwrap_or(&self.judge);
        (&self.schema, asked.iter_errors(document))
    }
}

fn compile(schema: &Value) -> Result<Compiled, String> {
    let view = strict(schema);
    let plain = View::new(schema.clone())?;
    let closed = match view.openness {
        Openness::Closed => Some(View::new(view.value).map_err(|e| format!("strict view: {e}"))?),
        Openness::Open(_) => None,
    };
    let mut declared = BTreeSet::new();
    declared_names(schema, &mut declared);
    Ok(Compiled {
        plain,
        strict: closed,
        openness: view.openness,
        declared,
    })
}

fn validator(schema: &Value) -> Result<Validator, String> {
    let mut options = jsonschema::options()
        .offline()
        .should_validate_formats(true);
    if schema.get("$schema").is_none() {
        options = options.with_draft(Draft::Draft202012);
    }
    options.build(schema).map_err(|error| {
        let place = error.instance_path().as_str();
        let place = if place.is_empty() { String::new() } else { format!(" at #{place}") };
        let hint = match remote_reference(schema) {
            Some(remote) => format!("; `{remote}` is outside the file, and nothing is downloaded: put what it names under `$defs`"),
            None => String::new(),
        };
        format!("{error}{place}{hint}")
    })
}

/// The first reference that leaves the document, if any.
fn remote_reference(value: &Value) -> Option<&str> {
    match value {
        Value::Object(keywords) => keywords
            .get("$ref")
            .and_then(Value::as_str)
            .filter(|reference| !reference.starts_with('#'))
            .or_else(|| keywords.values().find_map(remote_reference)),
        Value::Array(list) => list.iter().find_map(remote_reference),
        _ => None,
    }
}

fn declared_names(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(keywords) => {
            if let Some(Value::Object(properties)) = keywords.get("properties") {
                names.extend(properties.keys().cloned());
            }
            keywords
                .values()
                .for_each(|inner| declared_names(inner, names));
        }
        Value::Array(list) => list.iter().for_each(|inner| declared_names(inner, names)),
        _ => {}
    }
}

#[cfg(test)]
mod generated_tests;
#[cfg(test)]
mod tests;
