//! Writes rules for places that vary, the smallest first, as TOML ready to paste; it does not try them.

use std::collections::BTreeSet;
use std::ops::Range;

use regex::Regex;

use super::kind::{Kind, Part};
use super::number::Numeric;
use super::pair::{Apart, Cause, Place, Variation};
use super::pieces::{Class, pieces};
use crate::rule::moment::Moment;

/// A place that varies, with what stands there.
pub(super) type Member<'v> = (&'v Variation, Kind);

/// Writes rules, each under a name of its own.
#[derive(Clone)]
pub(super) struct Writer<'a> {
    /// The names that rules have already.
    pub taken: BTreeSet<String>,
    /// The configured point in time.
    pub timestamp: &'a str,
    /// The fixtures that rules are limited to, as TOML.
    pub within: Option<String>,
    pub apart: Apart,
}

impl Writer<'_> {
    /// What the values of one kind are, and the ways to cover them.
    pub fn rules(&self, name: &str, members: &[&Member<'_>]) -> Option<(String, Vec<String>)> {
        let (variation, kind) = members.first()?;
        let matches = matches(&places(members));
        let each = |words: &str, actions: &[String]| {
            let table =
                |matcher: &String, action: &String| self.table(name, matcher, action, words);
            let rules = matches
                .iter()
                .flat_map(|matcher| actions.iter().map(move |action| table(matcher, action)));
            Some((words.to_owned(), rules.collect()))
        };
        match kind {
            Kind::None => None,
            Kind::Order => {
                let matcher = format!("path = {}", quoted(&variation.place.pattern));
                let words = "the order of an array";
                Some((
                    words.to_owned(),
                    vec![self.table(name, &matcher, "\"sort\"", words)],
                ))
            }
            Kind::Moment(form) => {
                let form = Moment::of(form)
                    .unwrap_or(Moment::Instant)
                    .write(self.timestamp);
                each("a point in time", &[constant(&form)])
            }
            Kind::Epoch => each("a point in time", &[constant("0")]),
            Kind::Elapsed => each("a duration", &[constant("0s")]),
            Kind::Id { class, .. } => Some(self.identities(name, *class, kind, &matches, members)),
            Kind::Parts(parts) => Some(self.scrubs(name, &matches, parts, members)),
            Kind::Names(parts) => Some(self.scrubs(name, &[names_of(variation)], parts, members)),
            Kind::Number(numeric) => {
                let zero = [
                    "\"zero-typed\"".to_owned(),
                    "\"zero\"".to_owned(),
                    format!("{{ constant = {} }}", variation.first),
                ];
                let identity = format!("{{ identity = {} }}", quoted(&format!("{name}-${{n}}")));
                match numeric {
                    Numeric::Moment => each("a point in time", &zero),
                    Numeric::Elapsed => each("a duration", &zero),
                    Numeric::Counter => {
                        each("a counter", &[vec![identity], zero.to_vec()].concat())
                    }
                    Numeric::Noise(digits) => {
                        let round = format!("{{ round = {digits} }}");
                        each(
                            "a number with noise",
                            &[vec![round], zero.to_vec()].concat(),
                        )
                    }
                    Numeric::Any => each("a number", &zero),
                }
            }
        }
    }

    /// Rules that number ids: whole values, then what has the form of an id, which is all that there is inside of a text.
    fn identities(
        &self,
        name: &str,
        class: Class,
        kind: &Kind,
        matches: &[String],
        members: &[&Member<'_>],
    ) -> (String, Vec<String>) {
        let pattern = format!("pattern = {}", quoted(class.pattern()));
        let with_pattern = |matcher: &String| format!("{matcher}, {pattern}");
        let is_name = |member: &&&Member<'_>| matches!(member.0.cause, Cause::Names(_));
        let is_inside = |member: &&Member<'_>| matches!(member.1, Kind::Id { embedded: true, .. });
        let names: Vec<&&Member<'_>> = members.iter().filter(is_name).collect();
        let mut words = match class {
            Class::Other => "an id".to_owned(),
            class => class.words().to_owned(),
        };
        let matchers: Vec<String> = match names[..] {
            // A name is at no key: where an id is a value too, its form alone tells it.
            [(variation, _)] if members.len() == 1 => {
                words += " in a name";
                vec![with_pattern(&names_of(variation)), pattern]
            }
            [_, ..] => vec![pattern],
            [] if members.iter().any(is_inside) => matches.iter().map(with_pattern).collect(),
            [] if class == Class::Other => matches.to_vec(),
            [] => [matches.to_vec(), matches.iter().map(with_pattern).collect()].concat(),
        };
        let actions = identities(name, kind);
        let table = |matcher: &String, action: &String| self.table(name, matcher, action, &words);
        let rules = matchers
            .iter()
            .flat_map(|matcher| actions.iter().map(move |action| table(matcher, action)));
        let rules: Vec<String> = rules.collect();
        match self.beside(&format!("{name}-text"), members) {
            None => (words, rules),
            Some((more, scrubs)) => {
                let both = rules
                    .iter()
                    .flat_map(|rule| scrubs.iter().map(move |scrub| format!("{rule}\n{scrub}")));
                (format!("{words}, {more}"), both.collect())
            }
        }
    }

    /// Rules for what else varies in the texts that have an id.
    fn beside(&self, name: &str, members: &[&Member<'_>]) -> Option<(String, Vec<String>)> {
        let mut parts = BTreeSet::new();
        let mut texts = Vec::new();
        for &member in members {
            if let Kind::Id { rest, .. } = &member.1
                && !rest.is_empty()
            {
                parts.extend(rest.iter().cloned());
                texts.push(member);
            }
        }
        let parts: Vec<Part> = parts.into_iter().collect();
        let is_name = |member: &&Member<'_>| matches!(member.0.cause, Cause::Names(_));
        let matches = match texts[..] {
            [] => return None,
            [(variation, _)] if texts.iter().all(is_name) => vec![names_of(variation)],
            _ => matches(&places(&texts)),
        };
        Some(self.scrubs(name, &matches, &parts, &texts))
    }

    /// Rules that replace parts of a text, first by what they are alone, then with the words around them.
    ///
    /// Those that leave everything else in the text alone come before the others.
    fn scrubs(
        &self,
        name: &str,
        matches: &[String],
        parts: &[Part],
        members: &[&Member<'_>],
    ) -> (String, Vec<String>) {
        let words: BTreeSet<&str> = parts.iter().map(|part| part.class.words()).collect();
        let words = words.into_iter().collect::<Vec<_>>().join(" and ");
        let is_name = |member: &&Member<'_>| matches!(member.0.cause, Cause::Names(_));
        let words = if members.iter().all(is_name) {
            words + " in a name"
        } else {
            words + " inside a text"
        };
        let around = [(false, false), (false, true), (true, false), (true, true)];
        let mut ways: Vec<Vec<(String, String)>> = around
            .map(|(with_before, with_after)| replacements(parts, with_before, with_after))
            .into();
        ways.sort_by_key(|way| !is_precise(way, members));
        let rules = |matcher: &String| {
            let text = |way: &Vec<(String, String)>| {
                let tables = way.iter().enumerate().map(|(at, (pattern, written))| {
                    let name = match at {
                        0 => name.to_owned(),
                        at => format!("{name}-{}", at + 1),
                    };
                    let matcher = format!("{matcher}, pattern = {}", quoted(pattern));
                    let action = format!("{{ scrub = {} }}", quoted(written));
                    self.table(&name, &matcher, &action, &words)
                });
                tables.collect::<Vec<_>>().join("\n")
            };
            ways.iter().map(text).collect::<Vec<_>>()
        };
        let mut rules: Vec<String> = matches.iter().flat_map(rules).collect();
        rules.dedup();
        (words, rules)
    }

    fn table(&self, name: &str, matcher: &str, action: &str, words: &str) -> String {
        let reason = format!("{words} that differs from {}", self.apart.words());
        let within = match &self.within {
            Some(list) => format!("within = {list}\n"),
            None => String::new(),
        };
        format!(
            "[[normalize.rule]]\nname   = {}\nmatch  = {{ {matcher} }}\n{within}action = {action}\nreason = {}\n",
            quoted(name),
            quoted(&reason)
        )
    }

    /// A name of its own for a rule about some places: that of the first of them, or what all of them are members of.
    pub fn name(&mut self, members: &[&Member<'_>]) -> Option<String> {
        let place = &members.first()?.0.place;
        let last = |pattern: &str| -> Option<String> {
            let mut parts = pattern.rsplit(['.', '\'']);
            let part = parts.find(|part| part.chars().any(char::is_alphanumeric));
            part.map(str::to_owned)
        };
        let owner = members_of(&places(members)).and_then(last);
        let base = owner
            .or_else(|| place.key.clone())
            .or_else(|| last(&place.pattern));
        let base = base.as_deref().unwrap_or("value");
        let mut name = String::new();
        for letter in base.chars() {
            match letter {
                letter if letter.is_ascii_alphanumeric() => name.push(letter.to_ascii_lowercase()),
                _ if !name.is_empty() && !name.ends_with('-') => name.push('-'),
                _ => {}
            }
        }
        let name = name.trim_end_matches('-').to_owned();
        let base = if name.is_empty() {
            "value".to_owned()
        } else {
            name
        };
        let numbered = (2..).map(|number| format!("{base}-{number}"));
        let mut names = std::iter::once(base.clone()).chain(numbered);
        let free = names
            .find(|name| !self.taken.contains(name))
            .unwrap_or(base);
        self.taken.insert(free.clone());
        Some(free)
    }
}

/// As many members that vary alike are not a list of known names.
pub(super) const MANY: usize = 8;

fn places<'v>(members: &[&Member<'v>]) -> BTreeSet<&'v Place> {
    members
        .iter()
        .map(|(variation, _)| &variation.place)
        .collect()
}

/// A condition on the names of the members of an object; only what has a pattern besides looks at names.
fn names_of(object: &Variation) -> String {
    format!("path = {}", quoted(&format!("{}.*", object.place.pattern)))
}

/// What all of these places are members of, where they are several of one object.
fn members_of<'v>(places: &BTreeSet<&'v Place>) -> Option<&'v str> {
    let mut owners = places
        .iter()
        .map(|place| place.key.as_ref().map(|_| place.of.as_str()));
    let first = owners.next()??;
    (places.len() > 1 && owners.all(|owner| owner == Some(first))).then_some(first)
}

