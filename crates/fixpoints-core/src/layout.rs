//! The text of a fixpoint file, piece by piece, in the one shape it is written in; it opens nothing.

use std::hash::Hash;

use indexmap::IndexMap;
use serde::Deserialize;

use crate::header::Parent;
use crate::line::{encode_text, separated};
use crate::position::{Position, Positions};
use crate::table::Table;

/// What stands before the JSON of a row or change.
pub const LINE: &str = "      - ";

/// What the last part of a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// Whole rows.
    Rows,
    /// Changes to the rows of a parent.
    Changes,
}

/// What a file says below the rows of a table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct End {
    /// How many rows there are.
    pub count: Option<u64>,
    /// See [`crate::digest::of_table`].
    pub digest: Option<String>,
    /// The sequence that has the name of the table.
    pub sequence: Option<Position>,
    /// Those that feed the table under other names.
    #[serde(default, deserialize_with = "unique")]
    pub sequences: Positions,
}

impl End {
    /// Every sequence that feeds the table.
    pub fn sequences_of(&self, table: &str) -> Positions {
        let own = self.sequence.map(|value| (table.to_owned(), value));
        self.sequences.clone().into_iter().chain(own).collect()
    }
}

/// What a file says of a sequence that feeds no table.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stands {
    /// Where it stands.
    pub value: Position,
    /// See [`crate::digest::of_sequence`].
    pub digest: Option<String>,
}

/// The format, the engine and, in incremental files, the parent.
pub fn head(out: &mut Vec<u8>, engine: &str, parent: Option<&Parent>) {
    out.extend_from_slice(b"format: 2\nengine: ");
    out.extend_from_slice(engine.as_bytes());
    out.push(b'\n');
    if let Some(parent) = parent {
        out.extend_from_slice(b"parent: {\"name\": ");
        encode_text(out, &parent.name);
        out.extend_from_slice(b", \"content\": ");
        encode_text(out, &parent.content);
        out.extend_from_slice(b"}\n");
    }
}

/// What stands above the tables.
pub fn begin_tables(out: &mut Vec<u8>, empty: bool) {
    out.extend_from_slice(if empty { b"tables: {}\n" } else { b"tables:\n" });
}

/// The line of a table: its key and its columns.
pub fn table(out: &mut Vec<u8>, table: &Table) {
    begin_name(out, &table.name);
    out.extend_from_slice(b" {\"key\": [");
    separated(out, table.key(), |out, column| encode_text(out, column));
    out.extend_from_slice(b"], \"columns\": {");
    separated(out, table.columns(), |out, (column, kind)| {
        encode_text(out, column);
        out.extend_from_slice(b": ");
        encode_text(out, kind);
    });
    out.extend_from_slice(b"}}\n");
}

/// The line below the tables.
pub fn digest(out: &mut Vec<u8>, digest: &str) {
    out.extend_from_slice(b"digest: ");
    encode_text(out, digest);
    out.push(b'\n');
}

/// What stands above the rows or changes.
pub fn begin_body(out: &mut Vec<u8>, body: Body, empty: bool) {
    out.extend_from_slice(if body == Body::Rows {
        b"rows:"
    } else {
        b"changes:"
    });
    out.extend_from_slice(if empty { b" {}\n" } else { b"\n" });
}

/// The lines above the rows of one table.
pub fn begin_section(out: &mut Vec<u8>, table: &str, empty: bool) {
    begin_name(out, table);
    out.extend_from_slice(if empty {
        b"\n    rows: []\n"
    } else {
        b"\n    rows:\n"
    });
}

