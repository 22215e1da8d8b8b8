//! Leaves out of texts what may be a password, also where the text was mistyped and is not the URL it was meant to be.

use std::borrow::Cow;

mod hidden;
mod message;
mod url;

pub use hidden::{is_hidden, is_joiner, joins};
pub use message::{message, words};
pub use url::redacted;

/// What stands for a password.
const HIDDEN: &str = "***";

/// Parts of the words that announce a password; misspelled ones are among them.
const WORDS: [&str; 12] = [
    "pass",
    "pasw",
    "psw",
    "pwd",
    "secret",
    "token",
    "credential",
    "apikey",
    "api_key",
    "api-key",
    "kennwort",
    "passphrase",
];

/// How such words end; longer ones are likely to be names, as in `table tokens: disk I/O error`.
const TAILS: [&[u8]; 5] = [b"", b"word", b"wd", b"phrase", b"wort"];

/// What may stand between such a word and what it announces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Separator {
    /// `=` or `:`, as in configuration and messages; a blank may follow them.
    Sign,
    /// A blank too, as in what should have been a URL.
    Blank,
}

/// A message, a path or an argument without what may be a password in it.
#[must_use]
pub fn without_secrets(text: &str) -> Cow<'_, str> {
    if !text.contains('@') && !text.contains("://") && find(text, Separator::Sign).is_none() {
        return Cow::Borrowed(text);
    }
    let mut shown = text.to_owned();
    if let (Some(slashes), Some(at)) = (shown.find("//"), shown.rfind('@'))
        && slashes < at
        && !are_plain_users(&shown)
    {
        shown.replace_range(slashes + 2..at, HIDDEN);
    }
    let shown = url::urls_redacted(&shown);
    let words = shown.split_inclusive(char::is_whitespace);
    let words: String = words.map(without_user).collect();
    Cow::Owned(values_hidden(&words))
}

/// Whether each `@` comes after a scheme and a user's name, as in `postgres://user@host`.
fn are_plain_users(text: &str) -> bool {
    text.match_indices('@').all(|(at, _)| {
        let user = text[..at].rfind("//").map(|slashes| &text[slashes + 2..at]);
        user.is_some_and(|user| is_name(user) || is_concealed(user))
    })
}

/// What is not a server's URL, without what comes before its last `@`: nobody can say what of that is a password.
fn without_user(text: &str) -> Cow<'_, str> {
    let Some(at) = text.rfind('@') else {
        return Cow::Borrowed(text);
    };
    let slashes = text[..at].find("//");
    let file = text
        .find("sqlite:")
        .map_or(0, |scheme| scheme + "sqlite:".len());
    let start = slashes.map_or(file.min(at), |slashes| slashes + 2);
    let user = &text[start..at];
    let is_path = slashes.is_none() && user.split('/').all(|part| part.is_empty() || is_name(part));
    if is_name(user) || is_concealed(user) || is_path {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("{}{HIDDEN}{}", &text[..start], &text[at..]))
}

/// Whether a text can only be the name of a user or a folder.
fn is_name(text: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    !text.is_empty() && text.chars().all(is_plain)
}

/// Whether the password in front of a host was left out before.
fn is_concealed(user: &str) -> bool {
    let name = user.strip_suffix(HIDDEN);
    let name = name.map(|name| name.trim_end_matches([':', '/', '\\', ';']));
    name.is_some_and(|name| name.is_empty() || is_name(name))
}

/// A text up to what a word like `password` announces.
fn cut(text: &str) -> Cow<'_, str> {
    match find(text, Separator::Blank) {
        Some(value) if !text[value..].is_empty() => {
            Cow::Owned(format!("{}{HIDDEN}", &text[..value]))
        }
        _ => Cow::Borrowed(text),
    }
}

