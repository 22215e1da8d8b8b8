//! Where the programs are; one that is missing leaves its test out, unless all of them are required.

use std::io::Write;
use std::path::PathBuf;
use std::process::Command;

use super::project::Project;

/// A PATH on which the program is.
pub fn on_path(program: &str) -> Option<String> {
    let path = std::env::var("PATH").unwrap();
    there(program, program, &format!("apt-get install {program}")).then_some(path)
}

/// A PATH on which ruff is, of this version.
pub fn ruff(version: &str) -> Option<String> {
    let tools = std::env::var_os("STILLFRAME_TEST_TOOLS").map_or_else(PathBuf::new, PathBuf::from);
    let folder = tools.join(format!("ruff-{version}/bin"));
    let help = format!(
        "pip install --target DIR/ruff-{version} ruff=={version}, and STILLFRAME_TEST_TOOLS=DIR"
    );
    let program = folder.join("ruff");
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    there(
        &program.to_string_lossy(),
        &format!("ruff {version}"),
        &help,
    )
    .then_some(path)
}

/// A step has a HOME of its own: where rustup chooses cargo, it is told where the toolchains are.
pub fn toolchain(project: &Project) {
    let rustup = std::env::var_os("RUSTUP_HOME").map_or_else(
        || PathBuf::from(std::env::var_os("HOME").unwrap_or_default()).join(".rustup"),
        PathBuf::from,
    );
    if rustup.is_dir() {
        let config = project.read("stillframe.toml");
        let set = format!("\n[env]\nset = {{ RUSTUP_HOME = {rustup:?} }}\n");
        project.write("stillframe.toml", &(config + &set));
    }
}

/// Whether a program runs. A line about one that does not is seen although the test passes.
fn there(program: &str, name: &str, help: &str) -> bool {
    let runs = Command::new(program)
        .arg("--version")
        .output()
        .is_ok_and(|output| output.status.success());
    assert!(
        runs || std::env::var_os("STILLFRAME_REQUIRE_TOOLS").is_none(),
        "{name} is required here: {help}"
    );
    if !runs {
        let line = format!("left out, because {name} is not installed ({help})\n");
        std::io::stderr().write_all(line.as_bytes()).unwrap();
    }
    runs
}
