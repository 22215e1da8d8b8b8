//! The exit codes of every command, in one place.

use stillframe_core::report::Verdict;

/// How a command ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitCode {
    /// Everything agrees, or the work is done.
    Fresh = 0,
    /// A capture, parse, rule, expectation, schema or verifier failed, or a finding that regenerating cannot mend.
    Broken = 1,
    /// Usage, configuration or a prerequisite: target, build, POC folder, seed file, required program, no POC.
    Setup = 2,
    /// Regenerating would mend it.
    Stale = 3,
    /// Interrupted by Ctrl-C or a signal, as shells count it.
    Interrupted = 130,
}

impl From<Verdict> for ExitCode {
    fn from(verdict: Verdict) -> ExitCode {
        match verdict {
            Verdict::Fresh => ExitCode::Fresh,
            Verdict::Broken => ExitCode::Broken,
            Verdict::Setup => ExitCode::Setup,
            Verdict::Stale => ExitCode::Stale,
        }
    }
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> std::process::ExitCode {
        std::process::ExitCode::from(code as u8)
    }
}
