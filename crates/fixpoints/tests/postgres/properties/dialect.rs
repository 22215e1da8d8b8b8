//! PostgreSQL's values of every type, as literals.

use super::Stage;
use crate::model::Table;
use crate::model::rows::{Dialect, Value, quoted};
use crate::types::TYPES;

/// Keys that are no whole numbers, each once.
const ODD: [&str; 16] = [
    "0",
    "1",
    "1.5",
    "-1",
    "10",
    "2.00",
    "1e30",
    "'NaN'",
    "'Infinity'",
    "3.10",
    "-0.5",
    "7",
    "8",
    "9.9",
    "1e-9",
    "100",
];

/// Values that are easily taken for each other.
const ALIKE: [(&str, &[&str]); 8] = [
    ("numeric", &["1", "1.0", "1.00", "0", "-0.0"]),
    ("double precision", &["0", "'-0'", "1"]),
    ("json", &["'1'", "'1.0'", "'{}'", "'{ }'", "'null'"]),
    ("jsonb", &["'null'", "'1'", "'1.0'"]),
    ("char(4)", &["''", "'a'", "'A'"]),
    ("text", &["''", "' '", "'a'", "'a '", "'\\N'", "'null'"]),
    ("interval", &["'1 mon'", "'30 days'", "'720:00:00'"]),
    ("text[]", &["'{}'", "'{NULL}'", "'{\"NULL\"}'", "'{\"\"}'"]),
];

/// All types, and those above as often.
pub const KINDS: usize = 2 * TYPES.len();

/// The type of a kind, and values of it.
pub fn kind(at: usize) -> (&'static str, &'static [&'static str]) {
    match at.checked_sub(TYPES.len()) {
        Some(at) => ALIKE[at % ALIKE.len()],
        None => TYPES[at],
    }
}

impl Dialect for Stage {
    fn value(&self, _: &Table, kind: usize, value: &Value) -> String {
        let declared = if kind < TYPES.len() {
            TYPES[kind].0
        } else {
            ""
        };
        let (_, listed) = self::kind(kind);
        let list = |at: usize| listed[at % listed.len()].to_owned();
        match value {
            Value::Null => "NULL".to_owned(),
            Value::Listed(at) => list(*at),
            Value::Drawn(bits, text) => drawn(declared, *bits, text)
                .unwrap_or_else(|| list(usize::from(bits.to_le_bytes()[0]))),
        }
    }

    fn odd(&self, number: usize) -> String {
        ODD[number].to_owned()
    }

    fn table(&self, table: &Table) -> String {
        format!("{}.{}", quoted(table.home), quoted(&table.name))
    }

    fn nth(&self, table: &Table, nth: u8) -> String {
        let name = self.table(table);
        let skipped = format!("{nth} % greatest(1, (SELECT count(*) FROM {name}))");
        let order = "ORDER BY tableoid, ctid LIMIT 1";
        format!("(tableoid, ctid) = (SELECT tableoid, ctid FROM {name} {order} OFFSET {skipped})")
    }
}

/// Any value of the types that are easily spelled.
fn drawn(declared: &str, bits: u64, text: &str) -> Option<String> {
    let text = text.replace('\0', "").replace('\'', "''");
    let real = || {
        let real = f64::from_bits(bits);
        let shown = if real.is_finite() {
            format!("{real:e}")
        } else {
            "NaN".to_owned()
        };
        format!("'{shown}'")
    };
    let low = bits % 1_000_000;
    Some(match declared {
        "text" => format!("'{text}'"),
        "bigint" => format!("'{}'", bits.cast_signed()),
        "integer" => format!("'{}'", (bits % (1 << 32)) as i32),
        "double precision" => real(),
        "numeric" => format!("'{}.{low:06}'", bits.cast_signed()),
        "bytea" => format!("convert_to('{text}', 'UTF8')"),
        "json" => format!("to_json('{text}'::text)"),
        "jsonb" => format!("jsonb_build_object('{text}', {low}.{low})"),
        "text[]" => format!("ARRAY['{text}', NULL, '{low}']"),
        "date" => format!("date '2000-01-01' + {low}"),
        "timestamptz" => format!("to_timestamp({low}.{low:06})"),
        "interval" => format!("interval '{low} minutes' * -7.3"),
        "uuid" => format!("md5('{text}')::uuid"),
        "varbit" => format!("{low}::bit(20)"),
        "int4range" => format!("int4range(-{low}, {low})"),
        "point" => format!("point({low} / 7.0, -{low})"),
        _ => return None,
    })
}
