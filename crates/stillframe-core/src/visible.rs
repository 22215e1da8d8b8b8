//! Text from elsewhere as it may reach a terminal, a log or a CI system: nothing in it acts, nothing in it hides; it never changes data.

use std::borrow::Cow;
use std::fmt::Write as _;

use redact::{is_hidden, is_joiner, joins};

/// Shows what a terminal would act upon or not show, each as JSON escapes it: control characters, line breaks of every
/// kind, what turns the direction of writing, and what has no width. Shows, too, the `##[` and `##vso[` that CI systems
/// take for a command wherever in a line they stand.
///
/// Doing it twice changes nothing, so text may be escaped where it enters and again where it is printed.
///
/// ```
/// use stillframe_core::visible::visible;
/// assert_eq!(visible("a\nb\u{9b}2J"), r"a\nb\u009b2J");
/// assert_eq!(visible("Zoë 👩‍🚀"), "Zoë 👩‍🚀");
/// ```
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(|c| is_hidden(c) || is_joiner(c) || c == '#') {
        return Cow::Borrowed(text);
    }
    escaped(text, is_hidden)
}

/// A whole line: [`visible`], and where it begins, after any indentation, like a workflow command (`::error::`), its
/// first colon is shown as an escape.
#[must_use]
pub fn line(text: &str) -> Cow<'_, str> {
    let shown = visible(text);
    let rest = shown.trim_start();
    if !rest.starts_with("::") {
        return shown;
    }
    let indent = shown.len() - rest.len();
    Cow::Owned(format!("{}\\u003a{}", &shown[..indent], &rest[1..]))
}

/// A JSON text with the hidden characters of its strings as escapes: the same document in other bytes.
#[must_use]
pub fn json(text: &str) -> Cow<'_, str> {
    // A line break in a JSON text is layout; one in a string is an escape already.
    escaped(text, |c| c != '\n' && is_hidden(c))
}

/// A line that a program printed without what is layout in it: its end, and its tabs, which become spaces.
#[must_use]
pub fn layout(line: &str) -> String {
    line.trim_end().replace('\t', "    ")
}

fn escaped(text: &str, hidden: impl Fn(char) -> bool) -> Cow<'_, str> {
    let mut shown = String::with_capacity(text.len() + 8);
    let mut before = None;
    for (at, c) in text.char_indices() {
        let rest = &text[at + c.len_utf8()..];
        let is_idle = is_joiner(c) && !joins(c, before, rest);
        match c {
            _ if is_idle => push_escape(&mut shown, c),
            '#' if begins_command(&text[at..]) => push_escape(&mut shown, c),
            '\n' if hidden(c) => shown.push_str("\\n"),
            '\r' if hidden(c) => shown.push_str("\\r"),
            '\t' if hidden(c) => shown.push_str("\\t"),
            _ if hidden(c) => push_escape(&mut shown, c),
            _ => shown.push(c),
        }
        // What is shown as an escape has nothing to join.
        before = (!is_idle && !hidden(c)).then_some(c);
    }
    Cow::Owned(shown)
}

fn push_escape(shown: &mut String, c: char) {
    for unit in c.encode_utf16(&mut [0; 2]) {
        // Writing to a string cannot fail.
        let _ = write!(shown, "\\u{unit:04x}");
    }
}

/// `##[error]`, `##vso[task…]`, `##teamcity[…]`.
fn begins_command(text: &str) -> bool {
    text.strip_prefix("##").is_some_and(|rest| {
        rest.trim_start_matches(|c: char| c.is_ascii_alphabetic())
            .starts_with('[')
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_would_act_or_hide_is_shown() {
        for (text, shown) in [
            ("\u{1b}[2J", "\\u001b[2J"),
            ("a\u{9b}b\u{7f}\t", "a\\u009bb\\u007f\\t"),
            ("\u{202e}gpj.exe\u{2066}", "\\u202egpj.exe\\u2066"),
            ("a\u{2028}b\u{2029}c\r\n", "a\\u2028b\\u2029c\\r\\n"),
            ("a\u{200b}b\u{200d}c", "a\\u200bb\\u200dc"),
            ("\u{feff}a\u{e0041}", "\\ufeffa\\udb40\\udc41"),
            ("a\u{fe0f}b \u{180b}\u{fff0}", "a\\ufe0fb \\u180b\\ufff0"),
            ("\u{2764}\u{fe0f}", "\u{2764}\u{fe0f}"),
            (
                "\u{1b}]8;;http://x/\u{1b}\\y",
                "\\u001b]8;;http://x/\\u001b\\y",
            ),
            (
                "x ##[error]y ##vso[task]",
                "x \\u0023#[error]y \\u0023#vso[task]",
            ),
            ("###[a] ## [b] #[c]", "#\\u0023#[a] ## [b] #[c]"),
        ] {
            assert_eq!(visible(text), shown);
        }
    }

    #[test]
    fn a_line_never_begins_like_a_workflow_command() {
        for (text, shown) in [
            ("::error::x", "\\u003a:error::x"),
            (" \u{a0}\u{3000}::set-env", " \u{a0}\u{3000}\\u003a:set-env"),
            ("a\n::error", "a\\n::error"),
            ("std::fs", "std::fs"),
            (": :", ": :"),
        ] {
            assert_eq!(line(text), shown);
        }
    }

    #[test]
    fn json_stays_the_same_document() {
        let text = "{\n  \"a\u{7f}##[x]\": \"\u{9b}\u{202e}\u{e0041}é👩‍🚀\"\n}";
        let shown = json(text);
        assert_eq!(
            shown,
            "{\n  \"a\\u007f\\u0023#[x]\": \"\\u009b\\u202e\\udb40\\udc41é👩‍🚀\"\n}"
        );
        let parse = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        assert_eq!(parse(&shown), parse(text));
    }

    proptest! {
        #[test]
        fn nothing_hidden_is_left_and_twice_changes_nothing(text in hostile()) {
            let shown = line(&text).into_owned();
            prop_assert!(!shown.contains(is_hidden), "{shown:?}");
            prop_assert!(!shown.trim_start().starts_with("::"), "{shown:?}");
            prop_assert!(!shown.contains("##["), "{shown:?}");
            prop_assert_eq!(&line(&shown), &shown);
        }
    }

    fn hostile() -> impl Strategy<Value = String> {
        let part = prop_oneof![
            Just("::".to_owned()),
            Just("##[".to_owned()),
            Just("#".to_owned()),
            Just(" ".to_owned()),
            Just("\u{200d}".to_owned()),
            any::<char>().prop_map(String::from),
            (0u32..0xff).prop_map(|c| char::from_u32(c).unwrap().to_string()),
        ];
        proptest::collection::vec(part, 0..12).prop_map(|parts| parts.concat())
    }
}
