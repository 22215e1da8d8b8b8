//! One schema file with what it refers to in others, as one document; where a reference leads is the registry's to know.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::{Map, Value, json};

use super::exact::{DATA, EXACT, FOREIGN, NAMED};
use super::registry::{Lost, Place, Registry, Target, below};
use super::subschemas::{escaped, fragment, id_keyword};

/// Begins the name of each definition that comes from another file.
const FROM_FILE: &str = "./";
/// What a file without `$schema` is.
const NEWEST: &str = "json-schema.org/draft/2020-12/schema";

/// A schema without references to other files.
pub(super) struct Bundle {
    pub(super) schema: Value,
    /// The other files that something in it comes from.
    pub(super) files: BTreeSet<String>,
}

/// `file` as one document. What its references lead to in other files becomes definitions of its own, one for each
/// schema that is referred to. References by `$id` and anchor become pointers.
///
/// All that follows (the strict view, annotations, alternatives, bounds) then reads one document with local references.
pub(super) fn bundled(registry: &Registry<'_>, file: &str) -> Result<Bundle, Vec<Lost>> {
    let Some(schema) = registry.file(file) else {
        return Err(Vec::new());
    };
    let mut written = Writer::new(registry, file, definitions_keyword(schema));
    let mut document = written.document(schema);
    let is_alone = written.names.is_empty() && written.lost.is_empty();
    if is_alone && written.dynamic.is_ambiguous() {
        // The validator can follow what stays in one file.
        return Ok(Bundle {
            schema: schema.clone(),
            files: BTreeSet::new(),
        });
    }
    if written.is_mixed() {
        written = Writer::new(registry, file, FOREIGN);
        document = written.document(schema);
    }
    if written.dynamic.is_ambiguous() {
        let file = file.to_owned();
        written.lost.insert(Lost::Dynamic { file });
    }
    if !written.lost.is_empty() {
        return Err(written.lost.into_iter().collect());
    }
    let files = written.names.into_keys().map(|place| place.file);
    Ok(Bundle {
        schema: document,
        files: files.filter(|other| other != file).collect(),
    })
}

/// The place that a pointer into a bundle stands for, as it is written in messages: with the file where it is another one.
pub fn origin(pointer: &str) -> String {
    let pointer = &unmoved(pointer);
    let mut segments = pointer.splitn(4, '/').skip(1);
    let (holder, name) = (segments.next(), segments.next());
    let rest = segments
        .next()
        .map_or(String::new(), |rest| format!("/{rest}"));
    let is_holder = matches!(holder, Some("$defs" | "definitions" | FOREIGN));
    let name = name.map(|name| name.replace("~1", "/").replace("~0", "~"));
    match name
        .as_deref()
        .and_then(|name| name.strip_prefix(FROM_FILE))
    {
        Some(name) if is_holder => {
            let (file, above) = name.split_once(':').unwrap_or((name, ""));
            let rest = match holder {
                Some(FOREIGN) => rest.strip_prefix("/allOf/0").unwrap_or(&rest),
                _ => &rest,
            };
            format!("{file}#{above}{rest}")
        }
        _ => format!("#{pointer}"),
    }
}

/// The pointer to a schema where it stood before it was moved to a definition of its own.
pub fn unmoved(pointer: &str) -> String {
    let mut pointer = pointer.to_owned();
    while let Some(moved) = pointer.strip_prefix("/$defs/#~1") {
        let (name, rest) = moved.split_once('/').unwrap_or((moved, ""));
        let place = name.replace("~1", "/").replace("~0", "~");
        let slash = if rest.is_empty() { "" } else { "/" };
        pointer = format!("/{place}{slash}{rest}");
    }
    pointer
}

/// What an object of a schema file is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Is {
    Schema,
    /// Names with schemas.
    Names,
    /// Below a keyword that nobody but its author knows: what looks like a reference need not be one.
    Extension,
}

struct Writer<'a> {
    registry: &'a Registry<'a>,
    file: &'a str,
    /// The keyword that holds what comes from other files.
    holder: &'static str,
    /// Schemas of other files, with the definitions that they become.
    names: BTreeMap<Place, String>,
    /// Those of them that are still to be written.
    open: VecDeque<Place>,
    lost: BTreeSet<Lost>,
    dynamic: Dynamic,
}

impl<'a> Writer<'a> {
    fn new(registry: &'a Registry<'a>, file: &'a str, holder: &'static str) -> Self {
        Writer {
            registry,
            file,
            holder,
            names: BTreeMap::new(),
            open: VecDeque::new(),
            lost: BTreeSet::new(),
            dynamic: Dynamic::default(),
        }
    }

