//! All schemas of a project by name, and which of them a document belongs to; it does not validate.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use thiserror::Error;

use crate::json::{self, Framing};

use super::bundle::bundled;
use super::exact::annotated;
use super::expansion::{Explosion, explosion};
use super::registry::{Lost, Registry};
use super::shape::{members, resolve};

const SUFFIX: &str = ".schema.json";

/// The schemas of a project: name (`store`) to schema document.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    schemas: BTreeMap<String, Value>,
    /// Value of the `command` discriminator to the names of the schemas that claim it.
    claims: BTreeMap<String, BTreeSet<String>>,
    /// Files that a schema in another file refers to.
    referred: BTreeSet<String>,
}

/// Something wrong with the set of schema files.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CatalogueFault {
    /// A file that is not JSON, or not a schema.
    #[error("`{file}` is not a JSON Schema: {reason}")]
    Unreadable {
        /// File name, such as `store.schema.json`.
        file: String,
        /// What the parser said.
        reason: String,
    },
    /// A schema that is small to read and endless to work with.
    #[error("`{file}` cannot be used: {reason}")]
    Explosive {
        /// File name.
        file: String,
        /// What makes it so.
        reason: Explosion,
    },
    /// A schema with references that lead nowhere.
    #[error("`{file}` cannot be used: {}", listed(lost))]
    Incomplete {
        /// File name.
        file: String,
        /// The references, in the order of what is missing.
        lost: Vec<Lost>,
    },
    /// Two schemas with the same `command` constant: no document can be bound by its `command`.
    #[error("the schemas {} all claim `\"command\": \"{command}\"`", quoted(names))]
    SharedCommand {
        /// The constant.
        command: String,
        /// Names of the schemas.
        names: Vec<String>,
    },
}

/// Why a document has no schema.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BindError {
    /// Nothing names a schema: there is no `command`, or no schema has its value.
    #[error("{}", unbound(command.as_deref()))]
    Unbound {
        /// The document's `command`, if it is a string.
        command: Option<String>,
    },
    /// The schema that was asked for does not exist.
    #[error("there is no schema `{name}`{}", did_you_mean(suggestions))]
    Unknown {
        /// The name asked for.
        name: String,
        /// Existing names close to it, nearest first.
        suggestions: Vec<String>,
    },
    /// More than one schema claims the document's `command`.
    #[error(
        "`\"command\": \"{command}\"` is claimed by the schemas {}",
        quoted(names)
    )]
    Ambiguous {
        /// The document's `command`.
        command: String,
        /// Names of the schemas.
        names: Vec<String>,
    },
}

impl Catalogue {
    /// The catalogue of files given as (file name, text), and what is wrong with them.
    ///
    /// A schema that documents can have is named `<name>.schema.json`. Other files count only where one refers to them.
    pub fn from_texts<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> (Self, Vec<CatalogueFault>) {
        let mut readable = Vec::new();
        let mut unreadable = BTreeMap::new();
        for (file, text) in files {
            match json::parse(Framing::Json, text.as_bytes()) {
                Ok(document) => readable.push((file.to_owned(), annotated(&document))),
                Err(error) => {
                    let reason = format!(
                        "{} at line {}, column {}",
                        error.kind, error.line, error.column
                    );
                    unreadable.insert(file.to_owned(), reason);
                }
            }
        }
        Self::new(readable, unreadable)
    }

    /// The catalogue of schemas given as (file name, document), and what is wrong with them.
    pub fn from_documents(
        files: impl IntoIterator<Item = (String, Value)>,
    ) -> (Self, Vec<CatalogueFault>) {
        Self::new(files, BTreeMap::new())
    }

    fn new(
        files: impl IntoIterator<Item = (String, Value)>,
        mut unreadable: BTreeMap<String, String>,
    ) -> (Self, Vec<CatalogueFault>) {
        let mut readable = BTreeMap::new();
        for (file, document) in files {
            if document.is_object() || document.is_boolean() {
                readable.insert(file, document);
            } else {
                unreadable.insert(file, "a schema is an object or a boolean".to_owned());
            }
        }
        let registry = Registry::new(&readable, &unreadable);
        let mut catalogue = Self::default();
        let mut faults: Vec<CatalogueFault> = unreadable
            .iter()
            .filter(|(file, _)| schema_name(file).is_some())
            .map(|(file, reason)| CatalogueFault::Unreadable {
                file: file.clone(),
                reason: reason.clone(),
            })
            .collect();
        for file in readable.keys() {
            if let Some(name) = schema_name(file) {
                faults.extend(catalogue.add(&registry, file, name).err());
            }
        }
        for (command, names) in catalogue.claims.iter().filter(|(_, names)| names.len() > 1) {
            faults.push(CatalogueFault::SharedCommand {
                command: command.clone(),
                names: names.iter().cloned().collect(),
            });
        }
        (catalogue, faults)
    }

