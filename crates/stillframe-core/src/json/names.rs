//! The names of all open objects, to find a duplicate and to say where one is; it refuses to hold more than its limits.

use super::shapes::{Duplicate, LISTED, ShapeId, Shapes, Usual};
use std::collections::HashSet;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

/// Objects with more names than this are looked up by a keyed hash.
const FEW: usize = super::shapes::MOST_NAMES;
/// The most names that all open objects may hold together, seven eighths of 2^21.
pub const MAX_NAMES: usize = 1_835_008;

/// What became of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Added {
    /// The object did not have it yet.
    New,
    /// The object has it already.
    Duplicate,
    /// There are too many names.
    Full,
}

/// The names of one open object: those of its shape, or a list.
#[derive(Debug)]
struct Object {
    /// What they are called together; nothing is listed then.
    shape: ShapeId,
    /// One bit a name: a clear bit proves that a name is new.
    seen: u64,
    /// Where the object's entries begin.
    entries: usize,
    /// Where the object's bytes begin.
    bytes: usize,
    /// 128-bit keyed hashes of all names, once there are many.
    many: Option<HashSet<u128>>,
}

/// The stack of open objects with their names.
#[derive(Debug, Default)]
pub struct Names {
    objects: Vec<Object>,
    shapes: Shapes,
    entries: Vec<(u64, usize)>,
    bytes: Vec<u8>,
    hashed: usize,
    keys: Option<(RandomState, RandomState)>,
}

impl Names {
    /// An object begins.
    #[inline]
    pub fn open(&mut self) {
        self.objects.push(Object {
            shape: LISTED,
            seen: 0,
            entries: self.entries.len(),
            bytes: self.bytes.len(),
            many: None,
        });
    }

    /// Says of which kind the object is that has just begun: those of one kind, at one place, share their shapes.
    #[inline]
    pub fn enter(&mut self, kind: u32) {
        let Some((object, around)) = self.objects.split_last_mut() else {
            return;
        };
        let around = around.last().map_or(Shapes::OUTSIDE, |around| around.shape);
        object.shape = self.shapes.enter(around, kind);
    }

    /// The shape of the innermost object, or [`LISTED`].
    #[inline]
    pub fn shape(&self) -> ShapeId {
        self.objects.last().map_or(LISTED, |object| object.shape)
    }

    /// How the next member began last time, after the same names.
    #[inline(always)]
    pub fn usual(&self) -> Option<&Usual> {
        self.shapes.usual(self.objects.last()?.shape)
    }

    /// How the next member began last time, after the names of a shape.
    #[inline(always)]
    pub fn usual_after(&self, shape: ShapeId) -> Option<&Usual> {
        self.shapes.usual(shape)
    }

    /// Adds the name that followed last time.
    #[inline(always)]
    pub fn add_usual(&mut self, next: ShapeId) {
        if let Some(object) = self.objects.last_mut() {
            object.shape = next;
        }
    }

    /// Adds a name, and remembers how its member began.
    pub fn learn(&mut self, name: &[u8], hash: u64, began: impl Fn(ShapeId) -> Usual) -> Added {
        let shape = self.shape();
        if shape == LISTED {
            return self.add(name, hash);
        }
        match self.shapes.add(shape, name, hash) {
            Err(Duplicate) => Added::Duplicate,
            Ok(LISTED) => self.add(name, hash),
            Ok(longer) => {
                self.shapes.set_usual(shape, began(longer));
                self.add_usual(longer);
                Added::New
            }
        }
    }

    /// Remembers how the innermost object ended.
    pub fn learn_end(&mut self, usual: Usual) {
        let shape = self.shape();
        if shape != LISTED {
            self.shapes.set_usual(shape, usual);
        }
    }

    /// Lists the names of the innermost object's shape.
    #[cold]
    fn list(&mut self) {
        let Some(object) = self.objects.last_mut() else {
            return;
        };
        let shape = std::mem::replace(&mut object.shape, LISTED);
        let mut names: Vec<_> = self.shapes.names(shape).collect();
        names.reverse();
        for (name, hash) in names {
            object.seen |= bit(hash);
            self.entries.push((hash, self.bytes.len()));
            self.bytes.extend_from_slice(name);
        }
    }

    /// The innermost object ends.
    #[inline]
    pub fn close(&mut self) {
        if let Some(object) = self.objects.pop() {
            self.entries.truncate(object.entries);
            self.bytes.truncate(object.bytes);
            if let Some(many) = object.many {
                self.hashed -= many.len();
            }
        }
    }

    /// How many objects are open.
    pub fn depth(&self) -> usize {
        self.objects.len()
    }

    /// The name that was last added to the open object with this index.
    pub fn current(&self, object: usize) -> Option<&[u8]> {
        let this = self.objects.get(object)?;
        if this.shape != LISTED {
            return self.shapes.last_name(this.shape);
        }
        let next = self.objects.get(object + 1);
        let entries = next.map_or(self.entries.len(), |next| next.entries);
        let end = next.map_or(self.bytes.len(), |next| next.bytes);
        let start = self.entries[this.entries..entries].last()?.1;
        Some(&self.bytes[start..end])
    }

