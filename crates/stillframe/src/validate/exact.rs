//! The keywords that judge numbers, on the numbers as they are printed and written; the validator's own judge doubles.

use std::cell::RefCell;
use std::collections::BTreeSet;

use jsonschema::{Keyword, ValidationError, ValidationOptions};
use serde_json::{Map, Value};
use stillframe_core::json::{self, Decimal, Framing, Node, Printed, Sameness};
use stillframe_core::schema::written;

/// What a dialect means by an integer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Integers {
    /// Whatever has no fraction: `1.0`, `1e2`.
    ByValue,
    /// What is written without one, as draft 4 has it.
    AsWritten,
}

/// Judges numbers exactly.
pub(super) fn exactly(options: ValidationOptions<'_>, integers: Integers) -> ValidationOptions<'_> {
    options
        .with_keyword("minimum", |parent: &Map<String, Value>, _: &Value, _| {
            // Before draft 6, the edge itself was excluded by a keyword beside it.
            match parent.get("exclusiveMinimum") == Some(&Value::Bool(true)) {
                true => bound(
                    parent,
                    "minimum",
                    "less than or equal to the minimum of",
                    |value, edge| value > edge,
                ),
                false => bound(
                    parent,
                    "minimum",
                    "less than the minimum of",
                    |value, edge| value >= edge,
                ),
            }
        })
        .with_keyword(
            "maximum",
            |parent: &Map<String, Value>, _: &Value, _| match parent.get("exclusiveMaximum")
                == Some(&Value::Bool(true))
            {
                true => bound(
                    parent,
                    "maximum",
                    "greater than or equal to the maximum of",
                    |value, edge| value < edge,
                ),
                false => bound(
                    parent,
                    "maximum",
                    "greater than the maximum of",
                    |value, edge| value <= edge,
                ),
            },
        )
        .with_keyword(
            "exclusiveMinimum",
            |parent: &Map<String, Value>, _: &Value, _| {
                bound(
                    parent,
                    "exclusiveMinimum",
                    "less than or equal to the minimum of",
                    |value, edge| value > edge,
                )
            },
        )
        .with_keyword(
            "exclusiveMaximum",
            |parent: &Map<String, Value>, _: &Value, _| {
                bound(
                    parent,
                    "exclusiveMaximum",
                    "greater than or equal to the maximum of",
                    |value, edge| value < edge,
                )
            },
        )
        .with_keyword("multipleOf", |parent: &Map<String, Value>, _: &Value, _| {
            bound(parent, "multipleOf", "not a multiple of", |value, step| {
                value.is_multiple_of(step).unwrap_or(false)
            })
        })
        .with_keyword("const", |parent: &Map<String, Value>, _: &Value, _| {
            constants(parent, "const")
        })
        .with_keyword("enum", |parent: &Map<String, Value>, _: &Value, _| {
            constants(parent, "enum")
        })
        .with_keyword("uniqueItems", |_: &Map<String, Value>, value: &Value, _| {
            Ok(unique(value))
        })
        .with_keyword("type", move |_: &Map<String, Value>, value: &Value, _| {
            Ok(typed(value, integers))
        })
}

type Made<'a> = Result<Box<dyn for<'i> Keyword<'i>>, ValidationError<'a>>;

/// A keyword that holds or not, with the one thing it has to say.
struct Judgement<F> {
    holds: F,
    message: String,
}

impl<'i, F: Fn(Node<'_>) -> bool + Send + Sync> Keyword<'i> for Judgement<F> {
    fn validate(&self, instance: &'i Value) -> Result<(), ValidationError<'i>> {
        if self.is_valid(instance) {
            Ok(())
        } else {
            Err(ValidationError::custom(self.message.clone()))
        }
    }

    fn is_valid(&self, instance: &'i Value) -> bool {
        PRINTED.with_borrow(|printed| (self.holds)(Node::of(instance, printed)))
    }
}

