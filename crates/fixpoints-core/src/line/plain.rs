//! Reads rows that stand as the encoder writes them, in a fraction of the time that a reader of JSON takes; every other
//! row is left to [`decode_row`].

use super::decode::{Unreadable, decode_row};
use super::encode_text;
use crate::cell::{Cell, Row};
use crate::table::Table;

/// Reads the rows of one table, with the text of its column names made once.
#[derive(Debug)]
pub struct RowDecoder<'t> {
    table: &'t Table,
    /// What stands before each value.
    names: Vec<Vec<u8>>,
}

impl<'t> RowDecoder<'t> {
    /// A decoder for the rows of `table`.
    #[must_use]
    pub fn new(table: &'t Table) -> Self {
        let columns = table.columns().keys().enumerate();
        let names = columns.map(|(at, name)| {
            let mut text = if at == 0 { b"{" } else { b", ".as_slice() }.to_vec();
            encode_text(&mut text, name);
            text.extend_from_slice(b": ");
            text
        });
        Self {
            table,
            names: names.collect(),
        }
    }

    /// See [`decode_row`].
    ///
    /// # Errors
    /// Whatever makes the line no row of the table.
    pub fn row(&self, line: &[u8]) -> Result<Row, Unreadable> {
        match self.plain(line) {
            Some(row) => Ok(row),
            None => decode_row(self.table, line),
        }
    }

    /// `None` for a row that may have another value than its bytes show, or none.
    fn plain(&self, line: &[u8]) -> Option<Row> {
        // JSON has no control characters in its texts. Looking at every byte is faster than stopping at the first one.
        let has_control = line.iter().fold(false, |has, byte| has | (*byte < b' '));
        if has_control || !(line.is_ascii() || std::str::from_utf8(line).is_ok()) {
            return None;
        }
        let mut row = Vec::with_capacity(self.names.len());
        let mut rest = line;
        for name in &self.names {
            let (cell, after) = plain_cell(rest.strip_prefix(name.as_slice())?)?;
            row.push(cell);
            rest = after;
        }
        (rest == b"}").then_some(row)
    }
}

/// A cell at the beginning of some text, and what comes after it.
fn plain_cell(text: &[u8]) -> Option<(Cell, &[u8])> {
    match text.first()? {
        b'"' => {
            let text = &text[1..];
            let end = memchr::memchr2(b'"', b'\\', text)?;
            let is_whole = text[end] == b'"';
            is_whole.then(|| (Cell::Text(text[..end].to_vec()), &text[end + 1..]))
        }
        b'n' => Some((Cell::Null, text.strip_prefix(b"null")?)),
        b't' => Some((Cell::Bool(true), text.strip_prefix(b"true")?)),
        b'f' => Some((Cell::Bool(false), text.strip_prefix(b"false")?)),
        b'-' => {
            let (value, after) = plain_digits(&text[1..])?;
            // JSON's `-0` is a float.
            (value != 0).then_some((Cell::Integer(-value), after))
        }
        _ => {
            let (value, after) = plain_digits(text)?;
            Some((Cell::Integer(value), after))
        }
    }
}

/// A whole number that is sure to fit, as JSON spells it.
fn plain_digits(text: &[u8]) -> Option<(i64, &[u8])> {
    const FITTING: usize = 18;
    let mut value = 0;
    let mut length = 0;
    while let Some(digit @ b'0'..=b'9') = text.get(length) {
        if length == FITTING {
            return None;
        }
        value = value * 10 + i64::from(digit - b'0');
        length += 1;
    }
    let is_spelled = length == 1 || (length > 1 && text[0] != b'0');
    let is_whole = matches!(text.get(length), Some(b',' | b'}'));
    (is_spelled && is_whole).then(|| (value, &text[length..]))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::RowEncoder;
    use super::*;
    use crate::cell::AsCell as _;

    fn table() -> Table {
        let columns = ["id", "v\"\u{e9}"].map(|name| (name.to_owned(), String::new()));
        let columns = columns.into_iter().collect();
        Table::new("t".to_owned(), vec!["id".to_owned()], columns).unwrap()
    }

    fn agrees(line: &[u8]) -> bool {
        let table = table();
        let (fast, slow) = (RowDecoder::new(&table).row(line), decode_row(&table, line));
        match (fast, slow) {
            (Ok(fast), Ok(slow)) => {
                let mut cells = fast.iter().zip(&slow);
                cells.all(|(a, b)| a.cell().same(b.cell()))
            }
            (Err(fast), Err(slow)) => fast == slow,
            _ => false,
        }
    }

    #[test]
    fn what_is_plain_is_read_at_once() {
        let table = table();
        for value in [
            "null",
            "true",
            "false",
            "0",
            "-1",
            "123456789012345678",
            "\"a \u{e9}\"",
            "\"\"",
        ] {
            let line = format!("{{\"id\": 1, \"v\\\"\u{e9}\": {value}}}");
            assert!(
                RowDecoder::new(&table).plain(line.as_bytes()).is_some(),
                "{line}"
            );
        }
    }

    #[test]
    fn what_is_not_plain_is_read_as_json_is() {
        for value in [
            "-0",
            "00",
            "01",
            "-",
            "1.0",
            "1e2",
            "-0.0",
            "9223372036854775807",
            "9223372036854775808",
            "\"\\n\"",
            "\"\\\"\"",
            "\"a\tb\"",
            "\"",
            "nul",
            "nulls",
            "truefalse",
            "{}",
            "[1]",
            "1 ",
            " 1",
            "1, 2",
            r#"{"$bytes": "AA=="}"#,
            r#"{"$real": "nan"}"#,
            "1} x",
            "1}}",
            "",
        ] {
            let line = format!("{{\"id\": 1, \"v\\\"\u{e9}\": {value}}}");
            assert!(agrees(line.as_bytes()), "{line}");
        }
        for line in [
            "{\"v\\\"\u{e9}\": 1, \"id\": 2}".as_bytes(),
            b"{\"id\": 1}",
            b"{\"id\":1,\"v\\\"\xc3\xa9\":2}",
            b"{\"id\": 1, \"v\\\"\xc3\xa9\": \"\xff\"}",
            b"{",
            b"",
        ] {
            assert!(agrees(line), "{}", String::from_utf8_lossy(line));
        }
    }

    proptest! {
        #[test]
        fn both_readers_agree(line in "\\{\"id\": -?[0-9]{0,20}, \"v\\\\\"\u{e9}\": (-?[0-9.e]{0,21}|\"[ -~\u{e9}\u{0}-\u{1f}]{0,8}\"|null|true)\\}?") {
            prop_assert!(agrees(line.as_bytes()), "{}", line);
        }

        #[test]
        fn what_the_encoder_writes_is_read_back(id in any::<i64>(), text in any::<String>(), real in any::<f64>()) {
            let table = table();
            for value in [Cell::Text(text.into_bytes()), Cell::Real(real), Cell::Integer(id)] {
                let row = vec![Cell::Integer(id), value];
                let mut line = Vec::new();
                RowEncoder::new(&table).row(&mut line, &row);
                let read = RowDecoder::new(&table).row(&line).unwrap();
                prop_assert!(read.iter().zip(&row).all(|(a, b)| a.cell().same(b.cell())));
            }
        }
    }
}
