//! What a fixpoint does not hold of a database, or a restore of it may not bring back, besides whole tables. The
//! expressions of checks are not computed: they may call what somebody made who may do less than we.

use postgres::SimpleQueryRow;

use super::name::{quoted, shown};
use super::relation::Known;
use super::wire::{number, text};
use fixpoints_core::left_out::Omission;

/// Checks, of tables and of domains, that older rows need not pass. Foreign keys are looked into row by row elsewhere.
pub(super) const NOT_VALID: &str =
    "SELECT c.conrelid, c.conname, n.nspname, coalesce(r.relname, t.typname) FROM pg_constraint c
    LEFT JOIN pg_class r ON r.oid = c.conrelid LEFT JOIN pg_type t ON t.oid = c.contypid
    JOIN pg_namespace n ON n.oid = coalesce(r.relnamespace, t.typnamespace)
    WHERE c.oid >= 16384 AND NOT c.convalidated AND c.contype IN ('c', 'n') ORDER BY 3, 4, 2";

/// Checks without which there are none of [`NOT_VALID`].
pub(super) const ANY: &str =
    "SELECT 1 FROM pg_constraint WHERE oid >= 16384 AND NOT convalidated AND contype IN ('c', 'n')";

/// Whether there are large objects.
pub(super) const LARGE_OBJECTS: &str = "SELECT EXISTS (SELECT 1 FROM pg_largeobject_metadata)";

/// The answer to that.
pub(super) fn are_there(rows: &[SimpleQueryRow]) -> bool {
    rows.iter().any(|row| text(row, 0) == "t")
}

/// Of rows of [`NOT_VALID`].
pub(super) fn read<'r>(
    known: &Known,
    rows: impl Iterator<Item = &'r SimpleQueryRow>,
) -> Vec<Omission> {
    rows.filter_map(|row| not_valid(known, row)).collect()
}

/// `None` for a table that is not covered.
fn not_valid(known: &Known, row: &SimpleQueryRow) -> Option<Omission> {
    let (constraint, schema, name) = (text(row, 1), text(row, 2), text(row, 3));
    let called = shown(schema, name);
    let sql = format!("{}.{}", quoted(schema), quoted(name));
    let (table, what, kind) = match number(row, 0) {
        0 => (None, format!("of the domain {called}"), "DOMAIN"),
        oid => {
            let table = known.root(oid)?.name.clone();
            (Some(table), format!("of table {called}"), "TABLE")
        }
    };
    Some(Omission {
        table,
        message: format!(
            "the check {constraint} {what} is NOT VALID: rows that are older and do not pass it are stored, and cannot be restored"
        ),
        advice: format!(
            "run `ALTER {kind} {sql} VALIDATE CONSTRAINT {}`, which the server refuses where there are such rows; correct those",
            quoted(constraint)
        ),
    })
}

/// What is said of a database with large objects.
pub(super) fn large_objects(known: &Known) -> Omission {
    let mut columns = Vec::new();
    for relation in known
        .names
        .values()
        .filter_map(|oid| known.relations.get(oid))
    {
        let numbers = relation.columns.iter();
        let numbers = numbers.filter(|(_, column)| column.refers_to_large_objects());
        columns.extend(numbers.map(|(name, _)| format!("{}.{name}", relation.name)));
    }
    let message = "the database has large objects, which fixpoints do not hold";
    let message = if columns.is_empty() {
        message.to_owned()
    } else {
        let columns = columns.join(", ");
        format!("{message}; the numbers in {columns} may refer to them, and are stored alone")
    };
    Omission {
        table: None,
        message,
        advice: "keep the bytes in a column of type bytea, or bring large objects along with `pg_dump --large-objects`"
            .to_owned(),
    }
}
