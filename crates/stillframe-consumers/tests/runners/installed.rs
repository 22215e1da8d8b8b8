//! Programs that not every machine has: their tests are left out without them, unless all are required.

use std::io::Write;
use std::process::Command;

/// Whether a program runs. A line about one that does not is seen although the test passes.
pub fn has(program: &str, help: &str) -> bool {
    has_on(&std::env::var("PATH").unwrap_or_default(), program, help)
}

/// The same, with another PATH.
pub fn has_on(path: &str, program: &str, help: &str) -> bool {
    let runs = Command::new("env")
        .arg(format!("PATH={path}"))
        .arg(program)
        .arg("--version")
        .output()
        .is_ok_and(|output| output.status.success());
    assert!(
        runs || std::env::var_os("STILLFRAME_REQUIRE_TOOLS").is_none(),
        "{program} is required here: {help}"
    );
    if !runs {
        let line = format!("left out, because {program} does not run here ({help})\n");
        std::io::stderr().write_all(line.as_bytes()).unwrap();
    }
    runs
}
