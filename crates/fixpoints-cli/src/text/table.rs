//! Rows of text in aligned columns; it knows nothing of what they say.

use std::io::Result;

use super::page::Page;
use fixpoints::core::excerpt::visible;
use terminal::{Line, Style, columns, style};

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
    rows: Vec<Vec<(Style, String)>>,
}

impl Columns {
    pub fn new(aligns: &[Align]) -> Self {
        Self {
            aligns: aligns.to_vec(),
            rows: Vec::new(),
        }
    }

    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.styled_row(cells.into_iter().map(|cell| (style::PLAIN, cell)));
    }

    pub fn styled_row(&mut self, cells: impl IntoIterator<Item = (Style, String)>) {
        let cells = cells.into_iter();
        let cells = cells.map(|(style, cell)| (style, visible(&cell).into_owned()));
        self.rows.push(cells.collect());
    }

    /// Writes every row, with two spaces between columns and none at the end.
    pub fn write(&self, indent: &str, out: &mut Page<'_>) -> Result<()> {
        let width = |at: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(at));
            cells.map(|(_, cell)| columns(cell)).max()
        };
        let widths: Vec<usize> = (0..self.aligns.len())
            .map(|at| width(at).unwrap_or_default())
            .collect();
        for row in &self.rows {
            let mut line = Line::plain(indent);
            // Blanks are written before a cell, so that there are none at the end of a line.
            let mut owed = 0;
            for (((style, cell), &width), align) in row.iter().zip(&widths).zip(&self.aligns) {
                let blanks = width.saturating_sub(columns(cell));
                let (before, after) = match align {
                    Align::Left => (0, blanks),
                    Align::Right => (blanks, 0),
                };
                if !cell.is_empty() {
                    line.push(style::PLAIN, &" ".repeat(owed + before));
                    line.push(*style, cell);
                    owed = after + 2;
                } else {
                    owed += width + 2;
                }
            }
            out.line(&line)?;
        }
        Ok(())
    }

    /// Writes the rows where they are only a detail of what was done.
    pub fn write_aside(&self, indent: &str, out: &mut Page<'_>) -> Result<()> {
        if out.wants_everything() {
            self.write(indent, out)
        } else {
            Ok(())
        }
    }
}
