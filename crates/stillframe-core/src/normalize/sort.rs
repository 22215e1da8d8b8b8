//! The order of held elements and members; it compares text as it will be written, without identities.

mod find;
mod key;

use super::effect::Sorting;
use crate::location::Slice;
use key::Key;
use std::cmp::Ordering;

/// An element or member that is held back until its array or object ends.
#[derive(Debug)]
pub struct Item {
    /// Where it begins in the output.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// The decoded name of a member; empty for an element.
    pub name: Vec<u8>,
}

impl Item {
    fn text<'t>(&self, out: &'t [u8]) -> &'t [u8] {
        &out[self.start..self.end]
    }
}

/// Elements on their way to a new order, by the rules of their array.
#[derive(Debug)]
pub struct Order {
    /// Indices of the items in their new order.
    pub order: Vec<usize>,
    /// Places whose elements a rule has decided about.
    taken: Vec<bool>,
}

/// What one rule did.
#[derive(Debug, Default)]
pub struct Sorted {
    /// How many elements it decided about.
    pub chosen: usize,
    /// Whether it changed their order.
    pub moved: bool,
    /// Elements whose order is that of the input because only their identities differ.
    pub ties: usize,
    /// Whether some element has the value, for each one that it sorts by.
    pub met: Vec<bool>,
}

impl Order {
    /// That of the input.
    pub fn of(items: &[Item]) -> Self {
        Self {
            order: (0..items.len()).collect(),
            taken: vec![false; items.len()],
        }
    }

    /// Sorts what a rule chooses, but for elements that an earlier rule has decided about.
    pub fn sort(&mut self, out: &[u8], items: &[Item], sorting: &Sorting) -> Sorted {
        let slice = sorting.slice.unwrap_or(Slice::ALL);
        let places: Vec<usize> = slice
            .indices(items.len())
            .filter(|&at| !std::mem::replace(&mut self.taken[at], true))
            .collect();
        let mut keys: Vec<(Key, usize)> = places
            .iter()
            .map(|&at| (Key::of(items[at].text(out), &sorting.by), at))
            .collect();
        keys.sort_by(|a, b| a.0.cmp(&b.0));
        let tied = |pair: &&[(Key, usize)]| {
            pair[0].0.cmp(&pair[1].0) == Ordering::Equal
                && items[pair[0].1].text(out) != items[pair[1].1].text(out)
        };
        let sorted = Sorted {
            chosen: keys.len(),
            moved: !keys.is_sorted_by_key(|key| key.1),
            ties: keys.windows(2).filter(tied).count(),
            met: (0..sorting.by.len())
                .map(|by| keys.iter().any(|(key, _)| key.has(by)))
                .collect(),
        };
        for (place, (_, from)) in places.into_iter().zip(keys) {
            self.order[place] = from;
        }
        sorted
    }
}

/// The order of members by name.
pub fn members(items: &[Item]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..items.len()).collect();
    order.sort_by(|&a, &b| items[a].name.cmp(&items[b].name));
    order
}

/// The items of `out` from the first on, in another order; what separates them stays in between, and what
/// follows the last one at the end.
pub fn rearranged(out: &[u8], items: &[Item], order: &[usize]) -> Vec<u8> {
    let Some(first) = items.first() else {
        return Vec::new();
    };
    let mut text = Vec::with_capacity(out.len() - first.start);
    for (at, &from) in order.iter().enumerate() {
        if at > 0 {
            text.extend_from_slice(&out[items[at - 1].end..items[at].start]);
        }
        text.extend_from_slice(items[from].text(out));
    }
    text.extend_from_slice(&out[items[items.len() - 1].end..]);
    text
}
