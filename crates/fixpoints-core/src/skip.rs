//! Tables that are left empty on purpose, so that a suite shows who needs them; it reads no environment.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::Catalog;
use crate::error::{Error, Result};
pub use crate::names::Asked;
use crate::pattern::Pattern;
use crate::quotes::unquoted;

/// Tables that a restore leaves empty, and that comparisons and rows leave out.
///
/// ```
/// use fixpoints_core::skip::Skip;
///
/// assert_eq!(Skip::parse("books, authors"), Skip::tables(["books", "authors"]));
/// assert!(Skip::parse("").is_empty());
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Skip {
    tables: BTreeSet<String>,
    dependents: Dependents,
    /// What was said of dependents and is neither of them.
    unclear: Option<String>,
    asked: Asked,
}

/// What happens to tables whose rows refer to rows of a skipped table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Dependents {
    /// They are skipped too, however many foreign keys away they are.
    #[default]
    Skip,
    /// They are restored, and their rows refer to rows that are not there.
    Keep,
}

impl Skip {
    /// The environment variable that names the tables: see [`Skip::parse`].
    pub const TABLES: &str = crate::names::SKIP_TABLES;
    /// The environment variable that says what happens to what depends on them: `skip` or `keep`.
    pub const DEPENDENTS: &str = crate::names::SKIP_DEPENDENTS;

    /// The environment variable that names the file which says what is hidden from each test.
    pub const PLAN: &str = crate::names::HIDE_PLAN;

    /// Skips these tables, and whatever depends on them.
    #[must_use]
    pub fn tables(names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            tables: names.into_iter().map(Into::into).collect(),
            dependents: Dependents::Skip,
            unclear: None,
            asked: Asked::ByList,
        }
    }

    /// Reads a list of tables separated by commas; blanks around a name are not part of it. A name with a comma or a
    /// blank of its own is written in double quotes, as in `authors,"books, old"`, and a quote in it twice.
    #[must_use]
    pub fn parse(list: &str) -> Self {
        let (mut names, mut rest) = (Vec::new(), list);
        while !rest.is_empty() {
            let (name, others) = first(rest);
            rest = others;
            names.push(name);
        }
        Self::tables(names.into_iter().filter(|name| !name.is_empty()))
    }

    /// Says what happens to the tables that depend on the skipped ones.
    #[must_use]
    pub fn dependents(mut self, dependents: Dependents) -> Self {
        self.dependents = dependents;
        self
    }

    /// Remembers a word about dependents that means nothing, to be refused where tables are skipped.
    pub fn unclear(mut self, word: &str) -> Self {
        self.unclear = Some(word.to_owned());
        self
    }

    /// Skips these tables and no others, because a plan hides them from the running test.
    pub fn planned(names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            dependents: Dependents::Keep,
            asked: Asked::ByPlan,
            ..Self::tables(names)
        }
    }

    /// What asks for it.
    pub fn asked(&self) -> Asked {
        self.asked
    }

    /// Whether nothing is skipped.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tables.is_empty()
    }

    /// Whether rows may refer to rows of a skipped table.
    pub fn leaves_gaps(&self) -> bool {
        self.dependents == Dependents::Keep
    }

    /// Every table that is skipped, given the tables that each table refers to.
    pub fn resolve(
        &self,
        catalog: &Catalog,
        references: &BTreeMap<String, BTreeSet<String>>,
    ) -> Result<BTreeSet<String>> {
        if let Some(word) = &self.unclear {
            return Err(Error::UnclearDependents { word: word.clone() });
        }
        let tables = catalog.tables.keys().map(String::as_str);
        let mut skipped = BTreeSet::new();
        for name in &self.tables {
            let said = Pattern::new(name);
            let named = catalog.meant(&said, tables.clone());
            catalog.check_whole(&said, |table| named.contains(&table))?;
            if named.is_empty() {
                return Err(Error::UnknownSkip {
                    table: name.clone(),
                    asked: self.asked,
                    known: catalog.tables.keys().cloned().collect(),
                });
            }
            skipped.extend(named.into_iter().map(str::to_owned));
        }
        if self.dependents == Dependents::Keep {
            return Ok(skipped);
        }
        let mut before = 0;
        while skipped.len() > before {
            before = skipped.len();
            let refer = references
                .iter()
                .filter(|(_, parents)| !parents.is_disjoint(&skipped));
            let refer: Vec<String> = refer.map(|(table, _)| table.clone()).collect();
            skipped.extend(refer);
        }
        Ok(skipped)
    }
}

/// The first name of a list, and the rest of it.
fn first(list: &str) -> (String, &str) {
    if let Some(found) = quoted(list.trim_start()) {
        return found;
    }
    let (name, rest) = list.split_once(',').unwrap_or((list, ""));
    (name.trim().to_owned(), rest)
}

/// The name in quotes that a list begins with, and the rest of it.
fn quoted(list: &str) -> Option<(String, &str)> {
    let (name, rest) = unquoted(list, '"')?;
    let rest = rest.trim_start();
    match rest.strip_prefix(',') {
        Some(others) => Some((name, others)),
        None => rest.is_empty().then_some((name, rest)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::written;

    #[test]
    fn a_list_is_read_as_names_are_written() {
        for (list, names) in [
            ("a, b ,c", &["a", "b", "c"][..]),
            ("\"we,ird\"", &["we,ird"]),
            (" \"we,ird\" , b", &["we,ird", "b"]),
            ("a,\"say \"\"x\"\"\",\" b\"", &["a", "say \"x\"", " b"]),
            ("say \"x\"", &["say \"x\""]),
            ("\"\"\"x\"", &["\"x"]),
            // What is not a name in quotes is taken as it is, so that it is refused as an unknown table.
            ("\"a,b", &["\"a", "b"]),
            ("\"a\"b", &["\"a\"b"]),
            (" , ,", &[]),
        ] {
            let expected = Skip::tables(names.iter().copied());
            assert_eq!(Skip::parse(list), expected, "{list}");
            let written: Vec<String> = names.iter().map(|name| written(name)).collect();
            assert_eq!(Skip::parse(&written.join(",")), expected, "{written:?}");
        }
    }
}
