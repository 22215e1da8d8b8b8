//! The styles: the sixteen colours of the terminal's own theme, so that they can be read on a dark and on a light background.

use anstyle::{AnsiColor, Style};

/// Something failed.
pub const BAD: Style = AnsiColor::Red.on_default().bold();
/// Something is out of date, or was noticed.
pub const WARNING: Style = AnsiColor::Yellow.on_default().bold();
/// Worth knowing, and nothing depends on it.
pub const NOTICE: Style = AnsiColor::Magenta.on_default().bold();
/// Everything is as it should be.
pub const GOOD: Style = AnsiColor::Green.on_default().bold();
/// The label of advice.
pub const ADVICE: Style = AnsiColor::Cyan.on_default().bold();
/// What a line is about, and what can be typed.
pub const NAME: Style = Style::new().bold();
/// What is only needed on a second look.
pub const FAINT: Style = Style::new().dimmed();
/// What was there before.
pub const REMOVED: Style = AnsiColor::Red.on_default();
/// What is there now.
pub const ADDED: Style = AnsiColor::Green.on_default();
/// What became something else.
pub const CHANGED: Style = AnsiColor::Yellow.on_default();
/// The place of a hunk in a diff.
pub const HUNK: Style = AnsiColor::Cyan.on_default();
/// No style.
pub const PLAIN: Style = Style::new();
