//! Rules that might cover what varies, the smallest first, as TOML ready to paste; whether one does is for the normaliser to show.

use std::collections::{BTreeMap, BTreeSet};

use super::pair::{Cause, Place, Variation};
use super::pieces::{Class, Piece, pieces};
use crate::rule::moment::Moment;

/// Ways to cover some places, of which the first that works is the one to offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// What is to be covered.
    pub places: BTreeSet<Place>,
    /// What stands there, as in `a UUID`.
    pub words: String,
    /// Each a text of one or more `[[normalize.rule]]` tables.
    pub rules: Vec<String>,
}

/// What offers for all variations of a run; those that no rule can even out are left out.
///
/// `taken` holds the names of the rules that there are, `timestamp` the configured point in time.
#[must_use]
pub fn offers(variations: &[Variation], taken: &BTreeSet<String>, timestamp: &str) -> Vec<Offer> {
    let mut writer = Writer {
        taken: taken.clone(),
        timestamp,
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
        let places: BTreeSet<Place> = together
            .iter()
            .map(|&at| kinds[at].0.place.clone())
            .collect();
        let embedded = together
            .iter()
            .any(|&at| matches!(kinds[at].1, Kind::Id { embedded: true, .. }));
        done.extend(together);
        if let Some((words, rules)) = writer.rules(variation, kind, &places, embedded) {
            offers.push(Offer {
                places,
                words,
                rules,
            });
        }
    }
    offers
}

/// What stands at a place, as far as one rule could treat it alike.
#[derive(Debug, Clone, PartialEq)]
enum Kind {
    /// The whole text is a point in time of one form.
    Moment(String),
    /// The whole text is an elapsed time.
    Elapsed,
    /// An id, alone or inside a longer text; its pairs.
    Id {
        class: Class,
        embedded: bool,
        pairs: Vec<(String, String)>,
    },
    /// Parts of a text, each with the words around it.
    Parts(Vec<Part>),
    Number(Numeric),
    Order,
    None,
}

/// A part of a text that varies.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Part {
    class: Class,
    before: String,
    after: String,
    placeholder: String,
}

/// What a number stands for.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Numeric {
    Moment,
    Elapsed,
    Counter,
    /// A fraction that is the same when rounded to so many digits.
    Noise(u8),
    Any,
}

fn kind(variation: &Variation) -> Kind {
    match &variation.cause {
        Cause::Order => Kind::Order,
        Cause::Structure(_) => Kind::None,
        Cause::Numbers(pairs) => Kind::Number(numeric(variation.place.key.as_deref(), pairs)),
        Cause::Texts(pairs) => text_kind(pairs),
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
            };
        }
    }
    let parts = differing(pairs).filter(|parts| !is_word_of_numbers(pairs, parts));
    let Some(parts) = parts else {
        let one_word =
            both(pairs).all(|text| !text.contains(char::is_whitespace) && !text.is_empty());
        return if one_word {
            Kind::Id {
                class: Class::Other,
                embedded: false,
                pairs: pairs.to_vec(),
            }
        } else {
            Kind::None
        };
    };
    let classes: BTreeSet<Class> = parts.iter().map(|(part, _)| part.class).collect();
    if let (1, Some(class @ (Class::Uuid | Class::Hash))) =
        (classes.len(), classes.first().copied())
    {
        let pairs = parts.into_iter().map(|(_, pair)| pair).collect();
        return Kind::Id {
            class,
            embedded: true,
            pairs,
        };
    }
    let parts: BTreeSet<Part> = parts.into_iter().map(|(part, _)| part).collect();
    Kind::Parts(parts.into_iter().collect())
}

/// Whether this is an id such as `1763678400-4711`, and not an address or a path with a number in it.
fn is_word_of_numbers(pairs: &[(String, String)], parts: &[Differing]) -> bool {
    let part_of_more = |letter: char| letter.is_whitespace() || "/:=?&".contains(letter);
    let words = both(pairs).all(|text| !text.contains(part_of_more));
    words && parts.iter().all(|(part, _)| part.class == Class::Number)
}

fn both(pairs: &[(String, String)]) -> impl Iterator<Item = &String> {
    pairs.iter().flat_map(|(first, second)| [first, second])
}

/// A part that varies, and what it was in both runs.
type Differing = (Part, (String, String));

