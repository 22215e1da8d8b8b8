//! When there are colours: `--color`, then NO_COLOR, CLICOLOR_FORCE and whether somebody looks at a terminal.

use std::ffi::OsString;

use anstream::{AutoStream, ColorChoice};

const FLAG: &str = "--color";

/// Keeps to what a command line says about colours, in everything that this process prints. A value that does not exist is
/// for the parser to report.
pub fn choose_colours(typed: &[OsString]) {
    if let Some(choice) = typed_choice(typed) {
        choice.write_global();
    }
}

/// Whether stderr has colours.
#[must_use]
pub fn colours_of_errors() -> ColorChoice {
    AutoStream::choice(&std::io::stderr())
}

/// The last `--color`; what comes after `--` is for another program.
fn typed_choice(typed: &[OsString]) -> Option<ColorChoice> {
    let words: Vec<&str> = typed
        .iter()
        .map(|word| word.to_str().unwrap_or_default())
        .collect();
    let mut ours = words.iter().take_while(|word| **word != "--").peekable();
    let mut choice = None;
    while let Some(word) = ours.next() {
        let value = match word.strip_prefix(FLAG) {
            Some("") => ours.peek().copied().copied(),
            Some(rest) => rest.strip_prefix('='),
            None => None,
        };
        choice = match value {
            Some("always") => Some(ColorChoice::Always),
            Some("never") => Some(ColorChoice::Never),
            Some("auto") => Some(ColorChoice::Auto),
            _ => choice,
        };
    }
    choice
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_flag_before_the_end_of_flags_counts() {
        for (typed, choice) in [
            ("check", None),
            ("check --color always", Some(ColorChoice::Always)),
            ("--color=never check", Some(ColorChoice::Never)),
            ("--color never --color=auto", Some(ColorChoice::Auto)),
            ("--color", None),
            ("--color purple", None),
            ("--colorful=always", None),
            ("init -- --color always", None),
        ] {
            let words: Vec<OsString> = typed.split(' ').map(OsString::from).collect();
            assert_eq!(typed_choice(&words), choice, "{typed}");
        }
    }
}
