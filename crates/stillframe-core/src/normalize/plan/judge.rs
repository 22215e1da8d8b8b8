//! Why a rule is refused: one judgement each, with the edit that helps; it compiles nothing.

use super::{effect_of, format_of};
use crate::json::JsonErrorKind;
use crate::location::{Path, Selector};
use crate::normalize::compiled::Rule;
use crate::normalize::effect::{Effect, still};
use crate::normalize::inside::{Context, Gauges, Refusal, rewrite};
use crate::normalize::scrub::Scrub;
use crate::normalize::settings::{Format, Settings};
use crate::pattern::FixturePattern;
use crate::rule::format::TextFormat;
use crate::rule::predicate::Scalar;
use crate::rule::template::Template;
use crate::rule::{Action, RuleError, RuleSpec, ValueType};
use regex::Regex;
use serde_json::Value;
use std::collections::BTreeSet;

/// What is wrong with the lists and the layout.
pub fn settings(settings: &Settings, format: &Format) -> Vec<RuleError> {
    let mut errors = Vec::new();
    let mut refuse = |key: &str, message: String, hint: &str| {
        errors.push(RuleError::new(key, message, hint));
    };
    if format.indent > 16 {
        let message = format!("{} spaces a level are too many", format.indent);
        refuse("format.indent", message, "write a number up to 16");
    }
    if !TextFormat::DateTime.holds(&settings.timestamp) {
        let message = format!("{:?} is no date-time", settings.timestamp);
        refuse("timestamp", message, "write it as 2000-01-01T00:00:00Z");
    }
    let lists = [
        ("timing-suffixes", &settings.timing_suffixes),
        ("extend-timing-suffixes", &settings.extend_timing_suffixes),
        ("wall-clock-fields", &settings.wall_clock_fields),
        (
            "extend-wall-clock-fields",
            &settings.extend_wall_clock_fields,
        ),
        ("preserve", &settings.preserve),
        ("extend-preserve", &settings.extend_preserve),
        ("opaque", &settings.opaque),
        ("extend-opaque", &settings.extend_opaque),
    ];
    for (key, list) in lists {
        if list.iter().any(String::is_empty) {
            refuse(key, "holds an empty string".to_owned(), "take it out");
        }
    }
    let mut names = BTreeSet::new();
    for rule in &settings.rule {
        if !names.insert(&rule.name) {
            let message = "two rules have this name".to_owned();
            refuse(&rule.name, message, "give each rule a `name` of its own");
        }
    }
    errors
}

/// The effect of a rule, unless its action is refused.
pub fn effect(spec: &RuleSpec, errors: &mut Vec<RuleError>) -> Option<Effect> {
    let before = errors.len();
    let mut refuse = |message: &str, hint: &str| {
        errors.push(RuleError::new(&spec.name, message, hint));
    };
    let matcher = &spec.matcher;
    if *matcher == crate::rule::Match::default() {
        refuse(
            "matches everything",
            "give `match` a key, suffix, path, type, format or pattern",
        );
    }
    if matcher.suffix.iter().any(String::is_empty) {
        refuse(
            "has an empty suffix, which every name ends with",
            "take it out of `suffix`",
        );
    }
    if let Some((message, hint)) = misfit(spec) {
        refuse(message, hint);
    }
    if let Action::Scrub(text) = &spec.action
        && let Some(pattern) = &matcher.pattern
        && let Ok(regex) = Regex::new(pattern)
        && let Err((message, hint)) = replacement(&regex, text)
    {
        refuse(&message, &hint);
    }
    match effect_of(spec) {
        Ok(effect) => (errors.len() == before).then_some(effect),
        Err((message, hint)) => {
            errors.push(RuleError::new(&spec.name, message, hint));
            None
        }
    }
}

