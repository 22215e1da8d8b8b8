//! A set of fixtures, by their positions in the definition.

use std::fmt;

use fixedbitset::FixedBitSet;

/// Some of the fixtures under measurement, each by its position. Sets that are used together come from one suite and have
/// the same capacity.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FixtureSet(FixedBitSet);

impl FixtureSet {
    /// None of `count` fixtures.
    pub fn none(count: usize) -> FixtureSet {
        FixtureSet(FixedBitSet::with_capacity(count))
    }

    /// All of `count` fixtures.
    pub fn all(count: usize) -> FixtureSet {
        let mut bits = FixedBitSet::with_capacity(count);
        bits.insert_range(..);
        FixtureSet(bits)
    }

    /// Those of `count` fixtures at these positions.
    pub fn of(count: usize, positions: impl IntoIterator<Item = usize>) -> FixtureSet {
        let mut set = FixtureSet::none(count);
        for position in positions {
            set.0.insert(position);
        }
        set
    }

    /// The only one at this position.
    pub fn only(&self, position: usize) -> FixtureSet {
        FixtureSet::of(self.0.len(), [position])
    }

    /// Adds one.
    pub fn insert(&mut self, position: usize) {
        self.0.insert(position);
    }

    /// Adds all of another set.
    pub fn insert_all(&mut self, other: &FixtureSet) {
        self.0.union_with(&other.0);
    }

    /// What is in this one or in the other.
    #[must_use]
    pub fn union(&self, other: &FixtureSet) -> FixtureSet {
        let mut union = self.clone();
        union.insert_all(other);
        union
    }

    /// What is in this one and not in the other.
    #[must_use]
    pub fn without(&self, other: &FixtureSet) -> FixtureSet {
        let mut rest = self.0.clone();
        rest.difference_with(&other.0);
        FixtureSet(rest)
    }

    /// What is in both.
    #[must_use]
    pub fn shared(&self, other: &FixtureSet) -> FixtureSet {
        let mut both = self.0.clone();
        both.intersect_with(&other.0);
        FixtureSet(both)
    }

    /// Whether a fixture is in it.
    pub fn contains(&self, position: usize) -> bool {
        self.0.contains(position)
    }

    /// Whether all of it is in the other.
    pub fn is_within(&self, other: &FixtureSet) -> bool {
        self.0.is_subset(&other.0)
    }

    /// How many are in it.
    pub fn len(&self) -> usize {
        self.0.count_ones(..)
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_clear()
    }

    /// The positions, ascending.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.0.ones()
    }

    /// How many fixtures there are altogether.
    pub fn capacity(&self) -> usize {
        self.0.len()
    }
}

impl fmt::Debug for FixtureSet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.iter()).finish()
    }
}
