//! One file per subcommand of `stillframe consumers`: what each does, without the command line.

pub mod check;
pub mod confirm;
pub mod detect;
pub mod merge;
mod naming;
pub mod plan;
pub mod recorded;
mod session;
pub mod show;

pub use session::Where;
