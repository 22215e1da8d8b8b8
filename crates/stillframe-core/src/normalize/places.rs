//! Which rules apply where, worked out once a place and kept; it looks at locations and never at values.

use super::compiled::{Compiled, Guards, Rule};
use super::effect::{Effect, Stage};
use super::plan::Plan;
use crate::json::names::hash;
use crate::json::shapes::{LISTED, ShapeId};
use crate::location::automaton::{Mark, Part, State};
use crate::rule::predicate::Scalar;
use std::collections::{BTreeSet, HashMap};

/// A kind of place: all locations at which the same rules apply, and below which the same ones will.
pub type PlaceId = u32;

/// Types of values, as bits.
pub mod acts {
    /// Strings.
    pub const TEXT: u8 = 1;
    /// Numbers.
    pub const NUMBER: u8 = 2;
    /// `true`, `false` and `null`.
    pub const WORD: u8 = 4;
    /// Objects.
    pub const OBJECT: u8 = 8;
    /// Arrays.
    pub const ARRAY: u8 = 16;
    /// The names of members at this place.
    pub const NAME: u8 = 32;
    /// The value may disappear, and its name with it.
    pub const REMOVE: u8 = 64;
    /// The value itself decides what else applies.
    pub const CHOICE: u8 = 128;
}

/// What becomes of every value of a type, whatever it is, because the first rule of its place asks for nothing else.
#[derive(Debug, Clone, Copy)]
pub enum Alone {
    /// This rule makes numbers zero.
    Zero(usize),
    /// This rule replaces strings that are points in time.
    Moment(usize),
}

impl Alone {
    fn of(id: usize, rule: &Rule) -> Option<Self> {
        match rule.effect {
            Effect::Zero if rule.predicate.is_open() => Some(Self::Zero(id)),
            Effect::Moment if rule.predicate.is_open() => Some(Self::Moment(id)),
            _ => None,
        }
    }
}

/// What applies at a place.
#[derive(Debug, Default)]
pub struct Place {
    states: Box<[State]>,
    /// Types of values that some rule may change, as bits of [`acts`].
    pub acts: u8,
    /// Rules that replace the whole value, in order.
    pub whole: Box<[usize]>,
    /// Rules that replace text inside, in order.
    pub inside: Box<[usize]>,
    /// What needs no look at the rules.
    pub alone: Option<Alone>,
    /// Rules that sort, in order.
    pub sort: Box<[usize]>,
    /// Alternatives that the value itself decides.
    pub choices: Box<[usize]>,
    /// Whether its members stay in the order in which they are printed, whatever the format says.
    pub guarded: bool,
    index_matters: bool,
    element: Option<PlaceId>,
}

/// What is known of the members that a shape ends with.
#[derive(Debug, Clone, Copy)]
pub struct Known {
    /// Their place, or `PlaceId::MAX` where nothing is known.
    pub place: PlaceId,
    /// What acts there, as bits of [`acts`].
    pub acts: u8,
    /// Whether it was noted that the rule masks them that decides [`alone`](Place::alone).
    pub noted: bool,
}

impl Known {
    const NOTHING: Self = Self {
        place: PlaceId::MAX,
        acts: 0,
        noted: false,
    };
}

/// One remembered way from a place to a member's.
#[derive(Debug, Clone, Default)]
struct Way {
    from: PlaceId,
    hash: u64,
    to: PlaceId,
    name: Vec<u8>,
}

/// How many ways are remembered at first; later ones overwrite earlier ones.
const FEW_WAYS: usize = 64;
/// How many ways are remembered when a document has many names.
const MANY_WAYS: usize = 4096;

/// The places met so far.
#[derive(Debug)]
pub struct Places<'p> {
    plan: &'p Compiled,
    fixture: Option<&'p str>,
    /// Bits of [`acts`] that hold wherever rules may act at all.
    always: u8,
    places: Vec<Place>,
    known: HashMap<Box<[State]>, PlaceId>,
    /// As many as a power of two.
    ways: Vec<Way>,
    misses: usize,
    /// The places of the last names of shapes.
    shapes: Vec<Known>,
    /// Rules that hold at some place, and what kept them away from it.
    pub kept_away: BTreeSet<(usize, usize)>,
}

