//! What restores left in databases, so that the next one need not read what nobody wrote since; it is never believed
//! without asking the database.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use indexmap::IndexMap;

use crate::chain::Chain;
use fixpoints_core::database::{Database, Mark};
use fixpoints_core::error::Result;

/// As many databases are remembered, those that were restored last.
const PLACES: usize = 16;

/// Shared by the clones of whoever has it, and by their threads.
#[derive(Clone, Default)]
pub(crate) struct Memory(Arc<Mutex<IndexMap<String, Arc<Left>>>>);

/// The tables of one database as a restore left them.
pub(crate) struct Left {
    mark: Mark,
    /// The digests of what makes up the rows of each table.
    digests: BTreeMap<String, Vec<String>>,
}

/// A transaction in which something may be remembered.
pub(crate) struct Recall {
    place: String,
    left: Option<Arc<Left>>,
}

impl Memory {
    /// What is known of the database of this transaction, which will leave more; `None` where it cannot be told from
    /// other databases.
    pub fn recall(&self, database: &mut dyn Database) -> Option<Recall> {
        let place = database.place()?;
        let left = self.places().get(&place).cloned();
        database.recall(left.as_ref().map(|left| &left.mark));
        Some(Recall { place, left })
    }

    /// What is known of the database of this transaction, which only reads; `None` where that is nothing.
    pub fn look_back(&self, database: &mut dyn Database) -> Option<Recall> {
        let place = database.place()?;
        let left = self.places().get(&place).cloned()?;
        database.recall(Some(&left.mark));
        let left = Some(left);
        Some(Recall { place, left })
    }

    /// Remembers what a transaction left, now that it is kept.
    pub fn keep(&self, place: String, left: Left) {
        let mut places = self.places();
        places.shift_remove(&place);
        places.insert(place, Arc::new(left));
        if places.len() > PLACES {
            places.shift_remove_index(0);
        }
    }

    fn places(&self) -> MutexGuard<'_, IndexMap<String, Arc<Left>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Recall {
    /// Of the tables nobody wrote since, those that hold the rows of this fixpoint.
    pub fn held(
        &self,
        chain: &Chain,
        mut untouched: BTreeMap<String, u64>,
    ) -> BTreeMap<String, u64> {
        untouched.retain(|table, _| {
            let left = self.left.as_ref().and_then(|left| left.digests.get(table));
            left.is_some_and(|digests| *digests == chain.digests_of(table))
        });
        untouched
    }

    /// What to keep once the transaction is, when each of these tables holds the fixpoint's rows, so many of them.
    pub fn leave(
        self,
        database: &mut dyn Database,
        chain: &Chain,
        rows: &BTreeMap<String, u64>,
    ) -> Result<Option<(String, Left)>> {
        let Some(mark) = database.mark(rows)? else {
            return Ok(None);
        };
        let digests = rows
            .keys()
            .map(|table| (table.clone(), chain.digests_of(table)));
        let digests = digests.collect();
        Ok(Some((self.place, Left { mark, digests })))
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Memory").finish_non_exhaustive()
    }
}
