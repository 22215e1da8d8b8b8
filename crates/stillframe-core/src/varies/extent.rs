//! How far a rule may reach at a place: the values there that vary, others of the same shape, and of a text only the parts that vary.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::kind::{Kind, Part, part};
use super::pair::{Cause, Place, Variation, renamed};
use super::pieces::{Class, Piece, components, pieces};
use crate::diff::{Path, Segment};
use crate::json::Node;

/// What a rule may change at one place.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Extent {
    /// The forms of the texts that vary there; a value that happens to be the same in both runs may be masked if it has one.
    shapes: BTreeSet<Shape>,
    /// Where only parts of a text vary: these, with the words around them.
    parts: Option<BTreeSet<(Class, String, String)>>,
    /// Elements may change their places.
    reorders: bool,
}

/// The classes of a text's parts, with the words between them.
type Shape = Vec<(Class, String)>;

impl Extent {
    /// What may change where this varies.
    pub(super) fn of(variation: &Variation, kind: &Kind) -> Self {
        let Cause::Texts(pairs) = &variation.cause else {
            return Self {
                reorders: variation.cause == Cause::Order,
                ..Self::default()
            };
        };
        let shapes = pairs
            .iter()
            .flat_map(|(first, second)| [shape(first), shape(second)])
            .filter(|shape| shape.iter().any(|(class, _)| *class != Class::Other))
            .collect();
        let in_parts = matches!(kind, Kind::Parts(_) | Kind::Id { embedded: true, .. });
        let parts = in_parts.then(|| {
            pairs
                .iter()
                .flat_map(|(first, second)| varying_parts(first, second))
                .map(key)
                .collect()
        });
        Self {
            shapes,
            parts,
            reorders: false,
        }
    }

    /// Adds what another variation of the same place allows.
    pub fn extend(&mut self, other: &Self) {
        self.shapes.extend(other.shapes.iter().cloned());
        self.reorders |= other.reorders;
        self.parts = match (self.parts.take(), &other.parts) {
            (Some(mut parts), Some(more)) => {
                parts.extend(more.iter().cloned());
                Some(parts)
            }
            _ => None,
        };
    }

    fn allows(&self, first: &Value, second: &Value, after: &Value) -> bool {
        let (Value::String(first), Value::String(second), Value::String(after)) =
            (first, second, after)
        else {
            return true;
        };
        if first == second && !self.shapes.contains(&shape(first)) {
            return false;
        }
        match &self.parts {
            None => true,
            Some(parts) => keeps_the_rest(first, second, after, parts),
        }
    }
}

fn shape(text: &str) -> Shape {
    let of = |piece: Piece<'_>| match piece.class {
        Class::Other => (Class::Other, piece.text.to_owned()),
        class => (class, String::new()),
    };
    pieces(text).into_iter().map(of).collect()
}

fn key(part: Part) -> (Class, String, String) {
    (part.class, part.before, part.after)
}

/// How a pair of texts was cut so that its parts can be held against each other.
fn cut<'t>(first: &'t str, second: &'t str) -> Option<(Vec<Piece<'t>>, Vec<Piece<'t>>)> {
    let alike = |one: &[Piece<'_>], two: &[Piece<'_>]| {
        one.len() == two.len()
            && one
                .iter()
                .zip(two)
                .all(|(a, b)| a.class == b.class && (a.class != Class::Other || a.text == b.text))
    };
    let (one, two) = (pieces(first), pieces(second));
    if alike(&one, &two) {
        return Some((one, two));
    }
    let (one, two) = (components(first), components(second));
    alike(&one, &two).then_some((one, two))
}

fn varying_parts(first: &str, second: &str) -> Vec<Part> {
    let Some((one, two)) = cut(first, second) else {
        return Vec::new();
    };
    (0..one.len())
        .filter(|&at| one[at].text != two[at].text)
        .map(|at| part(&one, at))
        .collect()
}

