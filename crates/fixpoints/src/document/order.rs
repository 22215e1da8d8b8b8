//! The order of lines: whether one belongs above the line before it, and sections that are brought into order; what
//! a merge of two versions of a file leaves is read, and rows that come twice are left for the reader to refuse.

use std::cmp::Ordering;
use std::io::{BufRead as _, BufReader};
use std::ops::Range;

use super::chomp;
use super::source::{Section, Source};
use crate::cell::{AsCell as _, Cell};
use crate::file::LINE;
use crate::line::{ChangeLine, RowEncoder, decode_change, decode_row, encode_text};
use crate::table::Table;

/// Looks at the first columns of a key without decoding a line. It never says that a line is behind which is not;
/// what it cannot tell is seen when lines are decoded.
#[derive(Debug)]
pub(crate) struct Leading {
    /// The columns a row begins with and is ordered by, as a line has them.
    names: Vec<Vec<u8>>,
    last: Key,
    next: Key,
}

#[derive(Debug, Default)]
struct Key {
    line: Vec<u8>,
    tokens: Vec<Token>,
}

#[derive(Debug)]
enum Token {
    Integer(i64),
    Text(Range<usize>),
}

impl Leading {
    pub fn new(table: &Table) -> Self {
        let key = table.key();
        let columns = table.columns().keys().enumerate();
        let leading =
            columns.take_while(|(at, column)| key.is_empty() || key.get(*at) == Some(*column));
        let names = leading.map(|(_, column)| {
            let mut name = Vec::new();
            encode_text(&mut name, column);
            name.extend_from_slice(b": ");
            name
        });
        Self {
            names: names.collect(),
            last: Key::default(),
            next: Key::default(),
        }
    }

    /// Whether this line certainly belongs above the last one.
    pub fn is_behind(&mut self, line: &[u8]) -> bool {
        self.next.read(&self.names, line);
        let pairs = self.last.tokens.iter().zip(&self.next.tokens);
        let order = pairs
            .map(|(last, next)| self.last.order(last, &self.next, next))
            .find(|order| order.is_ne());
        std::mem::swap(&mut self.last, &mut self.next);
        order == Some(Ordering::Greater)
    }
}

impl Key {
    fn read(&mut self, names: &[Vec<u8>], line: &[u8]) {
        self.tokens.clear();
        self.line.clear();
        let row = CHANGES.iter().find_map(|word| line.strip_prefix(*word));
        let Some(mut rest) = row.or(line.strip_prefix(b"{")) else {
            return;
        };
        for name in names {
            let Some(value) = rest.strip_prefix(name.as_slice()) else {
                return;
            };
            let Some((token, length)) = token(value, self.line.len()) else {
                return;
            };
            self.line.extend_from_slice(&value[..length]);
            self.tokens.push(token);
            let Some(next) = value[length..].strip_prefix(b", ") else {
                return;
            };
            rest = next;
        }
    }

    fn order(&self, own: &Token, other: &Self, token: &Token) -> Ordering {
        match (own, token) {
            (Token::Integer(a), Token::Integer(b)) => a.cmp(b),
            (Token::Text(a), Token::Text(b)) => self.line[a.clone()].cmp(&other.line[b.clone()]),
            (Token::Integer(_), Token::Text(_)) => Ordering::Less,
            (Token::Text(_), Token::Integer(_)) => Ordering::Greater,
        }
    }
}

/// What the line of a change begins with.
const CHANGES: [&[u8]; 3] = [b"{\"insert\": {", b"{\"delete\": {", b"{\"update\": {"];

/// A whole number or a text without escapes, with its length; where its text stands is counted from `at`.
fn token(value: &[u8], at: usize) -> Option<(Token, usize)> {
    if let Some(text) = value.strip_prefix(b"\"") {
        let end = text.iter().position(|byte| matches!(byte, b'"' | b'\\'))?;
        return (text[end] == b'"').then(|| (Token::Text(at + 1..at + 1 + end), end + 2));
    }
    let is_digit = |byte: &u8| byte.is_ascii_digit() || *byte == b'-';
    let length = value.iter().take_while(|byte| is_digit(byte)).count();
    if !matches!(value.get(length), Some(b',' | b'}')) {
        return None;
    }
    let number = std::str::from_utf8(&value[..length]).ok()?.parse().ok()?;
    Some((Token::Integer(number), length))
}

/// A section whose lines were brought into order.
#[derive(Debug)]
pub(crate) struct Sorted {
    pub source: Source,
    pub section: Section,
    /// The numbers its lines have in the file.
    pub lines: Vec<usize>,
}

/// What a line holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holds {
    Row,
    Change,
}

