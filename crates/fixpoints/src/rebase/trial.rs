//! Asks a database whether it takes the rows of a rebased fixpoint, in a transaction that is undone.

use serde::{Deserialize, Serialize};

use super::{Conflict, ConflictKind, RebasedTable};
use crate::chain::Chain;
use crate::restore::rehearse;
use fixpoints_core::database::Database;
use fixpoints_core::error::Error;
use fixpoints_core::named::NamedRow;
use fixpoints_core::scope::Scope;

/// Whether the database takes the rows of a rebased fixpoint; its own are as before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum Constraints {
    /// It takes them.
    Held,
    /// It does not; the rows are among the conflicts.
    Broken,
    /// It was not asked.
    Unchecked {
        /// Why, where it was to be asked.
        reason: Option<String>,
    },
}

/// A database to ask.
pub(super) struct Trial<'a> {
    pub database: &'a mut dyn Database,
    pub scope: &'a Scope,
}

impl Trial<'_> {
    /// Restores a fixpoint and undoes it; rows that are refused become conflicts of their tables.
    pub fn of(self, chain: &Chain, tables: &mut [RebasedTable]) -> Constraints {
        let Err(error) = rehearse(self.database, chain, self.scope) else {
            return Constraints::Held;
        };
        let refused: Vec<(String, Conflict)> = match &error {
            Error::Row {
                table,
                row,
                message,
                fault,
            } if fault.may_be_of_the_row() => vec![(
                table.clone(),
                conflict(ConflictKind::Refused, row, message.clone()),
            )],
            Error::BrokenReferences { broken, .. } => broken
                .iter()
                .map(|broken| {
                    let kind = ConflictKind::BrokenReference;
                    let columns = broken.columns.join(", ");
                    let reason = format!(
                        "it refers by ({columns}) to a missing row of {}",
                        broken.parent
                    );
                    (broken.table.clone(), conflict(kind, &broken.row, reason))
                })
                .collect(),
            _ => Vec::new(),
        };
        let mut found = false;
        for (name, conflict) in refused {
            let table = tables.iter_mut().find(|found| found.table.name == name);
            if let Some(table) = table {
                table.conflicts.push(conflict);
                found = true;
            }
        }
        if found {
            Constraints::Broken
        } else {
            Constraints::Unchecked {
                reason: Some(error.to_string()),
            }
        }
    }
}

fn conflict(kind: ConflictKind, row: &NamedRow, reason: String) -> Conflict {
    Conflict {
        kind,
        row: row.clone(),
        columns: Vec::new(),
        reason: Some(reason),
    }
}
