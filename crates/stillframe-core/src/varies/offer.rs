//! Rules that might cover what varies, the smallest first, as TOML ready to paste; whether one does is for the normaliser to show.

use std::collections::{BTreeMap, BTreeSet};

use super::extent::Extent;
use super::kind::{Kind, kind};
use super::number::Numeric;
use super::pair::{Apart, Cause, Place, Variation};
use super::pieces::Class;
use super::writer::{Member, Writer, quoted};

/// Ways to cover some places, of which the first that works is the one to offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// What is to be covered, and how far a rule may reach there.
    pub places: BTreeMap<Place, Extent>,
    /// What stands there, as in `a UUID`.
    pub words: String,
    /// Each a text of one or more `[[normalize.rule]]` tables.
    pub rules: Vec<String>,
    /// What to try where none of them works: each place by itself.
    pub instead: Vec<Offer>,
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
    apart: Apart,
) -> Vec<Offer> {
    let mut writer = Writer {
        taken: taken.clone(),
        timestamp,
        within: None,
        apart,
    };
    let mut kinds: Vec<Member<'_>> = variations
        .iter()
        .map(|variation| (variation, kind(variation)))
        .collect();
    measure_alike(&mut kinds);
    let mut offers = Vec::new();
    let mut done = BTreeSet::new();
    for at in 0..kinds.len() {
        if done.contains(&at) {
            continue;
        }
        let together = alike(&kinds, at);
        let members: Vec<&Member<'_>> = together.iter().map(|&at| &kinds[at]).collect();
        done.extend(together.iter().copied());
        let before = writer.clone();
        let Some(mut offer) = offer(&mut writer, &members, fixtures) else {
            continue;
        };
        if members.len() > 1 {
            // Only one of the two is used: the names of the one do not stand in the way of the other.
            let mut alone = before;
            let singles = members
                .iter()
                .filter_map(|member| self::offer(&mut alone, &[member], fixtures));
            offer.instead = singles.collect();
            writer.taken.extend(alone.taken);
        }
        offers.push(offer);
    }
    offers
}

