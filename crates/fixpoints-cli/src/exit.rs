//! The exit codes of the program, all of them.

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done; equal, or healthy.
    Success = 0,
    /// The database differs from the fixpoint, or doctor has warnings.
    Different = 1,
    /// Doctor found something that does not work; clap uses the same code for wrong usage.
    Critical = 2,
    /// The command failed and changed nothing.
    Failed = 3,
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
