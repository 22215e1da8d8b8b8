//! Reads the whole schema in one round trip, or two: tables, columns, keys, references, reactions, sequences; no rows,
//! and not where sequences stand.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use postgres::{Error, SimpleQueryRow};

use super::code;
use super::equality::{Equalities, Equality, Operand, Side};
use super::name::{quoted, shown};
use super::partitions::{Found, Partitions};
use super::relation::{
    Bound, Column, Deferrable, Kind, Known, Reaction, Reference, Relation, Schema, Sequence,
    Uncheckable,
};
use super::wire::{Wire, number, text};
use super::{omissions, publications, questions};
use fixpoints_core::catalog::{Catalog, Feed, TableInfo};
use fixpoints_core::position::Position;
use fixpoints_core::table::{KeyKind, Table};

/// Reads the schema, in the fixed search path, and says whether there are large objects, which are not part of it.
pub(super) fn read(wire: &mut dyn Wire) -> Result<(Schema, bool), Error> {
    let answers = questions::ask(wire)?;
    let mut reading = Reading::default();
    let [foreign, runs, refusing, deferrables, sequences, unchecked] = &answers.rare;
    let mut always = answers.always.iter();
    let mut next = || always.next().map(Vec::as_slice).unwrap_or_default();
    reading.encoding(next());
    reading.schemas(next());
    reading.extensions(next());
    reading.unread = code::reasons(foreign);
    let mut runs = runs.iter().flatten();
    reading.known.runs_code = runs.any(|row| text(row, 0) == "t");
    reading.relations(next());
    let columns = next();
    let types = reading.types(next());
    let bases = bases(next());
    reading.columns(columns, &types, &bases);
    reading.operators(next());
    reading.classes(next());
    reading.keys(next());
    publications::mark(&mut reading.known, refusing.iter().flatten());
    reading.tables();
    reading.references(next());
    let deferrables = deferrables.iter().flatten();
    reading.known.deferrables = deferrables.map(deferrable).collect();
    reading.reactions(next());
    if let [owners, defaults, sequences] = sequences.as_slice() {
        reading.feeds(owners);
        reading.feeds(defaults);
        reading.sequences(sequences);
    }
    reading.catalog.omissions = omissions::read(&reading.known, unchecked.iter().flatten());
    let schema = Schema {
        catalog: reading.catalog,
        known: reading.known,
    };
    Ok((schema, answers.has_large_objects))
}

#[derive(Default)]
struct Reading {
    catalog: Catalog,
    known: Known,
    /// What the schemas are called.
    schemas: BTreeMap<u32, String>,
    attributes: BTreeMap<u32, Vec<Attribute>>,
    /// The extension each relation of one belongs to.
    extensions: BTreeMap<u32, String>,
    /// Why some tables are not to be read.
    unread: BTreeMap<u32, String>,
    equalities: Equalities,
    /// The columns each sequence feeds.
    feeds: BTreeMap<u32, Vec<Feed>>,
    /// What tables are called that are not to be read.
    unread_names: BTreeMap<u32, String>,
}

struct Attribute {
    number: i16,
    name: String,
    type_oid: u32,
    not_null: bool,
    generated: bool,
}

impl Reading {
    fn encoding(&mut self, rows: &[SimpleQueryRow]) {
        let encoding = rows.first().map(|row| text(row, 0)).unwrap_or_default();
        self.known.is_utf8 = encoding != "SQL_ASCII";
        self.known.sorts_utf8 = matches!(encoding, "UTF8" | "SQL_ASCII");
    }

    fn schemas(&mut self, rows: &[SimpleQueryRow]) {
        let found = rows
            .iter()
            .map(|row| (number(row, 0), text(row, 1).to_owned()));
        self.schemas = found.collect();
    }

    /// What is called so in a schema, in SQL.
    fn qualified(&self, schema: u32, name: &str) -> Option<String> {
        let schema = self.schemas.get(&schema)?;
        Some(format!("{}.{}", quoted(schema), quoted(name)))
    }

