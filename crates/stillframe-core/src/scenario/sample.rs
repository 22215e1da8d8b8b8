//! A document built from a schema, every property filled in; whether it is valid is for a validator to say.

use indexmap::IndexMap;
use serde::Serialize;
use serde_json::{Map, Value};
use thiserror::Error;

/// A document that keeps the order its schema requires properties in.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Sample {
    /// An object.
    Object(IndexMap<String, Sample>),
    /// An array.
    Array(Vec<Sample>),
    /// Anything else, or a constant of the schema.
    Value(Value),
}

impl Sample {
    /// The document as a fixture is written: two spaces, one final newline.
    pub fn to_text(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("samples have string keys only");
        text.push('\n');
        text
    }
}

/// Why no document was made up.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NoSample {
    /// The schema accepts nothing that this module can make up.
    #[error("no document could be made up from it")]
    Nothing,
    /// What it accepts is larger than anybody would edit by hand.
    #[error("the smallest document has more than {MOST} values and characters: {0}")]
    TooLarge(String),
}

/// As many values and characters as a document may have.
const MOST: usize = 1 << 20;
/// As many references as may lead one into the other.
const DEEPEST: usize = 128;

/// A document with every required and optional property of `schema`, each with a value of its type.
///
/// Lists get one element and alternatives their first; a recursive part ends as early as it may.
///
/// # Errors
/// When there is no such document, or only an enormous one.
pub fn sample(schema: &Value) -> Result<Sample, NoSample> {
    let mut maker = Maker {
        root: schema,
        within: Vec::new(),
        left: MOST,
        asking: Vec::new(),
        too_large: None,
    };
    let made = maker.value(schema);
    match maker.too_large {
        Some(asked) => Err(NoSample::TooLarge(asked)),
        None => made.ok_or(NoSample::Nothing),
    }
}

struct Maker<'a> {
    root: &'a Value,
    /// The references being followed, outermost first.
    within: Vec<&'a str>,
    /// Values and characters that may still be made.
    left: usize,
    /// The keywords that ask for more than one of something, outermost first.
    asking: Vec<String>,
    /// The keywords that asked for too much.
    too_large: Option<String>,
}

impl<'a> Maker<'a> {
    /// Counts what is made; nothing more is made when it is too much.
    fn spend(&mut self, count: usize) -> Option<()> {
        match self.left.checked_sub(count) {
            Some(left) if self.too_large.is_none() => self.left = left,
            _ => {
                let asked = || match &self.asking[..] {
                    [] => "its properties and references multiply".to_owned(),
                    asking => asking.join(", and in each element "),
                };
                self.too_large.get_or_insert_with(asked);
                return None;
            }
        }
        Some(())
    }

    fn value(&mut self, schema: &'a Value) -> Option<Sample> {
        self.spend(1)?;
        let keywords = match schema {
            Value::Bool(false) => return None,
            Value::Object(keywords) => keywords,
            _ => return Some(Sample::Value("example".into())),
        };
        if let Some(given) = given(keywords) {
            return Some(Sample::Value(given.clone()));
        }
        let mut made = self.own(keywords)?;
        if let Some(Value::String(reference)) = keywords.get("$ref") {
            made = merged(made, self.referenced(reference)?);
        }
        for part in list(keywords, "allOf") {
            made = merged(made, self.value(part)?);
        }
        for keyword in ["oneOf", "anyOf"] {
            if keywords.contains_key(keyword) {
                made = merged(made, self.alternative(list(keywords, keyword))?);
            }
        }
        Some(made.unwrap_or_else(|| Sample::Value("example".into())))
    }

    /// The first alternative that can be made, one that is not null if possible.
    fn alternative(&mut self, alternatives: &'a [Value]) -> Option<Sample> {
        let mut last = None;
        for alternative in alternatives {
            match self.value(alternative) {
                Some(Sample::Value(Value::Null)) => last = Some(Sample::Value(Value::Null)),
                Some(made) => return Some(made),
                None => {}
            }
        }
        last
    }

