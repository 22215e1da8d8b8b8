//! The one place that prints text: line by line, so that nothing in a line can begin another one, and with no styles but ours.

use std::fmt::Arguments;
use std::io::{Result, Write};

use terminal::{Escape, Line};

/// How text from elsewhere is made harmless.
const ESCAPE: Escape = Escape {
    part: fixpoints::core::excerpt::visible,
    line: fixpoints::core::excerpt::visible_line,
};

/// How much is printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Amount {
    #[default]
    Everything,
    /// Findings and the verdict.
    Findings,
}

/// Where lines of text go; `writeln!` writes one.
pub(crate) struct Page<'a> {
    out: &'a mut dyn Write,
    width: Option<usize>,
    amount: Amount,
}

impl<'a> Page<'a> {
    /// Lines are broken to fit into a width, if there is one.
    pub fn new(out: &'a mut dyn Write, width: Option<usize>, amount: Amount) -> Self {
        Self { out, width, amount }
    }

    /// Writes one line. Only the end of the text can be the end of the line: a line break before that came from a name
    /// or a value, and is made visible as every other control character is.
    pub fn write_fmt(&mut self, text: Arguments<'_>) -> Result<()> {
        let text = text.to_string();
        let line = text.strip_suffix('\n').unwrap_or(&text);
        self.line(&Line::message(line))
    }

    /// Writes one line with styles.
    pub fn line(&mut self, line: &Line) -> Result<()> {
        self.out
            .write_all(line.render(ESCAPE, self.width).as_bytes())
    }

    /// Whether more is wanted than findings and the verdict.
    pub fn wants_everything(&self) -> bool {
        self.amount == Amount::Everything
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_end_of_a_text_ends_its_line() {
        let mut written = Vec::new();
        let mut page = Page::new(&mut written, None, Amount::Everything);
        let name = "a\n::error ::x\n";
        writeln!(page, "{name}").unwrap();
        writeln!(page, "::{name}b").unwrap();
        writeln!(page).unwrap();
        let text = String::from_utf8(written).unwrap();
        assert_eq!(text, "a\\n::error ::x\\n\n\\u003a:a\\n::error ::x\\nb\n\n");
    }

    #[test]
    fn lines_fit_into_the_terminal() {
        let mut written = Vec::new();
        let mut page = Page::new(&mut written, Some(40), Amount::Everything);
        writeln!(
            page,
            "hint: run `fixpoints store base` to store the state, then commit it"
        )
        .unwrap();
        let text = terminal::strip_str(std::str::from_utf8(&written).unwrap()).to_string();
        assert_eq!(
            text,
            "hint: run `fixpoints store base` to\n      store the state, then commit it\n"
        );
    }
}
