//! The schema files of a project, and where a reference leads among them: by `$id`, by path, by file name. Nothing is downloaded.

use std::collections::{BTreeMap, BTreeSet};

use fluent_uri::{Uri, UriRef};
use serde_json::{Map, Value};
use thiserror::Error;

use super::exact::{DATA, NAMED};
use super::hoist::references_stand_alone;
use super::shape::percent_decoded;
use super::subschemas::{escaped, id_keyword};

/// The folder of the files, where a reference is a path. Nobody else uses the scheme.
const FOLDER: &str = "stillframe:///";

/// A schema in one of the files.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) file: String,
    /// JSON pointer within that file.
    pub(super) pointer: String,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}#{}", self.file, self.pointer)
    }
}

/// A reference that leads nowhere. The order is that of what is missing, so that the first one is always the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Error)]
pub enum Lost {
    /// No file has that `$id`, path or name.
    #[error(
        "`{wanted}` is missing: {by} refers to it, and no schema file has that `$id`, path or name (nothing is downloaded)"
    )]
    File {
        /// What stands in front of the `#`.
        wanted: String,
        /// The place of the reference.
        by: String,
    },
    /// Files of one name in several folders.
    #[error("`{wanted}` in {by} may be any of {}", .files.join(", "))]
    Ambiguous {
        /// What stands in front of the `#`.
        wanted: String,
        /// The place of the reference.
        by: String,
        /// The files.
        files: Vec<String>,
    },
    /// The file is there, the place is not.
    #[error("`{file}` has no `#{fragment}`, to which {by} refers")]
    Place {
        /// The file.
        file: String,
        /// What stands after the `#`.
        fragment: String,
        /// The place of the reference.
        by: String,
    },
    /// The file is not JSON.
    #[error("`{file}`, to which {by} refers, is not a JSON Schema: {reason}")]
    Unreadable {
        /// The file.
        file: String,
        /// What the parser reported.
        reason: String,
        /// The place of the reference.
        by: String,
    },
    /// The target depends on the way that led there.
    #[error(
        "`{file}` uses `$dynamicRef` or `$recursiveRef` with more than one anchor for it, which cannot be followed from file to file; refer with `$ref`"
    )]
    Dynamic {
        /// The file.
        file: String,
    },
}

/// Where a reference leads.
pub(super) enum Target {
    Place(Place),
    /// One of the specification's own schemas, which every validator has.
    Specification,
}

/// All files, read once.
pub(super) struct Registry<'a> {
    files: &'a BTreeMap<String, Value>,
    unreadable: &'a BTreeMap<String, String>,
    /// Schemas with a URI of their own: those with an `$id`, and every file as a path.
    resources: BTreeMap<String, BTreeSet<Place>>,
    /// The URIs that references in a resource are relative to.
    bases: BTreeMap<Place, String>,
    anchors: BTreeMap<(Place, String), Place>,
}

impl<'a> Registry<'a> {
    /// Finds every `$id` and anchor.
    pub(super) fn new(
        files: &'a BTreeMap<String, Value>,
        unreadable: &'a BTreeMap<String, String>,
    ) -> Self {
        let mut registry = Registry {
            files,
            unreadable,
            resources: BTreeMap::new(),
            bases: BTreeMap::new(),
            anchors: BTreeMap::new(),
        };
        for (file, schema) in files {
            let root = Place {
                file: file.clone(),
                pointer: String::new(),
            };
            let path = path_uri(file);
            registry.add(path.clone(), &root);
            registry.bases.insert(root.clone(), path);
            let id_keyword = id_keyword(schema);
            registry.read(id_keyword, root.clone(), root, schema, false);
        }
        registry
    }

