//! Cases for the whole normaliser, before and after; one table for each area.

use super::*;
use crate::json::tests::{mutated, mutated_records};
use crate::json::tokens::Tokens;
use proptest::prelude::*;
use rewrite::Rewriter;
use serde_json::json;
use std::collections::BTreeMap;
use std::io::Cursor;
use std::sync::{Arc, LazyLock};

mod identities;
mod layout;
mod lines;
mod masks;
mod parts;
mod refusals;
mod sorting;
mod values;

/// The plan of a `[normalize]` table.
fn plan(table: &str) -> Plan {
    formatted(table, &Format::default())
}

fn formatted(table: &str, format: &Format) -> Plan {
    let settings: Settings = toml::from_str(table).unwrap();
    Plan::compile(&settings, format).unwrap_or_else(|errors| panic!("{errors:?}"))
}

/// A text through a plan, as one POC.
fn run(plan: &Plan, framing: Framing, input: &str) -> String {
    let draft = draft(plan, &Scrub::default(), framing, input.as_bytes()).unwrap();
    let mut identities = Identities::new();
    identities.reserve(&draft);
    String::from_utf8(identities.number(&draft)).unwrap()
}

/// One line in, one line out; and twice changes nothing. Paths in the table are those of the line's document, which
/// is an element of the stream.
#[track_caller]
fn check(table: &str, input: &str, expected: &str) {
    let plan = plan(&in_a_line(table));
    let once = run(&plan, Framing::Ndjson, input);
    assert_eq!(once.trim_end(), expected);
    assert_eq!(run(&plan, Framing::Ndjson, &once), once, "normalised twice");
}

/// The paths of a table, each below the element that a line is.
fn in_a_line(table: &str) -> String {
    let mut out = String::new();
    for (at, part) in table.split_inclusive(['\'', '"']).enumerate() {
        let begins = part.starts_with("$.") || part.starts_with("$[") || part.starts_with("$'");
        out.push_str(if at > 0 && begins { "$[*]" } else { "" });
        out.push_str(if begins { &part[1..] } else { part });
    }
    out
}

/// The table of one rule.
fn rule(matcher: &str, action: &str) -> String {
    format!("[[rule]]\nname = 'r'\nmatch = {{ {matcher} }}\naction = {action}\n")
}

/// The table of a second rule.
fn another(matcher: &str, action: &str) -> String {
    rule(matcher, action).replace("'r'", "'s'")
}

/// Plans of every kind, for properties that hold whatever the rules are.
static PLANS: LazyLock<Vec<Plan>> = LazyLock::new(|| {
    [
        "",
        "preserve = []\nopaque = []\ntiming-suffixes = ['a', 'b']\nwall-clock-fields = ['c']",
        &rule("type = 'string'", "{ identity = 'id-${n}' }"),
        &rule("type = 'name', pattern = 'a'", "{ identity = 'id-${n}' }"),
        &rule("path = '$..*', type = 'number'", "{ identity = 'id-${n}' }"),
        &(rule("path = '$..[*]', type = 'array'", "'sort'")
            + &rule("type = 'string', path = '$..*'", "{ identity = 'x${n}' }")
                .replace("'r'", "'s'")),
        &rule("path = '$..*', type = 'boolean'", "'remove'"),
        &rule("path = '$..[1:]'", "'remove'"),
        &rule("key = ['a']", "{ constant = [1, { a = 'b' }] }"),
        &rule("type = 'object'", "{ constant = 7 }"),
        &rule("type = 'number'", "{ round = 2 }"),
        &rule("pattern = '[a-z]+'", "{ scrub = '#' }"),
        &rule("key = ['a', 'b']", "'zero-typed'"),
        &rule("pattern = '[b-e]+'", "{ identity = 'x${n}y' }"),
        &rule("pattern = '[a-z]{1,2}'", "{ identity = '#${n}#' }"),
        &(rule("pattern = '[ab]'", "{ identity = 'id-${n};' }")
            + &rule("type = 'string'", "{ identity = 'x${n}' }").replace("'r'", "'s'")
            + &rule("path = '$..[*]', type = 'array'", "'sort'").replace("'r'", "'t'")),
        &(rule("pattern = '([a-c])([0-9]*)'", "{ scrub = '$1$1' }")
            + &rule("pattern = '.[0-9]'", "{ identity = 'x${n}' }").replace("'r'", "'s'")),
        &rule("path = '$..[1:]'", "{ sort = { by = ['$.a', '$[0]'] } }"),
        &(rule("path = '$..[:-1]'", "{ sort = { by = ['$.a[1]', '$.b'] } }")
            + &another("path = '$..[::2]'", "{ sort = { by = ['$'] } }")
            + &rule("type = 'string', path = '$..*'", "{ identity = 'x${n}' }")
                .replace("'r'", "'t'")
            + &rule("path = '$..[*]', type = 'boolean'", "'remove'").replace("'r'", "'u'")),
    ]
    .iter()
    .map(|table| plan(table))
    .chain([by_arms()])
    .collect()
});

