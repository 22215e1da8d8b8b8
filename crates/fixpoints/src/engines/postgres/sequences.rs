//! Puts sequences where they stood, so that a rollback undoes it; it reads no tables.

use postgres::SimpleQueryRow;

use super::lock::refused;
use super::name::literal;
use super::relation::{Known, Sequence};
use super::session::Session;
use super::turning::Path;
use super::wire::{Wire, results};
use fixpoints_core::error::{Error, Fault};
use fixpoints_core::position::{Position, Positions};

/// Where each sequence stands.
pub(super) fn read(wire: &mut dyn Wire, known: &Known) -> Result<Positions, postgres::Error> {
    if known.sequences.is_empty() {
        return Ok(Positions::new());
    }
    let answers = results(wire.simple(&questions(known).join("; "))?);
    Ok(positions(known, &answers))
}

/// What asks where the sequences stand, one statement for each.
pub(super) fn questions(known: &Known) -> Vec<String> {
    let sequences = known.sequences.values();
    sequences
        .map(|found| format!("SELECT last_value, is_called FROM {}", found.sql))
        .collect()
}

/// The answers to these.
pub(super) fn positions(known: &Known, answers: &[Vec<SimpleQueryRow>]) -> Positions {
    let names = known.sequences.keys().zip(answers);
    let positions = names.filter_map(|(name, rows)| {
        let row = rows.first()?;
        let position = Position {
            last_value: row.get(0)?.parse().ok()?,
            is_called: row.get(1) == Some("t"),
        };
        Some((name.clone(), position))
    });
    positions.collect()
}

/// See [`fixpoints_core::database::Write::set_sequences`].
pub(super) fn set(
    session: &mut Session<'_>,
    known: &Known,
    standing: &Positions,
    names: &[String],
    wanted: &Positions,
) -> fixpoints_core::error::Result<()> {
    let (mut statements, mut moved) = (Vec::new(), Vec::new());
    for (name, position) in wanted.iter().filter(|(name, _)| names.contains(name)) {
        let sequence = known.sequences.get(name).ok_or_else(|| Error::Database {
            act: format!("cannot set sequence {name}"),
            message: "the database has none of that name".to_owned(),
            fault: Fault::Unknown,
        })?;
        if standing.get(name) != Some(position) {
            statements.push(set_to(sequence, *position));
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
fn set_to(sequence: &Sequence, position: Position) -> String {
    let (sql, value) = (&sequence.sql, position.last_value);
    let restart = format!("ALTER SEQUENCE {sql} RESTART WITH {value}");
    if !position.is_called {
        return restart;
    }
    format!(
        "{restart}; SELECT pg_catalog.setval({}::pg_catalog.regclass, {value}, true)",
        literal(sql)
    )
}
