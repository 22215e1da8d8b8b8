//! What of a fixture names this machine or this day: a pure function of the fixture and of facts that it is given.

mod day;
mod nearby;
mod quick;
mod sign;

use std::collections::BTreeMap;
use std::ops::Range;

use crate::json::text::{decode, encode};
use crate::json::tokens::{Framing, Token, Tokens};
use crate::normalize::{Masks, Step};

pub use day::Day;
use nearby::Nearby;
use quick::Quick;
use sign::Sign;

/// Facts about the machine on which, and the time at which a run takes place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Machine {
    /// Names of the host, with and without its domain.
    pub hosts: Vec<String>,
    /// Names of the user.
    pub users: Vec<String>,
    /// Folders that other machines do not have at this place.
    pub folders: Vec<String>,
    /// The days of the run, in UTC and in local time.
    pub days: Vec<Day>,
    /// The time in seconds since 1970.
    pub now: i64,
}

/// The facts, ready to be looked for.
#[derive(Debug)]
pub struct Look {
    signs: Vec<Sign>,
    /// Finds nothing where no sign stands; most of a fixture is read no further.
    quick: Quick,
}

/// No more places than this are named for one fact.
const MOST_PLACES: usize = 5;
/// An example is not longer than this, in letters.
const LONGEST_EXAMPLE: usize = 60;

impl Look {
    /// Prepares to look for these facts.
    pub fn new(machine: &Machine) -> Self {
        let signs = sign::of(machine);
        let quick = Quick::new(signs.iter().flat_map(Sign::hints).collect());
        Self { signs, quick }
    }

    /// What in a fixture depends on the machine or the day, one line for each fact.
    pub fn at(&self, framing: Framing, fixture: &[u8]) -> Vec<String> {
        if self.stands_in(fixture) {
            self.read(framing, fixture)
        } else {
            Vec::new()
        }
    }

    /// Whether a sign may stand in a fixture. Some digits of a point in time are soon found anywhere, so the token around
    /// them is looked at before everything is read.
    fn stands_in(&self, fixture: &[u8]) -> bool {
        let mut from = 0;
        while let Some(found) = self.quick.find(fixture, from) {
            let Some(token) = Nearby::at(fixture, from, found) else {
                return true;
            };
            let range = token.range();
            let printed = &fixture[range.clone()];
            let stands = match token {
                Nearby::Text(_) => {
                    let text = decode(printed);
                    self.signs.iter().any(|sign| sign.find(&text).is_some())
                }
                Nearby::Number(_) => {
                    let number = String::from_utf8_lossy(printed);
                    self.signs.iter().any(|sign| sign.is_number(&number))
                }
            };
            if stands {
                return true;
            }
            from = range.end;
        }
        false
    }

    fn read(&self, framing: Framing, fixture: &[u8]) -> Vec<String> {
        let mut tokens = Tokens::of_text(fixture, framing);
        let line = (framing == Framing::Ndjson).then_some(Step::Element);
        let mut findings = Findings::default();
        // What cannot be read is a finding of its own, made earlier.
        while let Ok(token) = tokens.next(&mut ()) {
            let suspect = || self.quick.find(tokens.token(), 0).is_some();
            let place = || {
                let steps = tokens.pattern(|_| false);
                line.into_iter().chain(steps).collect()
            };
            match token {
                Token::Name if suspect() => {
                    let name = String::from_utf8_lossy(tokens.name());
                    findings.note_name(&self.signs, &name, || {
                        let mut steps: Vec<Step<'_>> = place();
                        steps.pop();
                        steps.extend([Step::Member, Step::Name]);
                        steps
                    });
                }
                Token::String if suspect() => {
                    findings.note(&self.signs, &decode(tokens.token()), place);
                }
                Token::Number if suspect() => {
                    let number = String::from_utf8_lossy(tokens.token());
                    findings.note_number(&self.signs, &number, place);
                }
                Token::ObjectStart => tokens.enter(0),
                Token::EndOfInput => break,
                _ => {}
            }
        }
        findings.lines(&self.signs)
    }
}

/// The signs that were found, by their index.
#[derive(Default)]
struct Findings {
    places: Masks,
    examples: BTreeMap<usize, String>,
}

impl Findings {
    fn note<'a>(&mut self, signs: &[Sign], text: &str, place: impl Fn() -> Vec<Step<'a>>) {
        for (index, at) in largest(signs.iter().map(|sign| sign.find(text))) {
            self.add(index, &place, || quoted(text, at.start));
        }
    }

    fn note_name<'a>(&mut self, signs: &[Sign], name: &str, place: impl Fn() -> Vec<Step<'a>>) {
        for (index, at) in largest(signs.iter().map(|sign| sign.find_in_name(name))) {
            self.add(index, &place, || quoted(name, at.start));
        }
    }

    fn note_number<'a>(&mut self, signs: &[Sign], token: &str, place: impl Fn() -> Vec<Step<'a>>) {
        for (index, sign) in signs.iter().enumerate() {
            if sign.is_number(token) {
                self.add(index, &place, || token.to_owned());
            }
        }
    }

    fn add<'a>(
        &mut self,
        sign: usize,
        place: &impl Fn() -> Vec<Step<'a>>,
        example: impl FnOnce() -> String,
    ) {
        self.places.add(sign, place());
        self.examples.entry(sign).or_insert_with(example);
    }

    fn lines(self, signs: &[Sign]) -> Vec<String> {
        let examples = self.examples;
        let line = |(sign, places): (usize, Vec<String>)| {
            let more = places.len().saturating_sub(MOST_PLACES);
            let shown = places[..places.len() - more].join(", ");
            let more = if more > 0 {
                format!(" and {more} more places")
            } else {
                String::new()
            };
            let example = examples.get(&sign).map_or("", String::as_str);
            format!("{}: {shown}{more}, as in {example}", signs[sign])
        };
        self.places.finish().into_iter().map(line).collect()
    }
}

/// Where signs stand, by their index, without those that are part of another one: the user in the path of the home, which
/// is in the path of the project.
fn largest(found: impl Iterator<Item = Option<Range<usize>>>) -> Vec<(usize, Range<usize>)> {
    let found: Vec<(usize, Range<usize>)> = found
        .enumerate()
        .filter_map(|(index, at)| Some((index, at?)))
        .collect();
    let is_part = |at: &Range<usize>| {
        let around = |other: &Range<usize>| other.start <= at.start && at.end <= other.end;
        found.iter().any(|(_, other)| other != at && around(other))
    };
    let largest = found.iter().filter(|(_, at)| !is_part(at));
    largest.cloned().collect()
}

/// A text as JSON, of a long one the part around the letter at `at`.
fn quoted(text: &str, at: usize) -> String {
    let before = text[..at].chars().rev();
    let start = at
        - before
            .take(LONGEST_EXAMPLE / 3)
            .map(char::len_utf8)
            .sum::<usize>();
    let start = if text.chars().count() <= LONGEST_EXAMPLE {
        0
    } else {
        start
    };
    let rest = &text[start..];
    let end = rest
        .char_indices()
        .nth(LONGEST_EXAMPLE)
        .map_or(rest.len(), |(end, _)| end);
    let mut out = Vec::new();
    let (head, tail) = (
        if start > 0 { "…" } else { "" },
        if end < rest.len() { "…" } else { "" },
    );
    encode(&format!("{head}{}{tail}", &rest[..end]), &mut out);
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests;
