//! Rules that might cover what varies, the smallest first, as TOML ready to paste; whether one does is for the normaliser to show.

use std::collections::{BTreeMap, BTreeSet};

use super::extent::Extent;
use super::kind::{Kind, Numeric, Part, kind};
use super::pair::{Cause, Place, Variation};
use super::pieces::Class;
use crate::rule::moment::Moment;

/// Ways to cover some places, of which the first that works is the one to offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// What is to be covered, and how far a rule may reach there.
    pub places: BTreeMap<Place, Extent>,
    /// What stands there, as in `a UUID`.
    pub words: String,
    /// Each a text of one or more `[[normalize.rule]]` tables.
    pub rules: Vec<String>,
}

/// What offers for all variations of a run; those that no rule can even out are left out.
///
/// `taken` holds the names of the rules that there are, `timestamp` the configured point in time, `fixtures` those that
/// have a place: rules that are limited to them come last.
#[must_use]
pub fn offers(
    variations: &[Variation],
    taken: &BTreeSet<String>,
    timestamp: &str,
    fixtures: &BTreeMap<Place, BTreeSet<String>>,
) -> Vec<Offer> {
    let mut writer = Writer {
        taken: taken.clone(),
        timestamp,
        within: None,
    };
    let kinds: Vec<(&Variation, Kind)> = variations
        .iter()
        .map(|variation| (variation, kind(variation)))
        .collect();
    let mut offers = Vec::new();
    let mut done = BTreeSet::new();
    for (at, (variation, kind)) in kinds.iter().enumerate() {
        if done.contains(&at) {
            continue;
        }
        let together = alike(&kinds, at);
        let members: Vec<&(&Variation, Kind)> = together.iter().map(|&at| &kinds[at]).collect();
        done.extend(together);
        let mut places: BTreeMap<Place, Extent> = BTreeMap::new();
        for (variation, kind) in &members {
            let extent = places.entry(variation.place.clone()).or_default();
            *extent = Extent::of(variation, kind);
        }
        let name = writer.name(&variation.place);
        let Some((words, mut rules)) = writer.rules(&name, variation, kind, &members) else {
            continue;
        };
        let in_fixtures: BTreeSet<&String> = places
            .keys()
            .filter_map(|place| fixtures.get(place))
            .flatten()
            .collect();
        writer.within = (!in_fixtures.is_empty()).then(|| within(&in_fixtures));
        let limited = writer.rules(&name, variation, kind, &members);
        rules.extend(limited.into_iter().flat_map(|(_, rules)| rules));
        writer.within = None;
        offers.push(Offer {
            places,
            words,
            rules,
        });
    }
    offers
}

/// The variations that one rule should cover together with this one: ids that are the same, and the same name elsewhere.
fn alike(kinds: &[(&Variation, Kind)], from: usize) -> BTreeSet<usize> {
    let mut together = BTreeSet::from([from]);
    loop {
        let more: Vec<usize> = (0..kinds.len())
            .filter(|at| !together.contains(at))
            .filter(|&at| {
                together
                    .iter()
                    .any(|&member| belong(&kinds[member], &kinds[at]))
            })
            .collect();
        if more.is_empty() {
            return together;
        }
        together.extend(more);
    }
}

fn belong(one: &(&Variation, Kind), other: &(&Variation, Kind)) -> bool {
    let (key, other_key) = (&one.0.place.key, &other.0.place.key);
    match (&one.1, &other.1) {
        (
            Kind::Id { class, pairs, .. },
            Kind::Id {
                class: other_class,
                pairs: others,
                ..
            },
        ) => {
            let shared = pairs.iter().any(|pair| others.contains(pair));
            let is_name = |variation: &Variation| matches!(variation.cause, Cause::Names(_));
            let anywhere = shared && (is_name(one.0) || is_name(other.0));
            let keyed = key.is_some() && other_key.is_some();
            class == other_class && (anywhere || (keyed && (shared || key == other_key)))
        }
        (Kind::None | Kind::Order, _) => false,
        (one, other) => one == other && key.is_some() && key == other_key,
    }
}