impl<'p> Places<'p> {
    /// None yet; `always` is added to what acts at each place.
    pub fn new(plan: &'p Plan, always: u8) -> Self {
        Self {
            plan: &plan.compiled,
            fixture: plan.fixture.as_deref(),
            always,
            places: Vec::new(),
            known: HashMap::new(),
            ways: nowhere(FEW_WAYS),
            misses: 0,
            shapes: Vec::new(),
            kept_away: BTreeSet::new(),
        }
    }

    /// What applies at a place.
    #[inline]
    pub fn get(&self, place: PlaceId) -> &Place {
        &self.places[place as usize]
    }

    /// The place of the whole input.
    pub fn root(&mut self) -> PlaceId {
        let states = self.plan.automaton.start();
        self.intern(states)
    }

    /// The same place, where a schema says more about it.
    pub fn described(&mut self, place: PlaceId, schema: Option<State>) -> PlaceId {
        let Some(schema) = schema else {
            return place;
        };
        let states = self.plan.automaton.with(&self.get(place).states, schema);
        self.intern(states)
    }

    /// The place of the member with this decoded name.
    #[inline]
    pub fn member(&mut self, from: PlaceId, name: &[u8], shape: ShapeId) -> PlaceId {
        let place = self.listed_member(from, name);
        if shape != LISTED {
            let shape = shape as usize;
            if self.shapes.len() <= shape {
                self.shapes.resize(shape + 1, Known::NOTHING);
            }
            self.shapes[shape] = Known {
                place,
                acts: self.get(place).acts,
                noted: false,
            };
        }
        place
    }

    /// What is known of the member with the last name of a shape. The shapes of objects at different places differ, so the
    /// shape alone tells.
    #[inline]
    pub fn of_shape(&self, shape: ShapeId) -> Option<&Known> {
        let known = self.shapes.get(shape as usize);
        known.filter(|known| known.place != PlaceId::MAX)
    }

    /// Remembers that the members that a shape ends with were noted.
    pub fn set_noted(&mut self, shape: ShapeId) {
        if let Some(known) = self.shapes.get_mut(shape as usize) {
            known.noted = true;
        }
    }

    fn listed_member(&mut self, from: PlaceId, name: &[u8]) -> PlaceId {
        let hash = hash(name);
        let slot = slot(from, hash, self.ways.len());
        let way = &self.ways[slot];
        if way.hash == hash && way.from == from && way.name == name {
            return way.to;
        }
        self.find_member(from, name, hash)
    }

    #[cold]
    fn find_member(&mut self, from: PlaceId, name: &[u8], hash: u64) -> PlaceId {
        let text = String::from_utf8_lossy(name);
        let states = self
            .plan
            .automaton
            .member(&self.places[from as usize].states, &text);
        let to = self.intern(states);
        self.misses += 1;
        if self.misses > self.ways.len() && self.ways.len() < MANY_WAYS {
            self.ways = nowhere(MANY_WAYS);
        }
        let slot = slot(from, hash, self.ways.len());
        let way = &mut self.ways[slot];
        way.name.clear();
        way.name.extend_from_slice(name);
        (way.from, way.hash, way.to) = (from, hash, to);
        to
    }

    /// The place of the element with this index.
    #[inline]
    pub fn element(&mut self, from: PlaceId, index: u64) -> PlaceId {
        match self.get(from).element {
            Some(place) => place,
            None => self.find_element(from, index),
        }
    }

    #[cold]
    fn find_element(&mut self, from: PlaceId, index: u64) -> PlaceId {
        let states = self.plan.automaton.element(&self.get(from).states, index);
        let to = self.intern(states);
        let place = &mut self.places[from as usize];
        if !place.index_matters {
            place.element = Some(to);
        }
        to
    }

    fn intern(&mut self, states: Vec<State>) -> PlaceId {
        if let Some(&place) = self.known.get(&states[..]) {
            return place;
        }
        let states: Box<[State]> = states.into();
        let resolved = self.resolve(&states);
        self.places.push(resolved);
        let place = (self.places.len() - 1) as PlaceId;
        self.known.insert(states, place);
        place
    }

