//! The command line of `stillframe` as a value, so that the reference can be generated from it.

mod args;
mod command_line;

pub use args::*;
pub use command_line::parse;