    /// See [`Self::qualified`]: of a number and a name in one column; `None` where it is NULL.
    fn qualified_at(&self, row: &SimpleQueryRow, at: usize) -> Option<String> {
        let (schema, name) = row.get(at)?.split_once(' ')?;
        self.qualified(schema.parse().ok()?, name)
    }

    /// What each type is called in SQL.
    fn types(&self, rows: &[SimpleQueryRow]) -> BTreeMap<u32, String> {
        let called = |row| self.qualified(number(row, 1), text(row, 2));
        let types = rows
            .iter()
            .filter_map(|row| Some((number(row, 0), called(row)?)));
        types.collect()
    }

    fn extensions(&mut self, rows: &[SimpleQueryRow]) {
        let found = rows
            .iter()
            .map(|row| (number(row, 0), text(row, 1).to_owned()));
        self.extensions = found.collect();
    }

    /// Notes which columns sequences feed: those of a partition are those of its table.
    fn feeds(&mut self, rows: &[SimpleQueryRow]) {
        for row in rows {
            let (sequence, table) = (number(row, 0), number(row, 1));
            let column = self.named(table, text(row, 2)).unwrap_or_default();
            let root = self.known.root(table).map(|root| root.name.clone());
            let Some(table) = root.or_else(|| self.unread_names.get(&table).cloned()) else {
                continue;
            };
            let column = column.into_iter().next().unwrap_or_default();
            let feed = Feed { table, column };
            let feeds = self.feeds.entry(sequence).or_default();
            if !feeds.contains(&feed) {
                feeds.push(feed);
            }
        }
    }

    fn operators(&mut self, rows: &[SimpleQueryRow]) {
        let side = |row: &SimpleQueryRow, at: usize| Side {
            type_oid: number(row, at),
            type_sql: self.qualified_at(row, at + 1),
        };
        let operator = |row| {
            let schema = self.schemas.get(&number(row, 1))?;
            let equality = Equality {
                sql: format!("OPERATOR({}.{})", quoted(schema), text(row, 2)),
                function: self.qualified_at(row, 7)?,
                left: side(row, 3),
                right: side(row, 5),
            };
            Some((number(row, 0), equality))
        };
        self.equalities.operators = rows.iter().filter_map(operator).collect();
    }

    fn classes(&mut self, rows: &[SimpleQueryRow]) {
        // A class of another kind of index may have no equality.
        let classes = rows.iter().filter(|row| row.get(1).is_some());
        let classes = classes.map(|row| (number(row, 0), number(row, 1)));
        self.equalities.classes = classes.collect();
    }

    fn relations(&mut self, rows: &[SimpleQueryRow]) {
        let ours = |row| {
            let schema = self.schemas.get(&number(row, 1))?;
            // Nobody keeps rows in the others.
            let is_ours = !schema.starts_with("pg_") && schema != "information_schema";
            is_ours.then(|| Found {
                oid: number(row, 0),
                schema: schema.clone(),
                name: text(row, 2).to_owned(),
                kind: text(row, 3).to_owned(),
                parent: row.get(4).map(|_| number(row, 4)),
            })
        };
        let found: Vec<Found> = rows.iter().filter_map(ours).collect();
        let partitions = Partitions::new(&found, &self.unread);
        for found in &found {
            let (schema, name, kind) = (&found.schema, &found.name, found.kind.as_str());
            let called = shown(schema, name);
            let oid = found.oid;
            let extension = self.extensions.get(&oid);
            let reason = match (kind, extension) {
                ("f", _) => Some("a foreign table keeps its rows elsewhere".to_owned()),
                (_, Some(extension)) => Some(format!("it belongs to the extension {extension}")),
                _ => partitions.why_not(oid),
            };
            let is_reached = kind != "f" && extension.is_none() && !partitions.is_unread(oid);
            if let Some(reason) = reason {
                self.catalog.skipped.insert(called.clone(), reason);
            }
            // What a foreign key of a table next to it needs to be checked is known of a partition all the same.
            if !is_reached {
                self.unread_names.insert(oid, called);
                continue;
            }
            let relation = Relation {
                oid,
                name: called,
                sql: format!("{}.{}", quoted(schema), quoted(name)),
                is_partitioned: kind == "p",
                is_append_only: false,
                root: partitions.root(oid),
                columns: BTreeMap::new(),
                key: KeyKind::None,
                key_columns: Vec::new(),
                key_condition: String::new(),
                bound: match kind {
                    "p" => Bound::All,
                    _ => Bound::Columns(BTreeSet::new()),
                },
            };
            self.known.relations.insert(oid, relation);
        }
    }

