//! What restores left in databases, so that the next one need not read what nobody wrote since; it is never believed
//! without asking the database.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use indexmap::IndexMap;

use crate::chain::Chain;
use fixpoints_core::database::{Finished, Mark, Remember};
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

/// One transaction's view of the memory: its engine says which database it is in, and is told what was left there.
pub(crate) struct Recall<'m> {
    memory: &'m Memory,
    found: OnceCell<Found>,
}

struct Found {
    place: String,
    left: Option<Arc<Left>>,
}

impl Remember for Recall<'_> {
    fn recall(&self, place: &str) -> Option<Mark> {
        let found = self.found.get_or_init(|| Found {
            place: place.to_owned(),
            left: self.memory.places().get(place).cloned(),
        });
        found.left.as_ref().map(|left| left.mark.clone())
    }
}

impl Memory {
    /// For one transaction.
    pub fn recall(&self) -> Recall<'_> {
        Recall {
            memory: self,
            found: OnceCell::new(),
        }
    }

    fn places(&self) -> MutexGuard<'_, IndexMap<String, Arc<Left>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Recall<'_> {
    /// Of the tables that did not change since, those that hold the rows of this fixpoint.
    pub fn held(
        &self,
        chain: &Chain,
        mut unchanged: BTreeMap<String, u64>,
    ) -> BTreeMap<String, u64> {
        let left = self.found.get().and_then(|found| found.left.as_ref());
        unchanged.retain(|table, _| {
            let digests = left.and_then(|left| left.digests.get(table));
            digests.is_some_and(|digests| *digests == chain.digests_of(table))
        });
        unchanged
    }

    /// What to keep once the transaction is, when each of these tables holds the fixpoint's rows, so many of them.
    pub fn leave(
        &self,
        transaction: &mut dyn Finished,
        chain: &Chain,
        rows: &BTreeMap<String, u64>,
    ) -> Result<Option<Left>> {
        let Some(mark) = transaction.mark(rows)? else {
            return Ok(None);
        };
        let digests = rows
            .keys()
            .map(|table| (table.clone(), chain.digests_of(table)));
        let digests = digests.collect();
        Ok(Some(Left { mark, digests }))
    }

    /// Remembers what the transaction left, now that it is kept.
    pub fn keep(self, left: Left) {
        let Some(Found { place, .. }) = self.found.into_inner() else {
            return;
        };
        let mut places = self.memory.places();
        places.shift_remove(&place);
        places.insert(place, Arc::new(left));
        if places.len() > PLACES {
            places.shift_remove_index(0);
        }
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Memory").finish_non_exhaustive()
    }
}