    fn document(&mut self, schema: &Value) -> Value {
        let root = Place {
            file: self.file.to_owned(),
            pointer: String::new(),
        };
        let mut document = self.copied(&root, &root, schema, Is::Schema);
        let mut pieces = Map::new();
        while let Some(place) = self.open.pop_front() {
            let piece = self.piece(&place);
            pieces.insert(self.names[&place].clone(), piece);
        }
        if let Value::Object(keywords) = &mut document
            && !pieces.is_empty()
        {
            let definitions = keywords
                .entry(self.holder)
                .or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(definitions) = definitions {
                definitions.extend(pieces);
            }
        }
        document
    }

    /// A schema of another file. Its own definitions are left out: what refers to them leads to pieces too.
    fn piece(&mut self, place: &Place) -> Value {
        let mut schema = self.registry.get(place).cloned().unwrap_or_default();
        if let Value::Object(keywords) = &mut schema {
            keywords.remove("$defs");
            keywords.remove("definitions");
        }
        let resource = self.registry.resource_of(place);
        let mut piece = match &schema {
            Value::Object(keywords) => self.schema(place, &resource, keywords, Is::Schema),
            other => other.clone(),
        };
        if let (Some(written), Value::Object(keywords)) = (self.other_dialect(place), &mut piece) {
            keywords.insert("$schema".to_owned(), written);
        }
        match self.holder {
            // A reference keeps to the draft of the document; only a schema inside of its target can be of another.
            FOREIGN => json!({"allOf": [piece]}),
            _ => piece,
        }
    }

    fn copied(&mut self, place: &Place, resource: &Place, value: &Value, is: Is) -> Value {
        match value {
            Value::Object(members) if is == Is::Names => members
                .iter()
                .map(|(name, inner)| {
                    let copy = self.copied(&below(place, name), resource, inner, Is::Schema);
                    (name.clone(), copy)
                })
                .collect(),
            Value::Object(_) if is == Is::Schema && self.is_of_other_dialect(place, value) => {
                // It is written where the validator judges it by its own draft.
                let name = self.name(place.clone());
                json!({"$ref": self.definition(&name)})
            }
            Value::Object(keywords) => self.schema(place, resource, keywords, is),
            Value::Array(list) => list
                .iter()
                .enumerate()
                .map(|(index, inner)| {
                    self.copied(&below(place, &index.to_string()), resource, inner, is)
                })
                .collect(),
            other => other.clone(),
        }
    }

    fn schema(
        &mut self,
        place: &Place,
        resource: &Place,
        keywords: &Map<String, Value>,
        is: Is,
    ) -> Value {
        let is_root = place.file == self.file && place.pointer.is_empty();
        let is_resource = self.registry.is_resource(place);
        let resource = if is_resource { place } else { resource };
        self.dynamic.read(place, keywords);
        let keeps_names = resource.file == self.file && resource.pointer.is_empty();
        let mut copy = Map::new();
        for (keyword, value) in keywords {
            let inner = match (keyword.as_str(), value) {
                ("$schema", _) if !is_root => continue,
                (word, Value::String(_)) if self.is_name(word) && !keeps_names => continue,
                ("$recursiveAnchor", _) if !keeps_names => continue,
                ("$ref" | "$dynamicRef" | "$recursiveRef", Value::String(reference)) => {
                    let led = self.reference(place, resource, reference, is);
                    refer(&mut copy, keywords.contains_key("$ref"), keyword, led);
                    continue;
                }
                (word, _) if word == EXACT || DATA.contains(&word) => value.clone(),
                (word, _) => {
                    let inside = match is {
                        Is::Schema if NAMED.contains(&word) => Is::Names,
                        Is::Schema if !word.starts_with("x-") => Is::Schema,
                        _ => Is::Extension,
                    };
                    self.copied(&below(place, word), resource, value, inside)
                }
            };
            match copy.get_mut(keyword) {
                // What a dynamic reference became, beside the list that was there.
                Some(Value::Array(before)) => {
                    before.extend(inner.as_array().cloned().unwrap_or_default());
                }
                _ => _ = copy.insert(keyword.clone(), inner),
            }
        }
        Value::Object(copy)
    }

    /// Whether a keyword gives a schema a name of its own.
    fn is_name(&self, keyword: &str) -> bool {
        let id = self.registry.file(self.file).map_or("$id", id_keyword);
        keyword == id || matches!(keyword, "$id" | "$anchor" | "$dynamicAnchor")
    }

    /// The same reference within the document.
    fn reference(&mut self, place: &Place, resource: &Place, written: &str, is: Is) -> String {
        let by = match place.file == self.file {
            true => format!("#{}", place.pointer),
            false => place.to_string(),
        };
        let own = resource.file == self.file && resource.pointer.is_empty();
        let is_pointer = written == "#" || written.starts_with("#/");
        match self.registry.resolve(resource, written, &by) {
            Ok(Target::Specification) => written.to_owned(),
            Ok(Target::Place(to)) if to.file != self.file || self.other_dialect(&to).is_some() => {
                let name = self.name(to);
                self.definition(&name)
            }
            Ok(Target::Place(_)) if own && is_pointer => written.to_owned(),
            Ok(Target::Place(to)) => fragment(&to.pointer),
            // The validator reports it, with the place.
            Err(Lost::Place { file, .. }) if file == self.file => written.to_owned(),
            Err(_) if is == Is::Extension => written.to_owned(),
            Err(lost) => {
                self.lost.insert(lost);
                written.to_owned()
            }
        }
    }

