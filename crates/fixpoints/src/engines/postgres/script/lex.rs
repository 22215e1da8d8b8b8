//! PostgreSQL's own reading of a script, piece by piece, as its `scan.l` does under `standard_conforming_strings`: words,
//! quoted names, strings with what they stand for, symbols. It knows no grammar.

/// One piece of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// White space or a comment.
    Blank,
    /// A keyword or a name without quotes, in lower case.
    Word(String),
    /// A quoted name.
    Name(String),
    /// What a string stands for, however it is written.
    Text(String),
    /// Anything else.
    Symbol(char),
}

/// How a string or a name in quotes is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quoting {
    Plain,
    /// `E'…'`, with backslashes.
    Escapes,
    /// `U&'…'`, with the numbers of characters.
    Numbers,
}

/// The piece that a text begins with, and how many bytes it has; `None` at the end.
pub(super) fn piece(text: &str) -> Option<(Piece, usize)> {
    let first = text.chars().next()?;
    let blank = blank(text);
    if blank > 0 {
        return Some((Piece::Blank, blank));
    }
    if is_letter(first) {
        let rest = text.trim_start_matches(is_inside);
        let length = text.len() - rest.len();
        let word = text[..length].to_ascii_lowercase();
        return Some(match (word.as_str(), rest.as_bytes()) {
            ("e", [b'\'', ..]) => quoted(text, length, Quoting::Escapes),
            ("u", [b'&', b'\'' | b'"', ..]) => quoted(text, length + 1, Quoting::Numbers),
            _ => (Piece::Word(word), length),
        });
    }
    Some(match first {
        '\'' | '"' => quoted(text, 0, Quoting::Plain),
        '$' => dollars(text).unwrap_or((Piece::Symbol('$'), 1)),
        other => (Piece::Symbol(other), other.len_utf8()),
    })
}

/// White space and comments before anything else.
pub(super) fn blanks(text: &str) -> usize {
    let mut at = 0;
    loop {
        match blank(&text[at..]) {
            0 => return at,
            length => at += length,
        }
    }
}

/// White space, or one comment.
fn blank(text: &str) -> usize {
    if text.starts_with("--") {
        return text.find(['\n', '\r']).unwrap_or(text.len());
    }
    if text.starts_with("/*") {
        return nested_comment(text);
    }
    text.len() - text.trim_start_matches(is_space).len()
}

/// Comments of this kind are nested.
fn nested_comment(text: &str) -> usize {
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

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0b' | '\x0c')
}

fn is_letter(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_' || !c.is_ascii()
}

/// Whether a character may follow in a name without quotes.
fn is_inside(c: char) -> bool {
    is_letter(c) || c.is_ascii_digit() || c == '$'
}

/// What stands in quotes, the first of which is so many bytes from here.
fn quoted(text: &str, before: usize, quoting: Quoting) -> (Piece, usize) {
    let quote = text.as_bytes()[before];
    let (mut value, mut at) = (Vec::new(), before);
    loop {
        at += 1 + inside_quotes(&text[at + 1..], quote, quoting, &mut value);
        // A string goes on in the next line, where nothing else stands between.
        match continued(&text[at..]) {
            Some(next) if quote == b'\'' => at += next,
            _ => break,
        }
    }
    let mut value = String::from_utf8_lossy(&value).into_owned();
    if quoting == Quoting::Numbers {
        let (escape, length) = escape(&text[at..]);
        (value, at) = (numbers(&value, escape), at + length);
    }
    match quote {
        b'\'' => (Piece::Text(value), at),
        _ => (Piece::Name(value), at),
    }
}

/// Takes what stands up to the last quote, and says how long that is with it.
fn inside_quotes(text: &str, quote: u8, quoting: Quoting, value: &mut Vec<u8>) -> usize {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' if quoting == Quoting::Escapes => at += escaped(&text[at..], value),
            _ if byte != quote => {
                value.push(byte);
                at += 1;
            }
            _ if bytes.get(at + 1) == Some(&quote) => {
                value.push(quote);
                at += 2;
            }
            _ => return at + 1,
        }
    }
    at
}

/// How far it is to the quote with which a string goes on.
fn continued(text: &str) -> Option<usize> {
    let mut at = 0;
    loop {
        let rest = &text[at..];
        let length = if rest.starts_with("/*") {
            0
        } else {
            blank(rest)
        };
        if length == 0 {
            break;
        }
        at += length;
    }
    (text[at..].starts_with('\'') && text[..at].contains(['\n', '\r'])).then_some(at)
}

/// Takes what a backslash and what follows it stand for.
fn escaped(text: &str, value: &mut Vec<u8>) -> usize {
    let Some(letter) = text[1..].chars().next() else {
        return 1;
    };
    let digits = |radix: u32, most: usize, from: usize| {
        let found = text[from..].chars().take_while(|c| c.is_digit(radix));
        let found: String = found.take(most).collect();
        let number = u32::from_str_radix(&found, radix).ok();
        number.map(|number| (number, from + found.len()))
    };
    let number = match letter {
        '0'..='7' => digits(8, 3, 1),
        'x' => digits(16, 2, 2),
        'u' => digits(16, 4, 2),
        'U' => digits(16, 8, 2),
        _ => None,
    };
    if let Some((number, length)) = number {
        match letter {
            'u' | 'U' => push(value, number),
            // One byte, of which several may be one character.
            _ => value.push(number.to_le_bytes()[0]),
        }
        return length;
    }
    let meant = match letter {
        'b' => '\x08',
        'f' => '\x0c',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\x0b',
        other => other,
    };
    push(value, meant.into());
    1 + letter.len_utf8()
}

