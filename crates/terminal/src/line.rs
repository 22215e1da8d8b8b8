//! One line of output: pieces of text, each with a style that is ours; the text is escaped when the line is rendered.

use std::borrow::Cow;
use std::ops::Range;

use anstyle::Style;

use crate::style;
use crate::wrap::wrapped;

/// How text from elsewhere is made harmless.
#[derive(Clone, Copy, Debug)]
pub struct Escape {
    /// A part of a line.
    pub part: fn(&str) -> Cow<'_, str>,
    /// A whole line.
    pub line: fn(&str) -> Cow<'_, str>,
}

/// A line with styles.
#[derive(Clone, Debug, Default)]
pub struct Line {
    pieces: Vec<(Style, String)>,
    indent: Option<usize>,
}

impl Line {
    /// An empty line.
    #[must_use]
    pub fn new() -> Line {
        Line::default()
    }

    /// A line of one style.
    #[must_use]
    pub fn plain(text: impl Into<String>) -> Line {
        Line::new().with(style::PLAIN, text)
    }

    /// A message of which the label before the first colon stands out (`error:`, `warning:`, `hint:`), and in advice what
    /// can be typed. It is wrapped with an indentation of its own.
    #[must_use]
    pub fn message(text: &str) -> Line {
        let rest = text.trim_start();
        let indent = text.len() - rest.len();
        for (label, of_label) in [
            ("error:", style::BAD),
            ("critical:", style::BAD),
            ("warning:", style::WARNING),
            ("hint:", style::ADVICE),
        ] {
            if let Some(after) = rest.strip_prefix(label) {
                let line = Line::plain(&text[..indent]).with(of_label, label);
                return line.prose(after).wrapping(indent + label.len() + 1);
            }
        }
        Line::new().prose(text).wrapping(indent)
    }

    /// The same line with a text after it in which what stands in backticks stands out.
    #[must_use]
    pub fn prose(mut self, text: &str) -> Line {
        if !text.matches('`').count().is_multiple_of(2) {
            return self.with(style::PLAIN, text);
        }
        for (at, part) in text.split('`').enumerate() {
            if at % 2 == 1 {
                self.push(style::NAME, &format!("`{part}`"));
            } else {
                self.push(style::PLAIN, part);
            }
        }
        self
    }

    /// The same line with one more piece.
    #[must_use]
    pub fn with(mut self, style: Style, text: impl Into<String>) -> Line {
        self.pieces.push((style, text.into()));
        self
    }

    /// The same line with the pieces of another one after its own.
    #[must_use]
    pub fn and(mut self, other: Line) -> Line {
        self.pieces.extend(other.pieces);
        self
    }

    /// Adds a piece.
    pub fn push(&mut self, style: Style, text: &str) {
        if !text.is_empty() {
            self.pieces.push((style, text.to_owned()));
        }
    }

    /// The same line, broken between words where it does not fit; what is broken off is indented by so many blanks.
    #[must_use]
    pub fn wrapping(mut self, indent: usize) -> Line {
        self.indent = Some(indent);
        self
    }

    /// The text alone, as it was given.
    #[must_use]
    pub fn text(&self) -> String {
        self.pieces.iter().map(|(_, text)| text.as_str()).collect()
    }

    /// The line as it is written, with its line break: escaped, styled, and broken to fit into a width.
    #[must_use]
    pub fn render(&self, escape: Escape, width: Option<usize>) -> String {
        let whole = (escape.line)(&self.text()).into_owned();
        let pieces = self.escaped(escape, &whole);
        let lines = match (width, self.indent) {
            (Some(width), Some(indent)) => wrapped(&whole, width, indent),
            _ => std::iter::once(0..whole.len()).collect(),
        };
        let mut rendered = String::with_capacity(whole.len() + 32);
        for (at, line) in lines.into_iter().enumerate() {
            if at > 0 {
                rendered.push_str(&" ".repeat(self.indent.unwrap_or(0)));
            }
            push_styled(&mut rendered, &pieces, line);
            rendered.push('\n');
        }
        rendered
    }

    /// The escaped pieces. A style never changes what is shown: where the pieces would read differently than the whole line,
    /// for a command of a CI system may stand across two of them, there is no style.
    fn escaped(&self, escape: Escape, whole: &str) -> Vec<(Style, String)> {
        let pieces: Vec<(Style, String)> = self
            .pieces
            .iter()
            .map(|(style, text)| (*style, (escape.part)(text).into_owned()))
            .collect();
        let joined: String = pieces.iter().map(|(_, text)| text.as_str()).collect();
        if joined == whole {
            pieces
        } else {
            vec![(style::PLAIN, whole.to_owned())]
        }
    }
}

/// What lies in a range of the whole line, with its styles.
fn push_styled(rendered: &mut String, pieces: &[(Style, String)], range: Range<usize>) {
    let mut start = 0;
    for (style, text) in pieces {
        let end = start + text.len();
        let (from, to) = (range.start.max(start), range.end.min(end));
        if from < to {
            let shown = &text[from - start..to - start];
            rendered.push_str(&format!("{style}{shown}{style:#}"));
        }
        start = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn escape() -> Escape {
        fn part(text: &str) -> Cow<'_, str> {
            Cow::Owned(text.replace('\u{1b}', "ESC").replace("##[", "HASH["))
        }
        Escape { part, line: part }
    }

    fn shown(line: &Line, width: Option<usize>) -> String {
        line.render(escape(), width).replace('\u{1b}', "^")
    }

    #[test]
    fn only_our_own_styles_reach_the_terminal() {
        let line = Line::new()
            .with(style::REMOVED, "a\u{1b}[2J")
            .with(style::PLAIN, "b");
        assert_eq!(shown(&line, None), "^[31maESC[2J^[0mb\n");
    }

    #[test]
    fn a_command_that_two_pieces_make_together_is_escaped_and_not_styled() {
        let line = Line::new()
            .with(style::REMOVED, "#")
            .with(style::PLAIN, "#[error]");
        assert_eq!(shown(&line, None), "HASH[error]\n");
    }

    #[test]
    fn a_message_has_its_label_and_what_can_be_typed_in_bold_and_is_wrapped() {
        let line = Line::message("hint: run `stillframe regen` and commit the result");
        assert_eq!(
            shown(&line, Some(34)),
            "^[1mhint:^[0m run ^[1m`stillframe regen`^[0m and\n      commit the result\n"
        );
        assert_eq!(shown(&Line::message("a `b"), None), "a `b\n");
    }

    #[test]
    fn without_a_width_nothing_is_wrapped() {
        let line = Line::message("one two three four five six seven");
        assert_eq!(shown(&line, None), "one two three four five six seven\n");
        assert_eq!(
            shown(&line, Some(22)),
            "one two three four\nfive six seven\n"
        );
    }
}