/// Whether of a text nothing has changed but what varies, or stands among the same words as what varies elsewhere.
fn keeps_the_rest(
    first: &str,
    second: &str,
    after: &str,
    parts: &BTreeSet<(Class, String, String)>,
) -> bool {
    let Some((one, two)) = cut(first, second) else {
        return false;
    };
    let may_change =
        |at: usize| one[at].text != two[at].text || parts.contains(&key(part(&one, at)));
    let mut fixed = vec![String::new()];
    for (at, piece) in one.iter().enumerate() {
        match fixed.last_mut() {
            Some(last) if !may_change(at) => last.push_str(piece.text),
            _ => fixed.push(String::new()),
        }
    }
    let (Some(start), Some(end)) = (fixed.first(), fixed.last()) else {
        return true;
    };
    let Some(mut rest) = after.strip_prefix(start.as_str()) else {
        return false;
    };
    for words in &fixed[1..] {
        match rest.find(words.as_str()) {
            Some(at) => rest = &rest[at + words.len()..],
            None => return false,
        }
    }
    fixed.len() == 1 || after.ends_with(end.as_str())
}

/// Whether rules that turned the first run into `after` left everything as it was but these places, each to its extent.
#[must_use]
pub fn changes_only(
    first: Node<'_>,
    second: Node<'_>,
    after: Node<'_>,
    meant: &BTreeMap<Place, Extent>,
) -> bool {
    let mut walk = Walk {
        path: Path::default(),
        meant,
    };
    walk.values(None, [first, second, after])
}

/// The members that have other names in each run, side by side. Rules may have renamed them.
fn renamed_members<'v>(
    [first, second, after]: [Node<'_>; 3],
    [one, two, now]: [&'v Map<String, Value>; 3],
) -> Vec<[&'v Value; 3]> {
    let pairs = renamed(first, one, second, two).unwrap_or_default();
    let by_rules = renamed(first, one, after, now).unwrap_or_default();
    let by_rules: BTreeMap<String, String> = by_rules.into_iter().collect();
    let members = pairs.iter().filter_map(|(name, other)| {
        let name_now = by_rules.get(name).unwrap_or(name);
        Some([one.get(name)?, two.get(other)?, now.get(name_now)?])
    });
    members.collect()
}

struct Walk<'a> {
    path: Path,
    meant: &'a BTreeMap<Place, Extent>,
}

impl Walk<'_> {
    fn values(&mut self, key: Option<&str>, [first, second, after]: [Node<'_>; 3]) -> bool {
        if first.value == after.value {
            return true;
        }
        match (first.value, second.value, after.value) {
            (Value::Object(one), Value::Object(two), Value::Object(now)) => {
                let same_names = one.iter().all(|(name, value)| {
                    let (Some(other), Some(now)) = (two.get(name), now.get(name)) else {
                        return true;
                    };
                    self.path.push(Segment::Key(name.clone()));
                    let nodes = [first.with(value), second.with(other), after.with(now)];
                    let sound = self.values(Some(name), nodes);
                    self.path.pop();
                    sound
                });
                let others = renamed_members([first, second, after], [one, two, now]);
                same_names
                    && others.into_iter().all(|[value, other, now]| {
                        self.path.push(Segment::Any);
                        let nodes = [first.with(value), second.with(other), after.with(now)];
                        let sound = self.values(None, nodes);
                        self.path.pop();
                        sound
                    })
            }
            (Value::Array(one), Value::Array(two), Value::Array(now)) => {
                // Elements that change their places are compared by what differs, not by where they stand.
                let reorders = self.extent(key).is_some_and(|extent| extent.reorders);
                if reorders || one.len() != two.len() || one.len() != now.len() {
                    return true;
                }
                one.iter().zip(two).zip(now).all(|((value, other), now)| {
                    self.path.push(Segment::Any);
                    let nodes = [first.with(value), second.with(other), after.with(now)];
                    let sound = self.values(None, nodes);
                    self.path.pop();
                    sound
                })
            }
            (one, two, now) => self
                .extent(key)
                .is_some_and(|extent| extent.allows(one, two, now)),
        }
    }

    fn extent(&self, key: Option<&str>) -> Option<&Extent> {
        self.meant.get(&Place::at(&self.path, key))
    }
}
