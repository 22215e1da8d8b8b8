//! A unified diff in colours, with the changed part of a line marked; a line that does not fit is cut around that part.

use std::ops::Range;

use stillframe_core::visible::visible;
use terminal::{Line, Parts, Style, changed_parts, columns, style};

/// What stands for a part that was cut off.
const CUT: &str = "…";

/// The lines of a diff, indented, none wider than the terminal.
pub(super) fn lines(diff: &str, indent: usize, width: Option<usize>) -> Vec<Line> {
    let room = width.map(|width| width.saturating_sub(indent).max(20));
    let texts: Vec<String> = diff
        .lines()
        .map(|line| visible(line).into_owned())
        .collect();
    let mut lines = Vec::with_capacity(texts.len());
    let mut at = 0;
    while at < texts.len() {
        let removed = run(&texts[at..], '-', at);
        let added = run(&texts[at + removed..], '+', at + removed);
        if removed == added && removed > 0 {
            let (old, new) = texts[at..at + 2 * removed].split_at(removed);
            lines.extend(pairs(old, new, room));
            at += 2 * removed;
        } else {
            lines.push(alone(&texts[at], at, room));
            at += 1;
        }
    }
    let blanks = " ".repeat(indent);
    lines
        .into_iter()
        .map(|line| Line::plain(&blanks).and(line))
        .collect()
}

/// How many lines in a row begin with a sign; the first two lines of a diff are its header.
fn run(texts: &[String], sign: char, at: usize) -> usize {
    if at < 2 {
        return 0;
    }
    texts
        .iter()
        .take_while(|text| text.starts_with(sign))
        .count()
}

/// Lines of which each became the one in the same place of the other list.
fn pairs(old: &[String], new: &[String], room: Option<usize>) -> Vec<Line> {
    let (mut removed, mut added) = (Vec::new(), Vec::new());
    for (old, new) in old.iter().zip(new) {
        // Both begin with their sign, which is not a part of what changed.
        let (old_parts, new_parts) = changed_parts(&old[1..], &new[1..]);
        let (old_parts, new_parts) = (shifted(old_parts), shifted(new_parts));
        let same = old[1..].chars().zip(new[1..].chars());
        let same: usize = same
            .take_while(|(a, b)| a == b)
            .map(|(c, _)| c.len_utf8())
            .sum();
        removed.push(cut(old, 1 + same, &old_parts, style::REMOVED, room));
        added.push(cut(new, 1 + same, &new_parts, style::ADDED, room));
    }
    removed.extend(added);
    removed
}

fn shifted(parts: Parts) -> Parts {
    parts
        .into_iter()
        .map(|part| part.start + 1..part.end + 1)
        .collect()
}

fn alone(text: &str, at: usize, room: Option<usize>) -> Line {
    let of_line = match text.as_bytes().first() {
        _ if at < 2 => style::NAME,
        Some(b'-') => style::REMOVED,
        Some(b'+') => style::ADDED,
        Some(b'@') => style::HUNK,
        Some(b' ') => style::PLAIN,
        _ => style::FAINT,
    };
    cut(text, 0, &Parts::new(), of_line, room)
}

/// A line with its parts marked, and as much of it as there is room for: from its start, or from a little before `telling`.
fn cut(text: &str, telling: usize, parts: &Parts, of_line: Style, room: Option<usize>) -> Line {
    let whole = 0..text.len();
    let shown = match room {
        Some(room) if columns(text) > room => window(text, telling, room),
        _ => whole.clone(),
    };
    let within = |part: &Range<usize>| {
        let (start, end) = (part.start.max(shown.start), part.end.min(shown.end));
        (start < end).then(|| start - shown.start..end - shown.start)
    };
    let parts: Parts = parts.iter().filter_map(within).collect();
    let mut line = Line::new();
    if shown.start > 0 {
        line.push(of_line, &text[..1]);
        line.push(style::FAINT, CUT);
    }
    line = line.with_parts(of_line, &text[shown.clone()], &parts, of_line.invert());
    if shown.end < whole.end {
        line.push(style::FAINT, CUT);
    }
    line
}

/// The range of a text that fits into some columns, with room for its sign and what stands for the rest.
fn window(text: &str, telling: usize, room: usize) -> Range<usize> {
    let room = room.saturating_sub(3);
    let before = columns(&text[..telling]);
    let skipped = if before > room * 2 / 3 {
        before - room / 3
    } else {
        0
    };
    let (mut column, mut start, mut end) = (0, text.len(), text.len());
    for (at, c) in text.char_indices() {
        if column >= skipped && start == text.len() {
            start = at;
        }
        column += columns(c.encode_utf8(&mut [0; 4]));
        if column > skipped + room {
            end = at;
            break;
        }
    }
    start.min(end)..end
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIFF: &str =
        "--- committed\n+++ current\n@@ -1,3 +1,3 @@\n {\n-  \"rows\": 24,\n+  \"rows\": 25,\n }";

    fn shown(width: Option<usize>, diff: &str) -> Vec<String> {
        lines(diff, 2, width).iter().map(Line::text).collect()
    }

    #[test]
    fn what_fits_is_shown_as_it_is() {
        let whole: Vec<String> = DIFF.lines().map(|line| format!("  {line}")).collect();
        assert_eq!(shown(None, DIFF), whole);
        assert_eq!(shown(Some(60), DIFF), whole);
    }

    #[test]
    fn a_long_line_is_cut_around_what_changed() {
        let line = |sign: char, middle: &str| {
            format!("{sign}{}{middle}{}", "a ".repeat(100), "z ".repeat(100))
        };
        let diff = format!(
            "--- committed\n+++ current\n{}\n{}",
            line('-', "old"),
            line('+', "new")
        );
        let shown = shown(Some(40), &diff);
        for (text, middle) in [(&shown[2], "old"), (&shown[3], "new")] {
            assert!(
                text.contains(middle) && text.ends_with('…') && columns(text) <= 40,
                "{text}"
            );
        }
        let at = |text: &str, middle| text.find(middle);
        assert_eq!(at(&shown[2], "old"), at(&shown[3], "new"));
    }
}