/// What is said of a table below its rows, in a line of its own: git merges changes of the last row and of this line
/// only where a line between them stays.
pub fn end(out: &mut Vec<u8>, table: &str, end: &End) {
    out.extend_from_slice(b"    end:\n      {");
    let mut parts = Vec::new();
    parts.extend(end.count.map(|count| format!("\"count\": {count}")));
    let digest = end.digest.as_ref();
    parts.extend(digest.map(|digest| {
        let mut text = b"\"digest\": ".to_vec();
        encode_text(&mut text, digest);
        String::from_utf8_lossy(&text).into_owned()
    }));
    let sequences = end.sequences_of(table);
    // SQLite's sequences have the names of their tables.
    match sequences.get(table) {
        Some(value) if sequences.len() == 1 => {
            parts.push(format!("\"sequence\": {}", value.to_json()));
        }
        _ if sequences.is_empty() => {}
        _ => {
            let mut text = b"\"sequences\": {".to_vec();
            separated(&mut text, &sequences, |out, (name, value)| {
                encode_text(out, name);
                out.extend_from_slice(format!(": {}", value.to_json()).as_bytes());
            });
            text.push(b'}');
            parts.push(String::from_utf8_lossy(&text).into_owned());
        }
    }
    out.extend_from_slice(parts.join(", ").as_bytes());
    out.extend_from_slice(b"}\n");
}

/// What stands above the free sequences.
pub fn begin_sequences(out: &mut Vec<u8>) {
    out.extend_from_slice(b"sequences:\n");
}

/// A free sequence. Its value has a line of its own, so that git merges changes of two sequences.
pub fn sequence(out: &mut Vec<u8>, name: &str, stands: &Stands) {
    begin_name(out, name);
    out.extend_from_slice(format!("\n    {{\"value\": {}", stands.value.to_json()).as_bytes());
    if let Some(digest) = &stands.digest {
        out.extend_from_slice(b", \"digest\": ");
        encode_text(out, digest);
    }
    out.extend_from_slice(b"}\n");
}

fn begin_name(out: &mut Vec<u8>, name: &str) {
    out.extend_from_slice(b"  ");
    if is_plain(name) {
        out.extend_from_slice(name.as_bytes());
    } else {
        encode_text(out, name);
    }
    out.push(b':');
}

/// What stands before the JSON of a row or change.
pub fn begin_line(out: &mut Vec<u8>) {
    out.extend_from_slice(LINE.as_bytes());
}

/// A map in which no key comes twice; by default the last one would win.
pub fn unique<'de, D, K, T, M>(deserializer: D) -> Result<M, D::Error>
where
    D: serde::Deserializer<'de>,
    K: Deserialize<'de> + Eq + Hash,
    T: Deserialize<'de>,
    M: FromIterator<(K, T)>,
{
    struct Unique<K, T>(std::marker::PhantomData<(K, T)>);

    impl<'de, K, T> serde::de::Visitor<'de> for Unique<K, T>
    where
        K: Deserialize<'de> + Eq + Hash,
        T: Deserialize<'de>,
    {
        type Value = IndexMap<K, T>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: serde::de::MapAccess<'de>>(
            self,
            mut map: A,
        ) -> Result<Self::Value, A::Error> {
            let mut found = IndexMap::new();
            while let Some((key, value)) = map.next_entry()? {
                if found.insert(key, value).is_some() {
                    return Err(serde::de::Error::custom("a key comes twice"));
                }
            }
            Ok(found)
        }
    }

    let map = deserializer.deserialize_map(Unique(std::marker::PhantomData))?;
    Ok(map.into_iter().collect())
}

/// Whether a name means itself in YAML without quotes, in every version of YAML.
pub fn is_plain(name: &str) -> bool {
    const WORDS: [&str; 10] = [
        "true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan",
    ];
    let first = name
        .bytes()
        .next()
        .is_some_and(|b| b.is_ascii_alphabetic() || b == b'_');
    first
        && name.len() <= 64
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        && !WORDS.contains(&name.to_ascii_lowercase().as_str())
}

/// A line that means nothing: blank, or a comment.
pub fn is_comment(line: &[u8]) -> bool {
    line.trim_ascii_start()
        .first()
        .is_none_or(|&byte| byte == b'#')
}

/// A line without its end.
#[must_use]
pub fn chomp(line: &[u8]) -> &[u8] {
    let Some(line) = line.strip_suffix(b"\n") else {
        return line;
    };
    line.strip_suffix(b"\r").unwrap_or(line)
}