    /// The definition that a schema of another file becomes.
    fn name(&mut self, place: Place) -> String {
        if let Some(name) = self.names.get(&place) {
            return name.clone();
        }
        let pointer = match place.pointer.as_str() {
            "" => String::new(),
            pointer => format!(":{pointer}"),
        };
        // Only what a reference holds as it is.
        let plain = |c: char| c.is_ascii_alphanumeric() || "-._~!$&'()*+,;=:@/".contains(c);
        let mut name: String = format!("{FROM_FILE}{}{pointer}", place.file)
            .chars()
            .map(|c| if plain(c) { c } else { '_' })
            .collect();
        let own = self
            .registry
            .file(self.file)
            .and_then(|schema| schema.get(self.holder));
        while own.is_some_and(|own| own.get(&name).is_some())
            || self.names.values().any(|other| *other == name)
        {
            name.push('\'');
        }
        self.names.insert(place.clone(), name.clone());
        self.open.push_back(place);
        name
    }

    /// A reference to a definition of the document.
    fn definition(&self, name: &str) -> String {
        fragment(&format!("/{}/{}", self.holder, escaped(name)))
    }

    /// The `$schema` of what is of another draft than the document.
    fn other_dialect(&self, place: &Place) -> Option<Value> {
        let own = self.registry.file(self.file).and_then(dialect);
        let mut resource = self.registry.resource_of(place);
        loop {
            let schema = self.registry.get(&resource)?;
            if let Some(other) = dialect(schema) {
                return (other != own.unwrap_or(NEWEST)).then(|| schema["$schema"].clone());
            }
            let end = resource.pointer.rfind('/')?;
            resource.pointer.truncate(end);
            resource = self.registry.resource_of(&resource);
        }
    }

    /// Whether a schema in the file itself begins a part of another draft.
    fn is_of_other_dialect(&self, place: &Place, schema: &Value) -> bool {
        !place.pointer.is_empty()
            && dialect(schema).is_some()
            && self.registry.is_resource(place)
            && self.other_dialect(place).is_some()
    }

    fn is_mixed(&self) -> bool {
        let mut places = self.names.keys();
        places.any(|place| self.other_dialect(place).is_some())
    }
}

/// Writes a reference; a dynamic one leads to the one place that it can lead to.
fn refer(copy: &mut Map<String, Value>, has_static: bool, keyword: &str, led: String) {
    if keyword == "$ref" || !has_static {
        copy.insert("$ref".to_owned(), Value::String(led));
        return;
    }
    let member = Value::Object(Map::from_iter([("$ref".to_owned(), Value::String(led))]));
    match copy
        .entry("allOf")
        .or_insert_with(|| Value::Array(Vec::new()))
    {
        Value::Array(members) => members.push(member),
        other => *other = Value::Array(vec![member]),
    }
}

/// References whose target depends on the way that led to them.
#[derive(Default)]
struct Dynamic {
    is_used: bool,
    anchors: BTreeMap<String, BTreeSet<Place>>,
}

impl Dynamic {
    fn read(&mut self, place: &Place, keywords: &Map<String, Value>) {
        self.is_used |=
            keywords.contains_key("$dynamicRef") || keywords.contains_key("$recursiveRef");
        let named = keywords.get("$dynamicAnchor").and_then(Value::as_str);
        let recursive = keywords.get("$recursiveAnchor") == Some(&Value::Bool(true));
        for anchor in named.into_iter().chain(recursive.then_some("")) {
            let places = self.anchors.entry(anchor.to_owned()).or_default();
            places.insert(place.clone());
        }
    }

    fn is_ambiguous(&self) -> bool {
        self.is_used && self.anchors.values().any(|places| places.len() > 1)
    }
}

/// The draft that a file names, without what may be written one way or the other.
fn dialect(schema: &Value) -> Option<&str> {
    let uri = schema.get("$schema")?.as_str()?.trim_end_matches('#');
    let rest = uri
        .strip_prefix("http://")
        .or_else(|| uri.strip_prefix("https://"));
    Some(rest.unwrap_or(uri))
}

fn definitions_keyword(schema: &Value) -> &'static str {
    match dialect(schema) {
        Some(dialect) if dialect.contains("/draft-0") => "definitions",
        _ => "$defs",
    }
}

#[cfg(test)]
mod tests;
