//! Documents do not rot: every path, command, configuration and terminal session in them is held against the code.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot read its documents has failed"
)]

mod blocks;
mod commands;
mod markdown;
mod paths;
#[cfg(unix)]
mod sessions;

use std::fs;
use std::path::{Path, PathBuf};

use markdown::Document;
use stillframe_core::problem::Kind;

/// The repository's root.
fn repository() -> PathBuf {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap().to_owned()
}

/// Whom a document is for, which decides whose paths it names.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Audience {
    /// Users: most paths are those of their repository.
    Users,
    /// Contributors: every path is one of this repository.
    Contributors,
}

/// Every document that people wrote.
fn documents() -> Vec<(Audience, Document)> {
    let root = repository();
    let mut paths = vec![
        (Audience::Users, "README.md".to_owned()),
        (Audience::Users, "NEWS.md".to_owned()),
        (Audience::Contributors, "ARCHITECTURE.md".to_owned()),
        (Audience::Contributors, "CONTRIBUTING.md".to_owned()),
    ];
    let mut guide: Vec<String> = fs::read_dir(root.join("docs/src"))
        .unwrap()
        .map(|item| item.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".md"))
        .map(|name| format!("docs/src/{name}"))
        .collect();
    guide.sort();
    assert!(!guide.is_empty(), "the guide holds no page");
    paths.extend(guide.into_iter().map(|path| (Audience::Users, path)));
    paths
        .into_iter()
        .map(|(audience, path)| {
            let text = fs::read_to_string(root.join(&path)).unwrap();
            (audience, Document { path, text })
        })
        .collect()
}

/// Fails with all findings at once.
fn assert_none(findings: &[String]) {
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}

#[test]
fn every_path_exists() {
    let mut findings = Vec::new();
    for (audience, document) in documents() {
        findings.extend(paths::check(&repository(), audience, &document));
    }
    assert_none(&findings);
}

#[test]
fn every_page_of_the_guide_is_in_its_summary() {
    let documents = documents();
    let find = |path: &str| documents.iter().find(|(_, document)| document.path == path);
    let (_, summary) = find("docs/src/SUMMARY.md").expect("the guide has a summary");
    let listed: Vec<String> = summary
        .links()
        .into_iter()
        .map(|(_, target)| format!("docs/src/{target}"))
        .collect();
    let findings: Vec<String> = documents
        .iter()
        .map(|(_, document)| document.path.clone())
        .filter(|path| path.starts_with("docs/src/") && *path != summary.path)
        .filter(|path| !listed.contains(path))
        .collect();
    assert_none(&findings);
}

#[test]
fn every_kind_of_problem_is_explained_with_its_class() {
    let page = fs::read_to_string(repository().join("docs/src/problems.md")).unwrap();
    let schema = schemars::schema_for!(Kind).to_value();
    let kinds = schema["oneOf"].as_array().unwrap();
    assert!(kinds.len() > 20);
    let findings: Vec<String> = kinds
        .iter()
        .map(|kind| serde_json::from_value::<Kind>(kind["const"].clone()).unwrap())
        .filter(|kind| {
            let class = serde_json::to_value(kind.class()).unwrap();
            let class = format!("| {} |", class.as_str().unwrap());
            let word = format!("`{}`", kind.word());
            !page.lines().any(|line| {
                line.starts_with("| `") && line.contains(&word) && line.contains(&class)
            })
        })
        .map(|kind| format!("docs/src/problems.md: no row for `{}`", kind.word()))
        .collect();
    assert_none(&findings);
}

#[test]
fn every_command_exists_with_its_flags() {
    let mut findings = Vec::new();
    for (_, document) in documents() {
        for (line, command) in commands::of_document(&document) {
            findings.extend(
                commands::check(&repository(), &command)
                    .map(|fault| format!("{}:{line}: `{command}`: {fault}", document.path)),
            );
        }
    }
    assert_none(&findings);
}

#[test]
fn every_command_of_the_workflows_exists() {
    let mut findings = Vec::new();
    for name in ["ci.yml", "drift.yml"] {
        let path = format!(".github/workflows/{name}");
        let text = fs::read_to_string(repository().join(&path)).unwrap();
        let commands = commands::of_workflow(&text);
        assert!(!commands.is_empty(), "{path} runs nothing");
        for (line, command) in commands {
            findings.extend(
                commands::check(&repository(), &command)
                    .map(|fault| format!("{path}:{line}: `{command}`: {fault}")),
            );
        }
    }
    assert_none(&findings);
}

#[test]
fn every_block_of_configuration_is_accepted() {
    let mut findings = Vec::new();
    let mut seen = 0;
    for (_, document) in documents() {
        for fence in document.fences() {
            if let Some(fault) = blocks::check(&fence) {
                findings.push(format!("{}:{}: {fault}", document.path, fence.line));
            }
            seen += usize::from(fence.info == "toml");
        }
    }
    assert!(seen > 5, "only {seen} blocks of TOML were found");
    assert_none(&findings);
}

#[cfg(unix)]
#[test]
fn every_terminal_session_prints_what_the_document_shows() {
    let binaries = sessions::binaries();
    let mut findings = Vec::new();
    let mut steps = 0;
    for (_, document) in documents() {
        let session = sessions::of_document(&document);
        steps += session.len();
        findings.extend(
            sessions::check(&binaries, &session)
                .into_iter()
                .map(|fault| format!("{}:{fault}", document.path)),
        );
    }
    assert!(steps > 10, "only {steps} commands were found");
    assert_none(&findings);
}

/// One command for the tests: in the README, in `cargo xtask ci` and in the workflow.
#[test]
fn ci_runs_the_test_command_of_the_readme() {
    let root = repository();
    let read = |path: &str| fs::read_to_string(root.join(path)).unwrap();
    let readme = read("README.md");
    let command = "cargo test --workspace";
    assert!(
        readme
            .lines()
            .any(|line| line.split('#').next().unwrap().trim() == command),
        "README.md does not show `{command}` on a line of its own"
    );
    let words: Vec<String> = command
        .split(' ')
        .skip(1)
        .map(|w| format!("{w:?}"))
        .collect();
    let words = format!("[{}]", words.join(", "));
    assert!(read("xtask/src/ci.rs").contains(&words), "ci.rs: {words}");
    let workflow = read(".github/workflows/ci.yml");
    assert!(workflow.contains(&format!("- run: {command}\n")), "ci.yml");
    assert!(read(".ci/run").contains("cargo xtask ci"), ".ci/run");
}

#[test]
fn the_oldest_rust_is_the_same_everywhere() {
    let root = repository();
    let read = |path: &str| fs::read_to_string(root.join(path)).unwrap();
    let manifest = read("Cargo.toml");
    let version = manifest
        .lines()
        .find_map(|line| line.strip_prefix("rust-version = \""))
        .unwrap()
        .trim_end_matches('"')
        .to_owned();
    assert!(read("README.md").contains(&format!("Rust {version}")));
    assert!(read(".github/workflows/ci.yml").contains(&format!("cargo +{version} build")));
}
