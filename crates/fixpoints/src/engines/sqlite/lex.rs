//! SQLite's own reading of SQL, token by token: words, text in quotes of any kind, signs. It knows no grammar.

use fixpoints_core::quotes::unquoted;

/// A piece of SQL that means something.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// A name or a number as it stands.
    Word(&'a str),
    /// What was in quotes, without them.
    Quoted(String),
    Sign(char),
}

/// Every token; comments and blanks are left out.
pub(super) fn tokens(sql: &str) -> impl Iterator<Item = Token<'_>> {
    let mut rest = sql;
    std::iter::from_fn(move || {
        loop {
            let first = rest.chars().next()?;
            let after = &rest[first.len_utf8()..];
            let (token, then) = match first {
                _ if rest.starts_with("--") => (None, until(after, "\n")),
                _ if rest.starts_with("/*") => (None, until(&after[1..], "*/")),
                '\'' | '"' | '`' => {
                    // Without an end it is all that is left.
                    let (text, then) = unquoted(rest, first).unwrap_or((after.to_owned(), ""));
                    (Some(Token::Quoted(text)), then)
                }
                '[' => {
                    let (text, then) = after.split_once(']').unwrap_or((after, ""));
                    (Some(Token::Quoted(text.to_owned())), then)
                }
                '\u{feff}' => (None, after),
                _ if is_letter(first) => {
                    let (word, then) =
                        rest.split_at(rest.find(|c| !is_letter(c)).unwrap_or(rest.len()));
                    (Some(Token::Word(word)), then)
                }
                _ if first.is_ascii_whitespace() => (None, after),
                _ => (Some(Token::Sign(first)), after),
            };
            rest = then;
            if token.is_some() {
                return token;
            }
        }
    })
}

fn until<'a>(text: &'a str, end: &str) -> &'a str {
    text.split_once(end).map_or("", |(_, rest)| rest)
}

fn is_letter(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_$".contains(c) || !c.is_ascii()
}
