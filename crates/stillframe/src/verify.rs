//! Verifiers: consumers in any language that must still accept the candidates before they are published.

use std::ffi::OsString;
use std::path::Path;

use stillframe_core::config::Verifier;
use stillframe_core::problem::{Kind, Problem};
use stillframe_core::visible::layout;

use crate::process::{self, End, Invocation, SpawnError};
use crate::target::inherited_environment;

/// The most that a verifier may print.
const OUTPUT_LIMIT: u64 = 16 << 20;
/// The lines of a verifier's output that a finding shows.
const LINES: usize = 40;

/// Runs every verifier from `root` on the folder of candidates; one finding for each that rejects them.
pub fn run(verifiers: &[Verifier], root: &Path, corpus: &Path, schemas: &Path) -> Vec<Problem> {
    let mut env = inherited_environment();
    env.insert("STILLFRAME_CORPUS".into(), corpus.into());
    env.insert("STILLFRAME_SCHEMAS".into(), schemas.into());
    verifiers
        .iter()
        .filter_map(|verifier| {
            let (program, args) = verifier.command.split_first()?;
            let path = env.get(&OsString::from("PATH")).map(OsString::as_os_str);
            let program = match process::resolve(program, root, path) {
                Ok(program) => program,
                Err(error) => return Some(not_started(verifier, &error)),
            };
            let args: Vec<OsString> = args.iter().map(OsString::from).collect();
            let outcome = process::run(&Invocation {
                program: &program,
                args: &args,
                cwd: root,
                env: &env,
                stdin: None,
                timeout: verifier.timeout(),
                output_limit: OUTPUT_LIMIT,
            });
            match outcome {
                Err(error) => Some(not_started(verifier, &error)),
                Ok(outcome) if outcome.end == End::Exited(0) => None,
                Ok(outcome) => {
                    let fix = format!(
                        "change the consumer or the target; to repeat: STILLFRAME_CORPUS={} {}",
                        corpus.display(),
                        verifier.command.join(" ")
                    );
                    let mut problem = rejected(verifier, &fix).detail(ended(outcome.end));
                    problem.details.extend(tail("stdout", &outcome.stdout));
                    problem.details.extend(tail("stderr", &outcome.stderr));
                    Some(problem)
                }
            }
        })
        .collect()
}

fn rejected(verifier: &Verifier, fix: &str) -> Problem {
    Problem::new(Kind::VerifierFailed, verifier.name.clone(), fix)
}

fn not_started(verifier: &Verifier, error: &SpawnError) -> Problem {
    rejected(verifier, &error.hint().unwrap_or_default()).detail(error.to_string())
}

fn ended(end: End) -> String {
    match end {
        End::Exited(code) => {
            format!("the verifier does not accept the candidates: exit code {code}")
        }
        End::Signalled(signal) => {
            format!("the verifier was ended by {}", process::signal_name(signal))
        }
        End::TimedOut => "the verifier took too long and was ended; set its `timeout`".into(),
        End::Flooded(stream) => format!(
            "the verifier printed more than {} MiB to {stream}",
            OUTPUT_LIMIT >> 20
        ),
        End::Cancelled => "interrupted".into(),
    }
}

fn tail(stream: &str, bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(LINES)..]
        .iter()
        .map(|line| format!("{stream}: {}", layout(line)))
        .collect()
}