/// The fixtures to which a rule is limited.
pub fn within(spec: &RuleSpec, errors: &mut Vec<RuleError>) -> Vec<FixturePattern> {
    let mut patterns = Vec::new();
    for text in &spec.within {
        match FixturePattern::parse(text) {
            Ok(pattern) => patterns.push(pattern),
            Err(message) => {
                let hint = "correct `within`";
                errors.push(RuleError::new(&spec.name, message, hint));
            }
        }
    }
    patterns
}

/// An action that cannot do anything for what the rule matches.
fn misfit(spec: &RuleSpec) -> Option<(&'static str, &'static str)> {
    use ValueType::{Array, Integer, Name, Number, String};
    let matcher = &spec.matcher;
    let texts = matcher.pattern.is_some() || matcher.format.is_some();
    let (wanted, allowed): (&str, &[ValueType]) = match spec.action {
        Action::Zero | Action::ZeroTyped | Action::Round(_) => ("numbers", &[Number, Integer]),
        Action::Sort | Action::SortBy(_) => ("arrays", &[Array]),
        Action::Scrub(_) => ("strings and names", &[String, Name]),
        Action::Identity(_) => (
            "strings, names and numbers",
            &[String, Name, Number, Integer],
        ),
        Action::Constant(_) | Action::Remove if matcher.value_type == Some(Name) => {
            return Some((
                "would make names equal or leave a value without one",
                "use identity or scrub for names",
            ));
        }
        Action::Constant(_) | Action::Remove => ("", &[]),
    };
    if !wanted.is_empty()
        && matcher
            .value_type
            .is_some_and(|asked| !allowed.contains(&asked))
    {
        return Some((
            "has an action that leaves values of its `type` alone",
            "change `match.type`: zero, zero-typed and round are for numbers, sort for arrays, scrub for strings and names, identity for strings, names and numbers",
        ));
    }
    if texts
        && matcher
            .value_type
            .is_some_and(|asked| !matches!(asked, String | Name))
    {
        return Some((
            "asks for text in a value that is no string",
            "take out `type`, or `format` and `pattern`",
        ));
    }
    match &spec.action {
        Action::Zero | Action::ZeroTyped | Action::Round(_) | Action::Sort | Action::SortBy(_)
            if texts =>
        {
            Some((
                "asks for text, and its action leaves strings alone",
                "take out `format` and `pattern`, or use constant, identity or scrub",
            ))
        }
        Action::Constant(Value::Array(_) | Value::Object(_)) if texts || narrow(spec) => Some((
            "writes an array or object whose inside it could match again",
            "choose the places by key, suffix or path alone",
        )),
        Action::Round(digits) if *digits > 15 => Some((
            "rounds to more digits than a number has",
            "write a number up to 15",
        )),
        Action::Scrub(_) if matcher.pattern.is_none() => Some((
            "scrubs, and has no pattern to say what",
            "add `match.pattern`",
        )),
        Action::Identity(_) if format_of(spec).is_some_and(TextFormat::is_time) => Some((
            "would number a time; equal times are chance",
            "use `action = { constant = \"2000-01-01T00:00:00Z\" }`",
        )),
        Action::Remove if matcher.path.as_deref() == Some("$") => Some((
            "would remove the document itself",
            "choose what is inside it",
        )),
        Action::Remove if by_position(spec) => Some((
            "removes elements by position, and the next ones when it runs again",
            "choose them by type or pattern, or up to the end as in $.a[2:]",
        )),
        _ => None,
    }
}

/// Whether the rule chooses elements by where they stand, but for all up to the end.
fn by_position(spec: &RuleSpec) -> bool {
    let path = spec
        .matcher
        .path
        .as_deref()
        .and_then(|path| Path::parse(path).ok());
    let last = path.and_then(|mut path| path.segments.pop());
    last.is_some_and(|segment| {
        segment.selectors.iter().any(|selector| match selector {
            Selector::Index(_) => true,
            Selector::Slice(slice) => slice.end.is_some() || slice.step != 1,
            Selector::Name(_) | Selector::Wildcard => false,
        })
    })
}

