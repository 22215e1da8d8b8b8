//! Puts sequences where they stood, so that a rollback undoes it; it reads no tables.

use std::collections::BTreeMap;

use super::lock::refused;
use super::name::literal;
use super::relation::{Known, Sequence};
use super::session::{Path, Session};
use super::wire::{Wire, results};
use fixpoints_core::error::{Error, Fault};

/// Where each sequence stands: the value it handed out last, so that the next one follows by the increment.
pub(super) fn read(
    wire: &mut dyn Wire,
    known: &Known,
) -> Result<BTreeMap<String, i64>, postgres::Error> {
    let mut standing = BTreeMap::new();
    if known.sequences.is_empty() {
        return Ok(standing);
    }
    let selects = known.sequences.values();
    let selects = selects.map(|found| format!("SELECT last_value, is_called FROM {}", found.sql));
    let sql = selects.collect::<Vec<_>>().join("; ");
    let answers = results(wire.simple(&sql)?);
    for ((name, sequence), rows) in known.sequences.iter().zip(&answers) {
        let Some(row) = rows.first() else { continue };
        let last: i64 = row
            .get(0)
            .and_then(|last| last.parse().ok())
            .unwrap_or_default();
        let last = match row.get(1) {
            Some("t") => last,
            _ => last.wrapping_sub(sequence.increment),
        };
        standing.insert(name.clone(), last);
    }
    Ok(standing)
}

/// See [`fixpoints_core::database::Database::set_sequences`].
pub(super) fn set(
    session: &mut Session<'_>,
    known: &Known,
    standing: &BTreeMap<String, i64>,
    names: &[String],
    wanted: &BTreeMap<String, i64>,
) -> fixpoints_core::error::Result<()> {
    let (mut statements, mut moved) = (Vec::new(), Vec::new());
    for (name, value) in wanted.iter().filter(|(name, _)| names.contains(name)) {
        let sequence = known.sequences.get(name).ok_or_else(|| Error::Database {
            act: format!("cannot set sequence {name}"),
            message: "the database has none of that name".to_owned(),
            fault: Fault::Unknown,
        })?;
        if standing.get(name) != Some(value) {
            statements.push(restart(sequence, *value));
            moved.push(name.as_str());
        }
    }
    if statements.is_empty() {
        return Ok(());
    }
    let wire = session.wire(Path::Caller);
    let set = wire.and_then(|wire| wire.batch(&statements.join("; ")));
    set.map_err(|error| {
        let act = format!("cannot set the sequences {}", moved.join(", "));
        refused(session, &act, &error)
    })
}

/// `setval` alone would outlive a rollback; after a restart, which begins a new file, it does not.
fn restart(sequence: &Sequence, last: i64) -> String {
    // What is before the lowest of all numbers is the highest, here as where it was read.
    let next = last.wrapping_add(sequence.increment);
    let sql = &sequence.sql;
    if (sequence.min..=sequence.max).contains(&next) {
        return format!("ALTER SEQUENCE {sql} RESTART WITH {next}");
    }
    if !(sequence.min..=sequence.max).contains(&last) {
        return format!("ALTER SEQUENCE {sql} RESTART");
    }
    // It handed out its last value.
    format!(
        "ALTER SEQUENCE {sql} RESTART WITH {last}; SELECT pg_catalog.setval({}::pg_catalog.regclass, {last}, true)",
        literal(sql)
    )
}
