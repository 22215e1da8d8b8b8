//! The steps of patterns as numbers, so that a pattern is compared and kept without its names.

use crate::json::names::hash;
use crate::location::Slice;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::rc::Rc;

/// One step of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step<'n> {
    /// Any element.
    Element,
    /// Any member.
    Member,
    /// The member of this name.
    Named(&'n [u8]),
    /// The name of any member.
    Name,
    /// These elements.
    Slice(Slice),
}

/// The number of a step, or of a rule where a pattern begins.
pub type Id = u32;

const ELEMENT: Id = 0;
/// Any member.
pub const MEMBER: Id = 1;
const NAME: Id = 2;
/// The number of the first step that is numbered as it is met.
const FIRST: usize = 3;

/// How many names are remembered by their hash; later ones overwrite earlier ones.
const RECENT: usize = 256;

/// Numbers are hashed quickly: nobody chooses them.
pub type Quick = BuildHasherDefault<QuickHasher>;

/// A quick hash of numbers.
#[derive(Debug, Default)]
pub struct QuickHasher(u64);

impl Hasher for QuickHasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0 = self.0.rotate_left(5) ^ hash(bytes);
    }

    fn write_usize(&mut self, _length: usize) {}

    fn finish(&self) -> u64 {
        self.0
    }
}

/// A step that was numbered as it was met.
#[derive(Debug)]
enum Met {
    Named(Rc<[u8]>),
    Slice(Slice),
}

/// The steps that were met.
#[derive(Debug, Default)]
pub struct Steps {
    met: Vec<Met>,
    named: HashMap<Rc<[u8]>, Id>,
    /// The names met last, by some bits of their hash; nothing until one is met.
    recent: Vec<Id>,
}

impl Steps {
    /// The number of a step.
    pub fn number(&mut self, step: Step<'_>) -> Id {
        match step {
            Step::Element => ELEMENT,
            Step::Member => MEMBER,
            Step::Name => NAME,
            Step::Named(name) => self.name(name),
            Step::Slice(slice) => {
                let is_same = |met: &Met| matches!(met, Met::Slice(other) if *other == slice);
                match self.met.iter().position(is_same) {
                    Some(at) => (FIRST + at) as Id,
                    None => self.push(Met::Slice(slice)),
                }
            }
        }
    }

    fn name(&mut self, name: &[u8]) -> Id {
        self.recent.resize(RECENT, ELEMENT);
        let slot = hash(name) as usize % RECENT;
        let recent = self.recent[slot];
        if self.get(recent) == Step::Named(name) {
            return recent;
        }
        let id = match self.named.get(name) {
            Some(&id) => id,
            None => {
                let name: Rc<[u8]> = name.into();
                let id = self.push(Met::Named(Rc::clone(&name)));
                self.named.insert(name, id);
                id
            }
        };
        self.recent[slot] = id;
        id
    }

    fn push(&mut self, met: Met) -> Id {
        self.met.push(met);
        (FIRST + self.met.len() - 1) as Id
    }

    /// The step with a number.
    pub fn get(&self, id: Id) -> Step<'_> {
        match id {
            ELEMENT => Step::Element,
            MEMBER => Step::Member,
            NAME => Step::Name,
            _ => match &self.met[id as usize - FIRST] {
                Met::Named(name) => Step::Named(name),
                Met::Slice(slice) => Step::Slice(*slice),
            },
        }
    }
}
