//! Values that themselves decide which annotations hold inside them; such a value is held in memory, and nothing of it is written here.

use super::Rewriter;
use crate::json;
use crate::json::tokens::{Fail, Framing};
use crate::normalize::places::acts;
use std::collections::BTreeSet;

impl Rewriter<'_, '_> {
    /// Finds the place of the value that has just begun among those that its schema allows.
    #[inline]
    pub(super) fn choose(&mut self) -> Result<(), Fail> {
        if self.places.get(self.place).acts & acts::CHOICE == 0 {
            return Ok(());
        }
        self.chosen()
    }

    #[cold]
    fn chosen(&mut self) -> Result<(), Fail> {
        let text = self.tokens.whole_value(&mut self.out)?;
        // What cannot be read is refused by the reader, with its place.
        let Ok(value) = json::parse(Framing::Json, text) else {
            return Ok(());
        };
        let mut made = BTreeSet::new();
        // An arm may hold alternatives of its own.
        loop {
            let choices = self.places.get(self.place).choices.clone();
            let Some(choice) = choices.iter().find(|choice| made.insert(**choice)) else {
                return Ok(());
            };
            for state in self.judge.plan.choices[*choice].accepted(&value) {
                self.place = self.places.described(self.place, Some(state));
            }
        }
    }
}
