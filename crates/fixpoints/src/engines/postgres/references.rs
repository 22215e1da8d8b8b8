//! Finds rows whose foreign keys lead nowhere, and names them by their key; it changes nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::copy::RowBuffer;
use super::guard::Guard;
use super::name::quoted;
use super::relation::{Known, Reference, Relation};
use super::spoken::refused;
use super::wire::{Wire, results};
use fixpoints_core::cell::CellRef;
use fixpoints_core::error::{Error, Fault, Result};
use fixpoints_core::named::NamedRow;
use fixpoints_core::reference::BrokenReference;
use fixpoints_core::table::Table;

/// More rows than this are not named for one foreign key.
const NAMED: usize = 1000;

/// The tables each table refers to; partitions count as the table they are of.
pub(super) fn between_tables(known: &Known) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for reference in &known.references {
        if let (Some(child), Some(parent)) =
            (known.root(reference.child), known.root(reference.parent))
        {
            let parents = found.entry(child.name.clone()).or_default();
            parents.insert(parent.name.clone());
        }
    }
    found
}

/// Every row that refers to nothing, sorted; only where what was `written` may have broken that, if it is known.
pub(super) fn broken(
    wire: &mut dyn Wire,
    known: &Known,
    written: Option<&Guard>,
) -> Result<Vec<BrokenReference>> {
    let mut checks = Vec::new();
    for reference in &known.references {
        if written.is_none_or(|written| written.may_have_broken(known, reference)) {
            checks.extend(Check::new(known, reference)?);
        }
    }
    if checks.is_empty() {
        return Ok(Vec::new());
    }
    let sql: Vec<&str> = checks.iter().map(|check| check.sql.as_str()).collect();
    let act = "cannot check the foreign keys";
    let answers = results(wire.simple(&sql.join("; ")).map_err(refused(act))?);
    let mut found = BTreeSet::new();
    for (check, rows) in checks.iter().zip(&answers) {
        for row in rows {
            let mut buffer = RowBuffer::default();
            buffer.take(row).map_err(refused(act))?;
            let cells = buffer.cells(&check.child.kinds(&check.named)?, &check.named)?;
            found.insert(check.broken(&cells));
        }
    }
    Ok(found.into_iter().collect())
}

/// Refuses what may have broken a foreign key that is not checked by anybody.
pub(super) fn refuse_uncheckable(known: &Known, written: &Guard) -> Result<()> {
    let found = known.uncheckable.iter();
    let mut found = found.filter(|found| written.has_set(found.near, &found.columns));
    let Some(found) = found.next() else {
        return Ok(());
    };
    let near = known.relations.get(&found.near);
    let near = near.map_or("a table", |near| near.name.as_str());
    Err(Error::Database {
        act: format!(
            "cannot check the foreign key {} after {near} was written",
            found.name
        ),
        message: format!("the table at its other end is not read: {}", found.reason),
        fault: Fault::Unknown,
    })
}

struct Check<'k> {
    known: &'k Known,
    reference: &'k Reference,
    child: &'k Relation,
    parent: &'k Relation,
    /// The columns that name a row of the child.
    named: Table,
    sql: String,
}

impl<'k> Check<'k> {
    fn new(known: &'k Known, reference: &'k Reference) -> Result<Option<Self>> {
        let relations = &known.relations;
        let (Some(child), Some(parent)) = (
            relations.get(&reference.child),
            relations.get(&reference.parent),
        ) else {
            return Ok(None);
        };
        let named = child.naming();
        let columns: Vec<String> = named
            .columns()
            .keys()
            .map(|name| format!("c.{}", quoted(name)))
            .collect();
        let given = reference
            .columns
            .iter()
            .map(|(from, _)| format!("c.{} IS NOT NULL", quoted(from)));
        let glue = if reference.is_partial {
            " AND "
        } else {
            " OR "
        };
        let sql = format!(
            "SELECT {} FROM {} c WHERE ({}) AND NOT EXISTS (SELECT 1 FROM {} p WHERE {}) LIMIT {NAMED}",
            columns.join(", "),
            child.only(),
            given.collect::<Vec<_>>().join(glue),
            parent.only(),
            reference.condition,
        );
        Ok(Some(Self {
            known,
            reference,
            child,
            parent,
            named,
            sql,
        }))
    }

    /// Rows of a partition are rows of the table it is of.
    fn called(&self, relation: &Relation) -> String {
        let root = self.known.root(relation.oid).unwrap_or(relation);
        root.name.clone()
    }

    fn broken(&self, cells: &[CellRef<'_>]) -> BrokenReference {
        BrokenReference {
            table: self.called(self.child),
            row: NamedRow::of(&self.named, cells),
            columns: self
                .reference
                .columns
                .iter()
                .map(|(from, _)| from.clone())
                .collect(),
            parent: self.called(self.parent),
        }
    }
}