fn push(value: &mut Vec<u8>, number: u32) {
    let found = char::from_u32(number).unwrap_or(char::REPLACEMENT_CHARACTER);
    value.extend_from_slice(found.encode_utf8(&mut [0; 4]).as_bytes());
}

/// What escapes in a string or name of numbers, and how long it takes to say so.
fn escape(text: &str) -> (char, usize) {
    let word = blanks(text);
    let uescape = "uescape";
    let is_named = text.get(word..word + uescape.len());
    let named = is_named.filter(|found| found.eq_ignore_ascii_case(uescape));
    let quote = named.map(|_| word + uescape.len() + blanks(&text[word + uescape.len()..]));
    let found = quote.and_then(|quote| {
        let escape = text[quote..].strip_prefix('\'')?.chars().next()?;
        let length = quote + 1 + escape.len_utf8();
        text[length..]
            .starts_with('\'')
            .then_some((escape, length + 1))
    });
    found.unwrap_or(('\\', 0))
}

/// What a string or name stands for in which characters have numbers.
fn numbers(text: &str, escape: char) -> String {
    let mut value = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        if c != escape {
            push(&mut value, c.into());
            continue;
        }
        let (digits, most) = match rest.strip_prefix('+') {
            Some(digits) => (digits, 6),
            None => (rest, 4),
        };
        let number = digits.get(..most);
        match number.and_then(|digits| u32::from_str_radix(digits, 16).ok()) {
            Some(number) => {
                push(&mut value, number);
                rest = &digits[most..];
            }
            // An escape stands for itself after another one.
            None => {
                if let Some(after) = rest.strip_prefix(escape) {
                    push(&mut value, escape.into());
                    rest = after;
                }
            }
        }
    }
    String::from_utf8_lossy(&value).into_owned()
}

/// A string between `$tag$` and `$tag$`.
fn dollars(text: &str) -> Option<(Piece, usize)> {
    let end = text[1..].find('$')? + 2;
    let tag = &text[..end];
    let mut name = tag[1..end - 1].chars();
    let is_tag = name.next().is_none_or(is_letter) && name.all(|c| is_inside(c) && c != '$');
    if !is_tag {
        return None;
    }
    let length = text[end..].find(tag);
    let value = &text[end..length.map_or(text.len(), |length| end + length)];
    let whole = length.map_or(text.len(), |length| end + length + tag.len());
    Some((Piece::Text(value.to_owned()), whole))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(script: &str) -> Vec<Piece> {
        let (mut found, mut at) = (Vec::new(), 0);
        while let Some((piece, length)) = piece(&script[at..]) {
            at += length;
            found.push(piece);
        }
        found.retain(|piece| *piece != Piece::Blank);
        found
    }

    #[test]
    fn a_string_stands_for_the_same_however_it_is_written() {
        for script in [
            "'it''s'",
            r"E'it\'s'",
            r"e'\x69t\x27s'",
            r"E'\151t\47s'",
            r"E'\u0069t\U00000027s'",
            r"U&'\0069t\+000027s'",
            r"u&'!0069t!0027s' uescape /* c */ '!'",
            "$$it's$$",
            "$a_1$it's$a_1$",
            "'it'\n'''s'",
            "'it' -- c\r ''''\n's'",
            "E'it'\n'\\'s'",
        ] {
            assert_eq!(pieces(script), [Piece::Text("it's".to_owned())], "{script}");
        }
        for (script, expected) in [
            (r#"U&"lo\005fexport""#, Piece::Name("lo_export".to_owned())),
            ("\"a\"\"B\"", Piece::Name("a\"B".to_owned())),
            ("Lo_Export$1", Piece::Word("lo_export$1".to_owned())),
            (r"U&'a\\b'", Piece::Text(r"a\b".to_owned())),
            (r"'a\'", Piece::Text(r"a\".to_owned())),
            ("'open", Piece::Text("open".to_owned())),
            ("$x$ open", Piece::Text(" open".to_owned())),
            (r"E'\", Piece::Text(String::new())),
            ("é", Piece::Word("é".to_owned())),
        ] {
            assert_eq!(pieces(script), [expected], "{script}");
        }
    }

    #[test]
    fn what_only_looks_like_a_string_or_a_comment_hides_nothing() {
        let word = |word: &str| Piece::Word(word.to_owned());
        for script in [
            "x$a$ lo_export y$a$",
            "x$a$ --\rlo_export y$a$",
            "x$a$ /* /* */ -- */lo_export\ty$a$",
        ] {
            let expected = [word("x$a$"), word("lo_export"), word("y$a$")];
            assert_eq!(pieces(script), expected, "{script:?}");
        }
    }
}
