//! How both tools look on a terminal: styles, lines made of styled pieces, and wrapping. It decides nothing and prints nothing.

mod changed;
mod choice;
mod line;
pub mod style;
mod wrap;

use std::io::IsTerminal as _;

pub use anstream::{AutoStream, ColorChoice, adapter::strip_str};
pub use anstyle::Style;
pub use changed::{Parts, changed_parts};
pub use choice::{choose_colours, colours_of_errors};
pub use line::{Escape, Line};
pub use unicode_width::UnicodeWidthStr;

/// How many columns a text takes.
#[must_use]
pub fn columns(text: &str) -> usize {
    text.width()
}

/// The columns of the terminal that stdout is; none where it is a file or a pipe, whose lines may have any length.
#[must_use]
pub fn output_width() -> Option<usize> {
    let stdout = std::io::stdout();
    if !stdout.is_terminal() {
        return None;
    }
    terminal_size::terminal_size_of(stdout).map(|(width, _)| usize::from(width.0))
}

/// The columns of the terminal that stderr is.
#[must_use]
pub fn error_width() -> Option<usize> {
    let stderr = std::io::stderr();
    if !stderr.is_terminal() {
        return None;
    }
    terminal_size::terminal_size_of(stderr).map(|(width, _)| usize::from(width.0))
}
