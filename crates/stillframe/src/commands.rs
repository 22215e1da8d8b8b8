//! One file per subcommand: what each does, without the command line.

pub mod normalize;
pub mod scenario;
