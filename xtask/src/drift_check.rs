//! `drift-check`: do schemas, references, corpus, scenarios, verifiers and parsing tests agree? One verdict, and every step runs.

use anyhow::Result;
use stillframe::commands::{Options, check, scenario, validate};
use stillframe::exit_code::ExitCode;
use stillframe::levels::Warnings;

use crate::{codegen, step};

/// Runs every step, also after one that failed; the verdict is the worst of them.
pub fn run() -> Result<ExitCode> {
    let options = Options {
        root: Some(step::repository()),
        warnings: Warnings::Deny,
        ..Options::default()
    };
    let mut out = std::io::stdout();
    let steps = [
        ("codegen --check", codegen::run(codegen::Mode::Check)?),
        ("regen-fixtures --check", check::run(&options, &mut out)?),
        ("validate", validate::run(&options, &mut out)?),
        ("scenario check", scenario::check(&options, &mut out)?),
        ("parsing tests", parsing_tests()),
    ];
    eprintln!();
    for (name, code) in &steps {
        eprintln!("{name:24} {}", word(*code));
    }
    Ok(steps
        .iter()
        .map(|(_, code)| *code)
        .max_by_key(|code| severity(*code))
        .unwrap_or(ExitCode::Fresh))
}

fn parsing_tests() -> ExitCode {
    let words = [
        "test",
        "--quiet",
        "--package",
        "fixpoints-cli",
        "--test",
        "parsing",
    ];
    match step::run_cargo(&words) {
        Ok(()) => ExitCode::Fresh,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::Broken
        }
    }
}

fn word(code: ExitCode) -> &'static str {
    match code {
        ExitCode::Fresh => "fresh",
        ExitCode::Broken => "broken",
        ExitCode::Setup => "cannot run",
        ExitCode::Stale => {
            "stale: run `cargo xtask codegen && cargo xtask regen-fixtures` and commit the result"
        }
        ExitCode::Interrupted => "interrupted",
    }
}

/// The same order as in a single report: what stops a run first, what regenerating mends last.
fn severity(code: ExitCode) -> u8 {
    match code {
        ExitCode::Fresh => 0,
        ExitCode::Stale => 1,
        ExitCode::Broken => 2,
        ExitCode::Setup => 3,
        ExitCode::Interrupted => 4,
    }
}
