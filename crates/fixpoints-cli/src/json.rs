//! The one place that prints JSON: what a terminal or a build server would act upon is escaped, which changes no value.

use std::io::{Result, Write};

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::{Formatter, PrettyFormatter};

/// Writes a document and the end of its last line.
pub(crate) fn write(document: &impl Serialize, out: &mut dyn Write) -> Result<()> {
    let formatter = Visible(PrettyFormatter::new());
    document.serialize(&mut Serializer::with_formatter(&mut *out, formatter))?;
    writeln!(out)
}

/// Pretty JSON whose strings hold nothing invisible.
struct Visible<'a>(PrettyFormatter<'a>);

/// Functions that only lay the document out.
macro_rules! layout {
    ($($name:ident($($argument:ident: $type:ty),*);)*) => {$(
        fn $name<W: ?Sized + Write>(&mut self, out: &mut W, $($argument: $type),*) -> Result<()> {
            self.0.$name(out, $($argument),*)
        }
    )*};
}

impl Formatter for Visible<'_> {
    layout! {
        begin_array();
        end_array();
        begin_array_value(first: bool);
        end_array_value();
        begin_object();
        end_object();
        begin_object_key(first: bool);
        begin_object_value();
        end_object_value();
    }

    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, text: &str) -> Result<()> {
        // What JSON escapes itself is not in here, so that this makes escapes of JSON only.
        out.write_all(fixpoints::core::excerpt::visible(text).as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_read_as_it_was_and_printed_visibly() {
        let value = "a\u{1b}[2J\u{9b}2J\u{202e}b\u{7f}\r\n::error ::x ##[error]y ##vso[z] \"#\" ###[ Zoë 👩‍🚀";
        let mut printed = Vec::new();
        write(&[value], &mut printed).unwrap();
        let printed = String::from_utf8(printed).unwrap();
        let read: Vec<String> = serde_json::from_str(&printed).unwrap();
        assert_eq!(read, [value]);
        let is_layout = |c: char| c == '\n' || !fixpoints::core::excerpt::is_hidden(c);
        assert!(
            printed.chars().all(is_layout) && !printed.contains("##["),
            "{printed}"
        );
    }
}
