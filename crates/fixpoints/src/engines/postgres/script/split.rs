//! Where the statements of a script begin and end: after a semicolon outside of text, names, comments, parentheses and
//! the body of a function that is written in SQL's own form.

use super::super::name::quoted;
use super::lex::{Piece, blanks, piece};

/// One statement without what stands around it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Statement<'s> {
    pub text: &'s str,
    /// The line it begins on, counted from 1.
    pub line: usize,
    /// The lines after a `COPY … FROM stdin`, up to one that is `\.`.
    pub data: Option<&'s str>,
}

/// Every statement of a script, without empty ones.
pub(super) fn statements(script: &str) -> Vec<Statement<'_>> {
    let mut found = Vec::new();
    let mut rest = 0;
    while rest < script.len() {
        let start = rest + before(&script[rest..]);
        let end = start + length(&script[start..]);
        let text = script[start..end]
            .trim_end()
            .trim_end_matches(';')
            .trim_end();
        if !text.is_empty() {
            let line = script[..start]
                .bytes()
                .filter(|byte| *byte == b'\n')
                .count()
                + 1;
            let data = copies(text).then(|| data(&script[end..]));
            let (data, behind) = data.unzip();
            found.push(Statement { text, line, data });
            rest = end + behind.unwrap_or_default();
        }
        rest = rest.max(end).max(start + usize::from(end == start));
    }
    found
}

/// Whether the rows of a statement stand behind it, as in every script that pg_dump writes.
fn copies(statement: &str) -> bool {
    let words: Vec<String> = words(statement).collect();
    words.first().is_some_and(|word| word == "copy")
        && words.windows(2).any(|pair| pair == ["from", "stdin"])
}

/// The table that a `COPY … FROM stdin` fills, as SQL names it.
pub(super) fn copied_table(statement: &str) -> String {
    let (mut table, mut at) = (String::new(), "copy".len());
    while let Some((piece, length)) = piece(&statement[at..]) {
        at += length;
        match piece {
            Piece::Word(word) if word == "from" => break,
            Piece::Word(word) => table.push_str(&word),
            Piece::Name(name) => table.push_str(&quoted(&name)),
            Piece::Symbol('.') => table.push('.'),
            Piece::Blank => {}
            Piece::Symbol(_) | Piece::Text(_) => break,
        }
    }
    table
}

/// The words of a statement that are not in quotes.
pub(super) fn words(statement: &str) -> impl Iterator<Item = String> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let (piece, length) = piece(&statement[at..])?;
        at += length;
        Some(piece)
    })
    .filter_map(|piece| match piece {
        Piece::Word(word) => Some(word),
        _ => None,
    })
}

/// The lines up to one that is `\.`, and how far that reaches.
fn data(behind: &str) -> (&str, usize) {
    let begin = behind.find('\n').map_or(behind.len(), |at| at + 1);
    let mut at = begin;
    for line in behind[begin..].split_inclusive('\n') {
        if line.trim_end_matches(['\n', '\r']) == r"\." {
            return (&behind[begin..at], at + line.len());
        }
        at += line.len();
    }
    (&behind[begin..], behind.len())
}

/// Blanks and comments before a statement, and what pg_dump writes for psql only, so that a script can tell it nothing.
fn before(text: &str) -> usize {
    let mut at = 0;
    loop {
        at += blanks(&text[at..]);
        let rest = &text[at..];
        if !(rest.starts_with("\\restrict ") || rest.starts_with("\\unrestrict ")) {
            return at;
        }
        at += rest.find('\n').unwrap_or(rest.len());
    }
}

/// How long a statement is, with its semicolon.
fn length(text: &str) -> usize {
    let (mut at, mut parentheses, mut body) = (0, 0_usize, Body::default());
    while let Some((piece, length)) = piece(&text[at..]) {
        at += length;
        match piece {
            Piece::Symbol('(') => parentheses += 1,
            Piece::Symbol(')') => parentheses = parentheses.saturating_sub(1),
            Piece::Symbol(';') if parentheses == 0 && body.depth == 0 => return at,
            Piece::Word(word) => body.word(word),
            _ => {}
        }
    }
    text.len()
}

/// How far in a body that begins with `BEGIN ATOMIC` one is.
#[derive(Default)]
struct Body {
    depth: usize,
    first: Vec<String>,
    last: String,
}