/// A message without the values that words like `password` announce; what follows a value stays.
fn values_hidden(text: &str) -> String {
    let (mut shown, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(value) = find(rest, Separator::Sign) {
        shown.push_str(&rest[..value]);
        let length = value_length(&rest[value..]);
        if length > 0 {
            shown.push_str(HIDDEN);
        }
        rest = &rest[value + length..];
    }
    shown + rest
}

/// How long a value is: up to its closing quote, or to what ends a word.
fn value_length(text: &str) -> usize {
    match text.chars().next() {
        Some(quote @ ('\'' | '"' | '`')) => {
            let closing = text[1..].find(quote);
            closing.map_or(text.len(), |at| at + 2)
        }
        _ => {
            let end = |c: char| c.is_whitespace() || "&;,)]}'\"`".contains(c);
            text.find(end).unwrap_or(text.len())
        }
    }
}

/// Where the first value begins that a word like `password` announces, whatever its letters are written as.
fn find(text: &str, separator: Separator) -> Option<usize> {
    let letters = letters(text);
    (0..letters.len()).find_map(|at| {
        let word = WORDS.iter().find(|word| begins(&letters[at..], word))?;
        announced(&letters, at + word.len(), separator)
    })
}

/// A byte without its percent sign, in lower case, and where it ends in the text: the end is what is cut by, and
/// libraries that decode do not tell it.
type Letter = (u8, usize);

fn letters(text: &str) -> Vec<Letter> {
    let bytes = text.as_bytes();
    let (mut letters, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while at < bytes.len() {
        let hex = bytes.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        let hex = hex.and_then(|hex| std::str::from_utf8(hex).ok());
        let decoded = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        at += if decoded.is_some() { 3 } else { 1 };
        letters.push((decoded.unwrap_or(bytes[at - 1]).to_ascii_lowercase(), at));
    }
    letters
}

fn begins(letters: &[Letter], word: &str) -> bool {
    let mut pairs = letters.iter().zip(word.bytes());
    letters.len() >= word.len() && pairs.all(|((letter, _), byte)| *letter == byte)
}

/// Where the value begins after a word that ends at or after `at`; `None` where nothing separates one from it.
fn announced(letters: &[Letter], at: usize, separator: Separator) -> Option<usize> {
    let skip = |from: usize, wanted: &dyn Fn(u8) -> bool| {
        let skipped = letters[from..]
            .iter()
            .take_while(|(letter, _)| wanted(*letter));
        from + skipped.count()
    };
    let is_blank = |letter: u8| letter.is_ascii_whitespace();
    let word_end = skip(at, &|letter| {
        letter.is_ascii_alphanumeric() || b"_-".contains(&letter)
    });
    let quoted = skip(word_end, &|letter| b"'\"`\\".contains(&letter));
    let blanks = skip(quoted, &is_blank);
    let signs = skip(blanks, &|letter| b"=:>".contains(&letter));
    let value = skip(signs, &is_blank);
    let tail: Vec<u8> = letters[at..word_end]
        .iter()
        .map(|(letter, _)| *letter)
        .collect();
    let is_other_word = !TAILS.contains(&tail.as_slice());
    let is_prose =
        is_other_word && value > signs && blanks == word_end && letters[blanks].0 == b':';
    let is_separated = match separator {
        Separator::Sign => signs > blanks && !is_prose,
        Separator::Blank => signs > word_end,
    };
    let end = value.checked_sub(1).and_then(|last| letters.get(last));
    end.filter(|_| is_separated).map(|(_, end)| *end)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every URL and line of configuration that somebody may mistype.
    const TYPED: [&str; 33] = [
        "postgres://me:s3cret@host/db",
        "postgres://me:s3cret/with@slash@host/db",
        "postgres://:s3cret@host/db",
        "postgres://me%3As3cret@host/db",
        "postgres://me;s3cret@host/db",
        "postgres://me:a@s3cret?b/c@host/db",
        "postgres://me:s3 s3cret@host/db",
        "postgres://host/db?user=me&password=s3cret&x=1",
        "postgres://host/db?user=a@b&pass%77ord=s3cret&password=s3cret",
        "postgres://host/db?user=me;password=s3cret",
        "postgres://host/db;Password=s3cret",
        "postgres://host/db?options=-c%20pwd%3Ds3cret",
        "postgres://host:1/db?user=a@b&password=s3cret",
        "postgres:me:s3cret@host/db",
        "postgres:/me:s3cret@host/db",
        "postgres//me:s3cret@127.0.0.1:1/app_test",
        "postgres;//me:s3cret@127.0.0.1/app_test",
        "postgres: //me:s3cret@127.0.0.1/app_test",
        "me:s3cret@127.0.0.1/app_test",
        "host=localhost password=s3cret dbname=app_test",
        "host=127.0.0.1 password = s3cret dbname=app_test",
        "host=127.0.0.1 password='x s3cret' dbname=app_test",
        "host=127.0.0.1 PASSWD : s3cret",
        "Host=127.0.0.1;Password=s3cret;Database=app_test",
        "Host=127.0.0.1;PWD:s3cret;Database=app_test",
        "jdbc:postgresql://h/app_test?user=me;password=s3cret",
        "host=h %70assword=s3cret",
        "host=h pasword=s3cret",
        "host=h PGPASSWORD=s3cret",
        "{\"password\": \"s3cret\"}",
        "db_token => s3cret",
        "sqlite://me:s3cret@127.0.0.1/app_test",
        "sqlite:test.db?password=s3cret",
    ];

    #[test]
    fn passwords_are_never_shown() {
        for url in TYPED {
            let shown = redacted(url);
            assert!(!shown.contains("s3cret"), "{url} is shown as {shown}");
            let message = without_secrets(url);
            assert!(!message.contains("s3cret"), "{url} is shown as {message}");
            let loose = format!("password s3cret {url}");
            assert!(!redacted(&loose).contains("s3cret"), "{loose}");
        }
    }

    #[test]
    fn what_is_shown_already_stays() {
        for url in TYPED {
            let shown = redacted(url);
            assert_eq!(redacted(&shown), shown);
            assert_eq!(without_secrets(&shown), shown);
        }
    }

    #[test]
    fn what_cannot_be_a_password_is_shown() {
        for text in [
            "postgres://me@host:5432/app_test?connect_timeout=3",
            "postgres://host/passwords_test",
            "sqlite:/home/me@work/token_test.db",
            "sqlite:C:/app/test.db",
        ] {
            assert_eq!(redacted(text), text);
        }
        for text in [
            "cannot read table tokens",
            "table tokens: disk I/O error",
            "null value in column \"password\" violates not-null constraint",
            "UNIQUE constraint failed: users.password",
            "a password comes from PGPASSWORD too",
            "fixtures/a@b/base.yaml",
            "name it as in `--db postgres://user@host/name_test`; a password comes from PGPASSWORD too",
        ] {
            assert_eq!(without_secrets(text), text);
        }
    }
}
