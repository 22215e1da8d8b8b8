//! Where the statements of a script begin and end: after a semicolon outside of text, names and comments.

/// One statement without what stands around it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Statement<'s> {
    pub text: &'s str,
    /// The line it begins on, counted from 1.
    pub line: usize,
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
            found.push(Statement { text, line });
        }
        rest = end.max(start + usize::from(end == start));
    }
    found
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
fn comment(text: &str) -> usize {
    if text.starts_with("--") {
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
fn is_escaping(word: &str) -> bool {
    word.eq_ignore_ascii_case("e")
}

/// A string or a quoted name; a doubled quote is in it.
fn string(text: &str, escaping: bool) -> usize {
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
fn dollars(text: &str) -> usize {
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
