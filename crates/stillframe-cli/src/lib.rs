//! The command line of `stillframe` as a value, so that the reference can be generated from it.

mod args;
mod command_line;
#[cfg(feature = "consumers")]
mod consumers;

pub use args::*;
pub use command_line::parse;
#[cfg(feature = "consumers")]
pub use consumers::*;