    fn referenced(&mut self, reference: &'a str) -> Option<Sample> {
        let target = self.root.pointer(reference.strip_prefix('#')?)?;
        if self.within.contains(&reference) || self.within.len() >= DEEPEST {
            return None;
        }
        self.within.push(reference);
        let made = self.value(target);
        self.within.pop();
        made
    }

    /// What the keywords ask for without their compositions: `Some(None)` where they ask for nothing.
    fn own(&mut self, keywords: &'a Map<String, Value>) -> Option<Option<Sample>> {
        let made = match kind(keywords) {
            Some("object") => Sample::Object(self.object(keywords)?),
            Some("array") => Sample::Array(self.array(keywords)?),
            Some("string") => Sample::Value(self.string(keywords)?.into()),
            Some("integer") => Sample::Value(integer(keywords).into()),
            Some("number") => Sample::Value(number(keywords)),
            Some("boolean") => Sample::Value(true.into()),
            Some("null") => Sample::Value(Value::Null),
            _ => return Some(None),
        };
        Some(Some(made))
    }

    fn object(&mut self, keywords: &'a Map<String, Value>) -> Option<IndexMap<String, Sample>> {
        let required: Vec<&str> = list(keywords, "required")
            .iter()
            .filter_map(Value::as_str)
            .collect();
        let mut made = IndexMap::new();
        let Some(Value::Object(properties)) = keywords.get("properties") else {
            self.map_entry(keywords, &mut made);
            return Some(made);
        };
        let optional = properties.keys().map(String::as_str);
        let order = ["command"]
            .into_iter()
            .chain(required.iter().copied())
            .chain(optional);
        for name in order {
            let Some(schema) = properties.get(name).filter(|_| !made.contains_key(name)) else {
                continue;
            };
            match self.value(schema) {
                Some(value) => _ = made.insert(name.to_owned(), value),
                None if required.contains(&name) => return None,
                None => {}
            }
        }
        Some(made)
    }

    /// A map shows one entry.
    fn map_entry(&mut self, keywords: &'a Map<String, Value>, made: &mut IndexMap<String, Sample>) {
        if let Some(values @ Value::Object(_)) = keywords.get("additionalProperties")
            && let Some(value) = self.value(values)
        {
            made.insert("example".to_owned(), value);
        }
    }

    fn array(&mut self, keywords: &'a Map<String, Value>) -> Option<Vec<Sample>> {
        let mut made = Vec::new();
        for schema in list(keywords, "prefixItems") {
            made.push(self.value(schema)?);
        }
        let least = bound(keywords, "minItems").unwrap_or(0.0) as usize;
        let most = bound(keywords, "maxItems").map_or(usize::MAX, |most| most as usize);
        let Some(items) = keywords.get("items").filter(|items| !items.is_array()) else {
            return Some(made);
        };
        let wanted = least.max(made.len()).max(1).min(most);
        if least > 1 {
            self.asking
                .push(format!("`minItems` is {}", keywords["minItems"]));
        }
        while made.len() < wanted {
            match self.value(items) {
                Some(item) => made.push(item),
                None if made.len() >= least => break,
                None => return None,
            }
        }
        if least > 1 {
            self.asking.pop();
        }
        Some(made)
    }

    fn string(&mut self, keywords: &Map<String, Value>) -> Option<String> {
        let text = string(keywords);
        let least = bound(keywords, "minLength").unwrap_or(0.0) as usize;
        let missing = least.saturating_sub(text.chars().count());
        if missing > 0 {
            self.asking
                .push(format!("`minLength` is {}", keywords["minLength"]));
        }
        self.spend(text.len().saturating_add(missing))?;
        if missing > 0 {
            self.asking.pop();
        }
        Some(text + &"x".repeat(missing))
    }
}

