//! What a rule asks of a value itself, wherever it lies; it knows nothing of places.

use super::format::TextFormat;
use super::{Match, RuleError, ValueType};
use regex::Regex;

/// A scalar as the reader found it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scalar<'a> {
    /// A string, decoded.
    Text(&'a str),
    /// The name of a member, decoded.
    Name(&'a str),
    /// A number as printed; has a fraction or an exponent or not.
    Number {
        /// The token.
        token: &'a str,
        /// Whether it has a fraction or an exponent.
        float: bool,
    },
    /// `true` or `false`.
    Bool,
    /// `null`
    Null,
    /// An object, about which nothing more is known yet.
    Object,
    /// An array, about which nothing more is known yet.
    Array,
}

impl<'a> Scalar<'a> {
    /// The text of a string or a name.
    #[must_use]
    pub fn text(self) -> Option<&'a str> {
        match self {
            Self::Text(text) | Self::Name(text) => Some(text),
            _ => None,
        }
    }

    /// A string or a name, as this one is, with another text.
    #[must_use]
    pub fn with_text(self, text: &str) -> Scalar<'_> {
        match self {
            Self::Name(_) => Scalar::Name(text),
            _ => Scalar::Text(text),
        }
    }
}

/// The compiled conditions on a value.
#[derive(Debug, Clone, Default)]
pub struct Predicate {
    /// The type that is asked for.
    pub value_type: Option<ValueType>,
    /// The format that is asked for.
    pub format: Option<TextFormat>,
    /// The pattern that has to match.
    pub pattern: Option<Regex>,
}

impl Predicate {
    /// Compiles the conditions, adding what is wrong with them to `errors`.
    pub fn compile(rule: &str, matcher: &Match, errors: &mut Vec<RuleError>) -> Self {
        let format = matcher.format.as_ref().and_then(|name| {
            let found = TextFormat::named(name);
            if found.is_none() {
                let message = format!("the format {name:?} is not known");
                let hint = format!("use one of {}, or a pattern", TextFormat::known());
                errors.push(RuleError::new(rule, message, hint));
            }
            found
        });
        let pattern = matcher
            .pattern
            .as_ref()
            .and_then(|text| pattern(rule, text, errors));
        Self {
            value_type: matcher.value_type,
            format,
            pattern,
        }
    }

    /// Whether any value fulfils it.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.value_type.is_none() && !self.asks_for_text()
    }

    /// Whether the text of a string decides.
    #[must_use]
    pub fn asks_for_text(&self) -> bool {
        self.format.is_some() || self.pattern.is_some()
    }

    /// Whether names of members can fulfil it.
    #[must_use]
    pub fn takes_names(&self) -> bool {
        match self.value_type {
            Some(wanted) => wanted == ValueType::Name,
            None => self.asks_for_text(),
        }
    }

    /// Whether values of this type can fulfil it. `null` has to be asked for.
    #[must_use]
    pub fn takes(&self, value: Scalar<'_>) -> bool {
        let of_type = match value {
            Scalar::Text(_) => ValueType::String,
            Scalar::Name(_) => ValueType::Name,
            Scalar::Number { float: false, .. } if self.value_type == Some(ValueType::Integer) => {
                ValueType::Integer
            }
            Scalar::Number { .. } => ValueType::Number,
            Scalar::Bool => ValueType::Boolean,
            Scalar::Null => ValueType::Null,
            Scalar::Object => ValueType::Object,
            Scalar::Array => ValueType::Array,
        };
        match self.value_type {
            Some(wanted) => wanted == of_type,
            None if of_type == ValueType::Name => self.takes_names(),
            None => of_type != ValueType::Null,
        }
    }

    /// Whether the value fulfils it.
    #[must_use]
    pub fn holds(&self, value: Scalar<'_>) -> bool {
        if !self.takes(value) {
            return false;
        }
        let text = value.text();
        self.format
            .is_none_or(|format| text.is_some_and(|text| format.holds(text)))
            && self
                .pattern
                .as_ref()
                .is_none_or(|re| text.is_some_and(|text| re.is_match(text)))
    }
}

fn pattern(rule: &str, text: &str, errors: &mut Vec<RuleError>) -> Option<Regex> {
    match Regex::new(text) {
        Ok(regex) if regex.is_match("") => {
            let message = format!("the pattern {text:?} matches the empty string");
            let hint = "use `+` in place of `*`, or ask for one fixed character";
            errors.push(RuleError::new(rule, message, hint));
            None
        }
        Ok(regex) => Some(regex),
        Err(error) => {
            let cause = error.to_string();
            let cause = cause
                .lines()
                .last()
                .unwrap_or_default()
                .trim_start_matches("error: ");
            let message = format!("the pattern {text:?} does not parse ({cause})");
            errors.push(RuleError::new(rule, message, "correct `match.pattern`"));
            None
        }
    }
}