/// Conditions on the location, the shortest first.
fn matches(places: &BTreeSet<&Place>) -> Vec<String> {
    let keys: Option<BTreeSet<&str>> = places.iter().map(|place| place.key.as_deref()).collect();
    let by_key = keys.map(|keys| {
        let keys: Vec<String> = keys.into_iter().map(quoted).collect();
        format!("key = [{}]", keys.join(", "))
    });
    let mut patterns = places.iter().map(|place| &place.pattern);
    let by_path = match (patterns.next(), patterns.next()) {
        (Some(only), None) => Some(format!("path = {}", quoted(only))),
        _ => None,
    };
    let many = members_of(places).filter(|_| places.len() > MANY);
    let all_members = many.map(|owner| format!("path = {}", quoted(&format!("{owner}.*"))));
    [all_members, by_key, by_path]
        .into_iter()
        .flatten()
        .collect()
}

/// What to look for and what to write in its place, each once.
fn replacements(parts: &[Part], with_before: bool, with_after: bool) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    for part in parts {
        let before = if with_before {
            part.before.as_str()
        } else {
            ""
        };
        let after = if with_after { part.after.as_str() } else { "" };
        let pattern = [
            &regex::escape(before),
            part.class.pattern(),
            &regex::escape(after),
        ]
        .concat();
        if found.iter().all(|(known, _)| *known != pattern) {
            let written = format!("{before}{}{after}", part.placeholder).replace('$', "$$");
            found.push((pattern, written));
        }
    }
    found
}

