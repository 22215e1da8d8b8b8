//! Unicode's separators of lines and paragraphs, U+2028 and U+2029. YAML 1.1, and so Psych, takes them for line breaks
//! and writes the spaces of an indented line after them; to YAML 1.2, and so to our parser, they are ordinary characters.
//!
//! Each becomes a mark and a break that both understand, and what the parser makes of these becomes the separator again.

use std::borrow::Cow;

use granit_parser::ScalarStyle;

const SEPARATORS: [char; 2] = ['\u{2028}', '\u{2029}'];

/// What stands for the separators.
pub(crate) struct Breaks {
    marks: [char; 2],
    /// Follows spaces that were added.
    pad: char,
}

impl Breaks {
    /// A text without separators, and what stands for them; `None` where it has none.
    pub fn marked(text: &str) -> (Cow<'_, str>, Option<Self>) {
        // Unicode keeps these characters for use inside of programs.
        let mut free = ('\u{fdd0}'..='\u{fdef}').filter(|mark| !text.contains(*mark));
        let breaks = match [free.next(), free.next(), free.next()] {
            [Some(line), Some(paragraph), Some(pad)] if text.contains(SEPARATORS) => Self {
                marks: [line, paragraph],
                pad,
            },
            _ => return (Cow::Borrowed(text), None),
        };
        (Cow::Owned(breaks.mark(text)), Some(breaks))
    }

    fn mark(&self, text: &str) -> String {
        // More than a level of indentation has.
        const DEEPER: usize = 9;
        let mut marked = String::with_capacity(text.len() + text.len() / 8);
        let mut indent = 0;
        for line in text.split_inclusive(['\n', SEPARATORS[0], SEPARATORS[1]]) {
            let content = line.trim_end_matches(SEPARATORS);
            let spaces = content.len() - content.trim_start_matches(' ').len();
            if !content.trim().is_empty() {
                indent = spaces;
            }
            marked.push_str(content);
            let Some(at) = SEPARATORS
                .iter()
                .position(|separator| line.ends_with(*separator))
            else {
                continue;
            };
            if content.is_empty() {
                // A mark, other than a break, ends a value that is indented deeper.
                marked.push_str(&" ".repeat(indent + DEEPER));
                marked.push(self.pad);
            }
            marked.push(self.marks[at]);
            marked.push('\n');
        }
        marked
    }

    /// A value with its separators. The break after one is a space, except in a literal.
    pub fn restored(&self, value: &str, style: ScalarStyle) -> String {
        let after = if style == ScalarStyle::Literal {
            '\n'
        } else {
            ' '
        };
        let mut restored = String::with_capacity(value.len());
        let mut characters = value.chars().peekable();
        while let Some(character) = characters.next() {
            if character == self.pad {
                restored.truncate(restored.trim_end_matches(' ').len());
            } else if let Some(at) = self.marks.iter().position(|mark| *mark == character) {
                restored.push(SEPARATORS[at]);
                characters.next_if_eq(&after);
            } else {
                restored.push(character);
            }
        }
        restored
    }
}

#[cfg(test)]
mod tests {
    use crate::value::Value;
    use crate::yaml::{Kind, read};

    /// What Psych writes of each text, and reads again.
    #[test]
    fn separators_are_line_breaks_and_stay_themselves() {
        for (written, expected) in [
            ("'a\u{2028}  b'", "a\u{2028}b"),
            ("'a\u{2028}\u{2029}  b'", "a\u{2028}\u{2029}b"),
            ("'a\u{2028}\n  '", "a\u{2028}\n"),
            ("|-\n  a\n\n\u{2028}   b", "a\n\n\u{2028} b"),
            ("|-\n  a\n    \u{2028}  b", "a\n  \u{2028}b"),
            ("|2+\n\n\n\u{2029}", "\n\n\u{2029}"),
            ("\"a\\L b\\P\"", "a\u{2028} b\u{2029}"),
        ] {
            let node = read(written).unwrap().unwrap();
            let text = match node.kind {
                Kind::Scalar(Value::Text(text)) => text,
                other => panic!("{written:?}: {other:?}"),
            };
            assert_eq!(text, expected, "{written:?}");
        }
    }
}