    fn columns(
        &mut self,
        rows: &[SimpleQueryRow],
        types: &BTreeMap<u32, String>,
        bases: &BTreeMap<u32, u32>,
    ) {
        for row in rows {
            let oid = number(row, 0);
            let Some(relation) = self.known.relations.get_mut(&oid) else {
                continue;
            };
            let attribute = Attribute {
                number: text(row, 1).parse().unwrap_or_default(),
                name: text(row, 2).to_owned(),
                type_oid: number(row, 4),
                not_null: text(row, 5) == "t",
                generated: !text(row, 6).is_empty(),
            };
            if let ("a", Bound::Columns(bound)) = (text(row, 7), &mut relation.bound) {
                bound.insert(attribute.name.clone());
            }
            if !attribute.generated {
                let column = Column {
                    kind: kind(number(row, 4), bases),
                    declared: text(row, 3).to_owned(),
                    type_sql: types.get(&number(row, 4)).cloned().unwrap_or_default(),
                };
                relation.columns.insert(attribute.name.clone(), column);
            }
            self.attributes.entry(oid).or_default().push(attribute);
        }
        for attributes in self.attributes.values_mut() {
            attributes.sort_by_key(|attribute| attribute.number);
        }
    }

    /// The primary key, else the unique index with the fewest columns, over stored columns that are never NULL.
    fn keys(&mut self, rows: &[SimpleQueryRow]) {
        let mut best: BTreeMap<u32, (bool, Vec<String>, &str)> = BTreeMap::new();
        for row in rows {
            let oid = number(row, 0);
            let primary = text(row, 1) == "t";
            let width = text(row, 2).parse().unwrap_or(usize::MAX);
            let numbers = text(row, 3).split(' ').take(width);
            let is_whole = text(row, 4) == "t";
            self.bind(oid, numbers.clone(), is_whole);
            let Some(key) = self
                .numbered(oid, numbers, |column| column.not_null && !column.generated)
                .filter(|_| is_whole && text(row, 5) == "t")
            else {
                continue;
            };
            let rank =
                |(primary, key, _): &(bool, Vec<String>, &str)| (!primary, key.len(), key.clone());
            let found = (primary, key, text(row, 6));
            let better = best
                .get(&oid)
                .is_none_or(|known| rank(&found) < rank(known));
            if better {
                best.insert(oid, found);
            }
        }
        for (oid, (_, key, classes)) in best {
            let Some(condition) = self.key_condition(oid, &key, classes) else {
                continue;
            };
            if let Some(relation) = self.known.relations.get_mut(&oid) {
                relation.key = KeyKind::Exact;
                relation.key_columns = key;
                relation.key_condition = condition;
            }
        }
    }

    /// How rows are found by the columns of an index, with its own equality.
    fn key_condition(&self, oid: u32, key: &[String], classes: &str) -> Option<String> {
        let terms = key.iter().zip(classes.split(' ')).enumerate();
        let terms = terms.map(|(at, (name, class))| {
            let row = self.operand(oid, "t", name)?;
            let value = Operand {
                sql: format!("v.v{at}"),
                type_oid: row.type_oid,
            };
            self.equalities.by_class(class.parse().ok()?, &row, &value)
        });
        Some(terms.collect::<Option<Vec<_>>>()?.join(" AND "))
    }

