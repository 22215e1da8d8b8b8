//! Sequences of names that the objects of a document share, kept as a tree, so that an object which looks like an earlier one need not have its names read again; it stops growing at a limit, and knows nothing of values.

use super::token::Gap;
use std::collections::HashMap;

/// A sequence of names; two objects that had the same names so far are at the same shape.
pub type ShapeId = u32;

/// No shape: the object's names are listed one by one.
pub const LISTED: ShapeId = ShapeId::MAX;

/// What follows the last member of an object: its end.
pub const END: ShapeId = ShapeId::MAX - 1;

/// How long a member's beginning may be to be recognised at once, from the separator before the name to the name's end.
const LONGEST: usize = 64;
/// How many shapes there are at most; documents that use names as data would make one for each.
const MOST_SHAPES: usize = 2048;
/// How many bytes the names of all shapes may take.
const MOST_BYTES: usize = 128 << 10;
/// How many names a shape has at most.
pub const MOST_NAMES: usize = 64;

/// One sequence: the one without its last name, and that name.
#[derive(Debug)]
struct Shape {
    before: ShapeId,
    /// How many names it has.
    names: usize,
    /// The hash of its last name, and where that lies.
    hash: u64,
    name: (usize, usize),
    /// The member that followed last time.
    usual: Usual,
    /// The shape with which the last object began that was the value of the last name, and the kind it was of.
    inside: (u32, ShapeId),
}

/// How a member began, byte for byte: its separator, the gap, the name, and mostly its colon; or how the object ended.
#[derive(Debug)]
pub struct Usual {
    text: [u8; LONGEST],
    /// What taking it means.
    pub step: Step,
}

/// What taking a member's beginning means.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    /// The length of the text up to the end of the name or brace; 0 where nothing followed yet.
    pub length: usize,
    /// Where the value begins; at the end of the name if its colon is not part of the text.
    pub value: usize,
    /// Where the name, with its quote, or the closing brace begins in it.
    pub name: usize,
    /// The gap before the name or the brace.
    pub gap: Gap,
    /// The shape afterwards, or [`END`].
    pub next: ShapeId,
}

impl Usual {
    /// Nothing that any text begins with.
    pub const NONE: Self = Self {
        text: [0; LONGEST],
        step: Step {
            length: 0,
            value: 0,
            name: 0,
            gap: Gap::OTHER,
            next: LISTED,
        },
    };

    /// Remembers a beginning, unless it is too long. `text` goes on up to the value, and the name ends at `length`.
    pub fn new(text: &[u8], length: usize, name: usize, gap: Gap, next: ShapeId) -> Self {
        let mut usual = Self::NONE;
        if text.len() < LONGEST {
            usual.text[..text.len()].copy_from_slice(text);
            usual.step = Step {
                length,
                value: text.len(),
                name,
                gap,
                next,
            };
        }
        usual
    }

    /// Whether a window goes on with this text; eight bytes at a step.
    #[inline(always)]
    pub fn begins(&self, rest: &[u8]) -> bool {
        let Some(rest) = rest.first_chunk::<LONGEST>() else {
            return false;
        };
        let length = self.step.value;
        let mut at = 0;
        while at + 8 <= length {
            if word(&self.text, at) != word(rest, at) {
                return false;
            }
            at += 8;
        }
        // The text is shorter than its place, so there is one more word.
        let mask = (1u64 << ((length - at) * 8)) - 1;
        length > 0 && (word(&self.text, at) ^ word(rest, at)) & mask == 0
    }
}

