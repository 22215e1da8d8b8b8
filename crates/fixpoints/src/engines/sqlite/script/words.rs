//! The first word of each statement of a script; it knows no more of SQL than where statements end.

use crate::engines::sqlite::lex::{Token, tokens};

/// The first word of each statement, in lower case; nothing for one that begins otherwise.
pub(super) fn first(script: &str) -> Vec<String> {
    let mut statement: Vec<String> = Vec::new();
    let (mut found, mut body) = (Vec::new(), Body::Runs);
    for token in tokens(script) {
        let is_trigger = begins_trigger(&statement);
        match token {
            Token::Sign(';') if is_trigger && body != Body::Ended => body = Body::Statement,
            Token::Sign(';') => {
                found.extend(std::mem::take(&mut statement).into_iter().next());
                body = Body::Runs;
            }
            Token::Word(word) => {
                let word = word.to_ascii_lowercase();
                let ends = body == Body::Statement && word == "end";
                body = if ends { Body::Ended } else { Body::Runs };
                statement.push(word);
            }
            Token::Quoted(_) | Token::Sign(_) => {
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
