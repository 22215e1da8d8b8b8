//! Documents against their schemas, in the strict view and offline; which schema a document has is decided elsewhere.

mod arms;
mod effort;
mod exact;
mod violation;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use jsonschema::{Draft, ValidationError, Validator};
use rayon::prelude::*;
use serde_json::Value;
use stillframe_core::json::Node;
use stillframe_core::schema::{
    Catalogue, Naming, Openness, counted, dispatched, hoisted, is_beyond_doubles, origin, outlined,
    strict,
};
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
        let value = document.value;
        let Some(refused) = effort::verdict(value, || self.refused(document)) else {
            let lost = effort::busiest(|| _ = self.refused(document));
            return vec![Violation::undecided(document, lost)];
        };
        let Some((view, asked)) = refused else {
            return Vec::new();
        };
        let errors = effort::reasons(value, || asked.errors(&view.schema, value).collect())
            .or_else(|| effort::reasons(value, || asked.outline(&view.schema, value)))
            .unwrap_or_default();
        let found = match view.kind {
            Kind::Plain => violation::plain(&view.schema, document, errors),
            Kind::Strict => violation::strict(&view.schema, document, errors, &self.declared),
        };
        match found.is_empty() {
            true => vec![Violation::unexplained()],
            false => found,
        }
    }

    /// The first view that refuses a document.
    fn refused(&self, document: Node<'_>) -> Option<(&View, &Asked)> {
        let views = [Some(&self.plain), self.strict.as_ref()];
        let asked = views
            .into_iter()
            .flatten()
            .map(|view| (view, view.asked(document)));
        asked
            .into_iter()
            .find(|(_, asked)| !asked.judge.is_valid(document.value))
    }
}

/// What a schema is asked as.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Plain,
    Strict,
}

/// One schema, and who is asked about it.
#[derive(Debug)]
struct View {
    kind: Kind,
    schema: Value,
    usual: Asked,
    /// For documents with numbers that a double does not hold; made for the first of them.
    exact: OnceLock<Option<Asked>>,
}

impl View {
    fn new(kind: Kind, schema: Value) -> Result<Self, String> {
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
            kind,
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Numbers {
    Doubles,
    Exact,
}

/// The ways to ask about a document.
#[derive(Debug)]
struct Asked {
    numbers: Numbers,
    /// Says whether a document is valid.
    judge: Validator,
    /// Says why it is not, with tagged alternatives as conditions; made for the first document that is not.
    explainer: OnceLock<Option<Validator>>,
    /// Says where it is not, without the reasons of each alternative; made where those are too many.
    outliner: OnceLock<Option<Validator>>,
}

impl Asked {
    fn new(schema: &Value, numbers: Numbers) -> Result<Self, String> {
        // With conditions, only the alternative that a tag names is asked.
        let judge =
            dispatched(schema).and_then(|schema| validator(&schema, numbers, Naming::Content).ok());
        Ok(Asked {
            numbers,
            judge: judge.map_or_else(|| validator(schema, numbers, Naming::Content), Ok)?,
            explainer: OnceLock::new(),
            outliner: OnceLock::new(),
        })
    }

    /// Why a document is not valid.
    fn errors<'d>(&'d self, schema: &Value, document: &'d Value) -> jsonschema::ErrorIterator<'d> {
        let explainer = self.explainer.get_or_init(|| {
            let explainer = |schema: &Value| validator(schema, self.numbers, Naming::Place).ok();
            dispatched(schema)
                .and_then(|schema| explainer(&schema))
                .or_else(|| explainer(schema))
        });
        let explainer = explainer.as_ref().unwrap_or(&self.judge);
        explainer.iter_errors(document)
    }

    /// Where a document is not valid; nothing if that cannot be said.
    fn outline<'d>(&'d self, schema: &Value, document: &'d Value) -> Vec<ValidationError<'d>> {
        let outliner = self.outliner.get_or_init(|| {
            let outlined = outlined(schema)?;
            validator(&outlined, self.numbers, Naming::Place).ok()
        });
        let outliner = outliner.iter();
        outliner.flat_map(|one| one.iter_errors(document)).collect()
    }
}

fn compile(schema: &Value) -> Result<Compiled, String> {
    let view = strict(schema).map_err(|explosion| explosion.to_string())?;
    let plain = View::new(Kind::Plain, schema.clone())?;
    let strict_view = |schema| {
        let view = View::new(Kind::Strict, schema);
        view.map_err(|error| format!("strict view: {error}"))
    };
    let closed = match view.openness {
        Openness::Closed => Some(strict_view(view.value)?),
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

fn validator(schema: &Value, numbers: Numbers, naming: Naming) -> Result<Validator, String> {
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
    let counted = match hoisted(schema, naming) {
        Some(hoisted) => counted(&hoisted),
        None => counted(schema),
    };
    effort::counting(options).build(&counted).map_err(|error| {
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
mod effort_tests;
#[cfg(test)]
mod generated_tests;
#[cfg(test)]
mod number_tests;
#[cfg(test)]
mod said_tests;
#[cfg(test)]
mod tests;
