//! Keeps triggers, rules and foreign keys silent while a table is written, and knows how to put them back.

use std::collections::{BTreeMap, BTreeSet};

use postgres::Error;

use super::name::quoted;
use super::relation::{Known, Reaction, Reference, Relation};
use super::session::{Session, Silence};
use super::turning::Path;
use super::wire::results;

/// What was switched off in this transaction.
#[derive(Debug, Default)]
pub(super) struct Guard {
    written: BTreeSet<u32>,
    /// How far each of them was.
    extents: BTreeMap<u32, Extent>,
    dropped: BTreeSet<u32>,
    /// Tables that were altered, and are altered again at the end.
    altered: BTreeSet<u32>,
    undo: Vec<String>,
    is_owner: bool,
}

/// How far a table was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Extent {
    /// Rows came or went.
    Rows,
    /// All rows went at once, as a table is emptied that gives up no row by itself.
    Whole,
    /// Only these columns of rows that stayed, which no foreign key refers to.
    Columns(BTreeSet<String>),
}

impl Guard {
    /// Notes how far a table is written now.
    pub fn note(&mut self, oid: u32, extent: Extent) {
        match (self.extents.get_mut(&oid), extent) {
            (Some(Extent::Rows | Extent::Whole), _) => {}
            (Some(Extent::Columns(before)), Extent::Columns(now)) => before.extend(now),
            (_, extent) => drop(self.extents.insert(oid, extent)),
        }
    }

    /// Whether what was written may have broken a foreign key.
    pub fn may_have_broken(&self, known: &Known, reference: &Reference) -> bool {
        let has_set = |oid: u32, columns: &[String]| {
            let root = known.root(oid);
            root.is_some_and(|root| self.has_set(root.oid, columns))
        };
        let from = reference.columns.iter().map(|(from, _)| from.clone());
        let from: Vec<String> = from.collect();
        has_set(reference.child, &from) || has_set(reference.parent, &[])
    }

    /// Whether rows of a table came or went, or some of these columns changed.
    pub fn has_set(&self, oid: u32, columns: &[String]) -> bool {
        match self.extents.get(&oid) {
            Some(Extent::Rows | Extent::Whole) => true,
            Some(Extent::Columns(set)) => columns.iter().any(|column| set.contains(column)),
            None => false,
        }
    }

    /// The tables that were written.
    pub fn written(&self) -> &BTreeSet<u32> {
        &self.written
    }

    /// Whether foreign keys are not those any more that were there before, although they mean the same.
    pub fn has_dropped(&self) -> bool {
        !self.dropped.is_empty()
    }

    /// The statements that put back what was switched off, the last one first.
    pub fn undo(&mut self, known: &Known) -> String {
        let mut undo = std::mem::take(&mut self.undo);
        if undo.is_empty() {
            return String::new();
        }
        let [now, later] = self.settle(known, &self.dropped);
        undo.extend(now);
        undo.reverse();
        undo.extend(later);
        undo.join("; ")
    }

    /// What waits for the end of the transaction would keep its table from being altered, so that it is checked before,
    /// and waits again after. Constraints of other tables go on as they did.
    fn settle(&self, known: &Known, gone: &BTreeSet<u32>) -> [Option<String>; 2] {
        let altered = |oid: u32| {
            let root = known.root(oid).map(|root| root.oid);
            root.is_some_and(|root| self.altered.contains(&root))
        };
        let near = known.deferrables.iter().filter(|found| {
            (altered(found.on) || altered(found.parent)) && !gone.contains(&found.oid)
        });
        let (mut now, mut later) = (Vec::new(), Vec::new());
        for found in near {
            now.push(found.sql.as_str());
            if found.is_deferred {
                later.push(found.sql.as_str());
            }
        }
        [(now, "IMMEDIATE"), (later, "DEFERRED")].map(|(names, when)| {
            (!names.is_empty()).then(|| format!("SET CONSTRAINTS {} {when}", names.join(", ")))
        })
    }

