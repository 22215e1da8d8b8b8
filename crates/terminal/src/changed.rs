//! Which parts of a line became others, word by word.

use std::ops::Range;

use anstyle::Style;
use similar::{Algorithm, DiffOp, capture_diff_slices};

use crate::Line;

/// Beyond so many words, only what two lines have in common at both ends is left unmarked.
const MOST_WORDS: usize = 2_000;

/// Parts of a text, as ranges of bytes in rising order.
pub type Parts = Vec<Range<usize>>;

/// The parts of the old and of the new text that the other one does not have; none where they have nothing in common.
#[must_use]
pub fn changed_parts(old: &str, new: &str) -> (Parts, Parts) {
    let (old_words, new_words) = (words(old), words(new));
    let ops = if old_words.len().max(new_words.len()) > MOST_WORDS {
        ends(&old_words, &new_words)
    } else {
        capture_diff_slices(Algorithm::Myers, &old_words, &new_words)
    };
    let mut common = 0;
    let (mut removed, mut added) = (Parts::new(), Parts::new());
    for op in ops {
        let (from, to) = (op.old_range(), op.new_range());
        if let DiffOp::Equal { .. } = op {
            common += old_words[from]
                .iter()
                .filter(|word| is_telling(word))
                .count();
            continue;
        }
        add(&mut removed, &old_words, from);
        add(&mut added, &new_words, to);
    }
    if common == 0 {
        return (Parts::new(), Parts::new());
    }
    (removed, added)
}

impl Line {
    /// The same line with a text after it, of which some parts stand out by another style.
    #[must_use]
    pub fn with_parts(mut self, style: Style, text: &str, parts: &Parts, of_parts: Style) -> Line {
        let mut done = 0;
        for part in parts {
            self.push(style, &text[done..part.start]);
            self.push(of_parts, &text[part.clone()]);
            done = part.end;
        }
        self.push(style, &text[done..]);
        self
    }
}

/// A run of letters and digits, or one other character, each with where it begins.
#[derive(Clone, Copy, Debug)]
struct Word<'a> {
    text: &'a str,
    start: usize,
}

impl PartialEq for Word<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Word<'_> {}

impl std::hash::Hash for Word<'_> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl PartialOrd for Word<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Word<'_> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.text.cmp(other.text)
    }
}

fn words(text: &str) -> Vec<Word<'_>> {
    let mut words: Vec<Word<'_>> = Vec::new();
    for (at, c) in text.char_indices() {
        let end = at + c.len_utf8();
        match words.last_mut() {
            Some(last) if c.is_alphanumeric() && last.text.ends_with(char::is_alphanumeric) => {
                last.text = &text[last.start..end];
            }
            _ => words.push(Word {
                text: &text[at..end],
                start: at,
            }),
        }
    }
    words
}

/// Whether two lines that share this word have something in common; every line of JSON has blanks and quotes.
fn is_telling(word: &Word<'_>) -> bool {
    word.text.contains(char::is_alphanumeric)
}

fn add(parts: &mut Parts, words: &[Word<'_>], range: Range<usize>) {
    let words = &words[range];
    let (Some(first), Some(last)) = (words.first(), words.last()) else {
        return;
    };
    let (start, end) = (first.start, last.start + last.text.len());
    match parts.last_mut() {
        Some(before) if before.end == start => before.end = end,
        _ => parts.push(start..end),
    }
}

/// What the same ends leave over, as one replacement.
fn ends(old: &[Word<'_>], new: &[Word<'_>]) -> Vec<DiffOp> {
    let start = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let rest = old[start..].iter().rev().zip(new[start..].iter().rev());
    let end = rest.take_while(|(a, b)| a == b).count();
    vec![
        DiffOp::Equal {
            old_index: 0,
            new_index: 0,
            len: start,
        },
        DiffOp::Replace {
            old_index: start,
            old_len: old.len() - start - end,
            new_index: start,
            new_len: new.len() - start - end,
        },
        DiffOp::Equal {
            old_index: old.len() - end,
            new_index: new.len() - end,
            len: end,
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(old: &str, new: &str, removed: &[&str], added: &[&str]) {
        let (from, to) = changed_parts(old, new);
        let texts = |text: &str, parts: Parts| -> Vec<String> {
            parts
                .into_iter()
                .map(|part| text[part].to_owned())
                .collect()
        };
        assert_eq!(texts(old, from), removed, "{old}");
        assert_eq!(texts(new, to), added, "{new}");
    }

    #[test]
    fn only_the_words_that_differ_are_marked() {
        check("  \"rows\": 24,", "  \"rows\": 25,", &["24"], &["25"]);
        check("\"a b c\"", "\"a c\"", &["b "], &[]);
        check("at 10:15", "at 11:16", &["10", "15"], &["11", "16"]);
        check("Zoë 1", "Zoé 1", &["Zoë"], &["Zoé"]);
    }

    #[test]
    fn lines_with_nothing_in_common_are_not_marked() {
        check("  \"a\": 1,", "  \"b\": 2,", &[], &[]);
        check("", "x", &[], &[]);
    }

    #[test]
    fn very_long_lines_are_marked_between_their_ends() {
        let long = |middle: &str| format!("{}{middle}{}", "a ".repeat(3_000), " z".repeat(3_000));
        check(&long("b c d"), &long("x c y"), &["b c d"], &["x c y"]);
    }

    proptest! {
        #[test]
        fn marking_changes_no_text(old in "\\PC{0,20}", new in "\\PC{0,20}") {
            let (parts, _) = changed_parts(&old, &new);
            let line = Line::new().with_parts(Style::new(), &old, &parts, Style::new().bold());
            prop_assert_eq!(line.text(), old);
        }
    }
}
