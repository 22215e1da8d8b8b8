//! Which values a column of SQLite keeps, and which it would turn into others, by the rules of its declared type
//! (<https://www.sqlite.org/datatype3.html#determination_of_column_affinity>); it converts nothing.

use fixpoints_core::cell::CellRef;

/// What a column does to values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Affinity {
    /// Numbers become text.
    Text,
    /// Text that looks like a number becomes one, and a float without a fraction an integer.
    Integer,
    /// Text that looks like a number becomes one, and an integer a float.
    Real,
    /// Everything stays what it is.
    None,
}

impl Affinity {
    /// Of a declared type.
    pub fn of(declared: &str) -> Self {
        let declared = declared.to_ascii_uppercase();
        let has = |words: &[&str]| words.iter().any(|word| declared.contains(word));
        if has(&["INT"]) {
            Self::Integer
        } else if has(&["CHAR", "CLOB", "TEXT"]) {
            Self::Text
        } else if declared.is_empty() || declared == "ANY" || has(&["BLOB"]) {
            // In a table that is not STRICT, ANY is a type like any other; there it is seldom meant.
            Self::None
        } else if has(&["REAL", "FLOA", "DOUB"]) {
            Self::Real
        } else {
            Self::Integer
        }
    }

    /// Whether a value is read again as it was written.
    pub fn keeps(self, cell: CellRef<'_>) -> bool {
        match (self, cell) {
            // SQLite has neither.
            (_, CellRef::Bool(_)) => false,
            (_, CellRef::Real(value)) if value.is_nan() => false,
            (Self::Text, CellRef::Integer(_) | CellRef::Real(_))
            | (Self::Real, CellRef::Integer(_)) => false,
            (Self::Integer, CellRef::Real(value)) => !is_whole(value),
            (Self::Integer | Self::Real, CellRef::Text(text)) => !is_number(text),
            _ => true,
        }
    }
}

/// Whether a float becomes an integer that is equal to it.
fn is_whole(value: f64) -> bool {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    value.fract() == 0.0 && value > -LIMIT && value < LIMIT
}

/// Whether text is a literal of SQL's numbers, with blanks around it or not.
fn is_number(text: &[u8]) -> bool {
    let text = text.trim_ascii();
    let text = text
        .strip_prefix(b"-")
        .or(text.strip_prefix(b"+"))
        .unwrap_or(text);
    let (mantissa, exponent) = match text.iter().position(|byte| matches!(byte, b'e' | b'E')) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let points = mantissa.iter().filter(|byte| **byte == b'.').count();
    let digits = mantissa.iter().filter(|byte| byte.is_ascii_digit()).count();
    let exponent = exponent.is_none_or(|digits| {
        let digits = digits
            .strip_prefix(b"-")
            .or(digits.strip_prefix(b"+"))
            .unwrap_or(digits);
        !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)
    });
    digits > 0 && points <= 1 && digits + points == mantissa.len() && exponent
}

#[cfg(test)]
mod tests {
    use rusqlite::types::Value;

    use super::super::cells::{Bound, owned};
    use super::*;
    use fixpoints_core::cell::{AsCell as _, Cell};

    /// Every value in a column of every type, next to what SQLite itself makes of it.
    #[test]
    fn what_is_said_to_be_kept_is_kept_and_the_rest_is_not() {
        let text = |text: &str| Cell::Text(text.as_bytes().to_vec());
        let cells = [
            Cell::Null,
            Cell::Integer(1),
            Cell::Integer(i64::MIN),
            Cell::Integer(i64::MAX),
            Cell::Real(1.0),
            Cell::Real(-0.5),
            Cell::Real(1e300),
            Cell::Real(9_007_199_254_740_992.0),
            Cell::Real(f64::INFINITY),
            Cell::Real(f64::NAN),
            text(""),
            text("1"),
            text(" 1 "),
            text("1.0"),
            text(".5"),
            text("5."),
            text("."),
            text("-"),
            text("+1e3"),
            text("1e"),
            text("1e+"),
            text("0x10"),
            text("1 2"),
            text("1a"),
            text("--1"),
            text("inf"),
            text("12345678901234567890"),
            Cell::Bytes(b"1".to_vec()),
        ];
        let connection = rusqlite::Connection::open_in_memory().expect("a database");
        for declared in [
            "INTEGER",
            "TEXT",
            "VARCHAR(3)",
            "REAL",
            "DOUBLE",
            "NUMERIC(10,2)",
            "DATE",
            "BLOB",
            "",
            "POINT",
        ] {
            let table = format!("CREATE TEMP TABLE t (v {declared})");
            connection.execute_batch(&table).expect("a table");
            for cell in &cells {
                connection.execute("DELETE FROM t", []).expect("emptied");
                connection
                    .execute("INSERT INTO t VALUES (?1)", [Bound(cell.cell())])
                    .expect("inserted");
                let found: Value = connection
                    .query_row("SELECT v FROM t", [], |row| row.get(0))
                    .expect("a value");
                let found = owned((&found).into());
                assert_eq!(
                    Affinity::of(declared).keeps(cell.cell()),
                    cell.cell().same(found.cell()),
                    "{declared}: {cell:?} became {found:?}"
                );
            }
            connection.execute_batch("DROP TABLE t").expect("dropped");
        }
    }
}
