//! Rows of text in aligned columns; it knows nothing of what they say.

use std::io::Result;

use super::page::Page;
use fixpoints::visible;

/// Where the text of a column stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Right,
}

/// Rows to be aligned.
#[derive(Debug)]
pub(crate) struct Columns {
    aligns: Vec<Align>,
    rows: Vec<Vec<String>>,
}

impl Columns {
    pub fn new(aligns: &[Align]) -> Self {
        Self {
            aligns: aligns.to_vec(),
            rows: Vec::new(),
        }
    }

    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        let cells = cells.into_iter();
        self.rows
            .push(cells.map(|cell| visible(&cell).into_owned()).collect());
    }

    /// Writes every row, with two spaces between columns and none at the end.
    pub fn write(&self, indent: &str, out: &mut Page<'_>) -> Result<()> {
        let width = |at: usize| {
            self.rows
                .iter()
                .filter_map(|row| row.get(at))
                .map(|cell| cell.chars().count())
                .max()
        };
        let widths: Vec<usize> = (0..self.aligns.len())
            .map(|at| width(at).unwrap_or_default())
            .collect();
        for row in &self.rows {
            let cells = row
                .iter()
                .zip(&widths)
                .zip(&self.aligns)
                .map(|((cell, &width), align)| padded(cell, width, *align));
            let line = cells.collect::<Vec<_>>().join("  ");
            writeln!(out, "{indent}{}", line.trim_end())?;
        }
        Ok(())
    }
}

/// With blanks up to a width; a format can only make those of up to 65,535.
fn padded(cell: &str, width: usize, align: Align) -> String {
    let blanks = " ".repeat(width.saturating_sub(cell.chars().count()));
    match align {
        Align::Left => format!("{cell}{blanks}"),
        Align::Right => format!("{blanks}{cell}"),
    }
}
