//! What kind of value varies at a place, so that those which one rule could treat alike are known; it writes no rule.

use std::collections::BTreeSet;

use super::number::{self, Numeric, numeric};
use super::pair::{Cause, Variation};
use super::pieces::{Class, Piece, components, pieces};
use crate::rule::moment::Moment;

/// What stands at a place, as far as one rule could treat it alike.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    /// The whole text is a point in time of one form.
    Moment(String),
    /// The whole text is a number of seconds since 1970, or of parts of a second.
    Epoch,
    /// The whole text is an elapsed time.
    Elapsed,
    /// An id, alone or inside a longer text, of which other parts may vary too; its pairs.
    Id {
        class: Class,
        embedded: bool,
        pairs: Vec<(String, String)>,
        rest: Vec<Part>,
    },
    /// Parts of a text, each with the words around it.
    Parts(Vec<Part>),
    Number(Numeric),
    /// The same for the names of members.
    Names(Vec<Part>),
    Order,
    None,
}

/// A part of a text that varies.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Part {
    pub class: Class,
    pub before: String,
    pub after: String,
    pub placeholder: String,
}

/// What stands at a place, judged by its name and all pairs of values.
pub(super) fn kind(variation: &Variation) -> Kind {
    match &variation.cause {
        Cause::Order => Kind::Order,
        Cause::Structure(_) => Kind::None,
        Cause::Numbers(pairs) => Kind::Number(numeric(&variation.place, pairs)),
        Cause::Texts(pairs) => text_kind(pairs),
        Cause::Names(pairs) => match differing(pairs, pieces).map(parts_kind) {
            Some(id @ Kind::Id { .. }) => id,
            Some(Kind::Parts(parts)) => Kind::Names(parts),
            _ => Kind::None,
        },
    }
}

fn text_kind(pairs: &[(String, String)]) -> Kind {
    let forms: Option<Vec<Moment>> = both(pairs).map(|text| Moment::of(text)).collect();
    if let Some(forms) = forms {
        let written: BTreeSet<String> = forms
            .iter()
            .map(|form| form.write("2000-01-01T00:00:00Z"))
            .collect();
        if let (1, Some(form)) = (written.len(), forms.first()) {
            return Kind::Moment(form.write("2000-01-01T00:00:00Z"));
        }
    }
    let alone = |class: Class| {
        both(pairs).all(|text| matches!(&pieces(text)[..], [piece] if piece.class == class))
    };
    if alone(Class::Duration) {
        return Kind::Elapsed;
    }
    for class in [Class::Uuid, Class::Hash] {
        if alone(class) {
            return Kind::Id {
                class,
                embedded: false,
                pairs: pairs.to_vec(),
                rest: Vec::new(),
            };
        }
    }
    if number::are_moments(pairs) {
        return Kind::Epoch;
    }
    let parts = differing(pairs, pieces)
        .filter(|parts| !is_word_of_numbers(pairs, parts))
        .or_else(|| differing(pairs, components).filter(|_| pairs.iter().all(share_a_name)));
    let Some(parts) = parts else {
        let one_word =
            both(pairs).all(|text| !text.contains(char::is_whitespace) && !text.is_empty());
        return if one_word {
            Kind::Id {
                class: Class::Other,
                embedded: false,
                pairs: pairs.to_vec(),
                rest: Vec::new(),
            }
        } else {
            Kind::None
        };
    };
    parts_kind(parts)
}

/// Ids of one class with what else varies beside them, or parts.
fn parts_kind(parts: Vec<Differing>) -> Kind {
    let ids: BTreeSet<Class> = parts
        .iter()
        .map(|(part, _)| part.class)
        .filter(|class| matches!(class, Class::Uuid | Class::Hash))
        .collect();
    let sorted = |parts: Vec<Differing>| -> Vec<Part> {
        let parts: BTreeSet<Part> = parts.into_iter().map(|(part, _)| part).collect();
        parts.into_iter().collect()
    };
    if let (1, Some(class)) = (ids.len(), ids.first().copied()) {
        let (ids, rest): (Vec<Differing>, Vec<Differing>) =
            parts.into_iter().partition(|(part, _)| part.class == class);
        return Kind::Id {
            class,
            embedded: true,
            pairs: ids.into_iter().map(|(_, pair)| pair).collect(),
            rest: sorted(rest),
        };
    }
    Kind::Parts(sorted(parts))
}

