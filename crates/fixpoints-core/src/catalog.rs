//! What a database has: its tables, its sequences, and what of it cannot be covered; no rows.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::{Error, Result};
use crate::left_out::Omission;
use crate::pattern::Pattern;
use crate::position::{Position, Positions};
use crate::table::{KeyKind, Table};

/// The schema of a database, as one transaction sees it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Catalog {
    /// Every ordinary table, by its name.
    pub tables: BTreeMap<String, TableInfo>,
    /// Every sequence, by its name; SQLite's have the names of their tables.
    pub sequences: BTreeMap<String, Sequence>,
    /// Tables that cannot be covered, with the reason.
    pub skipped: BTreeMap<String, String>,
    /// Tables that hold the rows of another one, with its name: SQLite's virtual tables keep their rows so.
    pub owners: BTreeMap<String, String>,
    /// Tables whose rows are rows of another one too, with its name: PostgreSQL's partitions. They go with it.
    pub parts: BTreeMap<String, String>,
    /// What of the rest fixpoints do not hold.
    pub omissions: Vec<Omission>,
}

/// One table of a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableInfo {
    /// What a file says of it.
    pub table: Table,
    /// How well its key identifies its rows.
    pub key: KeyKind,
    /// Whether rows may come, and all of them may go at once, but the database deletes and updates none by itself.
    pub is_append_only: bool,
    /// Columns that the database computes, which no file holds.
    pub generated: BTreeSet<String>,
}

/// One sequence of a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sequence {
    /// Where it stands.
    pub position: Position,
    /// The columns whose values come from it; one of several tables may feed more than one. None for a sequence that
    /// only the application asks.
    pub feeds: Vec<Feed>,
    /// How far one value is from the next; negative where it counts down.
    pub increment: i64,
    /// The least and the greatest value it hands out.
    pub range: (i64, i64),
    /// Where it begins; `None` where the database forgets a sequence that has handed out nothing.
    pub start: Option<i64>,
}

/// A column whose values come from a sequence.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Feed {
    /// The table.
    pub table: String,
    /// Its column.
    pub column: String,
}

impl Catalog {
    /// Every ordinary table, as a file says it.
    pub fn tables(&self) -> impl Iterator<Item = &Table> + Clone {
        self.tables.values().map(|info| &info.table)
    }

    /// The ordinary table of this name, as a file says it.
    #[must_use]
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.tables.get(name).map(|info| &info.table)
    }

    /// Whether the key of a table identifies its rows, and how well.
    #[must_use]
    pub fn key(&self, table: &str) -> Option<KeyKind> {
        self.tables.get(table).map(|info| info.key)
    }

    /// Every name that means a table, even one that cannot be covered, or one whose rows are in others.
    pub fn names(&self) -> impl Iterator<Item = &str> + Clone {
        let names = self.tables.keys().chain(self.skipped.keys());
        names.chain(self.owners.values()).map(String::as_str)
    }

    /// The same, each once.
    #[must_use]
    pub fn known(&self) -> Vec<String> {
        let names: BTreeSet<&str> = self.names().collect();
        names.into_iter().map(str::to_owned).collect()
    }

    /// Whether a name or pattern that somebody gives means a table or a part of one, even one that cannot be covered.
    #[must_use]
    pub fn has(&self, said: &Pattern) -> bool {
        let parts = self.parts.keys().map(String::as_str);
        self.names().chain(parts).any(|table| said.means(table))
    }

    /// Those of some tables that a name means; the name of a virtual table means the tables that hold its rows.
    #[must_use]
    pub fn meant<'a>(
        &self,
        said: &Pattern,
        tables: impl Iterator<Item = &'a str> + Clone,
    ) -> Vec<&'a str> {
        let meant = said.among(tables.clone());
        if !meant.is_empty() {
            return meant;
        }
        let is_meant = |owner: &String| said.means(owner);
        tables
            .filter(|table| self.owners.get(*table).is_some_and(is_meant))
            .collect()
    }

    /// Refuses a name that means a part of a table, unless the whole table is meant as well.
    ///
    /// # Errors
    /// [`Error::Partition`].
    pub fn check_whole(&self, said: &Pattern, is_meant: impl Fn(&str) -> bool) -> Result<()> {
        let names = self.names().chain(self.parts.keys().map(String::as_str));
        let named = said.among(names).into_iter();
        let mut parts = named.filter_map(|name| self.parts.get_key_value(name));
        match parts.find(|(_, table)| !is_meant(table)) {
            Some((part, table)) => Err(Error::Partition {
                name: said.text().to_owned(),
                partition: part.clone(),
                table: table.clone(),
                instead: table.clone(),
            }),
            None => Ok(()),
        }
    }

    /// The same of a name for columns.
    ///
    /// # Errors
    /// [`Error::Partition`].
    pub fn check_whole_columns(&self, said: &Pattern) -> Result<()> {
        for (part, table) in &self.parts {
            let columns = self.table(table).map(Table::columns);
            let mut columns = columns.into_iter().flat_map(|columns| columns.keys());
            let is_of_part = |column: &&String| {
                said.means_column(part, column) && !said.means_column(table, column)
            };
            if let Some(column) = columns.find(is_of_part) {
                return Err(Error::Partition {
                    name: said.text().to_owned(),
                    partition: part.clone(),
                    table: table.clone(),
                    instead: format!("{table}.{column}"),
                });
            }
        }
        Ok(())
    }

    /// Why a table of this name cannot be covered by itself.
    #[must_use]
    pub fn why_not(&self, table: &str) -> Option<String> {
        let part = self.parts.get(table);
        let part =
            part.map(|whole| format!("its rows are rows of {whole}, of which it is a partition"));
        part.or_else(|| self.skipped.get(table).cloned())
    }

    /// Where every sequence stands.
    #[must_use]
    pub fn positions(&self) -> Positions {
        let sequences = self.sequences.iter();
        sequences
            .map(|(name, sequence)| (name.clone(), sequence.position))
            .collect()
    }

    /// Where a fixpoint wants the sequences, as this database says it.
    #[must_use]
    pub fn wanted(&self, stored: &Positions) -> Positions {
        let wanted = |(name, position): (&String, &Position)| {
            let sequence = self.sequences.get(name);
            let position = sequence.map_or(*position, |found| found.wanted(*position));
            (name.clone(), position)
        };
        stored.iter().map(wanted).collect()
    }
}

impl Sequence {
    /// A position of a fixpoint, as this sequence can have it. Earlier versions stored a sequence that had yet to begin
    /// as the value before its first one, which it never hands out.
    fn wanted(&self, stored: Position) -> Position {
        let (least, greatest) = self.range;
        let is_handed_out = (least..=greatest).contains(&stored.last_value);
        if is_handed_out || !stored.is_called {
            return stored;
        }
        Position::next(stored.last_value.wrapping_add(self.increment))
    }

    /// Whether values come from it in falling order.
    #[must_use]
    pub fn descends(&self) -> bool {
        self.increment < 0
    }

    /// Whether values of a table come from it.
    #[must_use]
    pub fn feeds(&self, table: &str) -> bool {
        self.feeds.iter().any(|feed| feed.table == table)
    }

    /// The one table whose values come from it; `None` where there are several, or none at all.
    #[must_use]
    pub fn only_table(&self) -> Option<&str> {
        let (first, others) = self.feeds.split_first()?;
        others
            .iter()
            .all(|feed| feed.table == first.table)
            .then_some(first.table.as_str())
    }
}
