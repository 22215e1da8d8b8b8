//! The first word of each statement of a script; it knows no more of SQL than where statements end.

/// What `sqlite3_complete` tells apart.
enum Token<'a> {
    Word(&'a str),
    Semicolon,
    Other,
}

/// The first word of each statement, in lower case; nothing for one that begins otherwise.
pub(super) fn first(script: &str) -> Vec<String> {
    let mut statement: Vec<String> = Vec::new();
    let (mut found, mut body) = (Vec::new(), Body::Runs);
    for token in tokens(script) {
        let is_trigger = begins_trigger(&statement);
        match token {
            Token::Semicolon if is_trigger && body != Body::Ended => body = Body::Statement,
            Token::Semicolon => {
                found.extend(std::mem::take(&mut statement).into_iter().next());
                body = Body::Runs;
            }
            Token::Word(word) => {
                let word = word.to_ascii_lowercase();
                let ends = body == Body::Statement && word == "end";
                body = if ends { Body::Ended } else { Body::Runs };
                statement.push(word);
            }
            Token::Other => {
                body = Body::Runs;
                statement.push(String::new());
            }
        }
        statement.truncate(HEAD);
    }
    found.extend(statement.into_iter().next());
    found
}

/// As many words as tell a trigger from other statements.
const HEAD: usize = 6;

/// What was read last of a trigger, which has statements in it: only `; END ;` ends it.
#[derive(Clone, Copy, PartialEq)]
enum Body {
    Runs,
    Statement,
    Ended,
}

fn begins_trigger(statement: &[String]) -> bool {
    let mut words = statement.iter().map(String::as_str);
    let mut next = words.find(|word| !["explain", "query", "plan"].contains(word));
    if next == Some("create") {
        next = words.find(|word| !["temp", "temporary"].contains(word));
        return next == Some("trigger");
    }
    false
}

fn tokens(script: &str) -> impl Iterator<Item = Token<'_>> {
    let mut rest = script;
    std::iter::from_fn(move || {
        loop {
            let (token, length) = token(rest)?;
            rest = &rest[length..];
            if token.is_some() {
                return token;
            }
        }
    })
}

/// The next token and its length; blanks and comments are none.
fn token(text: &str) -> Option<(Option<Token<'_>>, usize)> {
    let until = |end: &str, from: usize| {
        let found = text[from..].find(end);
        found.map_or(text.len(), |at| from + at + end.len())
    };
    let first = text.chars().next()?;
    Some(match first {
        '\u{feff}' => (None, first.len_utf8()),
        _ if first.is_ascii_whitespace() => (None, 1),
        '-' if text.starts_with("--") => (None, until("\n", 2)),
        '/' if text.starts_with("/*") => (None, until("*/", 2)),
        // A quote that is written twice is a string beside another one here.
        '\'' => (Some(Token::Other), until("'", 1)),
        '"' => (Some(Token::Other), until("\"", 1)),
        '`' => (Some(Token::Other), until("`", 1)),
        '[' => (Some(Token::Other), until("]", 1)),
        ';' => (Some(Token::Semicolon), 1),
        _ if is_letter(first) => {
            let end = text.find(|c: char| !is_letter(c)).unwrap_or(text.len());
            (Some(Token::Word(&text[..end])), end)
        }
        _ => (Some(Token::Other), first.len_utf8()),
    })
}

fn is_letter(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_$".contains(c) || !c.is_ascii()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_statement_has_one_first_word() {
        for (script, words) in [
            ("", &[][..]),
            ("-- BEGIN;\n/* COMMIT; */ ;; \u{feff}Select 1", &["select"]),
            (
                "SELECT 'a; BEGIN; it''s', \"b;\", `c;`, [d;]; COMMIT--\n;",
                &["select", "commit"],
            ),
            (
                "INSERT INTO a VALUES (CASE WHEN 1 THEN 2\nEND); END",
                &["insert", "end"],
            ),
            (
                "CREATE TEMP TRIGGER t AFTER INSERT ON a\nBEGIN\n  SELECT CASE 1 WHEN 1 THEN 2 END;\n  SELECT 1;\nEND; PRAGMA x",
                &["create", "pragma"],
            ),
            ("create table trigger_ (a); begin", &["create", "begin"]),
            ("(SELECT 1); SELECT 'open", &["", "select"]),
        ] {
            assert_eq!(first(script), words, "{script}");
        }
    }
}
