//! Messages and command lines, in which a password may also be the word after a flag.

use std::borrow::Cow;

use crate::{HIDDEN, Separator, find, without_secrets};

/// A message without what may be a password in it, also where it quotes a command line.
///
/// ```
/// assert_eq!(redact::message("tool --password s3cret -v"), "tool --password *** -v");
/// assert_eq!(redact::message("set = { DB_PASSWORD = s3cret }"), "set = { DB_PASSWORD = *** }");
/// ```
#[must_use]
pub fn message(text: &str) -> Cow<'_, str> {
    let shown = without_secrets(text);
    let mut after_flag = false;
    let mut is_changed = false;
    let ends = |c: char| c.is_whitespace() || c == ',';
    let words = shown.split_inclusive(ends).map(|piece| {
        let word = piece.trim_end();
        let is_value = after_flag && !word.is_empty();
        // Several blanks may stand before the value.
        after_flag = is_flag(element(word)) || (after_flag && word.is_empty());
        if is_value && word != HIDDEN {
            is_changed = true;
            return format!("{HIDDEN}{}", &piece[word.len()..]);
        }
        piece.to_owned()
    });
    let words: String = words.collect();
    if is_changed { Cow::Owned(words) } else { shown }
}

/// The words of a command line without what may be a password in them.
#[must_use]
pub fn words<W: AsRef<str>>(words: impl IntoIterator<Item = W>) -> Vec<String> {
    let mut after_flag = false;
    let shown = words.into_iter().map(|word| {
        let word = word.as_ref();
        let is_value = std::mem::replace(&mut after_flag, is_flag(word));
        if is_value {
            HIDDEN.to_owned()
        } else {
            without_secrets(word).into_owned()
        }
    });
    shown.collect()
}

/// A word without what makes it an element of an array, as command lines are written in configuration.
fn element(word: &str) -> &str {
    let quoted = ["\",", "',"];
    match quoted.iter().find_map(|end| word.strip_suffix(end)) {
        Some(inner) => inner.trim_start_matches(['[', '"', '\'']),
        None => word,
    }
}

/// Whether a word is a flag like `--password`, whose value is the next one.
fn is_flag(word: &str) -> bool {
    let with_value = format!("{word}=");
    word.starts_with('-') && find(&with_value, Separator::Sign) == Some(with_value.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_after_a_flag_like_password_is_left_out() {
        for (text, shown) in [
            ("x --db-password s3cret", "x --db-password ***"),
            ("x -password  s3cret y", "x -password  *** y"),
            ("x --password=s3cret y", "x --password=*** y"),
            ("x --password", "x --password"),
            ("x --verbose s3cret", "x --verbose s3cret"),
            ("give --password, then a", "give --password, then a"),
            (
                "args = [\"x\", \"--password\", \"s3cret\"",
                "args = [\"x\", \"--password\", ***",
            ),
            ("['--password','s3cret']", "['--password',***"),
            (
                "name it with `--password` instead",
                "name it with `--password` instead",
            ),
        ] {
            assert_eq!(message(text), shown);
            assert_eq!(message(shown), shown);
        }
        let typed = ["x", "--token", "s3cret", "me:s3cret@h", "--password", "a b"];
        let shown = ["x", "--token", "***", "***@h", "--password", "***"];
        assert_eq!(words(typed), shown);
    }
}
