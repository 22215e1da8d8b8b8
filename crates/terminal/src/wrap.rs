//! Where a line is broken to fit into the terminal: between words, never inside of what can be typed or pasted.

use std::ops::Range;

use unicode_width::UnicodeWidthChar as _;

/// Less room than this is not worth wrapping for.
const LEAST: usize = 20;

/// The parts of a text that become lines of their own, each as a range of bytes; those after the first are indented.
pub(crate) fn wrapped(text: &str, width: usize, indent: usize) -> Vec<Range<usize>> {
    if width < indent + LEAST {
        return std::iter::once(0..text.len()).collect();
    }
    let mut lines = Vec::new();
    let (mut start, mut column) = (0, 0);
    for (at, end) in units(text) {
        let columns = columns(&text[at..end]);
        let blank = text[..at].chars().rev().take_while(|c| *c == ' ').count();
        // The blanks that stand before the first word are layout.
        let is_first = text[start..at].trim().is_empty();
        if !is_first && column + blank + columns > width {
            lines.push(start..at - blank);
            start = at;
            column = indent + columns;
        } else {
            column += blank + columns;
        }
    }
    lines.push(start..text.len());
    lines
}

fn columns(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

/// The words of a text as ranges; what stands in backticks is one word, so that a command can be copied. Quotes are not
/// heeded: a value that was cut lacks its last one.
fn units(text: &str) -> Vec<(usize, usize)> {
    let has_pairs = text.matches('`').count().is_multiple_of(2);
    let mut units = Vec::new();
    let mut start = None;
    let mut is_inside = false;
    for (at, c) in text.char_indices() {
        if c == '`' && has_pairs {
            is_inside = !is_inside;
        } else if c == ' ' && !is_inside {
            units.extend(start.take().map(|from| (from, at)));
            continue;
        }
        start.get_or_insert(at);
    }
    units.extend(start.map(|from| (from, text.len())));
    units
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, width: usize, indent: usize, expected: &[&str]) {
        let lines: Vec<&str> = wrapped(text, width, indent)
            .into_iter()
            .map(|line| &text[line])
            .collect();
        assert_eq!(lines, expected);
    }

    #[test]
    fn lines_are_broken_between_words() {
        check(
            "one two three four five",
            22,
            2,
            &["one two three four", "five"],
        );
        check(
            "    one two three four",
            20,
            0,
            &["    one two three", "four"],
        );
        check("short", 22, 2, &["short"]);
        check("", 22, 2, &[""]);
    }

    #[test]
    fn what_can_be_typed_stays_whole() {
        check(
            "run `stillframe regen --poc a` and commit",
            24,
            2,
            &["run", "`stillframe regen --poc a`", "and commit"],
        );
        check(
            "a very long word: xxxxxxxxxxxxxxxxxxxxxxxxxxxx end",
            20,
            0,
            &["a very long word:", "xxxxxxxxxxxxxxxxxxxxxxxxxxxx", "end"],
        );
        check(
            "the tick ` that is alone breaks",
            20,
            0,
            &["the tick ` that is", "alone breaks"],
        );
    }

    #[test]
    fn wide_characters_take_two_columns() {
        check(
            "日本語日本語 日本語日本語",
            22,
            0,
            &["日本語日本語", "日本語日本語"],
        );
    }

    #[test]
    fn without_room_nothing_is_broken() {
        check(
            "one two three four five",
            22,
            10,
            &["one two three four five"],
        );
    }
}
