//! One file per subcommand of `stillframe consumers`: what each does, without the command line.

pub mod detect;
mod session;

pub use session::Where;
