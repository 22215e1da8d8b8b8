//! One line of detail: what was there before and what is there now stand out from the place.

use terminal::{Line, changed_parts, style};

/// A line of detail; text that is to be pasted, or that a program laid out, is not broken.
pub(super) fn detail(text: &str) -> Line {
    match old_and_new(text) {
        Some((place, old, new)) => {
            let (removed, added) = changed_parts(old, new);
            Line::plain(place)
                .with_parts(style::REMOVED, old, &removed, style::REMOVED.invert())
                .with(style::PLAIN, ARROW)
                .with_parts(style::ADDED, new, &added, style::ADDED.invert())
        }
        None => Line::new().prose(text),
    }
}

/// Whether a line would no longer be what it is if it were broken: TOML, or a layout of its own.
pub(super) fn is_verbatim(text: &str) -> bool {
    text.starts_with([' ', '[']) || text.contains(" = ")
}

const ARROW: &str = " → ";

/// `$.rows: 24 → 25` in three parts. A text that has the arrow in a value as well is left as it is.
fn old_and_new(text: &str) -> Option<(&str, &str, &str)> {
    if !text.starts_with('$') && !text.starts_with("exit code: ") {
        return None;
    }
    let (before, new) = text.split_once(ARROW)?;
    let start = before.find(": ")? + 2;
    let (place, old) = before.split_at(start);
    let is_sentence = old.ends_with(" elements");
    (!new.contains(ARROW) && !is_sentence).then_some((place, old, new))
}