/// The parts at which texts differ; none where they differ in something that is not such a part.
fn differing(pairs: &[(String, String)]) -> Option<Vec<Differing>> {
    let mut found = Vec::new();
    for (first, second) in pairs {
        let (one, two) = (pieces(first), pieces(second));
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

fn part(pieces: &[Piece<'_>], at: usize) -> Part {
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
        _ => "0".to_owned(),
    };
    Part {
        class,
        before: before[last_word(&before)..].to_owned(),
        after: after[..first_word(&after)].to_owned(),
        placeholder,
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

fn numeric(key: Option<&str>, pairs: &[(String, String)]) -> Numeric {
    let values: Vec<(f64, f64)> = pairs
        .iter()
        .filter_map(|(first, second)| Some((first.parse().ok()?, second.parse().ok()?)))
        .collect();
    let key = key.unwrap_or_default().to_ascii_lowercase();
    let named = |words: &[&str]| {
        key.split(|letter: char| !letter.is_ascii_alphanumeric())
            .any(|word| words.contains(&word))
    };
    let year_2001_to_2100 = |value: f64| {
        [1.0, 1e3, 1e6, 1e9]
            .iter()
            .any(|unit| (1e9..4.1e9).contains(&(value / unit)))
    };
    if values
        .iter()
        .all(|&(first, second)| year_2001_to_2100(first) && year_2001_to_2100(second))
    {
        return Numeric::Moment;
    }
    if named(&[
        "ms", "us", "ns", "s", "sec", "secs", "seconds", "millis", "time", "took", "elapsed",
        "duration", "latency", "cpu", "wall", "age",
    ]) {
        return Numeric::Elapsed;
    }
    let float = |token: &str| token.contains(['.', 'e', 'E']);
    if pairs
        .iter()
        .any(|(first, second)| float(first) || float(second))
    {
        let near = values
            .iter()
            .all(|(first, second)| (first - second).abs() <= 0.01 * first.abs().max(second.abs()));
        let same = |digits: &u8| {
            let rounded = |value: f64| format!("{value:.*}", usize::from(*digits));
            values
                .iter()
                .all(|&(first, second)| rounded(first) == rounded(second))
        };
        return match (0..=9).rev().find(same) {
            // One digit fewer than would do for these two: a third run differs a little more.
            Some(digits) if near => Numeric::Noise(digits.saturating_sub(1)),
            _ => Numeric::Any,
        };
    }
    if named(&[
        "id",
        "pid",
        "seq",
        "sequence",
        "counter",
        "number",
        "no",
        "version",
        "revision",
        "generation",
        "serial",
    ]) {
        return Numeric::Counter;
    }
    Numeric::Any
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
            class == other_class
                && key.is_some()
                && other_key.is_some()
                && (shared || key == other_key)
        }
        (Kind::None | Kind::Order, _) => false,
        (one, other) => one == other && key.is_some() && key == other_key,
    }
}

struct Writer<'a> {
    taken: BTreeSet<String>,
    timestamp: &'a str,
}

impl Writer<'_> {
    /// What the values are, and the ways to cover them.
    fn rules(
        &mut self,
        variation: &Variation,
        kind: &Kind,
        places: &BTreeSet<Place>,
        embedded: bool,
    ) -> Option<(String, Vec<String>)> {
        let name = self.name(&variation.place);
        let matches = matches(places);
        let each = |words: &str, extra: &str, actions: &[String]| {
            let table = |matcher: &String, action: &String| {
                table(&name, &format!("{matcher}{extra}"), action, words)
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
                    vec![table(&name, &matcher, "\"sort\"", words)],
                ))
            }
            Kind::Moment(form) => {
                let form = Moment::of(form)
                    .unwrap_or(Moment::Instant)
                    .write(self.timestamp);
                each("a point in time", "", &[constant(&form)])
            }
            Kind::Elapsed => each("a duration", "", &[constant("0s")]),
            Kind::Id { class, .. } => {
                let words = if *class == Class::Other {
                    "an id"
                } else {
                    class.words()
                };
                let pattern = format!(", pattern = {}", quoted(class.pattern()));
                let extra = if embedded { pattern.as_str() } else { "" };
                each(words, extra, &identities(&name, kind))
            }
            Kind::Parts(parts) => Some(self.scrubs(&name, &matches, parts)),
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
                    text.push_str(&table(&name, &matcher, &action, &words));
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
fn matches(places: &BTreeSet<Place>) -> Vec<String> {
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

fn table(name: &str, matcher: &str, action: &str, words: &str) -> String {
    let reason = format!("{words} that differs from run to run");
    format!(
        "[[normalize.rule]]\nname   = {}\nmatch  = {{ {matcher} }}\naction = {action}\nreason = {}\n",
        quoted(name),
        quoted(&reason)
    )
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
                | (Cause::Numbers(pairs), Cause::Numbers(more)) => {
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
        let offers = offers(&found, &BTreeSet::new(), "2000-01-01T00:00:00Z");
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
