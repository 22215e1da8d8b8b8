//! `drift-check`: do schemas, references, corpus, scenarios, verifiers and parsing tests agree? One verdict, and every step runs.

use std::io::Write;

use anyhow::Result;
use stillframe::commands::{Options, check, scenario, validate};
use stillframe::exit_code::ExitCode;
use stillframe::levels::Warnings;
use stillframe::print;

use crate::{codegen, step};

/// Runs every step, also after one that failed; the verdict is the worst of them.
pub fn run(out: &mut dyn Write) -> Result<ExitCode> {
    let options = Options {
        root: Some(step::repository()),
        warnings: Warnings::Deny,
        ..Options::default()
    };
    let steps = [
        ("codegen --check", codegen::run(codegen::Mode::Check, out)?),
        ("regen-fixtures --check", check::run(&options, out)?),
        ("validate", validate::run(&options, out)?),
        ("scenario check", scenario::check(&options, out)?),
        ("parsing tests", parsing_tests()),
    ];
    print::note("");
    for (name, code) in &steps {
        print::note(&format!("{name:24} {}", word(*code)));
    }
    Ok(steps
        .iter()
        .map(|(_, code)| *code)
        .max_by_key(|code| severity(*code))
        .unwrap_or(ExitCode::Fresh))
}

fn parsing_tests() -> ExitCode {
    let words = ["test", "--quiet", "--package", "xtask", "--test", "parsing"];
    match step::run_cargo(&words) {
        Ok(()) => ExitCode::Fresh,
        Err(error) => {
            print::error(&error);
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