    pub(super) fn get(&self, place: &Place) -> Option<&'a Value> {
        self.files.get(&place.file)?.pointer(&place.pointer)
    }

    pub(super) fn file(&self, file: &str) -> Option<&'a Value> {
        self.files.get(file)
    }

    /// Whether a schema has a URI of its own, to which the references in it are relative.
    pub(super) fn is_resource(&self, place: &Place) -> bool {
        self.bases.contains_key(place)
    }

    /// The resource that a place belongs to.
    pub(super) fn resource_of(&self, place: &Place) -> Place {
        let mut found = place.clone();
        while !self.is_resource(&found) {
            let end = found.pointer.rfind('/').unwrap_or(0);
            found.pointer.truncate(end);
        }
        found
    }

    /// Where a reference in a resource leads; `by` is where it stands.
    pub(super) fn resolve(
        &self,
        resource: &Place,
        reference: &str,
        by: &str,
    ) -> Result<Target, Lost> {
        let (wanted, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let root = if wanted.is_empty() {
            resource.clone()
        } else {
            match self.resource(resource, wanted, by)? {
                Target::Place(place) => place,
                Target::Specification => return Ok(Target::Specification),
            }
        };
        let decoded = percent_decoded(fragment).unwrap_or_else(|| fragment.to_owned());
        let place = if decoded.is_empty() {
            Some(root.clone())
        } else if decoded.starts_with('/') {
            let pointer = format!("{}{decoded}", root.pointer);
            let place = Place {
                pointer,
                ..root.clone()
            };
            self.get(&place).is_some().then_some(place)
        } else {
            self.anchors.get(&(root.clone(), decoded)).cloned()
        };
        place.map(Target::Place).ok_or_else(|| Lost::Place {
            file: root.file,
            fragment: fragment.to_owned(),
            by: by.to_owned(),
        })
    }

    fn resource(&self, from: &Place, wanted: &str, by: &str) -> Result<Target, Lost> {
        let base = &self.bases[from];
        let by_id = join(base, wanted).map_or(Vec::new(), |uri| self.nearest(&uri, from));
        if let [place] = &by_id[..] {
            return Ok(Target::Place((*place).clone()));
        }
        if by_id.is_empty() && is_specification(wanted) {
            return Ok(Target::Specification);
        }
        let path = join(&path_uri(&from.file), wanted);
        let by_path = path.map_or(Vec::new(), |uri| self.nearest(&uri, from));
        if let [place] = &by_path[..] {
            return Ok(Target::Place((*place).clone()));
        }
        if !by_id.is_empty() {
            return Err(Lost::Ambiguous {
                wanted: wanted.to_owned(),
                by: by.to_owned(),
                files: by_id
                    .iter()
                    .map(|place| place.to_string().trim_end_matches('#').to_owned())
                    .collect(),
            });
        }
        self.named(wanted, by).map(Target::Place)
    }

    /// The resources with that URI; where several files have one, that of the same file or folder, and one of those that
    /// are the same.
    fn nearest(&self, uri: &str, from: &Place) -> Vec<&Place> {
        let distance = |place: &Place| match () {
            () if place.file == from.file => 0,
            () if folder(&place.file) == folder(&from.file) => 1,
            () => 2,
        };
        let mut found: Vec<&Place> = self.resources.get(uri).into_iter().flatten().collect();
        let least = found.iter().map(|place| distance(place)).min();
        found.retain(|place| Some(distance(place)) == least);
        found.dedup_by_key(|place| self.get(place));
        found
    }

    /// The file with the last segment of a URI as its name, in whatever folder it lies.
    fn named(&self, wanted: &str, by: &str) -> Result<Place, Lost> {
        let path = wanted.split('?').next().unwrap_or_default();
        let path = percent_decoded(path).unwrap_or_else(|| path.to_owned());
        let name = path.rsplit('/').next().unwrap_or_default();
        let lost = Lost::File {
            wanted: wanted.to_owned(),
            by: by.to_owned(),
        };
        if name.is_empty() {
            return Err(lost);
        }
        let same = |file: &&String| file.rsplit('/').next() == Some(name);
        let mut found: Vec<&String> = self.files.keys().filter(same).collect();
        let most = found.iter().map(|file| common_end(file, &path)).max();
        found.retain(|file| Some(common_end(file, &path)) == most);
        match &found[..] {
            [one] => Ok(Place {
                file: (*one).clone(),
                pointer: String::new(),
            }),
            [] => Err(match self.unreadable.iter().find(|(file, _)| same(file)) {
                Some((file, reason)) => Lost::Unreadable {
                    file: file.clone(),
                    reason: reason.clone(),
                    by: by.to_owned(),
                },
                None => lost,
            }),
            several => Err(Lost::Ambiguous {
                wanted: wanted.to_owned(),
                by: by.to_owned(),
                files: several.iter().map(|file| (*file).clone()).collect(),
            }),
        }
    }

    fn add(&mut self, uri: String, place: &Place) {
        let places = self.resources.entry(uri).or_default();
        places.insert(place.clone());
    }

    #[expect(
        clippy::needless_pass_by_value,
        reason = "a place is made for each call"
    )]
    fn read(
        &mut self,
        id_keyword: &str,
        place: Place,
        mut resource: Place,
        value: &Value,
        names: bool,
    ) {
        match value {
            Value::Object(members) => {
                if !names {
                    resource = self.identified(id_keyword, &place, resource, members);
                }
                for (name, inner) in members {
                    if !names && DATA.contains(&name.as_str()) {
                        continue;
                    }
                    let below = below(&place, name);
                    let are_names = !names && NAMED.contains(&name.as_str());
                    self.read(id_keyword, below, resource.clone(), inner, are_names);
                }
            }
            Value::Array(list) => {
                for (index, inner) in list.iter().enumerate() {
                    let below = below(&place, &index.to_string());
                    self.read(id_keyword, below, resource.clone(), inner, false);
                }
            }
            _ => {}
        }
    }

    /// Takes note of the names that a schema gives itself; gives the resource that its references belong to.
    fn identified(
        &mut self,
        id_keyword: &str,
        place: &Place,
        mut resource: Place,
        keywords: &Map<String, Value>,
    ) -> Place {
        let id = keywords.get(id_keyword).and_then(Value::as_str);
        // Before 2019-09, a name beside a `$ref` does not count either.
        let stands_alone = self
            .files
            .get(&place.file)
            .is_some_and(references_stand_alone);
        let id = id.filter(|_| !stands_alone || !keywords.contains_key("$ref"));
        // Before 2019-09, an anchor was an `$id` of a fragment alone.
        let (uri, old_anchor) = match id.map(|id| id.split_once('#').unwrap_or((id, ""))) {
            Some((uri, anchor)) => (uri, Some(anchor)),
            None => ("", None),
        };
        if let Some(uri) = join(&self.bases[&resource], uri).filter(|_| !uri.is_empty()) {
            self.add(uri.clone(), place);
            self.bases.insert(place.clone(), uri);
            resource = place.clone();
        }
        let anchors = ["$anchor", "$dynamicAnchor"]
            .iter()
            .filter_map(|keyword| keywords.get(*keyword)?.as_str())
            .chain(old_anchor.filter(|anchor| !anchor.is_empty()));
        for anchor in anchors {
            let key = (resource.clone(), anchor.to_owned());
            self.anchors.entry(key).or_insert_with(|| place.clone());
        }
        resource
    }
}