    /// What applies where these states hold.
    fn resolve(&mut self, states: &[State]) -> Place {
        let plan = self.plan;
        let mut parts = vec![0; plan.rules.len()];
        let mut guards = Vec::new();
        let mut choices = Vec::new();
        for mark in plan.automaton.marks(states) {
            match mark {
                Mark::Guard(guard) => guards.push(guard),
                Mark::Choice(choice) => choices.push(choice),
                Mark::Part(rule, part) => parts[rule] |= part as u8,
            }
        }
        let here = |rule: &usize| {
            let (got, needs) = (parts[*rule], plan.rules[*rule].needs);
            got & needs == needs
                && got & Part::Except as u8 == 0
                && plan.rules[*rule].reaches(self.fixture)
        };
        let mut matching: Vec<usize> = plan.order.iter().copied().filter(here).collect();
        for &guard in &guards {
            let passes = |id: &usize| {
                let named = plan.rules[*id].needs & Part::Path as u8 != 0;
                plan.guards[guard].keeps == Guards::Payload && named
            };
            let away = matching.iter().filter(|id| !passes(id));
            self.kept_away.extend(away.map(|&id| (id, guard)));
            matching.retain(passes);
        }
        let preserved = |guard: &usize| plan.guards[*guard].keeps == Guards::Everything;
        let always = if guards.iter().any(preserved) {
            0
        } else {
            self.always
        };
        let deepest = matching.iter().filter_map(|&id| plan.rules[id].depth).max();
        matching.retain(|&id| {
            plan.rules[id]
                .depth
                .is_none_or(|depth| Some(depth) == deepest)
        });
        let of = |stage: Stage| {
            matching
                .iter()
                .copied()
                .filter(move |&id| plan.rules[id].is(stage))
        };
        let whole: Box<[usize]> = of(Stage::Whole).chain(of(Stage::Identity)).collect();
        Place {
            acts: matching
                .iter()
                .map(|&id| acts_of(plan, id))
                .fold(always, |all, one| all | one)
                | if choices.is_empty() { 0 } else { acts::CHOICE },
            choices: choices.into(),
            alone: whole.first().and_then(|&id| Alone::of(id, &plan.rules[id])),
            whole,
            inside: matching
                .iter()
                .copied()
                .filter(|&id| plan.rules[id].is_for_parts())
                .collect(),
            sort: of(Stage::Sort).collect(),
            guarded: !guards.is_empty(),
            index_matters: plan.automaton.index_matters(states),
            element: None,
            states: states.into(),
        }
    }
}

/// Empty entries: no way leads from the place they name, so none is taken for a way.
fn nowhere(count: usize) -> Vec<Way> {
    let from = PlaceId::MAX;
    vec![
        Way {
            from,
            ..Way::default()
        };
        count
    ]
}

/// Where the way of a name is remembered.
#[inline]
fn slot(from: PlaceId, hash: u64, count: usize) -> usize {
    (hash ^ u64::from(from).wrapping_mul(0x9E37_79B9)) as usize & (count - 1)
}

/// Which types of values a rule may change.
fn acts_of(plan: &Compiled, id: usize) -> u8 {
    let rule = &plan.rules[id];
    let number = Scalar::Number {
        token: "0",
        float: false,
    };
    let kinds = [
        (Scalar::Text(""), acts::TEXT),
        (number, acts::NUMBER),
        (Scalar::Bool, acts::WORD),
        (Scalar::Null, acts::WORD),
        (Scalar::Object, acts::OBJECT),
        (Scalar::Array, acts::ARRAY),
    ];
    let mut bits = 0;
    for (value, bit) in kinds {
        bits |= if rule.effect.touches(value) { bit } else { 0 };
    }
    if rule.effect.touches(Scalar::Name("")) && rule.predicate.takes_names() {
        bits |= acts::NAME;
    }
    if matches!(rule.effect, Effect::Remove) {
        bits |= acts::REMOVE;
    }
    bits
}
