//! Help, the version and wrong usage, as clap words them; what was typed is shown without passwords and escapes.

use std::io::Write;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, Error, ErrorKind};
use fixpoints::core::excerpt::visible;
use fixpoints::core::secret::redacted;

use crate::text::{Amount, Page};

/// Prints what clap has to say, and gives the exit code that goes with it. Nothing depends on who reads it.
pub fn print(error: Error, out: &mut dyn Write, err: &mut dyn Write) -> ExitCode {
    let code = ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
    let _ = match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => help(&error, out),
        _ => wrong(error, err),
    };
    code
}

/// It holds nothing that was typed, so that it may have its colours; `out` takes them away where nobody would see them.
fn help(error: &Error, out: &mut dyn Write) -> std::io::Result<()> {
    write!(out, "{}", error.render().ansi())?;
    out.flush()
}

fn wrong(mut error: Error, err: &mut dyn Write) -> std::io::Result<()> {
    let typed: Vec<(ContextKind, ContextValue)> = error
        .context()
        .map(|(kind, value)| (kind, value.clone()))
        .collect();
    let is_plain = typed
        .iter()
        .all(|(_, value)| shown(value).as_ref() == Some(value));
    for (kind, value) in typed {
        match shown(&value) {
            Some(value) => drop(error.insert(kind, value)),
            // Advice repeats what was typed, in words that cannot be taken apart again.
            None if kind == ContextKind::Suggested && !is_plain => drop(error.remove(kind)),
            None => {}
        }
    }
    let mut page = Page::new(err, None, Amount::Everything);
    let text = error.render().to_string();
    text.lines().try_for_each(|line| writeln!(page, "{line}"))
}

/// A value as it may be printed; `None` for text that clap made.
fn shown(value: &ContextValue) -> Option<ContextValue> {
    let safe = |text: &String| visible(&redacted(text)).into_owned();
    match value {
        ContextValue::String(text) => Some(ContextValue::String(safe(text))),
        ContextValue::Strings(texts) => {
            Some(ContextValue::Strings(texts.iter().map(safe).collect()))
        }
        _ => None,
    }
}
