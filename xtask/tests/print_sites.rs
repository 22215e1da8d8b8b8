//! Text reaches a terminal or a log through one module only, which escapes it.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up fails")]

use std::fs;
use std::path::{Path, PathBuf};

/// Ways around `crates/stillframe/src/print.rs`.
const PRINTING: [&str; 8] = [
    "print!(",
    "println!(",
    "writeln!(",
    "write!(out",
    "write!(notes",
    "to_writer",
    "stdout()",
    "stderr()",
];

/// The lines that may, with the reason.
const MAY: [(&str, &str); 5] = [
    (
        "crates/stillframe/src/run_lock.rs",
        // Into the lock file.
        "writeln!(file, \"{}\", std::process::id())",
    ),
    (
        "crates/stillframe-cli/src/main.rs",
        // A completion script and a configuration, which are constants of this program.
        "let mut out = std::io::stdout();",
    ),
    (
        "crates/stillframe/src/progress.rs",
        // A bar shows numbers only.
        "std::io::stderr().is_terminal()",
    ),
    (
        "crates/stillframe-core/src/diff/summary.rs",
        // Into memory.
        "serde_json::to_writer(&mut start, value)",
    ),
    (
        "crates/stillframe-cli/src/main.rs",
        // Through the module.
        "Lasting::std",
    ),
];

#[test]
fn nothing_prints_but_the_one_module_that_escapes() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut found = Vec::new();
    for folder in ["stillframe-core", "stillframe", "stillframe-cli"] {
        collect(&root.join("crates").join(folder).join("src"), &mut found);
    }
    collect(&root.join("xtask/src"), &mut found);
    assert!(found.len() > 100, "the sources are not where they were");
    let mut sites = Vec::new();
    for path in found {
        let name = path.strip_prefix(root).unwrap().to_str().unwrap();
        if name != "crates/stillframe/src/print.rs" && !name.ends_with("tests.rs") {
            sites.extend(sites_of(name, &fs::read_to_string(&path).unwrap()));
        }
    }
    assert_eq!(sites, Vec::<String>::new());
}

fn sites_of(name: &str, text: &str) -> Vec<String> {
    let may = |line: &str| {
        MAY.iter()
            .any(|(file, allowed)| *file == name && line.contains(allowed))
            || (name.starts_with("xtask/") && line.contains("Lasting::stdout()"))
    };
    let prints = |line: &str| PRINTING.iter().any(|way| line.contains(way));
    text.lines()
        .take_while(|line| *line != "#[cfg(test)]")
        .filter(|line| prints(line) && !may(line) && !line.trim_start().starts_with("//"))
        .map(|line| format!("{name}: {}", line.trim()))
        .collect()
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}