/// Whether the rule asks for a type, or for no location.
fn narrow(spec: &RuleSpec) -> bool {
    let matcher = &spec.matcher;
    let placed = !matcher.key.is_empty() || !matcher.suffix.is_empty() || matcher.path.is_some();
    matcher.value_type.is_some() || !placed
}

/// Judges the text that a scrub writes.
fn replacement(regex: &Regex, text: &str) -> Result<(), (String, String)> {
    // Where it does not parse, it is refused with the action.
    let Ok(template) = Template::parse(text) else {
        return Ok(());
    };
    if let Some(name) = template.unknown_group(regex) {
        let message = format!("writes ${{{name}}}, which is not a group of its pattern");
        let hint = if name.parse::<usize>().is_ok() {
            format!("put `(…)` around that part of the pattern, or write $${name} for a dollar")
        } else {
            format!("name a group `(?<{name}>…)`, or correct the text")
        };
        return Err((message, hint));
    }
    let plain = text.replace("$$", "$");
    if !template.has_groups() && regex.replace_all(&plain, regex::NoExpand(&plain)) != plain {
        let message =
            format!("matches its own text {plain:?}, and would rewrite it again and again");
        return Err((
            message,
            "write a text that the pattern does not match".to_owned(),
        ));
    }
    Ok(())
}

/// Judges a rule by its own example.
pub fn example(spec: &RuleSpec, rule: &Rule, errors: &mut Vec<RuleError>) {
    let Some(example) = &spec.example else { return };
    let printed = example.to_string();
    let value = match example {
        Value::String(text) if rule.predicate.value_type == Some(ValueType::Name) => {
            Scalar::Name(text)
        }
        Value::String(text) => Scalar::Text(text),
        Value::Number(number) => Scalar::Number {
            token: &printed,
            float: number.is_f64(),
        },
        Value::Bool(_) => Scalar::Bool,
        Value::Null => Scalar::Null,
        Value::Array(_) => Scalar::Array,
        Value::Object(_) => Scalar::Object,
    };
    let refusal = if !rule.predicate.holds(value) || !rule.effect.touches(value) {
        let message = format!("does not match its own example {printed}");
        Some((message, "correct `match`, or the example".to_owned()))
    } else {
        match example {
            Value::String(text) => example_text(rule, value, text),
            _ => None,
        }
    };
    errors.extend(refusal.map(|(message, hint)| RuleError::new(&spec.name, message, hint)));
}

/// What is wrong with a rule for its example, a string.
fn example_text(rule: &Rule, value: Scalar<'_>, text: &str) -> Option<(String, String)> {
    let Some(form) = rule.effect.form() else {
        return inside(rule, value, text);
    };
    if form.number(text).is_some() {
        let message = format!("takes its own example {text:?} for a placeholder");
        let hint = "give the identity a form that raw values do not have";
        return Some((message, hint.to_owned()));
    }
    if !rule.takes_whole(value) {
        return inside(rule, value, text);
    }
    still(text, "")?;
    let message = format!("would number the time {text:?}; equal times are chance");
    Some((message, "use a constant".to_owned()))
}

/// What is wrong with a rule for a part of its example.
fn inside(rule: &Rule, value: Scalar<'_>, text: &str) -> Option<(String, String)> {
    let paths = Scrub::default();
    let rules = std::slice::from_ref(rule);
    let context = Context::new(&paths, rules, "");
    match rewrite(value, &context, &[0], &mut Gauges::new()) {
        Err(Refusal::Unsettled(_)) => {
            let message = format!("would change what it wrote for its example {text:?} again");
            Some((message, JsonErrorKind::UNSETTLED_HINT.to_owned()))
        }
        Ok(Some(done)) if done.text.text == text && done.text.has_identities() => {
            let message = format!("takes a part of its own example {text:?} for a placeholder");
            let hint = "let the pattern match the whole id, or give the identity a form that raw values do not have";
            Some((message, hint.to_owned()))
        }
        _ => None,
    }
}