struct Writer<'a> {
    taken: BTreeSet<String>,
    timestamp: &'a str,
    /// The fixtures that rules are limited to, as TOML.
    within: Option<String>,
}

impl Writer<'_> {
    /// What the values are, and the ways to cover them.
    fn rules(
        &self,
        name: &str,
        variation: &Variation,
        kind: &Kind,
        members: &[&(&Variation, Kind)],
    ) -> Option<(String, Vec<String>)> {
        let matches = matches(members.iter().map(|(variation, _)| &variation.place));
        let each = |words: &str, extra: &str, actions: &[String]| {
            let table = |matcher: &String, action: &String| {
                self.table(name, &format!("{matcher}{extra}"), action, words)
            };
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
                each("a point in time", "", &[constant(&form)])
            }
            Kind::Elapsed => each("a duration", "", &[constant("0s")]),
            Kind::Id { class, .. } => Some(self.identities(name, *class, kind, &matches, members)),
            Kind::Parts(parts) => Some(self.scrubs(name, &matches, parts)),
            Kind::Number(numeric) => {
                let zero = [
                    "\"zero-typed\"".to_owned(),
                    "\"zero\"".to_owned(),
                    format!("{{ constant = {} }}", variation.first),
                ];
                let identity = format!("{{ identity = {} }}", quoted(&format!("{name}-${{n}}")));
                match numeric {
                    Numeric::Moment => each("a point in time", "", &zero),
                    Numeric::Elapsed => each("a duration", "", &zero),
                    Numeric::Counter => {
                        each("a counter", "", &[vec![identity], zero.to_vec()].concat())
                    }
                    Numeric::Noise(digits) => {
                        let round = format!("{{ round = {digits} }}");
                        each(
                            "a number with noise",
                            "",
                            &[vec![round], zero.to_vec()].concat(),
                        )
                    }
                    Numeric::Any => each("a number", "", &zero),
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
        members: &[&(&Variation, Kind)],
    ) -> (String, Vec<String>) {
        let words = if class == Class::Other {
            "an id"
        } else {
            class.words()
        };
        let mut embedded = false;
        let mut beside = Vec::new();
        let mut parts = BTreeSet::new();
        for (variation, kind) in members {
            if let Kind::Id {
                embedded: inside,
                rest,
                ..
            } = kind
            {
                embedded |= inside;
                if !rest.is_empty() {
                    beside.push(&variation.place);
                    parts.extend(rest.iter().cloned());
                }
            }
        }
        let pattern = format!(", pattern = {}", quoted(class.pattern()));
        let extras = match (embedded, class) {
            (true, _) => vec![pattern.as_str()],
            (false, Class::Other) => vec![""],
            (false, _) => vec!["", pattern.as_str()],
        };
        let actions = identities(name, kind);
        let mut rules = Vec::new();
        // A name is at no key: the form alone tells it.
        let is_name =
            |(variation, _): &&(&Variation, Kind)| matches!(variation.cause, Cause::Names(_));
        let by_form = [String::new()];
        let (matches, extras) = if members.iter().any(is_name) {
            (&by_form[..], vec![&pattern[2..]])
        } else {
            (matches, extras)
        };
        for extra in extras {
            for matcher in matches {
                for action in &actions {
                    rules.push(self.table(name, &format!("{matcher}{extra}"), action, words));
                }
            }
        }
        if beside.is_empty() {
            return (words.to_owned(), rules);
        }
        let parts: Vec<Part> = parts.into_iter().collect();
        let others = format!("{name}-text");
        let (more, scrubs) = self.scrubs(&others, &self::matches(beside), &parts);
        let both = rules
            .iter()
            .flat_map(|rule| scrubs.iter().map(move |scrub| format!("{rule}\n{scrub}")));
        (format!("{words}, {more}"), both.collect())
    }

    fn table(&self, name: &str, matcher: &str, action: &str, words: &str) -> String {
        let reason = format!("{words} that differs from run to run");
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

    /// Rules that replace parts of a text, first by what they are alone, then with the words around them.
    fn scrubs(&self, name: &str, matches: &[String], parts: &[Part]) -> (String, Vec<String>) {
        let words: BTreeSet<&str> = parts.iter().map(|part| part.class.words()).collect();
        let words = words.into_iter().collect::<Vec<_>>().join(" and ") + " inside a text";
        let mut rules = Vec::new();
        for matcher in matches {
            for (with_before, with_after) in
                [(false, false), (false, true), (true, false), (true, true)]
            {
                let mut text = String::new();
                let mut seen = BTreeSet::new();
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
                    if !seen.insert(pattern.clone()) {
                        continue;
                    }
                    let name = if text.is_empty() {
                        name.to_owned()
                    } else {
                        format!("{name}-{}", seen.len())
                    };
                    let matcher = format!("{matcher}, pattern = {}", quoted(&pattern));
                    let written = format!("{before}{}{after}", part.placeholder).replace('$', "$$");
                    let action = format!("{{ scrub = {} }}", quoted(&written));
                    text.push_str(&self.table(&name, &matcher, &action, &words));
                }
                rules.push(text);
            }
        }
        rules.dedup();
        (words, rules)
    }

    /// A name of its own for a rule about a place.
    fn name(&mut self, place: &Place) -> String {
        let last = place
            .pattern
            .rsplit(['.', '\''])
            .find(|part| part.chars().any(char::is_alphanumeric));
        let base = place.key.as_deref().or(last).unwrap_or("value");
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
        free
    }
}

/// Conditions on the location, the shortest first.
fn matches<'p>(places: impl IntoIterator<Item = &'p Place>) -> Vec<String> {
    let places: BTreeSet<&Place> = places.into_iter().collect();
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
    by_key.into_iter().chain(by_path).collect()
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

/// Globs that match these fixtures and no others.
fn within(fixtures: &BTreeSet<&String>) -> String {
    let literal: Vec<String> = fixtures
        .iter()
        .map(|path| quoted(&glob::Pattern::escape(path)))
        .collect();
    format!("[{}]", literal.join(", "))
}

/// A TOML string; patterns as literal ones, so that they stay readable.
fn quoted(text: &str) -> String {
    let literal =
        text.contains(['\\', '"']) && !text.contains('\'') && !text.chars().any(char::is_control);
    if literal {
        format!("'{text}'")
    } else {
        toml::Value::from(text).to_string()
    }
}

/// Variations of several fixtures as one list: those of one place are one.
#[must_use]
pub fn merged(variations: impl IntoIterator<Item = Variation>) -> Vec<Variation> {
    let mut places: BTreeMap<Place, Variation> = BTreeMap::new();
    for variation in variations {
        match places.get_mut(&variation.place) {
            None => _ = places.insert(variation.place.clone(), variation),
            Some(known) => match (&mut known.cause, variation.cause) {
                (Cause::Texts(pairs), Cause::Texts(more))
                | (Cause::Numbers(pairs), Cause::Numbers(more))
                | (Cause::Names(pairs), Cause::Names(more)) => {
                    pairs.extend(more);
                }
                (known, other) if *known == other => {}
                (known, _) => *known = Cause::Structure("what varies there is of several kinds"),
            },
        }
    }
    places.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Document;
    use crate::normalize::{Format, Plan, Settings};
    use crate::varies::variations;
    use serde_json::{Value, json};

    fn offered(first: Value, second: Value) -> Vec<Offer> {
        let (first, second) = (Document::from(first), Document::from(second));
        let found = variations(first.node(), second.node());
        let offers = offers(
            &found,
            &BTreeSet::new(),
            "2000-01-01T00:00:00Z",
            &BTreeMap::new(),
        );
        for rules in offers.iter().flat_map(|offer| &offer.rules) {
            #[derive(serde::Deserialize)]
            struct File {
                normalize: Settings,
            }
            let file: File =
                toml::from_str(rules).unwrap_or_else(|error| panic!("{rules}\n{error}"));
            Plan::compile(&file.normalize, &Format::default())
                .unwrap_or_else(|errors| panic!("{rules}\n{errors:?}"));
        }
        offers
    }

    #[track_caller]
    fn first_rule(first: Value, second: Value) -> String {
        let offers = offered(first, second);
        assert_eq!(offers.len(), 1, "{offers:?}");
        offers[0].rules[0].clone()
    }

    #[test]
    fn what_varies_gets_the_rule_that_people_would_write() {
        let uuid = |last: u8| format!("0193a2b1-7c3d-7e4f-8a5b-6c7d8e9f0a{last:02}");
        for (first, second, matcher, action) in [
            (
                json!({"run": uuid(1)}),
                json!({"run": uuid(2)}),
                r#"key = ["run"]"#,
                r#"{ identity = "00000000-0000-4000-8000-${n:012}" }"#,
            ),
            (
                json!({"at": "2026-11-26T20:12:39Z"}),
                json!({"at": "2026-11-26T20:12:41.5Z"}),
                r#"key = ["at"]"#,
                r#"{ constant = "2000-01-01T00:00:00Z" }"#,
            ),
            (
                json!({"at": "2026-11-26 20:12"}),
                json!({"at": "2026-11-26 20:13"}),
                r#"key = ["at"]"#,
                r#"{ constant = "2000-01-01 00:00" }"#,
            ),
            (
                json!({"took": "1.5 s"}),
                json!({"took": "20 ms"}),
                r#"key = ["took"]"#,
                r#"{ constant = "0s" }"#,
            ),
            (
                json!({"elapsed": 1.5}),
                json!({"elapsed": 1.75}),
                r#"key = ["elapsed"]"#,
                r#""zero-typed""#,
            ),
            (
                json!({"epoch": 1763678400}),
                json!({"epoch": 1763678402}),
                r#"key = ["epoch"]"#,
                r#""zero-typed""#,
            ),
            (
                json!({"ratio": 0.123456}),
                json!({"ratio": 0.123461}),
                r#"key = ["ratio"]"#,
                "{ round = 4 }",
            ),
            (
                json!({"pid": 17}),
                json!({"pid": 19}),
                r#"key = ["pid"]"#,
                r#"{ identity = "pid-${n}" }"#,
            ),
            (
                json!({"tags": ["b", "a"]}),
                json!({"tags": ["a", "b"]}),
                r#"path = "$.tags""#,
                r#""sort""#,
            ),
            (
                json!({"m": "3 rows in 12 ms"}),
                json!({"m": "3 rows in 15 ms"}),
                r"key = ['m']",
                r#"{ scrub = "0 ms" }"#,
            ),
            (
                json!({"commit": "3f2a9c1"}),
                json!({"commit": "9c1b2d3"}),
                r#"key = ["commit"]"#,
                r#"{ identity = "abc${n:04}" }"#,
            ),
        ] {
            let rule = first_rule(first, second);
            let matcher = matcher.replace('\'', "\"");
            assert!(rule.contains(&format!("match  = {{ {matcher}")), "{rule}");
            assert!(rule.contains(&format!("action = {action}\n")), "{rule}");
        }
    }

    #[test]
    fn an_id_in_several_places_is_one_rule_also_inside_a_text() {
        let document = |id: &str| json!({"id": id, "parent": {"run": id}, "url": format!("https://x/runs/{id}/log")});
        let first = document("0193a2b1-7c3d-7e4f-8a5b-6c7d8e9f0a1b");
        let second = document("0193a2b1-7c3d-7e4f-8a5b-6c7d8e9f0a1c");
        let offers = offered(first, second);
        assert_eq!(offers.len(), 1);
        assert_eq!(offers[0].places.len(), 3);
        assert!(
            offers[0].rules[0].contains(r#"key = ["id", "run", "url"], pattern = "#),
            "{}",
            offers[0].rules[0]
        );
    }

    #[test]
    fn nothing_is_offered_where_no_rule_can_help() {
        assert!(
            offered(
                json!({"a": [1], "s": "one two"}),
                json!({"a": [], "s": "three four"})
            )
            .is_empty()
        );
    }
}