/// A plan for which the value decides: in arrays everything is masked, in objects what is called `a`.
fn by_arms() -> Plan {
    let schema = json!({"$ref": "#/$defs/value", "$defs": {"value": {
        "items": {"$ref": "#/$defs/value"},
        "additionalProperties": {"$ref": "#/$defs/value"},
        "oneOf": [{"items": {"x-stillframe": "constant"}}, {"properties": {"a": {"x-stillframe": "duration"}}}],
    }}});
    let accepts: Accepts = Arc::new(|arm, value| value.is_array() == arm.ends_with("/0"));
    let plan = Plan::default().with_annotations("s", &schema, &accepts);
    plan.unwrap_or_else(|errors| panic!("{errors:?}"))
        .for_schema(Some("s"))
}

/// The text, the places where each rule applied and how often, or what is wrong with the input.
type Outcome = Result<(Vec<u8>, BTreeMap<usize, Vec<String>>, Vec<u64>), String>;

/// What comes out when the input arrives in chunks of this size. Where they are small, nothing is foreseen, and every
/// token is read by itself.
fn in_chunks(plan: &Plan, scrub: &Scrub, framing: Framing, input: &[u8], chunk: usize) -> Outcome {
    let tokens = Tokens::with_chunk(input, framing, chunk);
    let mut text = Vec::new();
    let out = Rewriter::new(
        plan,
        scrub,
        tokens,
        framing,
        &mut text,
        Masks::default(),
        None,
    )
    .run();
    out.map(|found| (text, found.masked, found.hits))
        .map_err(|fail| FilterError::from(fail).to_string())
}

/// What the filter writes.
fn filtered(plan: &Plan, input: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let spool = || Ok(Cursor::new(Vec::new()));
    let scrub = Scrub::default();
    filter(
        plan,
        &scrub,
        Framing::Json,
        &mut &*input,
        &mut out,
        spool,
        None,
    )
    .ok()
    .map(|_| out)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn twice_changes_nothing(text in mutated()) {
        for plan in PLANS.iter() {
            if let Ok(first) = draft(plan, &Scrub::default(), Framing::Json, &text) {
                let mut identities = Identities::new();
                identities.reserve(&first);
                let once = String::from_utf8(identities.number(&first)).unwrap();
                prop_assert_eq!(run(plan, Framing::Json, &once), once);
            }
        }
    }

    #[test]
    fn what_is_foreseen_is_written_as_what_is_read_token_by_token(text in mutated_records(), chunk in 1usize..60) {
        for plan in PLANS.iter() {
            for framing in [Framing::Json, Framing::Ndjson] {
                let scrub = Scrub::default();
                let foreseen = in_chunks(plan, &scrub, framing, &text, 1 << 16);
                prop_assert_eq!(in_chunks(plan, &scrub, framing, &text, chunk), foreseen);
            }
        }
    }

    #[test]
    fn borders_of_chunks_change_nothing(text in mutated(), chunk in 1usize..60) {
        for plan in PLANS.iter() {
            for framing in [Framing::Json, Framing::Ndjson] {
                let scrub = Scrub::new([("aa/b", "x")]);
                let whole = in_chunks(plan, &scrub, framing, &text, 1 << 12);
                prop_assert_eq!(in_chunks(plan, &scrub, framing, &text, chunk), whole);
            }
        }
    }

    #[test]
    fn the_filter_and_the_draft_agree(text in mutated()) {
        for plan in PLANS.iter() {
            let whole = draft(plan, &Scrub::default(), Framing::Json, &text).ok().map(|draft| {
                let mut identities = Identities::new();
                identities.reserve(&draft);
                identities.number(&draft)
            });
            prop_assert_eq!(filtered(plan, &text), whole);
        }
    }

    #[test]
    fn without_rules_only_the_layout_changes(text in mutated()) {
        let plan = plan("timing-suffixes = []\nwall-clock-fields = []");
        if let Some(out) = filtered(&plan, &text) {
            let tokens = |text: &[u8]| {
                let mut tokens = Tokens::new(text, Framing::Json);
                std::iter::from_fn(move || {
                    let token = tokens.next(&mut ()).ok()?;
                    Some((token, tokens.token().to_vec()))
                })
                .take_while(|found| found.0 != crate::json::tokens::Token::EndOfInput)
                .collect::<Vec<_>>()
            };
            prop_assert_eq!(tokens(&out), tokens(&text));
        }
    }
}
