//! Reading the command line; what was typed wrongly is repeated with nothing in it that acts, and without what may be a password.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;
use stillframe_core::visible::visible;

/// The arguments of this process; the error is the exit code, after help or a message was printed.
///
/// # Errors
/// When there is nothing to run: a mistake, or a question for help or the version.
pub fn parse<A: Parser>() -> Result<A, ExitCode> {
    let typed: Vec<OsString> = std::env::args_os().collect();
    // Help and mistakes are printed while the command line is read, so that it is too late to ask for the flag's value after that.
    terminal::choose_colours(&typed);
    A::try_parse_from(&typed).map_err(|error| {
        // The message quotes the arguments, so it is made from harmless ones; those that were fine stay as they are.
        let words = redact::words(typed.iter().map(|word| word.to_string_lossy()));
        let harmless = words.iter().map(|word| visible(word).into_owned());
        let error = A::try_parse_from(harmless).err().unwrap_or(error);
        // Nobody may be there to read it; the exit code is the same.
        let _ = error.print();
        ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
    })
}
