//! What happened to one table: rows by kind, and the columns that were updated.

use std::collections::BTreeSet;

use crate::change::Change;
use crate::comparison::{ComparedTable, Counts};

/// What happened to one table: rows by kind, and the columns that were updated.
pub(super) struct Happened {
    pub counts: Counts,
    pub columns: BTreeSet<String>,
}

impl Happened {
    pub fn to(table: &ComparedTable) -> Self {
        let (mut counts, mut columns) = (Counts::default(), BTreeSet::new());
        for change in &table.changes {
            counts.add(change);
            if let Change::Updated { old, new } = change {
                let changed = Change::changed_columns(&table.table, old, new).into_iter();
                columns.extend(changed.map(|at| table.table.column(at).to_owned()));
            }
        }
        Self { counts, columns }
    }
}