fn judgement(
    message: String,
    holds: impl Fn(Node<'_>) -> bool + Send + Sync + 'static,
) -> Box<dyn for<'i> Keyword<'i>> {
    Box::new(Judgement { holds, message })
}

thread_local! {
    /// The numbers of the document that this thread validates. A keyword is given a place in that document and nothing else.
    static PRINTED: RefCell<Printed> = RefCell::default();
}

/// Validates with the numbers of a document at hand.
pub(super) fn with_numbers<T>(node: Node<'_>, validate: impl FnOnce() -> T) -> T {
    let before = PRINTED.replace(node.printed());
    let found = validate();
    PRINTED.replace(before);
    found
}

fn bound<'a>(
    parent: &Map<String, Value>,
    keyword: &str,
    verdict: &str,
    holds: fn(&Decimal<'_>, &Decimal<'_>) -> bool,
) -> Made<'a> {
    if !parent.get(keyword).is_some_and(Value::is_number) {
        return Ok(judgement(String::new(), |_| true));
    }
    let text = written(parent, keyword);
    let Some(edge) = Decimal::parse(&text).map(Decimal::into_owned) else {
        let message = format!("the number of `{keyword}` has too long an exponent");
        return Err(ValidationError::custom(message));
    };
    let message = format!("this is {verdict} {text}");
    Ok(judgement(message, move |node| {
        // A number whose exponent is too long to be read satisfies nothing.
        !node.value.is_number()
            || Decimal::parse(&node.number()).is_some_and(|value| holds(&value, &edge))
    }))
}

fn constants<'a>(parent: &Map<String, Value>, keyword: &str) -> Made<'a> {
    let text = written(parent, keyword);
    let expected = json::parse(Framing::Json, text.as_bytes())
        .map_err(|error| ValidationError::custom(format!("`{keyword}`: {error}")))?;
    let canonical = |node: Node<'_>| node.canonical(Sameness::OfValue);
    let root = expected.node();
    let (accepted, message): (BTreeSet<String>, String) = match root.value {
        Value::Array(list) if keyword == "enum" => (
            list.iter().map(|one| canonical(root.with(one))).collect(),
            format!("this is not one of {}", shown(list, root)),
        ),
        _ => (
            BTreeSet::from([canonical(root)]),
            format!("{text} was expected"),
        ),
    };
    Ok(judgement(message, move |node| {
        accepted.contains(&canonical(node))
    }))
}

/// As the validator shows a list.
fn shown(list: &[Value], root: Node<'_>) -> String {
    const MOST: usize = 3;
    let texts = list.iter().map(|one| root.with(one).text(200));
    let mut texts: Vec<String> = texts.take(MOST).collect();
    let rest = list.len().saturating_sub(MOST);
    if rest > 0 {
        return format!("{} or {rest} other candidates", texts.join(", "));
    }
    match texts.pop() {
        Some(last) if !texts.is_empty() => format!("{} or {last}", texts.join(", ")),
        last => last.unwrap_or_default(),
    }
}

fn unique(wanted: &Value) -> Box<dyn for<'i> Keyword<'i>> {
    let wanted = wanted == &Value::Bool(true);
    judgement("this has non-unique elements".to_owned(), move |node| {
        let Value::Array(items) = node.value else {
            return true;
        };
        let mut met = BTreeSet::new();
        !wanted
            || items
                .iter()
                .all(|item| met.insert(node.with(item).canonical(Sameness::OfValue)))
    })
}

fn typed(wanted: &Value, integers: Integers) -> Box<dyn for<'i> Keyword<'i>> {
    let names: Vec<String> = match wanted {
        Value::String(name) => vec![name.clone()],
        Value::Array(names) => names
            .iter()
            .filter_map(|name| Some(name.as_str()?.to_owned()))
            .collect(),
        _ => Vec::new(),
    };
    let quoted: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
    let noun = if names.len() == 1 { "type" } else { "types" };
    let message = format!("this is not of {noun} {}", quoted.join(", "));
    judgement(message, move |node| {
        names.iter().any(|name| is_of_type(node, name, integers))
    })
}

fn is_of_type(node: Node<'_>, name: &str, integers: Integers) -> bool {
    match (node.value, name) {
        (Value::Null, "null")
        | (Value::Bool(_), "boolean")
        | (Value::String(_), "string")
        | (Value::Array(_), "array")
        | (Value::Object(_), "object")
        | (Value::Number(_), "number") => true,
        (Value::Number(_), "integer") => {
            let text = node.number();
            match integers {
                Integers::ByValue => Decimal::parse(&text).is_some_and(|value| value.is_integer()),
                Integers::AsWritten => !text.contains(['.', 'e', 'E']),
            }
        }
        _ => false,
    }
}
