//! What lies in fixtures: their files, size, and the names and keys by which something may refer to their rows. What cannot be read is left out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use fixpoints::{AsCell as _, CellRef, Chain, Config, Folder};
use regex::Regex;
use serde_json::Value;
use stillframe::disk;

use crate::definition::{Definition, Fixtures};
use crate::hiding::{Fixture, FixtureKind};
use crate::name::FixtureName;
use crate::place::Place;
use crate::plan::Facts;
use crate::revision;

/// Shorter names are words that stand everywhere.
const SHORTEST_NAME: usize = 3;
/// Shorter keys are numbers that stand everywhere.
const SHORTEST_KEY: usize = 7;

/// What lies in each fixture.
#[derive(Debug, Default)]
pub struct Contents(BTreeMap<FixtureName, Content>);

/// What lies in one.
#[derive(Debug, Default, Clone)]
pub struct Content {
    /// Its own files, from the root with forward slashes. What many fixtures share is not among them.
    pub files: BTreeSet<String>,
    /// Every file that holds some of it.
    pub held_in: BTreeSet<String>,
    /// How many rows it has.
    pub rows: Option<usize>,
    /// How large it is.
    pub bytes: Option<u64>,
    /// What refers to it by one of these texts, refers to it.
    pub texts: BTreeSet<String>,
}

impl Contents {
    /// Reads what can be read.
    pub fn of(definition: &Definition, fixtures: &[Fixture]) -> Contents {
        let mut contents = Contents::default();
        for fixture in fixtures {
            let content = contents.0.entry(fixture.name.clone()).or_default();
            content.name(fixture.name.as_str());
            if fixture.kind == FixtureKind::File {
                content.file(&definition.root, fixture.name.as_str());
            }
        }
        for part in &definition.written.fixtures {
            contents.add_mapping(definition, part);
            contents.add_keys(definition, part);
            contents.add_tables(definition, part);
        }
        contents
    }

    /// Each fixture with what lies in it.
    pub fn iter(&self) -> impl Iterator<Item = (&FixtureName, &Content)> {
        self.0.iter()
    }

    /// What a plan wants to know.
    pub fn facts(&self, place: &Place) -> BTreeMap<FixtureName, Facts> {
        let changes = revision::changes(&place.root, place).ok();
        let facts = self.0.iter().map(|(name, content)| {
            let changed = |file: &String| -> usize {
                let counts = changes.as_ref();
                counts
                    .and_then(|counts| counts.get(file))
                    .copied()
                    .unwrap_or(0)
            };
            let is_known = changes.is_some() && !content.files.is_empty();
            let facts = Facts {
                rows: content.rows,
                bytes: content.bytes,
                changes: is_known.then(|| content.files.iter().map(changed).sum()),
            };
            (name.clone(), facts)
        });
        facts.collect()
    }

    /// A file that maps names of tables to files.
    fn add_mapping(&mut self, definition: &Definition, part: &Fixtures) {
        let Some(mapping) = &part.mapping else {
            return;
        };
        let Some(Value::Object(map)) = read_map(&definition.root.join(mapping)) else {
            return;
        };
        let folder = Path::new(mapping).parent().unwrap_or(Path::new(""));
        for (table, file) in map {
            let (Some(content), Some(file)) =
                (self.0.get_mut(&FixtureName::from(table)), file.as_str())
            else {
                continue;
            };
            // From the root, or from the mapping itself.
            let beside = folder.join(file).to_string_lossy().replace('\\', "/");
            for name in [file, beside.as_str()] {
                if definition.root.join(name).is_file() {
                    content.file(&definition.root, name);
                    break;
                }
            }
        }
    }

    /// The keys of a map, by their names, or by the file's name and theirs.
    fn add_keys(&mut self, definition: &Definition, part: &Fixtures) {
        let Some(keys) = &part.keys else {
            return;
        };
        let Some(Value::Object(map)) = read_map(&definition.root.join(&keys.file)) else {
            return;
        };
        for (key, value) in map {
            let is_meant = |name: &FixtureName| {
                let name = name.as_str();
                name == key
                    || name
                        .strip_prefix(keys.file.as_str())
                        .is_some_and(|rest| rest.get(1..) == Some(key.as_str()))
            };
            for (name, content) in &mut self.0 {
                if is_meant(name) {
                    content.held_in.insert(keys.file.clone());
                    content.bytes = Some(value.to_string().len() as u64);
                    content.name(&key);
                    content.row(&value);
                }
            }
        }
    }