/// Whether these replacements touch nothing in the texts but the parts that vary.
fn is_precise(ways: &[(String, String)], members: &[&Member<'_>]) -> bool {
    let texts = members.iter().filter_map(|member| match &member.0.cause {
        Cause::Texts(pairs) | Cause::Names(pairs) => Some(pairs),
        _ => None,
    });
    let pairs: Vec<&(String, String)> = texts.flatten().collect();
    ways.iter().all(|(pattern, _)| {
        let Ok(pattern) = Regex::new(pattern) else {
            return false;
        };
        pairs.iter().all(|pair| {
            let varying = varying_ranges(pair);
            let mut found = pattern.find_iter(&pair.0);
            found.all(|found| {
                let touches =
                    |range: &Range<usize>| range.start < found.end() && found.start() < range.end;
                varying.iter().any(touches)
            })
        })
    })
}

/// Where the first text of a pair has something else than the second.
fn varying_ranges((first, second): &(String, String)) -> Vec<Range<usize>> {
    let others = pieces(second);
    let mut at = 0;
    let ranges = pieces(first)
        .into_iter()
        .enumerate()
        .filter_map(|(index, piece)| {
            let range = at..at + piece.text.len();
            at = range.end;
            let same = others
                .get(index)
                .is_some_and(|other| other.text == piece.text);
            (!same).then_some(range)
        });
    ranges.collect()
}

/// Forms of placeholders that no raw value has.
fn identities(name: &str, kind: &Kind) -> Vec<String> {
    let forms = match kind {
        Kind::Id {
            class: Class::Uuid, ..
        } => vec!["00000000-0000-4000-8000-${n:012}".to_owned()],
        Kind::Id {
            class: Class::Hash,
            pairs,
            ..
        } => {
            // Hexadecimal, of the same length, and unlike any raw hash.
            let length = pairs.first().map_or(8, |pair| pair.0.len()) - "abc".len();
            vec![format!("abc${{n:0{length}}}"), format!("{name}-${{n}}")]
        }
        _ => vec![format!("{name}-${{n}}"), format!("{name}:${{n}}")],
    };
    forms
        .iter()
        .map(|form| format!("{{ identity = {} }}", quoted(form)))
        .collect()
}

fn constant(text: &str) -> String {
    format!("{{ constant = {} }}", quoted(text))
}

/// A TOML string; patterns as literal ones, so that they stay readable.
pub(super) fn quoted(text: &str) -> String {
    let literal =
        text.contains(['\\', '"']) && !text.contains('\'') && !text.chars().any(char::is_control);
    if literal {
        format!("'{text}'")
    } else {
        toml::Value::from(text).to_string()
    }
}