/// Sorts a section; `None` where a line cannot be read, which is for its reader to say.
pub(crate) fn sort(
    source: &Source,
    section: Section,
    table: &Table,
    holds: Holds,
) -> Option<Sorted> {
    let mut reader = BufReader::new(source.section(section));
    let mut lines = Vec::new();
    loop {
        let mut line = Vec::new();
        if reader.read_until(b'\n', &mut line).ok()? == 0 {
            break;
        }
        let json = chomp(&line).get(LINE.len()..)?;
        let change = match holds {
            Holds::Row => ChangeLine::Insert(decode_row(table, json).ok()?),
            Holds::Change => decode_change(table, json).ok()?,
        };
        lines.push((change, section.first_line + lines.len(), line));
    }
    lines.sort_by(|(a, ..), (b, ..)| order(table, a, b));
    let (mut bytes, mut numbers) = (Vec::new(), Vec::new());
    for (_, number, line) in lines {
        bytes.extend_from_slice(chomp(&line));
        bytes.push(b'\n');
        numbers.push(number);
    }
    let section = Section {
        start: 0,
        end: bytes.len() as u64,
        ..section
    };
    Some(Sorted {
        source: Source::memory(bytes),
        section,
        lines: numbers,
    })
}

/// The order of the rows that two changes are about.
pub(crate) fn order(table: &Table, a: &ChangeLine, b: &ChangeLine) -> Ordering {
    let keys = table.key_positions().iter().enumerate();
    let by_key = keys
        .map(|(nth, &at)| value(a, nth, at).cell().order(value(b, nth, at).cell()))
        .find(|order| order.is_ne());
    match (by_key, row(a), row(b)) {
        (Some(order), ..) => order,
        (None, Some(a), Some(b)) => table.order(a, b),
        (None, ..) => Ordering::Equal,
    }
}

/// Whether one row cannot have both changes: only a row that was deleted can be inserted again.
pub(crate) fn is_twice(table: &Table, before: &ChangeLine, after: &ChangeLine) -> bool {
    let again = matches!(
        (before, after),
        (ChangeLine::Delete(_), ChangeLine::Insert(_))
    );
    let is_identified = row(after).is_none_or(|row| table.is_identified(row));
    !again && is_identified && order(table, before, after).is_eq()
}

fn row(change: &ChangeLine) -> Option<&[Cell]> {
    match change {
        ChangeLine::Insert(row) | ChangeLine::Delete(row) => Some(row),
        ChangeLine::Update { .. } => None,
    }
}

fn value(change: &ChangeLine, nth: usize, at: usize) -> &Cell {
    match change {
        ChangeLine::Insert(row) | ChangeLine::Delete(row) => &row[at],
        ChangeLine::Update { key, .. } => &key[nth],
    }
}

/// A row as messages name it: by its key.
pub(crate) fn named(table: &Table, change: &ChangeLine) -> String {
    let mut out = Vec::new();
    let encoder = RowEncoder::new(table);
    match change {
        ChangeLine::Insert(row) | ChangeLine::Delete(row) => encoder.key(&mut out, row),
        ChangeLine::Update { key, .. } => {
            let mut row = vec![Cell::Null; table.columns().len()];
            for (cell, &at) in key.iter().zip(table.key_positions()) {
                row[at] = cell.clone();
            }
            encoder.key(&mut out, &row);
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leading(key: &[&str]) -> Leading {
        let columns = ["a", "b"].map(|name| (name.to_owned(), String::new()));
        let key = key.iter().map(|&name| name.to_owned()).collect();
        let table = Table::new("t".to_owned(), key, columns.into_iter().collect());
        Leading::new(&table.unwrap())
    }

    #[test]
    fn a_line_is_behind_only_where_that_is_certain() {
        let cases: [(&[&str], &str, &str, bool); 13] = [
            (&["a"], r#"{"a": 2, "b": 1}"#, r#"{"a": 1, "b": 1}"#, true),
            (&["a"], r#"{"a": 9, "b": 1}"#, r#"{"a": 10, "b": 1}"#, false),
            (&["a"], r#"{"a": -9, "b": 1}"#, r#"{"a": -10}"#, true),
            (&["a"], r#"{"a": "b"}"#, r#"{"a": "a", "b": 1}"#, true),
            (&["a"], r#"{"a": "a"}"#, r#"{"a": "a\n"}"#, false),
            (&["a"], r#"{"a": "b"}"#, r#"{"a": "a\n"}"#, false),
            (&["a"], r#"{"a": "b"}"#, r#"{"a": 1}"#, true),
            (&["a"], r#"{"a": 2.5}"#, r#"{"a": 1}"#, false),
            (&["a"], r#"{"a": 1, "b": 2}"#, r#"{"a": 1, "b": 1}"#, false),
            (
                &["a", "b"],
                r#"{"a": 1, "b": 2}"#,
                r#"{"a": 1, "b": 1}"#,
                true,
            ),
            (&["b"], r#"{"a": 1, "b": 2}"#, r#"{"a": 0, "b": 3}"#, false),
            (&[], r#"{"a": 1, "b": 2}"#, r#"{"a": 1, "b": 1}"#, true),
            (
                &["a"],
                r#"{"update": {"a": 2}, "old": {"b": 1}, "new": {"b": 2}}"#,
                r#"{"insert": {"a": 1, "b": 1}}"#,
                true,
            ),
        ];
        for (key, first, second, expected) in cases {
            let mut leading = leading(key);
            assert!(!leading.is_behind(first.as_bytes()), "{first}");
            assert_eq!(
                leading.is_behind(second.as_bytes()),
                expected,
                "{first} {second}"
            );
        }
    }
}