    /// The tables of a fixpoint.
    fn add_tables(&mut self, definition: &Definition, part: &Fixtures) {
        let Some(fixpoint) = part
            .tables
            .as_ref()
            .and_then(|tables| tables.fixpoint.as_ref())
        else {
            return;
        };
        let Ok(config) = Config::load(&definition.cwd()) else {
            return;
        };
        let folder = Folder::new(definition.cwd().join(config.folder()));
        let Some(chain) = folder
            .name(fixpoint)
            .ok()
            .and_then(|name| Chain::open(&folder, &name).ok())
        else {
            return;
        };
        let names = [chain.name()].into_iter().chain(chain.ancestors());
        let files: BTreeSet<String> = names
            .map(|name| below(&definition.root, &folder.file_of(name)))
            .collect();
        for table in chain.header().tables.values() {
            let Some(content) = self.0.get_mut(&FixtureName::from(table.name.as_str())) else {
                continue;
            };
            content.held_in.extend(files.iter().cloned());
            let (mut rows, mut bytes) = (0, 0);
            for row in chain.rows(table) {
                let Ok(row) = row else { break };
                rows += 1;
                for (position, cell) in row.iter().enumerate() {
                    let Some(text) = text_of(cell.cell()) else {
                        continue;
                    };
                    bytes += text.len() as u64;
                    if table.key_positions().contains(&position) {
                        content.key(&text);
                    } else {
                        content.ids_in(&text);
                    }
                }
            }
            content.rows = Some(rows);
            content.bytes = Some(bytes);
        }
    }
}

impl Content {
    fn name(&mut self, name: &str) {
        if name.len() >= SHORTEST_NAME {
            self.texts.insert(name.to_owned());
        }
    }

    fn key(&mut self, key: &str) {
        if key.chars().count() >= SHORTEST_KEY {
            self.texts.insert(key.to_owned());
        }
    }

    /// Every UUID in a text.
    fn ids_in(&mut self, text: &str) {
        static ID: LazyLock<Regex> = LazyLock::new(|| {
            let pattern = r"(?i)\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b";
            Regex::new(pattern).expect("the pattern is a constant")
        });
        let ids = ID.find_iter(text).map(|id| id.as_str().to_owned());
        self.texts.extend(ids);
    }

    /// A file of its own.
    fn file(&mut self, root: &Path, name: &str) {
        let path = root.join(name);
        let Ok(bytes) = disk::read_regular(&path) else {
            return;
        };
        self.files.insert(name.to_owned());
        self.held_in.insert(name.to_owned());
        self.bytes = Some(self.bytes.unwrap_or(0) + bytes.len() as u64);
        if let Some(file_name) = path.file_name() {
            self.name(&file_name.to_string_lossy());
        }
        self.ids_in(&String::from_utf8_lossy(&bytes));
        match read_map(&path) {
            // Handles with rows below them.
            Some(Value::Object(map)) if map.values().all(Value::is_object) => {
                self.rows = Some(self.rows.unwrap_or(0) + map.len());
                for (handle, row) in &map {
                    self.name(handle);
                    self.row(row);
                }
            }
            Some(Value::Array(rows)) => {
                self.rows = Some(self.rows.unwrap_or(0) + rows.len());
                rows.iter().for_each(|row| self.row(row));
            }
            Some(other) => self.row(&other),
            None => {}
        }
    }

    /// What in a row or document identifies it.
    fn row(&mut self, row: &Value) {
        match row {
            Value::Object(members) => {
                for (name, value) in members {
                    let is_key = ["id", "uuid", "key", "pk", "handle", "slug"];
                    match value {
                        Value::String(text) if is_key.contains(&name.as_str()) => self.key(text),
                        Value::Number(number) if is_key.contains(&name.as_str()) => {
                            self.key(&number.to_string());
                        }
                        value => self.row(value),
                    }
                }
            }
            Value::Array(elements) => elements.iter().for_each(|element| self.row(element)),
            Value::String(text) => self.ids_in(text),
            _ => {}
        }
    }
}

/// A document by its file's ending; nothing for one that is none, or cannot be read.
fn read_map(path: &Path) -> Option<Value> {
    let text = disk::read_regular_text(path).ok()?;
    match path.extension()?.to_str()? {
        "json" => serde_json::from_str(&text).ok(),
        "yml" | "yaml" => serde_saphyr::from_str(&text).ok(),
        "toml" => toml::from_str(&text).ok(),
        _ => None,
    }
}

fn text_of(cell: CellRef<'_>) -> Option<String> {
    match cell {
        CellRef::Integer(number) => Some(number.to_string()),
        CellRef::Text(text) => Some(String::from_utf8_lossy(text).into_owned()),
        _ => None,
    }
}

fn below(root: &Path, path: &Path) -> String {
    let path: PathBuf = path
        .strip_prefix(root)
        .unwrap_or(path)
        .components()
        .collect();
    path.to_string_lossy().replace('\\', "/")
}