impl Body {
    fn word(&mut self, word: String) {
        match word.as_str() {
            "atomic" if self.last == "begin" && self.is_routine() => self.depth += 1,
            "case" if self.depth > 0 => self.depth += 1,
            "end" => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        if self.first.len() < 4 {
            self.first.push(word.clone());
        }
        self.last = word;
    }

    fn is_routine(&self) -> bool {
        let first: Vec<&str> = self.first.iter().map(String::as_str).collect();
        matches!(
            first.as_slice(),
            ["create", "function" | "procedure", ..]
                | ["create", "or", "replace", "function" | "procedure"]
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(script: &str) -> Vec<(&str, usize)> {
        let found = statements(script).into_iter();
        found.map(|found| (found.text, found.line)).collect()
    }

    #[test]
    fn the_table_of_a_copy_is_named_without_what_is_around_it() {
        for (statement, table) in [
            ("COPY far FROM stdin", "far"),
            (
                "copy /* rows */ Public.\"A (b)\" (id, \"from\") from stdin",
                "public.\"A (b)\"",
            ),
            ("COPY \"from\"(id) FROM stdin with csv", "\"from\""),
        ] {
            assert_eq!(copied_table(statement), table);
        }
    }

    #[test]
    fn the_rows_of_a_copy_are_those_up_to_its_end() {
        let script = "\\restrict x;y\nCOPY a (id, t) FROM stdin;\n1\tx;'\n2\t\\\\.\n\\.\n\nselect 1;\ncopy b from STDIN with csv;\n\\.\nselect 2";
        let found = statements(script);
        let found: Vec<_> = found
            .iter()
            .map(|found| (found.text, found.line, found.data))
            .collect();
        let expected = [
            ("COPY a (id, t) FROM stdin", 2, Some("1\tx;'\n2\t\\\\.\n")),
            ("select 1", 7, None),
            ("copy b from STDIN with csv", 8, Some("")),
            ("select 2", 10, None),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn semicolons_inside_text_and_comments_end_nothing() {
        let cases: [(&str, &[(&str, usize)]); 15] = [
            ("", &[]),
            (" ;; -- x;\n", &[]),
            ("a;\nb ;c", &[("a", 1), ("b", 2), ("c", 2)]),
            (
                "-- x;\n/* ; /* ; */ ; */\n a 'x;''y;' ; b",
                &[("a 'x;''y;'", 3), ("b", 3)],
            ),
            (
                r"select E'\';', 'x\'; b",
                &[(r"select E'\';', 'x\'", 1), ("b", 1)],
            ),
            ("do $$ a; $x$ $$; c", &[("do $$ a; $x$ $$", 1), ("c", 1)]),
            (
                "do $x$ a; $$ b; $x$; c",
                &[("do $x$ a; $$ b; $x$", 1), ("c", 1)],
            ),
            (
                "select a$1; b \"x;\"\"\"; $1",
                &[("select a$1", 1), ("b \"x;\"\"\"", 1), ("$1", 1)],
            ),
            ("a -- ;\n; é'😀;'", &[("a -- ;", 1), ("é'😀;'", 2)]),
            ("a --\r; b", &[("a --", 1), ("b", 1)]),
            ("E'a'\n'\\';'; b", &[("E'a'\n'\\';'", 1), ("b", 2)]),
            (
                "create rule r as on insert to t do also (delete from a; delete from b); c",
                &[
                    (
                        "create rule r as on insert to t do also (delete from a; delete from b)",
                        1,
                    ),
                    ("c", 1),
                ],
            ),
            (
                "CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN a THEN 1 END; SELECT 2; END; b; end; c",
                &[
                    (
                        "CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN a THEN 1 END; SELECT 2; END",
                        1,
                    ),
                    ("b", 1),
                    ("end", 1),
                    ("c", 1),
                ],
            ),
            (
                "create procedure begin() begin atomic a; end; b",
                &[
                    ("create procedure begin() begin atomic a; end", 1),
                    ("b", 1),
                ],
            ),
            (
                "begin; a; end; b",
                &[("begin", 1), ("a", 1), ("end", 1), ("b", 1)],
            ),
        ];
        for (script, expected) in cases {
            assert_eq!(texts(script), expected, "{script}");
        }
    }
}
