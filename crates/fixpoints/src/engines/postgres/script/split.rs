//! Where the statements of a script begin and end: after a semicolon outside of text, names and comments.

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
        let start = rest + blank(&script[rest..]);
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
    let text = statement.to_ascii_lowercase();
    let words: Vec<&str> = text.split_ascii_whitespace().collect();
    words.first() == Some(&"copy") && words.windows(2).any(|pair| pair == ["from", "stdin"])
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

/// Blanks and comments before a statement.
fn blank(text: &str) -> usize {
    let mut at = 0;
    loop {
        let rest = &text[at..];
        let blanks = rest.len() - rest.trim_start().len();
        let comment = comment(&rest[blanks..]);
        at += blanks + comment;
        if comment == 0 {
            return at;
        }
    }
}

/// How long the comment is that begins here.
pub(super) fn comment(text: &str) -> usize {
    // What pg_dump writes for psql only, so that a script can tell it nothing.
    let is_mark = text.starts_with("\\restrict ") || text.starts_with("\\unrestrict ");
    if text.starts_with("--") || is_mark {
        return text.find('\n').unwrap_or(text.len());
    }
    if !text.starts_with("/*") {
        return 0;
    }
    // Comments of this kind are nested.
    let (bytes, mut depth, mut at) = (text.as_bytes(), 0, 0);
    while at < bytes.len() {
        match bytes.get(at..at + 2) {
            Some(b"/*") => (depth, at) = (depth + 1, at + 2),
            Some(b"*/") => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    bytes.len()
}

/// How long a statement is, with its semicolon.
fn length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let (mut at, mut word) = (0, 0);
    while at < bytes.len() {
        let step = match bytes[at] {
            b';' => return at + 1,
            b'\'' => string(&text[at..], is_escaping(&text[word..at])),
            b'"' => string(&text[at..], false),
            b'$' if at == word => dollars(&text[at..]),
            b'-' | b'/' => comment(&text[at..]).max(1),
            _ => 1,
        };
        let is_word = step == 1
            && (bytes[at].is_ascii_alphanumeric() || matches!(bytes[at], b'_' | b'$' | 0x80..));
        at += step;
        if !is_word {
            word = at;
        }
    }
    bytes.len()
}

/// Whether a string after this word has backslashes that escape.
pub(super) fn is_escaping(word: &str) -> bool {
    word.eq_ignore_ascii_case("e")
}

/// A string or a quoted name; a doubled quote is in it.
pub(super) fn string(text: &str, escaping: bool) -> usize {
    let bytes = text.as_bytes();
    let mut at = 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if escaping => at += 2,
            byte if byte == bytes[0] => {
                if bytes.get(at + 1) != Some(&bytes[0]) {
                    return at + 1;
                }
                at += 2;
            }
            _ => at += 1,
        }
    }
    bytes.len()
}

/// A string between `$tag$` and `$tag$`.
pub(super) fn dollars(text: &str) -> usize {
    let Some(end) = text[1..].find('$').map(|at| at + 2) else {
        return 1;
    };
    let tag = &text[..end];
    let name = &tag[1..end - 1];
    let is_tag = name.chars().all(|c| c.is_alphanumeric() || c == '_')
        && !name.starts_with(|c: char| c.is_ascii_digit());
    if !is_tag {
        return 1;
    }
    text[end..]
        .find(tag)
        .map_or(text.len(), |at| end + at + tag.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(script: &str) -> Vec<(&str, usize)> {
        let found = statements(script).into_iter();
        found.map(|found| (found.text, found.line)).collect()
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
        let cases: [(&str, &[(&str, usize)]); 9] = [
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
        ];
        for (script, expected) in cases {
            assert_eq!(texts(script), expected, "{script}");
        }
    }
}
