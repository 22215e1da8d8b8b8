//! The styles, in colours of the terminal's own theme that can be read on a dark and on a light background.
//!
//! Yellow and cyan are too light for white in the themes of xterm and its kin, and blue is too dark for black.

use anstyle::{AnsiColor, Style};

/// Something failed.
pub const BAD: Style = AnsiColor::Red.on_default().bold();
/// Something is out of date, or was noticed.
pub const WARNING: Style = AnsiColor::Magenta.on_default().bold();
/// Worth knowing, and nothing depends on it.
pub const NOTICE: Style = Style::new().bold();
/// Everything is as it should be.
pub const GOOD: Style = AnsiColor::Green.on_default().bold();
/// The label of advice.
pub const ADVICE: Style = Style::new().bold();
/// What a line is about, and what can be typed.
pub const NAME: Style = Style::new().bold();
/// What is only needed on a second look.
pub const FAINT: Style = Style::new().dimmed();
/// What was there before.
pub const REMOVED: Style = AnsiColor::Red.on_default();
/// What is there now.
pub const ADDED: Style = AnsiColor::Green.on_default();
/// What became something else.
pub const CHANGED: Style = AnsiColor::Magenta.on_default();
/// The place of a hunk in a diff.
pub const HUNK: Style = Style::new().dimmed();
/// No style.
pub const PLAIN: Style = Style::new();
