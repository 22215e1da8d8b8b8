//! The one place that prints text: line by line, so that nothing in a line can begin another one.

use std::fmt::Arguments;
use std::io::{Result, Write};

/// Where lines of text go; `writeln!` writes one.
pub(crate) struct Page<'a>(pub &'a mut dyn Write);

impl Page<'_> {
    /// Writes one line. Only the end of the text can be the end of the line: a line break before that came from a name
    /// or a value, and is made visible as every other control character is.
    pub fn write_fmt(&mut self, text: Arguments<'_>) -> Result<()> {
        let text = text.to_string();
        let line = text.strip_suffix('\n').unwrap_or(&text);
        self.0.write_all(fixpoints::visible_line(line).as_bytes())?;
        self.0.write_all(b"\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_end_of_a_text_ends_its_line() {
        let mut written = Vec::new();
        let mut page = Page(&mut written);
        let name = "a\n::error ::x\n";
        writeln!(page, "{name}").unwrap();
        writeln!(page, "::{name}b").unwrap();
        writeln!(page).unwrap();
        let text = String::from_utf8(written).unwrap();
        assert_eq!(text, "a\\n::error ::x\\n\n\\u003a:a\\n::error ::x\\nb\n\n");
    }
}