    /// Switches off what acts on a table by itself.
    pub fn prepare(
        &mut self,
        session: &mut Session<'_>,
        known: &Known,
        relation: &Relation,
    ) -> Result<(), Error> {
        if !self.written.insert(relation.oid) {
            return Ok(());
        }
        let silence = session.silence();
        let (mut now, dropped_before) = (Vec::new(), self.dropped.clone());
        self.is_owner = silence == Silence::Owner;
        for reaction in &known.reactions {
            let Some(on) = known.relations.get(&reaction.relation) else {
                continue;
            };
            // In the role of a replica only these act. The server's own go with the foreign keys of an owner.
            let acts = match silence {
                Silence::Owner => !reaction.is_internal,
                Silence::Role => reaction.enabled != 'O',
            };
            if on.root == relation.oid && acts {
                now.push(disable(on, reaction));
                self.undo.push(enable(on, reaction));
            }
        }
        // A table is not emptied at once while others may refer to it, whoever asks.
        let is_emptied = self.extents.get(&relation.oid) == Some(&Extent::Whole);
        if self.is_owner || is_emptied {
            self.drop_references(session, known, relation, &mut now)?;
        }
        if now.is_empty() {
            return Ok(());
        }
        self.altered.insert(relation.oid);
        // Those that go now are still there.
        let [check, _] = self.settle(known, &dropped_before);
        let now: Vec<String> = check.into_iter().chain(now).collect();
        session.wire(Path::Caller)?.batch(&now.join("; "))
    }

    /// Only a superuser can silence a foreign key; its owner can drop it and make it again.
    fn drop_references(
        &mut self,
        session: &mut Session<'_>,
        known: &Known,
        relation: &Relation,
        now: &mut Vec<String>,
    ) -> Result<(), Error> {
        let touches = |oid: u32| known.root(oid).is_some_and(|root| root.oid == relation.oid);
        let mut gone = Vec::new();
        for reference in &known.references {
            let is_near = touches(reference.child) || touches(reference.parent);
            if is_near && self.dropped.insert(reference.oid) {
                let ends = [reference.child, reference.parent].map(|oid| known.root(oid));
                self.altered
                    .extend(ends.into_iter().flatten().map(|root| root.oid));
                gone.push(reference);
            }
        }
        if gone.is_empty() {
            return Ok(());
        }
        let oids: Vec<String> = gone.iter().map(|found| found.oid.to_string()).collect();
        let sql = format!(
            "SELECT oid, pg_get_constraintdef(oid), obj_description(oid, 'pg_constraint') FROM pg_constraint WHERE oid IN ({})",
            oids.join(", ")
        );
        let answers = results(session.wire(Path::Fixed)?.simple(&sql)?);
        for reference in gone {
            let oid = reference.oid.to_string();
            let mut rows = answers.iter().flatten();
            let (Some(row), Some(child)) = (
                rows.find(|row| row.get(0) == Some(oid.as_str())),
                known.relations.get(&reference.child),
            ) else {
                continue;
            };
            let name = quoted(&reference.name);
            if let Some(comment) = row.get(2) {
                let comment = super::name::literal(comment);
                self.undo.push(format!(
                    "COMMENT ON CONSTRAINT {name} ON {} IS {comment}",
                    child.sql
                ));
            }
            let definition = row.get(1).unwrap_or_default();
            self.undo.push(format!(
                "ALTER TABLE {} ADD CONSTRAINT {name} {definition}",
                child.sql
            ));
            now.push(format!("ALTER TABLE {} DROP CONSTRAINT {name}", child.sql));
        }
        Ok(())
    }
}

fn disable(on: &Relation, reaction: &Reaction) -> String {
    let name = quoted(&reaction.name);
    // Those of its partitions are told each by itself.
    format!(
        "ALTER TABLE ONLY {} DISABLE {} {name}",
        on.sql, reaction.sort
    )
}

fn enable(on: &Relation, reaction: &Reaction) -> String {
    let how = match reaction.enabled {
        'A' => "ENABLE ALWAYS",
        'R' => "ENABLE REPLICA",
        _ => "ENABLE",
    };
    let name = quoted(&reaction.name);
    format!("ALTER TABLE ONLY {} {how} {} {name}", on.sql, reaction.sort)
}
