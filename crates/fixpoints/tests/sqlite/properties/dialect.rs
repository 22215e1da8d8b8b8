//! SQLite's values of every storage class in columns of every affinity, as literals.

use crate::model::rows::{Dialect, Value, list, quoted};
use crate::model::{Layout, Table};
use crate::playground::Playground;

const INTEGERS: &[&str] = &[
    "0",
    "1",
    "-1",
    "9223372036854775807",
    "-9223372036854775808",
    "9007199254740993",
];
const REALS: &[&str] = &[
    "0.0",
    "-0.0",
    "1.0",
    "0.1",
    "-1e-7",
    "1e300",
    "5e-324",
    "9e999",
    "-9e999",
    "9223372036854775808.0",
];
const TEXTS: &[&str] = &[
    "''",
    "'a'",
    "'A'",
    "'null'",
    "'1'",
    "'1.0'",
    "' x '",
    "'😀' || char(8232, 65279)",
    "char(13, 10, 9)",
    "CAST(x'00' AS TEXT)",
    "CAST(x'61ff' AS TEXT)",
];
const BLOBS: &[&str] = &["x''", "x'00'", "x'61'", "zeroblob(3)"];

/// Values that are easily taken for each other.
const ALIKE: &[&str] = &["1", "1.0", "'1'", "x'31'", "0", "0.0", "-0.0"];

/// The types of ordinary tables with those of strict ones, and the classes of values the latter hold.
pub const KINDS: [(&str, &str, &[&[&str]]); 8] = [
    ("INTEGER", "INTEGER", &[INTEGERS]),
    ("REAL", "REAL", &[REALS]),
    ("TEXT", "TEXT", &[TEXTS]),
    ("BLOB", "BLOB", &[BLOBS]),
    ("NUMERIC", "ANY", ANY),
    ("", "ANY", ANY),
    ("DATETIME", "INT", &[INTEGERS]),
    ("", "ANY", &[ALIKE]),
];

const ANY: &[&[&str]] = &[INTEGERS, REALS, TEXTS, BLOBS];

const ODD: [&str; 16] = [
    "0", "1", "1.5", "'1'", "''", "x'31'", "x''", "-1", "'a'", "'A'", "2.0", "3", "10", "x'0a'",
    "'10'", "9e999",
];

impl Dialect for Playground {
    fn value(&self, table: &Table, kind: usize, value: &Value) -> String {
        let classes = KINDS[kind].2;
        let is_bound = table.layout == Layout::Strict || classes.contains(&ALIKE);
        let classes = if is_bound { classes } else { ANY };
        match value {
            Value::Null => "NULL".to_owned(),
            Value::Listed(at) => {
                let all = classes.concat();
                all[at % all.len()].to_owned()
            }
            Value::Drawn(bits, text) => {
                let class = classes[usize::from(bits.to_le_bytes()[7]) % classes.len()];
                drawn(class, *bits, text)
            }
        }
    }

    fn odd(&self, number: usize) -> String {
        ODD[number].to_owned()
    }

    fn table(&self, table: &Table) -> String {
        format!("{}.{}", table.home, quoted(&table.name))
    }

    fn nth(&self, table: &Table, nth: u8) -> String {
        let row = match table.layout {
            Layout::WithoutRowid => list(table.key_columns()),
            _ => "_rowid_".to_owned(),
        };
        let name = self.table(table);
        let skipped = format!("{nth} % max(1, (SELECT count(*) FROM {name}))");
        format!("({row}) = (SELECT {row} FROM {name} ORDER BY {row} LIMIT 1 OFFSET {skipped})")
    }
}

fn drawn(class: &[&str], bits: u64, text: &str) -> String {
    let hex = |bytes: &[u8]| -> String { bytes.iter().map(|byte| format!("{byte:02x}")).collect() };
    if class == INTEGERS {
        return match bits.cast_signed() {
            // Written out, it is a number that is too large and a sign.
            i64::MIN => "0".to_owned(),
            number => number.to_string(),
        };
    }
    if class == REALS {
        let real = f64::from_bits(bits);
        return if real.is_finite() {
            format!("{real:e}")
        } else {
            "1.5".to_owned()
        };
    }
    if class == ALIKE {
        return ALIKE[usize::from(bits.to_le_bytes()[0]) % ALIKE.len()].to_owned();
    }
    let hex = hex(text.as_bytes());
    if class == TEXTS {
        return format!("CAST(x'{hex}' AS TEXT)");
    }
    format!("x'{hex}'")
}
