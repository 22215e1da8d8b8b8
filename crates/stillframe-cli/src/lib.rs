//! The command line of `stillframe` as a value, so that the reference can be generated from it.

mod args;

pub use args::*;
