//! Validation errors as places, values and sentences; it picks which of a branch's errors is the cause and never validates.

use std::collections::BTreeSet;
use std::fmt;

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind as Kind;
use serde_json::Value;
use stillframe_core::diff::{Path, shortened};
use stillframe_core::json::Node;
use stillframe_core::schema::{origin, undispatched, unmoved};

/// As many violations of one document as are shown.
const SHOWN: usize = 20;

/// What makes alternatives quick to tell apart.
const TAG: &str = "give each alternative a tag, a required property with a `const` of its own";

/// A pattern with which the engine never ends.
const GIVEN_UP: &str = "whether this matches the pattern is not known after a million steps; write the pattern without a repetition inside a repetition";

/// One thing a schema does not allow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The place in the document, as a JSONPath: `$.tables[0].rows`.
    pub instance_path: String,
    /// The keyword in the schema, as a JSON pointer: `#/properties/tables/type`.
    pub schema_path: String,
    /// The offending value as JSON, shortened.
    pub value: String,
    /// What is wrong with it.
    pub message: String,
}

impl Violation {
    /// The violation of a document whose schema does not exist.
    pub(super) fn without_schema(name: &str) -> Self {
        Violation {
            instance_path: "$".to_owned(),
            schema_path: "#".to_owned(),
            value: String::new(),
            message: format!("there is no schema `{name}`"),
        }
    }

    /// The violation of a document of which nobody can say in bounded time whether it is valid, with the reference that
    /// was followed most often, and the address of the value it was followed for.
    pub(super) fn undecided(document: Node<'_>, busiest: Option<(String, usize)>) -> Self {
        let (target, address) = busiest.unwrap_or_default();
        let (pointer, value) = find(document.value, address, &mut String::new())
            .unwrap_or((String::new(), document.value));
        Violation {
            instance_path: Path::from_pointer(&pointer, document.value).to_string(),
            schema_path: origin(&target),
            value: shortened(document.with(value)),
            message: format!(
                "whether this is valid is not known after too many steps: there are too many ways to come to this schema; {TAG}"
            ),
        }
    }

    /// The violation of a document that is not valid for too many reasons to count.
    pub(super) fn unexplained() -> Self {
        Violation {
            instance_path: "$".to_owned(),
            schema_path: "#".to_owned(),
            value: String::new(),
            message: format!(
                "this is not valid, and there are too many combinations of alternatives to say why; {TAG}"
            ),
        }
    }

    fn rest(count: usize) -> Self {
        Violation {
            instance_path: "$".to_owned(),
            schema_path: "#".to_owned(),
            value: String::new(),
            message: format!("{count} more violations are not shown"),
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.instance_path, self.message)?;
        if self.value.is_empty() {
            return Ok(());
        }
        write!(f, " (value {}, schema {})", self.value, self.schema_path)
    }
}

/// The violations of a schema as it is written.
pub(super) fn plain<'a>(
    schema: &Value,
    document: Node<'_>,
    errors: Vec<ValidationError<'a>>,
) -> Vec<Violation> {
    let mut found = Vec::new();
    for error in errors {
        for cause in causes(&error) {
            violations(schema, document, cause, &mut found);
        }
    }
    capped(found)
}

/// The violations of the strict view by a document that satisfies the schema as it is written.
///
/// A place whose branch fails because of an unknown property further down counts all of the
/// branch's own properties as unknown; the names the schema declares are left out there.
pub(super) fn strict<'a>(
    schema: &Value,
    document: Node<'_>,
    errors: Vec<ValidationError<'a>>,
    declared: &BTreeSet<String>,
) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut echoes = Vec::new();
    for error in errors {
        for cause in causes(&error) {
            let holder = cause.instance_path().as_str();
            let mut all = Vec::new();
            violations(schema, document, cause, &mut all);
            let names: &[String] = match cause.kind() {
                Kind::UnevaluatedProperties { unexpected } => unexpected,
                _ => &[],
            };
            for (index, violation) in all.into_iter().enumerate() {
                match names.get(index) {
                    Some(name) if !declared.contains(name) => found.push(violation),
                    _ => echoes.push((holder.to_owned(), violation)),
                }
            }
        }
    }
    // A declared name in a place where it does not belong is a cause only if there is no other.
    capped(if found.is_empty() {
        deepest(echoes)
    } else {
        found
    })
}

/// The violations with none below them, given with the pointers of the objects they are found in:
/// what fails below makes everything above it fail.
fn deepest(violations: Vec<(String, Violation)>) -> Vec<Violation> {
    let inside = |holder: &str| format!("{holder}/");
    let places: Vec<String> = violations
        .iter()
        .map(|(holder, _)| inside(holder))
        .collect();
    let has_none_below = |holder: &str| {
        let prefix = inside(holder);
        !places
            .iter()
            .any(|other| other.len() > prefix.len() && other.starts_with(&prefix))
    };
    let deepest = violations
        .into_iter()
        .filter(|(holder, _)| has_none_below(holder));
    deepest.map(|(_, violation)| violation).collect()
}