/// Whether two paths differ in some names only.
fn share_a_name((first, second): &(String, String)) -> bool {
    components(first)
        .iter()
        .zip(components(second))
        .any(|(one, two)| one.class == Class::Component && *one == two)
}

/// Whether this is an id such as `1763678400-4711`, and not an address or a path with a number in it.
fn is_word_of_numbers(pairs: &[(String, String)], parts: &[Differing]) -> bool {
    let part_of_more = |letter: char| letter.is_whitespace() || "/:=?&".contains(letter);
    let words = both(pairs).all(|text| !text.contains(part_of_more) && !is_measured(text));
    words && parts.iter().all(|(part, _)| part.class == Class::Number)
}

/// Whether a text is `12.5%`, `14MB` or `0.5`.
fn is_measured(text: &str) -> bool {
    const LONGEST_UNIT: usize = 4;
    match &pieces(text)[..] {
        [number] => number.class == Class::Number && number.text.contains('.'),
        [number, unit] => number.class == Class::Number && unit.text.len() <= LONGEST_UNIT,
        _ => false,
    }
}

fn both(pairs: &[(String, String)]) -> impl Iterator<Item = &String> {
    pairs.iter().flat_map(|(first, second)| [first, second])
}

/// A part that varies, and what it was in both runs.
type Differing = (Part, (String, String));

/// The parts at which texts differ; none where they differ in something that is not such a part.
fn differing(
    pairs: &[(String, String)],
    cut: impl Fn(&str) -> Vec<Piece<'_>>,
) -> Option<Vec<Differing>> {
    let mut found = Vec::new();
    for (first, second) in pairs {
        let (one, two) = (cut(first), cut(second));
        if one.len() != two.len() {
            return None;
        }
        for (at, (a, b)) in one.iter().zip(&two).enumerate() {
            if a.text == b.text {
                continue;
            }
            if a.class != b.class || a.class == Class::Other {
                return None;
            }
            found.push((part(&one, at), (a.text.to_owned(), b.text.to_owned())));
        }
    }
    Some(found)
}

pub(super) fn part(pieces: &[Piece<'_>], at: usize) -> Part {
    if pieces[at].class == Class::Component {
        return component(pieces, at);
    }
    let near = |piece: Option<&Piece<'_>>| match piece {
        Some(piece) if piece.class == Class::Other => piece.text.to_owned(),
        _ => String::new(),
    };
    let before = near(at.checked_sub(1).and_then(|at| pieces.get(at)));
    let after = near(pieces.get(at + 1));
    let (class, text) = (pieces[at].class, pieces[at].text);
    let placeholder = match class {
        Class::Moment | Class::Date | Class::Time => Moment::of(text)
            .unwrap_or(Moment::Instant)
            .write("2000-01-01T00:00:00Z"),
        Class::Duration => {
            let unit =
                text.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == '.');
            format!("0{unit}")
        }
        Class::NamedDate => "01 Jan 2000".to_owned(),
        Class::Uuid => "00000000-0000-4000-8000-000000000000".to_owned(),
        _ => "0".to_owned(),
    };
    Part {
        class,
        before: before[last_word(&before)..].to_owned(),
        after: after[..first_word(&after)].to_owned(),
        placeholder,
    }
}

/// A component of a path, with the one before it and the one after.
fn component(pieces: &[Piece<'_>], at: usize) -> Part {
    let text = |range: std::ops::Range<usize>| -> String {
        let near = pieces.get(range).unwrap_or_default();
        near.iter().map(|piece| piece.text).collect()
    };
    Part {
        class: Class::Component,
        before: text(at.saturating_sub(3)..at),
        after: text(at + 1..pieces.len().min(at + 3)),
        placeholder: "name".to_owned(),
    }
}

/// Where the last word of a text begins.
fn last_word(text: &str) -> usize {
    let trimmed = text.trim_end();
    trimmed.rfind(char::is_whitespace).map_or(0, |at| at + 1)
}

/// Where the first word of a text ends.
fn first_word(text: &str) -> usize {
    let start = text.len() - text.trim_start().len();
    text[start..]
        .find(char::is_whitespace)
        .map_or(text.len(), |at| start + at)
}