/// Eight bytes as one number.
#[inline(always)]
fn word(bytes: &[u8; LONGEST], at: usize) -> u64 {
    bytes
        .get(at..)
        .and_then(|rest| rest.first_chunk())
        .map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

/// All shapes of one input.
#[derive(Debug)]
pub struct Shapes {
    shapes: Vec<Shape>,
    bytes: Vec<u8>,
    /// From a shape and the hash of a name to the longer shape.
    longer: HashMap<(ShapeId, u64), ShapeId>,
    /// From a shape, and the kind of the object that its last name holds, to that object's first shape.
    inside: HashMap<(ShapeId, u32), ShapeId>,
}

impl Default for Shapes {
    fn default() -> Self {
        let mut shapes = Self {
            shapes: Vec::new(),
            bytes: Vec::new(),
            longer: HashMap::new(),
            inside: HashMap::new(),
        };
        // What lies outside of every object.
        shapes.push(LISTED, 0, 0, (0, 0));
        shapes
    }
}

impl Shapes {
    /// What lies outside of every object.
    pub const OUTSIDE: ShapeId = 0;

    fn push(&mut self, before: ShapeId, names: usize, hash: u64, name: (usize, usize)) -> ShapeId {
        self.shapes.push(Shape {
            before,
            names,
            hash,
            name,
            usual: Usual::NONE,
            inside: (u32::MAX, LISTED),
        });
        (self.shapes.len() - 1) as ShapeId
    }

    fn get(&self, shape: ShapeId) -> &Shape {
        &self.shapes[shape as usize]
    }

    /// The empty shape of an object of some kind that begins inside the last member of `around`.
    #[inline]
    pub fn enter(&mut self, around: ShapeId, kind: u32) -> ShapeId {
        let Some(shape) = self.shapes.get(around as usize) else {
            return LISTED;
        };
        if shape.inside.0 == kind {
            return shape.inside.1;
        }
        self.find_inside(around, kind)
    }

    #[cold]
    fn find_inside(&mut self, around: ShapeId, kind: u32) -> ShapeId {
        let found = match self.inside.get(&(around, kind)) {
            Some(&found) => found,
            None if self.is_full() => return LISTED,
            None => {
                let made = self.push(LISTED, 0, 0, (0, 0));
                self.inside.insert((around, kind), made);
                made
            }
        };
        self.shapes[around as usize].inside = (kind, found);
        found
    }

    fn is_full(&self) -> bool {
        self.shapes.len() >= MOST_SHAPES || self.bytes.len() >= MOST_BYTES
    }

    /// What followed this shape last time.
    #[inline(always)]
    pub fn usual(&self, shape: ShapeId) -> Option<&Usual> {
        self.shapes.get(shape as usize).map(|shape| &shape.usual)
    }

    /// Remembers what followed this shape.
    pub fn set_usual(&mut self, shape: ShapeId, usual: Usual) {
        self.shapes[shape as usize].usual = usual;
    }

    /// The last name of a shape, if it has one.
    pub fn last_name(&self, shape: ShapeId) -> Option<&[u8]> {
        let Shape { names, name, .. } = self.get(shape);
        (*names > 0).then(|| &self.bytes[name.0..name.1])
    }

    /// All names of a shape with their hashes, the last first.
    pub fn names(&self, shape: ShapeId) -> impl Iterator<Item = (&[u8], u64)> {
        let mut at = shape;
        std::iter::from_fn(move || {
            let here = self.shapes.get(at as usize).filter(|here| here.names > 0)?;
            at = here.before;
            Some((&self.bytes[here.name.0..here.name.1], here.hash))
        })
    }

    /// The shape with one more name; an error if it has that name already, `LISTED` if it cannot be kept.
    pub fn add(&mut self, shape: ShapeId, name: &[u8], hash: u64) -> Result<ShapeId, Duplicate> {
        if let Some(&longer) = self.longer.get(&(shape, hash))
            && self.last_name(longer) == Some(name)
        {
            return Ok(longer);
        }
        if self
            .names(shape)
            .any(|(other, at)| at == hash && other == name)
        {
            return Err(Duplicate);
        }
        let names = self.get(shape).names;
        if self.is_full() || names == MOST_NAMES || self.longer.contains_key(&(shape, hash)) {
            return Ok(LISTED);
        }
        let start = self.bytes.len();
        self.bytes.extend_from_slice(name);
        let longer = self.push(shape, names + 1, hash, (start, self.bytes.len()));
        self.longer.insert((shape, hash), longer);
        Ok(longer)
    }
}

/// The object has this name already.
#[derive(Debug)]
pub struct Duplicate;