    fn add(
        &mut self,
        registry: &Registry<'_>,
        file: &str,
        name: &str,
    ) -> Result<(), CatalogueFault> {
        let file = file.to_owned();
        let bundle = match bundled(registry, &file) {
            Ok(bundle) => bundle,
            Err(lost) => return Err(CatalogueFault::Incomplete { file, lost }),
        };
        if let Some(reason) = explosion(&bundle.schema) {
            return Err(CatalogueFault::Explosive { file, reason });
        }
        for command in commands(&bundle.schema) {
            let claims = self.claims.entry(command).or_default();
            claims.insert(name.to_owned());
        }
        self.referred.extend(bundle.files);
        self.schemas.insert(name.to_owned(), bundle.schema);
        Ok(())
    }

    /// The name of the schema `document` belongs to: the explicit one, else the one whose
    /// `command` constant is the document's `command`, else the one of that name.
    pub fn bind(&self, explicit: Option<&str>, document: &Value) -> Result<&str, BindError> {
        if let Some(name) = explicit {
            return self.named(name).ok_or_else(|| BindError::Unknown {
                name: name.to_owned(),
                suggestions: self.suggestions(name),
            });
        }
        let Some(command) = document.get("command").and_then(Value::as_str) else {
            return Err(BindError::Unbound { command: None });
        };
        let claims: Vec<&String> = self.claims.get(command).into_iter().flatten().collect();
        match claims[..] {
            [name] => Ok(name),
            [] => self.named(command).ok_or_else(|| BindError::Unbound {
                command: Some(command.to_owned()),
            }),
            _ => Err(BindError::Ambiguous {
                command: command.to_owned(),
                names: claims.into_iter().cloned().collect(),
            }),
        }
    }

    /// Names of all schemas, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.schemas.keys().map(String::as_str)
    }

    /// The schema of that name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.schemas.get(name)
    }

    /// Whether a schema in another file refers to the one of that name.
    pub fn is_referred_to(&self, name: &str) -> bool {
        self.referred.contains(&format!("{name}{SUFFIX}"))
    }

    /// Whether there is no schema at all.
    pub fn is_empty(&self) -> bool {
        self.schemas.is_empty()
    }

    /// The `command` constants a schema claims, sorted; mostly one.
    pub fn commands_of(&self, name: &str) -> impl Iterator<Item = &str> {
        let claims =
            move |(command, names): (_, &BTreeSet<String>)| names.contains(name).then_some(command);
        let found: Vec<&String> = self.claims.iter().filter_map(claims).collect();
        found.into_iter().map(String::as_str)
    }

    fn named(&self, name: &str) -> Option<&str> {
        self.schemas
            .get_key_value(name)
            .map(|(name, _)| name.as_str())
    }

    fn suggestions(&self, wanted: &str) -> Vec<String> {
        let limit = wanted.chars().count() / 3 + 1;
        let mut near: Vec<(usize, &String)> = self
            .schemas
            .keys()
            .map(|name| (edits(wanted, name), name))
            .filter(|(distance, name)| *distance <= limit || name.starts_with(wanted))
            .collect();
        near.sort();
        near.into_iter()
            .take(3)
            .map(|(_, name)| name.clone())
            .collect()
    }
}

/// The name by which documents can have the schema in a file.
fn schema_name(file: &str) -> Option<&str> {
    file.strip_suffix(SUFFIX).filter(|name| !name.is_empty())
}

fn listed(lost: &[Lost]) -> String {
    let lost: Vec<String> = lost.iter().map(ToString::to_string).collect();
    lost.join("; ")
}

/// The constants a schema requires of its `command`, also through references and alternatives.
fn commands(root: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    gather_commands(root, root, &mut BTreeSet::new(), &mut found);
    found
}

fn gather_commands<'a>(
    root: &'a Value,
    schema: &'a Value,
    seen: &mut BTreeSet<&'a str>,
    found: &mut BTreeSet<String>,
) {
    let Value::Object(keywords) = schema else {
        return;
    };
    if let Some(property) = schema.pointer("/properties/command") {
        found.extend(constant(root, property).map(str::to_owned));
    }
    if let Some(Value::String(reference)) = keywords.get("$ref")
        && seen.insert(reference)
        && let Some(target) = resolve(root, reference)
    {
        gather_commands(root, target, seen, found);
    }
    for keyword in ["allOf", "anyOf", "oneOf"] {
        for part in members(keywords, keyword) {
            gather_commands(root, part, seen, found);
        }
    }
}

fn constant<'a>(root: &'a Value, property: &'a Value) -> Option<&'a str> {
    let target = property
        .get("$ref")
        .and_then(Value::as_str)
        .and_then(|reference| resolve(root, reference));
    [Some(property), target]
        .into_iter()
        .flatten()
        .find_map(|at| {
            let only = at
                .get("enum")
                .and_then(Value::as_array)
                .and_then(|list| match &list[..] {
                    [one] => Some(one),
                    _ => None,
                });
            at.get("const").or(only)?.as_str()
        })
}

/// Levenshtein's distance, in characters.
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

fn unbound(command: Option<&str>) -> String {
    match command {
        Some(command) => {
            format!("no schema claims `\"command\": \"{command}\"` or is named `{command}`")
        }
        None => "the document has no string `command` to find a schema by".to_owned(),
    }
}

fn did_you_mean(suggestions: &[String]) -> String {
    if suggestions.is_empty() {
        String::new()
    } else {
        format!("; did you mean {}?", quoted(suggestions))
    }
}

fn quoted(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}