/// One offer for all of these.
fn offer(
    writer: &mut Writer<'_>,
    members: &[&Member<'_>],
    fixtures: &BTreeMap<Place, BTreeSet<String>>,
) -> Option<Offer> {
    let extents = members
        .iter()
        .map(|(variation, kind)| (variation.place.clone(), Extent::of(variation, kind)));
    let places: BTreeMap<Place, Extent> = extents.collect();
    let name = writer.name(members)?;
    let (words, mut rules) = writer.rules(&name, members)?;
    let in_fixtures = places.keys().filter_map(|place| fixtures.get(place));
    let in_fixtures: BTreeSet<&String> = in_fixtures.flatten().collect();
    if !in_fixtures.is_empty() {
        writer.within = Some(within(&in_fixtures));
        let limited = writer.rules(&name, members);
        rules.extend(limited.into_iter().flat_map(|(_, rules)| rules));
        writer.within = None;
    }
    Some(Offer {
        places,
        words,
        rules,
        instead: Vec::new(),
    })
}

/// Globs that match these fixtures and no others, as TOML.
fn within(fixtures: &BTreeSet<&String>) -> String {
    let literal: Vec<String> = fixtures
        .iter()
        .map(|path| quoted(&glob::Pattern::escape(path)))
        .collect();
    format!("[{}]", literal.join(", "))
}

/// Among members of one object that were measured, one that differs by little is no exception: it did so by chance.
fn measure_alike(kinds: &mut [Member<'_>]) {
    let measured: BTreeSet<String> = kinds
        .iter()
        .filter(|(_, kind)| *kind == Kind::Number(Numeric::Any))
        .map(|(variation, _)| variation.place.of.clone())
        .collect();
    for (variation, kind) in kinds {
        let is_member = variation.place.key.is_some() && measured.contains(&variation.place.of);
        if is_member && matches!(kind, Kind::Number(Numeric::Noise(_))) {
            *kind = Kind::Number(Numeric::Any);
        }
    }
}

/// The variations that one rule should cover together with this one: ids that are the same, the same name elsewhere, and
/// other members of the same object that are of its kind.
fn alike(kinds: &[Member<'_>], from: usize) -> BTreeSet<usize> {
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

fn belong(one: &Member<'_>, other: &Member<'_>) -> bool {
    let (key, other_key) = (&one.0.place.key, &other.0.place.key);
    let (of, other_of) = (&one.0.place.of, &other.0.place.of);
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
            let names = is_name(one.0) || is_name(other.0);
            let anywhere = shared && names;
            let siblings = *class == Class::Uuid && of == other_of;
            let keyed = !names && key.is_some() && other_key.is_some();
            class == other_class
                && (anywhere || (keyed && (shared || key == other_key || siblings)))
        }
        (Kind::None | Kind::Order | Kind::Names(_), _) => false,
        // Each is counted, and each text has words of its own.
        (Kind::Number(Numeric::Counter) | Kind::Parts(_), other) => {
            one.1 == *other && key.is_some() && key == other_key
        }
        (one, other) => {
            let members = key.is_some() && other_key.is_some();
            one == other && members && (key == other_key || of == other_of)
        }
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
                | (Cause::Names(pairs), Cause::Names(more))
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
        let offers = offers(
            &found,
            &BTreeSet::new(),
            "2000-01-01T00:00:00Z",
            &BTreeMap::new(),
            Apart::Runs,
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
    fn members_of_one_kind_get_one_rule_and_many_of_them_one_for_whatever_they_are_called() {
        let few = |by: f64| json!({"results": [{"mean": 1.0 + by, "max": 2.0 + by, "name": "x"}]});
        let offers = offered(few(0.0), few(0.1));
        assert_eq!(offers.len(), 1, "{offers:?}");
        let rule = &offers[0].rules[0];
        let expected = "name   = \"results\"\nmatch  = { key = [\"max\", \"mean\"] }";
        assert!(rule.contains(expected), "{rule}");
        let singles = offers[0].instead.iter().map(|offer| &offer.rules[0]);
        let singles: Vec<&String> = singles.collect();
        assert!(singles[0].contains("key = [\"max\"]"), "{singles:?}");
        assert_eq!(singles.len(), 2);

        let many = |by: f64| {
            let member = |number| {
                (
                    format!("AL{number:02}"),
                    json!(1.0 + by * f64::from(number)),
                )
            };
            json!({"codes": serde_json::Map::from_iter((1..21).map(member))})
        };
        // The first of them differs by as little as noise does.
        let offers = offered(many(0.0), many(0.00009));
        assert_eq!(offers.len(), 1, "{offers:?}");
        let rule = &offers[0].rules[0];
        let expected = "match  = { path = \"$.codes.*\" }\naction = \"zero-typed\"";
        assert!(rule.contains(expected), "{rule}");
    }

    #[test]
    fn numbers_beside_the_one_that_varies_stay() {
        let rule = first_rule(
            json!({"log": "/app3/v2/1746.log"}),
            json!({"log": "/app3/v2/1802.log"}),
        );
        assert!(rule.contains(r"pattern = '\d+(?:\.\d+)?\.log'"), "{rule}");
    }

    #[test]
    fn several_rules_of_one_offer_stand_apart() {
        let text = |id: u8, took: u8| {
            let commit = format!("3f2a9c{id:02}");
            let id = format!("0193a2b1-7c3d-7e4f-8a5b-6c7d8e9f0a{id:02}");
            json!({"message": format!("run {id} of {commit} took {took} ms")})
        };
        let rules = first_rule(text(1, 7), text(2, 9));
        let second = "\n\n[[normalize.rule]]\nname   = \"message-2\"";
        assert!(rules.contains(second), "{rules}");
        let form = "scrub = \"00000000-0000-4000-8000-000000000000\"";
        assert!(rules.contains(form), "{rules}");
    }

    #[test]
    fn an_id_that_names_a_member_is_numbered_where_it_stands() {
        let document = |last: u8| {
            let id = format!("0193a2b1-7c3d-7e4f-8a5b-6c7d8e9f0a{last:02}");
            json!({"runs": {id: {"ok": true}}})
        };
        let rule = first_rule(document(1), document(2));
        let expected = "name   = \"runs\"\nmatch  = { path = \"$.runs.*\", pattern = ";
        assert!(rule.contains(expected), "{rule}");
        assert!(
            rule.contains("reason = \"a UUID in a name that differs"),
            "{rule}"
        );
    }

    #[test]
    fn a_number_with_its_unit_is_no_id() {
        for (first, second) in [("12.5%", "9.75%"), ("14MB", "9MB"), ("0.5", "0.75")] {
            let rule = first_rule(json!({"cpu": first}), json!({"cpu": second}));
            assert!(rule.contains("action = { scrub = \"0\" }"), "{rule}");
        }
        let rule = first_rule(json!({"run": "run-17"}), json!({"run": "run-19"}));
        assert!(rule.contains("identity"), "{rule}");
    }

    #[test]
    fn the_seconds_since_1970_are_no_id_although_they_are_printed_as_a_text() {
        let rule = first_rule(json!({"at": "1795746951"}), json!({"at": "1795746965"}));
        assert!(rule.contains("action = { constant = \"0\" }"), "{rule}");
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
