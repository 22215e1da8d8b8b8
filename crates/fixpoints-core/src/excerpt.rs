//! Text as a person can look at it: on one line, with nothing invisible in it, and not too long; values stay as they are.

use std::borrow::Cow;

pub use redact::is_hidden;
use redact::without_secrets;
use redact::{is_joiner, joins};

/// Makes visible what a terminal would act upon or not show: control characters, line breaks of every kind, and what
/// turns the direction of writing or has no width, each as JSON escapes it. What joins letters and pictures stays where it
/// does that. The beginning of a command to the build server whose log it is printed into, which may stand anywhere in a
/// line, is escaped too.
///
/// ```
/// assert_eq!(fixpoints_core::excerpt::visible("a\nb\u{9b}2J"), r"a\nb\u009b2J");
/// assert_eq!(fixpoints_core::excerpt::visible("Zoë 👩‍🚀 #1"), "Zoë 👩‍🚀 #1");
/// assert_eq!(fixpoints_core::excerpt::visible("a ##[error]x"), r"a \u0023#[error]x");
/// ```
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(|c| is_hidden(c) || is_joiner(c))
        && !text.contains("##[")
        && !text.contains("##vso[")
    {
        return Cow::Borrowed(text);
    }
    let (mut shown, mut before) = (String::with_capacity(text.len() + 8), None);
    for (at, c) in text.char_indices() {
        let rest = &text[at + c.len_utf8()..];
        let is_idle = is_joiner(c) && !joins(c, before, rest);
        match c {
            '#' if begins_command(&text[at..]) => escape(&mut shown, c),
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            _ if is_hidden(c) || is_idle => escape(&mut shown, c),
            _ => shown.push(c),
        }
        // What is shown as an escape has nothing to join.
        before = (!is_idle && !is_hidden(c)).then_some(c);
    }
    Cow::Owned(shown)
}

fn escape(shown: &mut String, c: char) {
    for unit in c.encode_utf16(&mut [0; 2]) {
        shown.push_str(&format!("\\u{unit:04x}"));
    }
}

/// A part of a message that comes from outside: on one line, with nothing invisible in it, and without passwords.
pub fn safe(part: impl std::fmt::Display) -> String {
    visible(&without_secrets(&part.to_string())).into_owned()
}

/// GitHub takes a line for a command that has the first of these anywhere, Azure the second.
fn begins_command(text: &str) -> bool {
    text.starts_with("##[") || text.starts_with("##vso[")
}

/// A whole line of a report: [`visible`], and it does not begin with `::`, which is a command to GitHub too.
///
/// ```
/// assert_eq!(fixpoints_core::excerpt::visible_line("::error::x\n::y"), r"\u003a:error::x\n::y");
/// ```
#[must_use]
pub fn visible_line(line: &str) -> Cow<'_, str> {
    let shown = visible(line);
    match shown.trim_start().strip_prefix("::") {
        Some(rest) => {
            let blanks = &shown[..shown.len() - rest.len() - 2];
            Cow::Owned(format!("{blanks}\\u003a:{rest}"))
        }
        None => shown,
    }
}

/// As much of a value as can be looked at; a short one is whole.
#[must_use]
pub fn excerpt(text: &str) -> String {
    visible(&window(text, 0)).into_owned()
}

/// Two values of a column, from a little before where they differ on.
#[must_use]
pub fn excerpts(old: &str, new: &str) -> (String, String) {
    const BEFORE: usize = 30;
    let same = old.chars().zip(new.chars()).take_while(|(a, b)| a == b);
    let from = same.count().saturating_sub(BEFORE);
    let shown = |text| visible(&window(text, from)).into_owned();
    (shown(old), shown(new))
}

fn window(text: &str, from: usize) -> Cow<'_, str> {
    const WIDTH: usize = 200;
    let length = text.chars().count();
    if length <= WIDTH {
        return Cow::Borrowed(text);
    }
    let shown: String = text.chars().skip(from).take(WIDTH).collect();
    let (before, after) = (
        if from > 0 { "…" } else { "" },
        if from + WIDTH < length { "…" } else { "" },
    );
    Cow::Owned(format!("{before}{shown}{after} ({length} characters)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_move_the_cursor_or_turn_the_writing_is_shown() {
        for (text, shown) in [
            ("\u{1b}[2J", "\\u001b[2J"),
            ("a\u{9b}b\u{7f}", "a\\u009bb\\u007f"),
            ("\u{202e}gpj.exe\u{2066}", "\\u202egpj.exe\\u2066"),
            ("a\u{2028}b\u{2029}c\r\n", "a\\u2028b\\u2029c\\r\\n"),
            ("a\u{200b}b", "a\\u200bb"),
            ("\u{feff}a", "\\ufeffa"),
            ("so\u{ad}ft\u{34f}\u{180e}", "so\\u00adft\\u034f\\u180e"),
            (
                "\u{206a}\u{206f}\u{115f}\u{3164}\u{ffa0}",
                "\\u206a\\u206f\\u115f\\u3164\\uffa0",
            ),
            (
                "\u{e0001}\u{e0041}\u{1d173}",
                "\\udb40\\udc01\\udb40\\udc41\\ud834\\udd73",
            ),
            ("a\u{200d}b\u{200c}", "a\\u200db\\u200c"),
            ("a\u{fe0f}", "a\\ufe0f"),
            (
                "❤\u{fe0f} می\u{200c}خواهم 🧑\u{200d}🚀 葛\u{e0100}",
                "❤\u{fe0f} می\u{200c}خواهم 🧑\u{200d}🚀 葛\u{e0100}",
            ),
        ] {
            assert_eq!(visible(text), shown);
        }
    }

    #[test]
    fn no_line_is_a_command_to_a_build_server() {
        for (line, shown) in [
            ("::error ::x", r"\u003a:error ::x"),
            ("  ::error ::x", r"  \u003a:error ::x"),
            ("\r\n::error ::x", r"\r\n::error ::x"),
            ("a ::error ::x", "a ::error ::x"),
            ("a ###[group]", r"a #\u0023#[group]"),
            ("##vso[task.setvariable]x", r"\u0023#vso[task.setvariable]x"),
        ] {
            assert_eq!(visible_line(line), shown);
            assert_eq!(visible_line(shown), shown);
        }
    }

    #[test]
    fn of_long_values_the_part_is_shown_that_differs() {
        let long = |at: char| "x".repeat(3000) + &at.to_string() + &"y".repeat(3000);
        let (old, new) = excerpts(&long('a'), &long('b'));
        let shown = |at| {
            format!(
                "…{}{at}{}… (6001 characters)",
                "x".repeat(30),
                "y".repeat(169)
            )
        };
        assert_eq!((old, new), (shown('a'), shown('b')));
        let whole = "short".to_owned();
        assert_eq!(excerpts("short", &long('a')).0, whole);
        assert_eq!(
            excerpt(&long('a')),
            format!("{}… (6001 characters)", "x".repeat(200))
        );
    }

    #[test]
    fn doing_it_twice_changes_nothing() {
        for text in [
            "\u{200d}\u{200d}\u{a1}",
            "a\u{fe0f}\u{200d}\u{1f525}",
            "\u{2764}\u{fe0f}\u{200d}\u{1f525}",
        ] {
            let once = visible(text).into_owned();
            assert_eq!(visible(&once), once);
        }
        assert_eq!(
            visible("\u{2764}\u{fe0f}\u{200d}\u{1f525}"),
            "\u{2764}\u{fe0f}\u{200d}\u{1f525}"
        );
    }
}
