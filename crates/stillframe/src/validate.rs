//! Documents against their schemas, in the strict view and offline; which schema a document has is decided elsewhere.

mod arms;
mod exact;
mod violation;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use jsonschema::{Draft, Validator};
use rayon::prelude::*;
use serde_json::Value;
use stillframe_core::json::Node;
use stillframe_core::schema::{Catalogue, Openness, dispatched, is_beyond_doubles, origin, strict};
use thiserror::Error;

use exact::Integers;

pub use arms::arms;
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
    pub fn validate<'a>(&self, name: &str, document: impl Into<Node<'a>>) -> Vec<Violation> {
        let Some(compiled) = self.0.get(name) else {
            return vec![Violation::without_schema(name)];
        };
        let document = document.into();
        exact::with_numbers(document, || compiled.violations(document))
    }

    /// Whether that schema refuses unknown properties; none if there is no such schema.
    pub fn openness(&self, name: &str) -> Option<&Openness> {
        Some(&self.0.get(name)?.openness)
    }
}

impl Compiled {
    fn violations(&self, document: Node<'_>) -> Vec<Violation> {
        let plain = self.plain.asked(document);
        if !plain.judge.is_valid(document.value) {
            let errors = plain.errors(document.value);
            return violation::plain(&self.plain.schema, document, errors);
        }
        let Some(strict) = &self.strict else {
            return Vec::new();
        };
        let asked = strict.asked(document);
        if asked.judge.is_valid(document.value) {
            return Vec::new();
        }
        let errors = asked.errors(document.value);
        violation::strict(&strict.schema, document, errors, &self.declared)
    }
}

/// One schema, and who is asked about it.
#[derive(Debug)]
struct View {
    schema: Value,
    usual: Asked,
    /// For documents with numbers that a double does not hold; made for the first of them.
    exact: OnceLock<Option<Asked>>,
}

impl View {
    fn new(schema: Value) -> Result<Self, String> {
        let numbers = if is_beyond_doubles(&schema) {
            Numbers::Exact
        } else {
            Numbers::Doubles
        };
        let usual = Asked::new(&schema, numbers)?;
        let exact = match numbers {
            Numbers::Exact => OnceLock::from(None),
            Numbers::Doubles => OnceLock::new(),
        };
        Ok(View {
            schema,
            usual,
            exact,
        })
    }

    fn asked(&self, document: Node<'_>) -> &Asked {
        if !document.is_beyond_doubles() {
            return &self.usual;
        }
        let exact = self.exact.get_or_init(|| {
            let asked = Asked::new(&self.schema, Numbers::Exact);
            Some(asked.expect("a schema that compiles does so with other keywords for numbers"))
        });
        exact.as_ref().unwrap_or(&self.usual)
    }
}

/// How numbers are judged.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Numbers {
    Doubles,
    Exact,
}

/// The two ways to ask about a document.
#[derive(Debug)]
struct Asked {
    /// Says whether a document is valid.
    judge: Validator,
    /// Says why it is not, with tagged alternatives as conditions.
    explainer: Option<Validator>,
}

impl Asked {
    fn new(schema: &Value, numbers: Numbers) -> Result<Self, String> {
        let judge = validator(schema, numbers)?;
        let explainer = dispatched(schema).and_then(|schema| validator(&schema, numbers).ok());
        Ok(Asked { judge, explainer })
    }

    /// Why a document is not valid.
    fn errors<'d>(&'d self, document: &'d Value) -> jsonschema::ErrorIterator<'d> {
        let explainer = self
            .explainer
            .as_ref()
            .filter(|one| !one.is_valid(document));
        explainer.unwrap_or(&self.judge).iter_errors(document)
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

fn validator(schema: &Value, numbers: Numbers) -> Result<Validator, String> {
    let mut options = jsonschema::options()
        .offline()
        .should_validate_formats(true);
    let dialect = schema.get("$schema").and_then(Value::as_str);
    if dialect.is_none() {
        options = options.with_draft(Draft::Draft202012);
    }
    if numbers == Numbers::Exact {
        let integers = match dialect {
            Some(dialect) if dialect.contains("draft-04") => Integers::AsWritten,
            _ => Integers::ByValue,
        };
        options = exact::exactly(options, integers);
    }
    options.build(schema).map_err(|error| {
        let place = error.instance_path().as_str();
        match place.rsplit_once('/') {
            None => error.to_string(),
            Some((holder, keyword)) => {
                let draft = dialect.map_or("draft/2020-12", draft_name);
                format!("`{keyword}` at {}: {error} ({draft})", origin(holder))
            }
        }
    })
}

/// The draft in the URI of a dialect.
fn draft_name(dialect: &str) -> &str {
    let start = dialect.find("draft").unwrap_or(0);
    let name = dialect[start..].trim_end_matches('#');
    name.strip_suffix("/schema").unwrap_or(name)
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
mod number_tests;
#[cfg(test)]
mod tests;