/// The errors to show for one error: its own, or those of the alternative that came nearest.
fn causes<'e, 'a>(error: &'e ValidationError<'a>) -> Vec<&'e ValidationError<'a>> {
    let context = match error.kind() {
        Kind::AnyOf { context } | Kind::OneOfNotValid { context } => context,
        _ => return vec![error],
    };
    let mut ranked: Vec<(Rank, Vec<&ValidationError<'static>>)> = context
        .iter()
        .map(|branch| branch.iter().flat_map(causes).collect::<Vec<_>>())
        .map(|branch| (rank(error, &branch), branch))
        .collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    match &ranked[..] {
        [(_, only)] => only.clone(),
        [(first, nearest), (second, _), ..] if first.0 < second.0 => nearest.clone(),
        _ => vec![error],
    }
}

/// How far an alternative is from applying; smaller is nearer.
type Rank = (usize, usize);

fn rank(error: &ValidationError<'_>, branch: &[&ValidationError<'static>]) -> Rank {
    let base = error.instance_path().as_str().matches('/').count();
    let distance = |cause: &&ValidationError<'static>| {
        let depth = cause.instance_path().as_str().matches('/').count() - base;
        match cause.kind() {
            // Another type, or another discriminator: a different alternative was meant.
            _ if depth == 0 && names(cause, &["type", "const", "enum"]) => 4,
            _ if depth == 1 && names(cause, &["const", "enum"]) => 3,
            Kind::Required { .. } if depth == 0 => 2,
            Kind::UnevaluatedProperties { .. } => 0,
            _ => 1,
        }
    };
    (branch.iter().map(distance).max().unwrap_or(0), branch.len())
}

/// Whether the keyword that failed is one of these.
fn names(cause: &ValidationError<'_>, keywords: &[&str]) -> bool {
    let path = cause.schema_path().as_str();
    keywords.contains(&path.rsplit('/').next().unwrap_or_default())
}

fn violations(
    schema: &Value,
    document: Node<'_>,
    error: &ValidationError<'_>,
    found: &mut Vec<Violation>,
) {
    match error.kind() {
        Kind::UnevaluatedProperties { unexpected } | Kind::AdditionalProperties { unexpected } => {
            found.extend(
                unexpected
                    .iter()
                    .map(|name| unknown(schema, document, error, name)),
            );
        }
        _ => found.push(Violation {
            instance_path: place(document, error).to_string(),
            schema_path: keyword(schema, error),
            value: match document.value.pointer(error.instance_path().as_str()) {
                Some(value) => shortened(document.with(value)),
                None => shortened(&**error.instance()),
            },
            message: match (alternatives(error), error.kind()) {
                (Some(verdict), _) => format!("{verdict}, and there are too many combinations of alternatives to say why; {TAG}"),
                (None, Kind::BacktrackLimitExceeded { .. }) => GIVEN_UP.to_owned(),
                (None, _) => error.masked_with("this").to_string(),
            },
        }),
    }
}

fn unknown(
    schema: &Value,
    document: Node<'_>,
    error: &ValidationError<'_>,
    name: &str,
) -> Violation {
    let value = document
        .value
        .pointer(error.instance_path().as_str())
        .and_then(|holder| holder.get(name))
        .map(|value| document.with(value));
    Violation {
        instance_path: place(document, error).key(name).to_string(),
        schema_path: keyword(schema, error),
        value: value.map(shortened).unwrap_or_default(),
        message: format!("the schema does not declare a property `{name}` here"),
    }
}

/// The keyword, as it stands in the schema.
fn keyword(schema: &Value, error: &ValidationError<'_>) -> String {
    let place = unmoved(error.schema_path().as_str());
    let place = origin(&undispatched(schema, &place));
    match alternatives(error) {
        Some(_) => place.trim_end_matches("/not").to_owned(),
        None => place,
    }
}

/// What is wrong, if the error is that of a whole list of alternatives in an outline.
fn alternatives(error: &ValidationError<'_>) -> Option<&'static str> {
    let place = origin(error.schema_path().as_str());
    match place.strip_suffix("/not")? {
        list if list.ends_with("/anyOf") => Some("this satisfies none of the alternatives"),
        list if list.ends_with("/oneOf") => {
            Some("this does not satisfy exactly one of the alternatives")
        }
        _ => None,
    }
}

/// The value with that address, and its pointer.
fn find<'v>(value: &'v Value, address: usize, pointer: &mut String) -> Option<(String, &'v Value)> {
    if super::effort::address(value) == address {
        return Some((pointer.clone(), value));
    }
    let inside: Vec<(String, &Value)> = match value {
        Value::Array(list) => (0..)
            .zip(list)
            .map(|(index, one): (usize, _)| (index.to_string(), one))
            .collect(),
        Value::Object(members) => members
            .iter()
            .map(|(name, one)| (name.clone(), one))
            .collect(),
        _ => return None,
    };
    let length = pointer.len();
    inside.into_iter().find_map(|(segment, one)| {
        pointer.push_str(&format!(
            "/{}",
            segment.replace('~', "~0").replace('/', "~1")
        ));
        let found = find(one, address, pointer);
        pointer.truncate(length);
        found
    })
}

fn place(document: Node<'_>, error: &ValidationError<'_>) -> Path {
    Path::from_pointer(error.instance_path().as_str(), document.value)
}

fn capped(mut found: Vec<Violation>) -> Vec<Violation> {
    let key = |violation: &Violation| (violation.instance_path.clone(), violation.message.clone());
    let mut seen = BTreeSet::new();
    found.retain(|violation| seen.insert(key(violation)));
    if found.len() > SHOWN {
        let more = found.len() - SHOWN;
        found.truncate(SHOWN);
        found.push(Violation::rest(more));
    }
    found
}
