//! The documents of a target that behaves, and their schemas; nothing here is malformed.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// Print the document that `behaviour` names; false when it names none.
pub fn print(behaviour: &str, arguments: &[String], out: &mut dyn Write) -> io::Result<bool> {
    let first = arguments.first().map_or("", String::as_str);
    match behaviour {
        "json" => writeln!(out, "{}", document())?,
        "echo" => writeln!(out, "{first}")?,
        "env" => writeln!(out, "{}", environment())?,
        "cwd" => {
            let folder = std::env::current_dir()?;
            let folder = quoted(&folder.to_string_lossy());
            writeln!(out, r#"{{"command": "cwd", "folder": {folder}}}"#)?;
        }
        "args" => {
            let list: Vec<String> = arguments.iter().map(|argument| quoted(argument)).collect();
            writeln!(
                out,
                r#"{{"command": "args", "args": [{}]}}"#,
                list.join(", ")
            )?;
        }
        "stdin" => {
            let mut text = String::new();
            io::stdin().read_to_string(&mut text)?;
            let text = quoted(&text);
            writeln!(out, r#"{{"command": "stdin", "text": {text}}}"#)?;
        }
        "ndjson" => {
            let lines = if first.is_empty() {
                3
            } else {
                crate::number(first)?
            };
            for number in 1..=lines {
                writeln!(out, r#"{{"command": "ndjson", "number": {number}}}"#)?;
            }
        }
        "counter" => {
            let count = count(Path::new(first))?;
            writeln!(out, r#"{{"command": "counter", "count": {count}}}"#)?;
        }
        "export-schemas" => export_schemas(Path::new(first))?,
        _ => return Ok(false),
    }
    Ok(true)
}

/// A document with a value of every JSON type, of which two are different in every run.
pub fn document() -> String {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    format!(
        r#"{{
  "command": "json",
  "status": "ok",
  "items": [{{"id": 1, "name": "a"}}, {{"id": 2, "name": "b"}}],
  "ratio": 1.10,
  "note": null,
  "elapsed_ms": {},
  "updated_at": "{}"
}}"#,
        now.subsec_micros(),
        timestamp(now.as_secs())
    )
}

fn environment() -> String {
    let mut pairs: Vec<String> = std::env::vars_os()
        .map(|(key, value)| {
            let key = quoted(&key.to_string_lossy());
            format!("{key}: {}", quoted(&value.to_string_lossy()))
        })
        .collect();
    pairs.sort();
    format!(
        "{{\"command\": \"env\", \"env\": {{{}}}}}",
        pairs.join(", ")
    )
}

/// Count the calls in a file, so that no two runs are alike.
fn count(path: &Path) -> io::Result<u64> {
    let before = match fs::read_to_string(path) {
        Ok(text) => crate::number(text.trim())?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
        Err(error) => return Err(error),
    };
    let count: u64 = before + 1;
    writeln!(File::create(path)?, "{count}")?;
    Ok(count)
}

/// The schemas: name of the document, its properties.
const SCHEMAS: [(&str, &str); 7] = [
    (
        "args",
        r#""args": {"type": "array", "items": {"type": "string"}}"#,
    ),
    ("counter", r#""count": {"type": "integer", "minimum": 1}"#),
    ("cwd", r#""folder": {"type": "string"}"#),
    (
        "env",
        r#""env": {"type": "object", "additionalProperties": {"type": "string"}}"#,
    ),
    (
        "json",
        r#""status": {"enum": ["ok"]},
    "items": {
      "type": "array",
      "items": {
        "type": "object",
        "properties": {"id": {"type": "integer"}, "name": {"type": "string"}},
        "required": ["id", "name"]
      }
    },
    "ratio": {"type": "number"},
    "note": {"type": ["string", "null"]},
    "elapsed_ms": {"type": "integer", "minimum": 0},
    "updated_at": {"type": "string", "format": "date-time"}"#,
    ),
    ("ndjson", r#""number": {"type": "integer"}"#),
    ("stdin", r#""text": {"type": "string"}"#),
];

fn export_schemas(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    for (name, properties) in SCHEMAS {
        let mut file = File::create(folder.join(format!("{name}.schema.json")))?;
        writeln!(
            file,
            r#"{{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "{name}",
  "type": "object",
  "properties": {{
    "command": {{"const": "{name}"}},
    {properties}
  }},
  "required": ["command"]
}}"#
        )?;
    }
    Ok(())
}

fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            '\n' => quoted.push_str("\\n"),
            control if control < ' ' => quoted.push_str(&format!("\\u{:04x}", u32::from(control))),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

/// RFC 3339 in UTC, by counting the years and months away.
fn timestamp(seconds: u64) -> String {
    let (mut days, second) = (seconds / 86_400, seconds % 86_400);
    let leap = |year: u64| {
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
    };
    let mut year = 1970;
    while days >= 365 + u64::from(leap(year)) {
        days -= 365 + u64::from(leap(year));
        year += 1;
    }
    let february = 28 + u64::from(leap(year));
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let day = days + 1;
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_know_leap_years() {
        assert_eq!(timestamp(0), "1970-01-01T00:00:00Z");
        assert_eq!(timestamp(951_782_400), "2000-02-29T00:00:00Z");
        assert_eq!(timestamp(1_735_689_599), "2024-12-31T23:59:59Z");
    }

    #[test]
    fn strings_are_escaped() {
        assert_eq!(quoted("a\"\\\n\u{1}é"), "\"a\\\"\\\\\\n\\u0001é\"");
    }
}