    /// Adds a name that the current member gets; the printed one stays the current name.
    pub fn add_alias(&mut self, name: &[u8], hash: u64) -> Added {
        let current = self
            .depth()
            .checked_sub(1)
            .and_then(|object| self.current(object));
        let printed = current.unwrap_or_default().to_vec();
        let added = self.add(name, hash);
        if added == Added::New {
            self.entries.push((self::hash(&printed), self.bytes.len()));
            self.bytes.extend_from_slice(&printed);
        }
        added
    }

    /// Adds the decoded name with its [`hash`] to the innermost object.
    #[inline]
    pub fn add(&mut self, name: &[u8], hash: u64) -> Added {
        if self.shape() != LISTED {
            self.list();
        }
        let Some(object) = self.objects.last_mut() else {
            return Added::New;
        };
        if object.many.is_some() {
            let (entries, bytes) = (object.entries, object.bytes);
            self.entries.truncate(entries);
            self.bytes.truncate(bytes);
            self.entries.push((hash, bytes));
            self.bytes.extend_from_slice(name);
            return self.add_hashed(name);
        }
        let bit = bit(hash);
        let seen = object.seen & bit != 0;
        let few = self.entries.len() - object.entries < FEW;
        object.seen |= bit;
        if seen && self.holds(name, hash) {
            return Added::Duplicate;
        }
        self.entries.push((hash, self.bytes.len()));
        self.bytes.extend_from_slice(name);
        if few { Added::New } else { self.grow() }
    }

    fn holds(&self, name: &[u8], hash: u64) -> bool {
        let Some(object) = self.objects.last() else {
            return false;
        };
        let own = &self.entries[object.entries..];
        own.iter().enumerate().any(|(index, &(other, start))| {
            let end = own.get(index + 1).map_or(self.bytes.len(), |next| next.1);
            other == hash && &self.bytes[start..end] == name
        })
    }

    /// Moves the innermost object's names into a set of keyed hashes.
    #[cold]
    fn grow(&mut self) -> Added {
        let Some(object) = self.objects.last_mut() else {
            return Added::New;
        };
        let first = object.entries;
        object.many = Some(HashSet::new());
        let starts: Vec<usize> = self.entries[first..].iter().map(|entry| entry.1).collect();
        let text = self.bytes.split_off(starts[0]);
        let offset = starts[0];
        let last = self.entries.last().copied();
        self.entries.truncate(first);
        for (index, start) in starts.iter().enumerate() {
            let end = starts
                .get(index + 1)
                .map_or(text.len(), |next| next - offset);
            let _ = self.add_hashed(&text[start - offset..end]);
        }
        if let Some((hash, start)) = last {
            self.entries.push((hash, self.bytes.len()));
            self.bytes.extend_from_slice(&text[start - offset..]);
        }
        Added::New
    }

    fn add_hashed(&mut self, name: &[u8]) -> Added {
        if self.hashed >= MAX_NAMES {
            return Added::Full;
        }
        let (left, right) = self.keys.get_or_insert_with(Default::default);
        let key = (u128::from(left.hash_one(name)) << 64) | u128::from(right.hash_one(name));
        let many = self
            .objects
            .last_mut()
            .and_then(|object| object.many.as_mut());
        match many.map(|many| many.insert(key)) {
            Some(false) => Added::Duplicate,
            _ => {
                self.hashed += 1;
                Added::New
            }
        }
    }
}

/// The bit of a hash in [`Object::seen`].
#[inline]
fn bit(hash: u64) -> u64 {
    1 << (hash >> 58)
}

/// A quick hash of a name; good enough where a hit is confirmed and misses are few.
#[inline]
pub fn hash(name: &[u8]) -> u64 {
    const K: u64 = 0x9E37_79B9_7F4A_7C15;
    let mix = |hash: u64, word: u64| (hash.rotate_left(5) ^ word).wrapping_mul(K);
    let mut hash = name.len() as u64;
    let mut rest = name;
    while let Some((chunk, tail)) = rest.split_first_chunk::<8>() {
        hash = mix(hash, u64::from_le_bytes(*chunk));
        rest = tail;
    }
    // The last bytes are taken together with some that were taken already, where there are any.
    let last = match (
        name.last_chunk::<8>(),
        rest.first_chunk::<4>(),
        rest.last_chunk::<4>(),
    ) {
        (Some(last), ..) => u64::from_le_bytes(*last),
        (None, Some(first), Some(last)) => {
            (u64::from(u32::from_le_bytes(*first)) << 32) | u64::from(u32::from_le_bytes(*last))
        }
        _ => rest
            .iter()
            .fold(0, |word, &byte| (word << 8) | u64::from(byte)),
    };
    hash = mix(hash, last);
    hash ^ (hash >> 32).wrapping_mul(K)
}
