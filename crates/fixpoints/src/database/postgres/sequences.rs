//! Puts sequences where they stood, so that a rollback undoes it; it reads no tables.

use std::collections::BTreeMap;

use super::name::literal;
use super::relation::{Known, Sequence};
use super::spoken::refused;
use super::wire::Wire;
use crate::error::{Error, Result};

/// See [`crate::database::Database::set_sequences`].
pub(super) fn set(
    wire: &mut dyn Wire,
    known: &Known,
    names: &[String],
    wanted: &BTreeMap<String, i64>,
) -> Result<()> {
    let mut statements = Vec::new();
    for (name, value) in wanted.iter().filter(|(name, _)| names.contains(name)) {
        let sequence = known.sequences.get(name).ok_or_else(|| Error::Database {
            act: format!("cannot set sequence {name}"),
            message: "the database has none of that name".to_owned(),
        })?;
        if sequence.stands != *value {
            statements.push(restart(sequence, *value));
        }
    }
    if statements.is_empty() {
        return Ok(());
    }
    wire.batch(&statements.join("; "))
        .map_err(refused("cannot set the sequences"))
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
        "ALTER SEQUENCE {sql} RESTART WITH {last}; SELECT setval({}, {last}, true)",
        literal(sql)
    )
}