    /// Notes what an index keeps from being updated.
    fn bind<'n>(&mut self, oid: u32, numbers: impl Iterator<Item = &'n str>, is_whole: bool) {
        let found = self.numbered(oid, numbers, |column| !column.generated);
        let Some(relation) = self.known.relations.get_mut(&oid) else {
            return;
        };
        match (found.filter(|_| is_whole), &mut relation.bound) {
            (Some(found), Bound::Columns(bound)) => bound.extend(found),
            _ => relation.bound = Bound::All,
        }
    }

    /// The names of the columns with these numbers, if every one of them counts.
    fn numbered<'n>(
        &self,
        oid: u32,
        numbers: impl Iterator<Item = &'n str>,
        counts: fn(&Attribute) -> bool,
    ) -> Option<Vec<String>> {
        let columns = self.attributes.get(&oid)?;
        let name = |number: &str| {
            let number: i16 = number.parse().ok()?;
            let found = columns.iter().find(|column| column.number == number)?;
            counts(found).then(|| found.name.clone())
        };
        numbers.map(name).collect()
    }

    fn operand(&self, oid: u32, alias: &str, name: &String) -> Option<Operand> {
        let mut columns = self.attributes.get(&oid)?.iter();
        let column = columns.find(|column| column.name == *name)?;
        Some(Operand {
            sql: format!("{alias}.{}", quoted(name)),
            type_oid: column.type_oid,
        })
    }

    fn tables(&mut self) {
        for relation in self.known.relations.values() {
            let name = relation.name.clone();
            if self.catalog.skipped.contains_key(&name) {
                continue;
            }
            if relation.root != relation.oid {
                let root = self.known.relations.get(&relation.root);
                let part = root.map(|root| (name, root.name.clone()));
                self.catalog.parts.extend(part);
                continue;
            }
            let attributes = self.attributes.get(&relation.oid);
            let (generated, stored): (Vec<&Attribute>, Vec<&Attribute>) =
                (attributes.into_iter().flatten()).partition(|a| a.generated);
            let columns: IndexMap<String, String> = stored
                .into_iter()
                .filter_map(|a| {
                    let declared = relation.columns.get(&a.name)?.declared.clone();
                    Some((a.name.clone(), declared))
                })
                .collect();
            if columns.is_empty() {
                let reason = "it has no columns that are stored".to_owned();
                self.catalog.skipped.insert(name, reason);
                continue;
            }
            if let Some(table) = Table::new(name.clone(), relation.key_columns.clone(), columns) {
                let key = relation.key;
                let info = TableInfo {
                    table,
                    key,
                    is_append_only: relation.is_append_only,
                    generated: generated.into_iter().map(|a| a.name.clone()).collect(),
                };
                self.catalog.tables.insert(name.clone(), info);
                self.known.names.insert(name, relation.oid);
            }
        }
    }

    fn references(&mut self, rows: &[SimpleQueryRow]) {
        for row in rows {
            let (child, parent) = (number(row, 2), number(row, 3));
            let columns = self
                .named(child, text(row, 4))
                .zip(self.named(parent, text(row, 5)));
            // One of the two may be a table of an extension, or one that is not read.
            let Some((from, to)) = columns else {
                self.uncheckable(text(row, 1), (child, text(row, 4)), parent);
                continue;
            };
            let Some(condition) = self.reference_condition(row, &from, &to) else {
                continue;
            };
            self.known.references.push(Reference {
                oid: number(row, 0),
                name: text(row, 1).to_owned(),
                child,
                parent,
                columns: from.into_iter().zip(to).collect(),
                condition,
                is_partial: text(row, 6) != "f",
            });
        }
        self.known
            .references
            .sort_by(|a, b| (a.child, &a.name).cmp(&(b.child, &b.name)));
    }

    fn uncheckable(&mut self, name: &str, (child, numbers): (u32, &str), parent: u32) {
        let columns = self.named(child, numbers).unwrap_or_default();
        for (near, far, columns) in [(child, parent, columns), (parent, child, Vec::new())] {
            if let (Some(near), Some(reason)) = (self.known.root(near), self.unread.get(&far)) {
                let found = Uncheckable {
                    name: name.to_owned(),
                    near: near.oid,
                    columns,
                    reason: reason.clone(),
                };
                self.known.uncheckable.push(found);
            }
        }
    }

    /// How the row is found that a foreign key refers to, with the operators that the server compares them by.
    fn reference_condition(
        &self,
        row: &SimpleQueryRow,
        from: &[String],
        to: &[String],
    ) -> Option<String> {
        let (child, parent) = (number(row, 2), number(row, 3));
        let operators = text(row, 7).trim_matches(['{', '}']).split(',');
        let terms = from.iter().zip(to).zip(operators);
        let terms = terms.map(|((from, to), operator)| {
            let (to, from) = (
                self.operand(parent, "p", to)?,
                self.operand(child, "c", from)?,
            );
            self.equalities
                .by_operator(operator.parse().ok()?, &to, &from)
        });
        Some(terms.collect::<Option<Vec<_>>>()?.join(" AND "))
    }

    /// The names of the columns in an array of numbers, as in `{1,2}`.
    fn named(&self, oid: u32, numbers: &str) -> Option<Vec<String>> {
        let numbers = numbers.trim_matches(['{', '}']).split(',');
        self.numbered(oid, numbers, |_| true)
    }

    fn reactions(&mut self, rows: &[SimpleQueryRow]) {
        let reactions = rows.iter().map(|row| Reaction {
            sort: if text(row, 0) == "RULE" {
                "RULE"
            } else {
                "TRIGGER"
            },
            relation: number(row, 1),
            name: text(row, 2).to_owned(),
            enabled: text(row, 3).chars().next().unwrap_or('O'),
            is_internal: text(row, 4) == "t",
        });
        self.known.reactions = reactions.collect();
    }

    fn sequences(&mut self, rows: &[SimpleQueryRow]) {
        for row in rows {
            let (oid, schema, name) = (number(row, 0), text(row, 1), text(row, 2));
            if self.extensions.contains_key(&oid) {
                continue;
            }
            let called = shown(schema, name);
            let wide = |at: usize| text(row, at).parse().unwrap_or_default();
            let sequence = Sequence {
                sql: format!("{}.{}", quoted(schema), quoted(name)),
                increment: wide(3),
                start: wide(6),
            };
            let found = fixpoints_core::catalog::Sequence {
                position: Position::next(sequence.start),
                feeds: self.feeds.remove(&oid).unwrap_or_default(),
                increment: sequence.increment,
                range: (wide(4), wide(5)),
                start: Some(sequence.start),
            };
            self.catalog.sequences.insert(called.clone(), found);
            self.known.sequences.insert(called, sequence);
        }
    }
}

fn deferrable(row: &SimpleQueryRow) -> Deferrable {
    Deferrable {
        oid: number(row, 0),
        on: number(row, 1),
        parent: number(row, 2),
        excludes: matches!(text(row, 3), "p" | "u" | "x"),
        sql: text(row, 4).to_owned(),
        is_deferred: text(row, 5) == "t",
    }
}

/// The type behind each domain, through domains over domains.
fn bases(rows: &[SimpleQueryRow]) -> BTreeMap<u32, u32> {
    rows.iter()
        .map(|row| (number(row, 0), number(row, 1)))
        .collect()
}

fn kind(mut oid: u32, bases: &BTreeMap<u32, u32>) -> Kind {
    while let Some(base) = bases.get(&oid) {
        oid = *base;
    }
    Kind::of(oid)
}
