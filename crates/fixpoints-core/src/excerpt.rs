//! Text as a person can look at it: on one line, with nothing invisible in it, and not too long; values stay as they are.

use std::borrow::Cow;

use crate::secret::without_secrets;

/// Makes visible what a terminal would act upon or not show: control characters, line breaks of every kind, and what
/// turns the direction of writing, each as JSON escapes it. So is the beginning of a command to the build server whose log
/// it is printed into, which may stand anywhere in a line.
///
/// ```
/// assert_eq!(fixpoints_core::excerpt::visible("a\nb\u{9b}2J"), r"a\nb\u009b2J");
/// assert_eq!(fixpoints_core::excerpt::visible("Zoë 👩‍🚀 #1"), "Zoë 👩‍🚀 #1");
/// assert_eq!(fixpoints_core::excerpt::visible("a ##[error]x"), r"a \u0023#[error]x");
/// ```
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hidden) && !text.contains("##[") && !text.contains("##vso[") {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for (at, c) in text.char_indices() {
        match c {
            '#' if begins_command(&text[at..]) => shown.push_str("\\u0023"),
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            _ if is_hidden(c) => shown.push_str(&format!("\\u{:04x}", u32::from(c))),
            _ => shown.push(c),
        }
    }
    Cow::Owned(shown)
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

/// Whether [`visible`] writes a character in another way.
#[must_use]
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
        )
        || matches!(c, '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
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
}