fn given(keywords: &Map<String, Value>) -> Option<&Value> {
    let first = |keyword: &str| list(keywords, keyword).first();
    keywords
        .get("const")
        .or_else(|| first("enum"))
        .or_else(|| first("examples"))
}

/// The type to make: the first that is not null, or the one the keywords imply.
fn kind(keywords: &Map<String, Value>) -> Option<&str> {
    let implied = || {
        let holds = |keyword: &str| keywords.contains_key(keyword);
        match () {
            () if holds("properties") || holds("additionalProperties") => Some("object"),
            () if holds("items") || holds("prefixItems") => Some("array"),
            () => None,
        }
    };
    match keywords.get("type") {
        Some(Value::String(one)) => Some(one),
        Some(Value::Array(types)) => {
            let mut types = types.iter().filter_map(Value::as_str);
            types.clone().find(|one| *one != "null").or(types.next())
        }
        _ => implied(),
    }
}

fn list<'a>(keywords: &'a Map<String, Value>, keyword: &str) -> &'a [Value] {
    keywords
        .get(keyword)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

fn bound(keywords: &Map<String, Value>, keyword: &str) -> Option<f64> {
    keywords.get(keyword)?.as_f64()
}

fn string(keywords: &Map<String, Value>) -> String {
    let format = keywords.get("format").and_then(Value::as_str);
    let mut text = match format.unwrap_or_default() {
        "date-time" => "2000-01-01T00:00:00Z",
        "date" => "2000-01-01",
        "time" => "00:00:00Z",
        "duration" => "PT1S",
        "uuid" => "00000000-0000-4000-8000-000000000001",
        "email" | "idn-email" => "someone@example.com",
        "hostname" | "idn-hostname" => "example.com",
        "ipv4" => "192.0.2.1",
        "ipv6" => "2001:db8::1",
        "uri" | "uri-reference" | "iri" | "iri-reference" | "url" => "https://example.com/",
        "json-pointer" => "/example",
        "regex" => "example",
        _ => "example",
    }
    .to_owned();
    if let Some(most) = bound(keywords, "maxLength") {
        text = text.chars().take(most as usize).collect();
    }
    text
}

fn integer(keywords: &Map<String, Value>) -> i64 {
    let least = bound(keywords, "minimum")
        .or_else(|| bound(keywords, "exclusiveMinimum").map(|edge| edge + 1.0));
    let most = bound(keywords, "maximum")
        .or_else(|| bound(keywords, "exclusiveMaximum").map(|edge| edge - 1.0));
    let value = 1f64.max(least.unwrap_or(1.0)).min(most.unwrap_or(f64::MAX));
    match bound(keywords, "multipleOf") {
        Some(step) if step > 0.0 => ((value / step).ceil() * step) as i64,
        _ => value.floor() as i64,
    }
}

fn number(keywords: &Map<String, Value>) -> Value {
    let least = bound(keywords, "minimum")
        .or_else(|| bound(keywords, "exclusiveMinimum").map(|edge| edge + 0.5));
    let most = bound(keywords, "maximum")
        .or_else(|| bound(keywords, "exclusiveMaximum").map(|edge| edge - 0.5));
    let value = 0.5f64
        .max(least.unwrap_or(0.5))
        .min(most.unwrap_or(f64::MAX));
    match bound(keywords, "multipleOf") {
        Some(step) if step > 0.0 => ((value / step).ceil() * step).into(),
        _ => value.into(),
    }
}

/// Both halves of one place: members side by side, the first say wins.
fn merged(made: Option<Sample>, more: Sample) -> Option<Sample> {
    Some(match (made, more) {
        (Some(Sample::Object(mut first)), Sample::Object(second)) => {
            for (name, value) in second {
                first.entry(name).or_insert(value);
            }
            Sample::Object(first)
        }
        // `allOf` members, tags and siblings of a reference refine an object, rarely anything else.
        (Some(first @ Sample::Object(_)), _) => first,
        (_, second) => second,
    })
}