/// The schema below another one.
pub(super) fn below(place: &Place, segment: &str) -> Place {
    Place {
        file: place.file.clone(),
        pointer: format!("{}/{}", place.pointer, escaped(segment)),
    }
}

fn is_specification(uri: &str) -> bool {
    let rest = uri
        .strip_prefix("http://")
        .or_else(|| uri.strip_prefix("https://"));
    rest.is_some_and(|rest| rest.starts_with("json-schema.org/draft"))
}

fn path_uri(file: &str) -> String {
    let mut path = fluent_uri::pct_enc::EString::<fluent_uri::pct_enc::encoder::Path>::new();
    path.encode_str::<fluent_uri::pct_enc::encoder::Path>(file);
    format!("{FOLDER}{path}")
}

/// A reference without its fragment, made absolute; none if either is not a URI.
fn join(base: &str, reference: &str) -> Option<String> {
    let base = Uri::parse(base).ok()?;
    let written = encoded(reference);
    let reference = UriRef::parse(written.as_str()).ok()?;
    let joined = reference.resolve_against(&base).ok()?;
    Some(joined.normalize().into_string())
}

/// A reference with what a URI cannot hold, such as a space, in the form that it can.
fn encoded(reference: &str) -> String {
    let mut encoded = String::new();
    for byte in reference.bytes() {
        match byte {
            b'!'..=b'~' if !b"\"<>\\^`{|}".contains(&byte) => encoded.push(char::from(byte)),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

fn folder(file: &str) -> &str {
    file.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn common_end(a: &str, b: &str) -> usize {
    let pairs = a.rsplit('/').zip(b.rsplit('/'));
    pairs.take_while(|(a, b)| a == b).count()
}
