//! Names of tables or columns in a configuration: for every database, or for each by its name; it looks nothing up.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, de};

/// A list of names for every database, or several lists by the names of databases: `["sessions"]`, or
/// `{ main = ["sessions"], logs = [] }`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    all: Vec<String>,
    of: BTreeMap<String, Vec<String>>,
}

impl Names {
    /// The names that count for a database.
    #[must_use]
    pub fn of(&self, database: Option<&str>) -> Vec<String> {
        let own = database.and_then(|database| self.of.get(database));
        let names = self.all.iter().chain(own.into_iter().flatten());
        names.cloned().collect()
    }

    /// The databases that have a list of their own.
    pub(super) fn databases(&self) -> impl Iterator<Item = &String> {
        self.of.keys()
    }
}

impl From<Vec<String>> for Names {
    fn from(all: Vec<String>) -> Self {
        let of = BTreeMap::new();
        Self { all, of }
    }
}

impl Extend<String> for Names {
    fn extend<T: IntoIterator<Item = String>>(&mut self, names: T) {
        self.all.extend(names);
    }
}

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match toml::Value::deserialize(deserializer)? {
            toml::Value::Array(names) => list(names).map(Self::from).map_err(de::Error::custom),
            toml::Value::Table(lists) => {
                let mut of = BTreeMap::new();
                for (database, names) in lists {
                    let toml::Value::Array(names) = names else {
                        return Err(de::Error::custom("names of a database are a list"));
                    };
                    of.insert(database, list(names).map_err(de::Error::custom)?);
                }
                let all = Vec::new();
                Ok(Self { all, of })
            }
            other => Err(de::Error::custom(format!(
                "names are a list, or a table of lists by database, not {}",
                other.type_str()
            ))),
        }
    }
}

fn list(names: Vec<toml::Value>) -> Result<Vec<String>, String> {
    let name = |name| match name {
        toml::Value::String(name) => Ok(name),
        other => Err(format!("a name is text, not {}", other.type_str())),
    };
    names.into_iter().map(name).collect()
}
