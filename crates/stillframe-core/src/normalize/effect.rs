//! What a rule does to one value: the new token, by the value's type; it refuses to touch `null` unasked.

use crate::json::text;
use crate::location::{Child, Slice};
use crate::rule::form::Form;
use crate::rule::format::TextFormat;
use crate::rule::moment::Moment;
use crate::rule::predicate::Scalar;
use crate::rule::round::round;
use crate::rule::template::Template;
use serde_json::Value;

/// The compiled form of an action or an annotation.
#[derive(Debug, Clone)]
pub enum Effect {
    /// Numbers become `0`.
    Zero,
    /// Numbers become `0`, or `0.0` when they are floats.
    ZeroTyped,
    /// Anything becomes this.
    Constant(Value),
    /// Strings that are points in time become the one that stands for all, in their form.
    Moment,
    /// Strings become the point in time, numbers zero; from an annotation, perhaps with a format.
    AnyMoment(Option<TextFormat>),
    /// Numbers become zero, strings a duration of nothing.
    Elapsed(Option<TextFormat>),
    /// Strings, numbers and booleans become the plainest value of their type.
    Plain,
    /// The value is numbered.
    Identity(Form),
    /// Matches inside the string become this text.
    Scrub(Template),
    /// The elements are sorted.
    Sort(Sorting),
    /// The number is rounded.
    Round(u8),
    /// The value is left out.
    Remove,
}

/// What is sorted, and by what.
#[derive(Debug, Clone, Default)]
pub struct Sorting {
    /// The elements that are sorted; all of them without it.
    pub slice: Option<Slice>,
    /// Values in each element, the most important first; the element's own text decides about those that are equal.
    pub by: Vec<Vec<Child>>,
}

/// When a rule has its turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Constants, zeros, rounding and removing.
    Whole,
    /// Text inside strings.
    Scrub,
    /// Order of elements.
    Sort,
    /// Numbering.
    Identity,
}

impl Effect {
    /// When it has its turn.
    pub fn stage(&self) -> Stage {
        match self {
            Self::Identity(_) => Stage::Identity,
            Self::Scrub(_) => Stage::Scrub,
            Self::Sort(_) => Stage::Sort,
            _ => Stage::Whole,
        }
    }

    /// The form in which it numbers.
    pub fn form(&self) -> Option<&Form> {
        match self {
            Self::Identity(form) => Some(form),
            _ => None,
        }
    }

    /// Whether it does anything to values of this type.
    pub fn touches(&self, value: Scalar<'_>) -> bool {
        use Scalar::{Array, Bool, Name, Number, Text};
        match self {
            Self::Zero | Self::ZeroTyped | Self::Round(_) => matches!(value, Number { .. }),
            Self::Moment => matches!(value, Text(_)),
            Self::AnyMoment(_) | Self::Elapsed(_) => matches!(value, Text(_) | Number { .. }),
            Self::Plain => matches!(value, Text(_) | Number { .. } | Bool),
            Self::Identity(_) => matches!(value, Text(_) | Name(_) | Number { .. }),
            Self::Scrub(_) => matches!(value, Text(_) | Name(_)),
            Self::Sort(_) => value == Array,
            Self::Constant(_) | Self::Remove => !matches!(value, Name(_)),
        }
    }

    /// Whether it does anything to this value, among those of a type that it touches.
    pub fn applies(&self, value: Scalar<'_>) -> bool {
        match (self, value) {
            (Self::Moment, Scalar::Text(text)) => Moment::of(text).is_some(),
            _ => self.touches(value),
        }
    }

    /// Whether the value could be what this effect wrote earlier.
    pub fn wrote(&self, value: Scalar<'_>, timestamp: &str) -> bool {
        match (self, value) {
            (Self::Identity(form), Scalar::Text(text) | Scalar::Name(text)) => {
                form.number(text).is_some()
            }
            (Self::Constant(Value::String(own)), Scalar::Text(text)) => own == text,
            (Self::Constant(Value::Number(own)), Scalar::Number { token, .. }) => {
                own.to_string() == token
            }
            (Self::Moment | Self::AnyMoment(_), Scalar::Text(text)) => {
                Moment::of(text).is_some_and(|form| form.write(timestamp) == text)
            }
            _ => false,
        }
    }

    /// Appends the new token of a scalar; `false` when it stays as it is.
    pub fn write(&self, value: Scalar<'_>, timestamp: &str, out: &mut Vec<u8>) -> bool {
        match (self, value) {
            (Self::Zero, Scalar::Number { .. }) => out.push(b'0'),
            (
                Self::ZeroTyped | Self::AnyMoment(_) | Self::Elapsed(_) | Self::Plain,
                Scalar::Number { float, .. },
            ) => out.extend_from_slice(if float { b"0.0" } else { b"0" }),
            (Self::Moment | Self::AnyMoment(None), Scalar::Text(text)) => {
                let form = Moment::of(text).unwrap_or(Moment::Instant);
                text::encode(&form.write(timestamp), out);
            }
            (Self::AnyMoment(Some(format)), Scalar::Text(_)) => {
                text::encode(&moment_of(*format).write(timestamp), out);
            }
            (Self::Elapsed(format), Scalar::Text(text)) => {
                let iso = *format == Some(TextFormat::Duration) || TextFormat::Duration.holds(text);
                text::encode(if iso { "PT0S" } else { "0s" }, out);
            }
            (Self::Plain, Scalar::Text(_)) => text::encode("", out),
            (Self::Plain, Scalar::Bool) => out.extend_from_slice(b"false"),
            (Self::Identity(_), Scalar::Text(text)) => match still(text, timestamp) {
                Some(still) => text::encode(&still, out),
                None => return false,
            },
            (Self::Round(digits), Scalar::Number { token, .. }) => match round(token, *digits) {
                Some(rounded) => out.extend_from_slice(rounded.as_bytes()),
                None => return false,
            },
            _ => return false,
        }
        true
    }
}

/// The form of a time of a format.
fn moment_of(format: TextFormat) -> Moment {
    match format {
        TextFormat::Date => Moment::Date,
        TextFormat::Time => Moment::Time,
        _ => Moment::Instant,
    }
}

/// What stands for a time or a duration, which are never numbered; `None` for other text.
pub fn still(text: &str, timestamp: &str) -> Option<String> {
    if TextFormat::Duration.holds(text) {
        return Some("PT0S".to_owned());
    }
    Moment::of(text).map(|form| form.write(timestamp))
}
