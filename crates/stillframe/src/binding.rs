//! Which schema a capture has: one, or one for each line of NDJSON; it validates nothing.

use serde_json::Value;
use stillframe_core::lock::SchemaNames;
use stillframe_core::normalize::{Draft, Framing};
use stillframe_core::poc::Capture;
use stillframe_core::poc::SchemaChoice;
use stillframe_core::schema::{BindError, Catalogue};

/// The schema of a document, or those of a stream's lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Binding {
    /// The document, or every line.
    One(String),
    /// Each line has one of its own.
    Lines(Vec<String>),
}

impl Binding {
    /// All of them, as the lock records them.
    pub(crate) fn names(&self) -> SchemaNames {
        match self {
            Binding::One(name) => [name].into_iter().cloned().collect(),
            Binding::Lines(names) => names.iter().cloned().collect(),
        }
    }

    /// The same for the normalised text, in which lines may have another order.
    pub(crate) fn normalised(&self, draft: &Draft) -> Binding {
        match self {
            Binding::One(name) => Binding::One(name.clone()),
            Binding::Lines(names) => Binding::Lines(
                (0..names.len())
                    .map(|at| names[draft.line_of(at)].clone())
                    .collect(),
            ),
        }
    }
}

/// Why there is none, and in which line.
#[derive(Debug)]
pub(crate) struct Unbound {
    pub(crate) error: BindError,
    line: Option<usize>,
    /// Whether other lines have a schema, which then is not asked.
    partly: bool,
}

impl Unbound {
    /// Whether it may be meant: people write the schemas, and wrote none for such outputs.
    pub(crate) fn is_advice(&self, are_written: bool) -> bool {
        are_written && !self.partly && matches!(self.error, BindError::Unbound { .. })
    }
}

impl std::fmt::Display for Unbound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            Some(line) => write!(f, "$[{line}]: {}", self.error),
            None => write!(f, "{}", self.error),
        }
    }
}

/// The schema of a capture, if it has one: the one that its step or a `[[bind]]` names, else what the document, or each of its lines, names itself.
pub(crate) fn bind(
    catalogue: &Catalogue,
    capture: &Capture,
    document: &Value,
) -> Result<Option<Binding>, Unbound> {
    let binding = match &capture.schema {
        SchemaChoice::Off => return Ok(None),
        SchemaChoice::Schema(name) => one(catalogue, Some(name), document),
        SchemaChoice::Output => claimed(catalogue, capture.framing, document),
    };
    binding.map(Some)
}

/// The schemas that an output names itself.
pub(crate) fn claimed(
    catalogue: &Catalogue,
    framing: Framing,
    document: &Value,
) -> Result<Binding, Unbound> {
    match (framing, document) {
        (Framing::Ndjson, Value::Array(lines)) => bind_lines(catalogue, lines),
        _ => one(catalogue, None, document),
    }
}

fn one(catalogue: &Catalogue, name: Option<&str>, document: &Value) -> Result<Binding, Unbound> {
    let name = catalogue.bind(name, document);
    name.map(|name| Binding::One(name.to_owned()))
        .map_err(|error| Unbound {
            error,
            line: None,
            partly: false,
        })
}

/// The schemas that lines name themselves.
pub(crate) fn bind_lines(catalogue: &Catalogue, lines: &[Value]) -> Result<Binding, Unbound> {
    let mut names = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let name = catalogue.bind(None, line);
        let unbound = |error| Unbound {
            error,
            line: Some(index),
            partly: lines.iter().any(|line| catalogue.bind(None, line).is_ok()),
        };
        names.push(name.map_err(unbound)?.to_owned());
    }
    let first = names.first().cloned().unwrap_or_default();
    if names.iter().all(|name| *name == first) {
        return Ok(Binding::One(first));
    }
    Ok(Binding::Lines(names))
}
