//! The programs that a folder holds, by what its manifests declare: cargo, Python and npm; nothing is run.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::disk;

/// A program that can be captured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Program {
    /// What it is called.
    pub name: String,
    /// The lines of `[target]` that name it.
    pub target: String,
    /// Where it comes from, in a sentence.
    pub comment: &'static str,
    /// What CI does to have it.
    pub setup: Option<&'static str>,
}

/// Every program that a manifest declares; without one, every executable file of the folder.
pub(super) fn of(root: &Path) -> Vec<Program> {
    let mut programs = BTreeMap::new();
    for program in cargo(root).into_iter().chain(python(root)).chain(npm(root)) {
        programs.entry(program.name.clone()).or_insert(program);
    }
    if programs.is_empty() {
        return executables(root);
    }
    programs.into_values().collect()
}

/// A string as TOML has it.
pub(super) fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

fn toml_file(path: &Path) -> Option<toml::Table> {
    disk::read_regular_text(path).ok()?.parse().ok()
}

/// The value at a path of keys.
fn at<'a>(table: &'a toml::Table, keys: &[&str]) -> Option<&'a toml::Value> {
    let (first, rest) = keys.split_first()?;
    let value = table.get(*first)?;
    rest.iter().try_fold(value, |value, key| value.get(*key))
}

/// The binaries of the package here and of the workspace's members.
fn cargo(root: &Path) -> Vec<Program> {
    let Some(manifest) = toml_file(&root.join("Cargo.toml")) else {
        return Vec::new();
    };
    let members = at(&manifest, &["workspace", "members"]);
    let patterns = members
        .and_then(toml::Value::as_array)
        .into_iter()
        .flatten();
    let patterns = patterns.filter_map(toml::Value::as_str);
    let members = patterns.flat_map(|pattern| folders(root, pattern));
    let mut programs = Vec::new();
    for folder in std::iter::once(root.to_owned()).chain(members) {
        if let Some(manifest) = toml_file(&folder.join("Cargo.toml")) {
            programs.extend(binaries(&folder, &manifest));
        }
    }
    programs
}

fn binaries(folder: &Path, manifest: &toml::Table) -> Vec<Program> {
    let Some(package) = at(manifest, &["package", "name"]).and_then(toml::Value::as_str) else {
        return Vec::new();
    };
    let default = at(manifest, &["package", "default-run"]).and_then(toml::Value::as_str);
    let names = match default {
        Some(name) => vec![name.to_owned()],
        None => binary_names(folder, manifest, package),
    };
    let program = |name: String| Program {
        target: match name == package {
            true => format!("cargo = {{ package = {} }}", quoted(package)),
            false => format!(
                "cargo = {{ package = {}, bin = {} }}",
                quoted(package),
                quoted(&name)
            ),
        },
        name,
        comment: "Built by cargo before every run.",
        setup: None,
    };
    names.into_iter().map(program).collect()
}

/// What cargo would call them: declared, or by the layout of `src`.
fn binary_names(folder: &Path, manifest: &toml::Table, package: &str) -> Vec<String> {
    let declared = manifest.get("bin").and_then(toml::Value::as_array);
    let declared: Vec<&toml::Value> = declared.into_iter().flatten().collect();
    let has_path = |path: &str| {
        declared
            .iter()
            .any(|bin| bin.get("path").and_then(toml::Value::as_str) == Some(path))
    };
    let mut names: Vec<String> = declared
        .iter()
        .filter_map(|bin| Some(bin.get("name")?.as_str()?.to_owned()))
        .collect();
    let automatic = at(manifest, &["package", "autobins"]).and_then(toml::Value::as_bool);
    if automatic != Some(false) {
        if folder.join("src/main.rs").is_file() && !has_path("src/main.rs") {
            names.push(package.to_owned());
        }
        for item in fs::read_dir(folder.join("src/bin"))
            .into_iter()
            .flatten()
            .flatten()
        {
            let path = item.path();
            let file = format!("src/bin/{}", item.file_name().to_string_lossy());
            let is_binary = path.extension().is_some_and(|end| end == "rs") && !has_path(&file);
            if is_binary || path.join("main.rs").is_file() {
                names.extend(
                    path.file_stem()
                        .and_then(|name| name.to_str())
                        .map(str::to_owned),
                );
            }
        }
    }
    names.sort();
    names.dedup();
    names
}

/// The folders that a pattern of workspace members names.
fn folders(root: &Path, pattern: &str) -> Vec<PathBuf> {
    let mut folders = vec![root.to_owned()];
    for part in pattern.split('/').filter(|part| !matches!(*part, "" | ".")) {
        folders = folders
            .iter()
            .flat_map(|folder| step(folder, part))
            .collect();
    }
    folders
}

fn step(folder: &Path, part: &str) -> Vec<PathBuf> {
    if !part.contains('*') {
        return vec![folder.join(part)];
    }
    let mut found: Vec<PathBuf> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter(|item| matches(part, &item.file_name().to_string_lossy()))
        .map(|item| item.path())
        .collect();
    found.sort();
    found
}

/// Whether a name fits a pattern in which `*` stands for anything.
fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((before, after)) => name.strip_prefix(before).is_some_and(|rest| {
            rest.char_indices()
                .map(|(at, _)| at)
                .chain([rest.len()])
                .any(|at| matches(after, &rest[at..]))
        }),
    }
}

/// The console scripts of a Python package.
fn python(root: &Path) -> Vec<Program> {
    let manifest = toml_file(&root.join("pyproject.toml")).unwrap_or_default();
    let tables = [&["project", "scripts"][..], &["tool", "poetry", "scripts"]];
    let declared = tables
        .iter()
        .filter_map(|keys| at(&manifest, keys)?.as_table());
    let mut names: Vec<String> = declared.flat_map(|table| table.keys().cloned()).collect();
    let setup = disk::read_regular_text(&root.join("setup.cfg")).unwrap_or_default();
    names.extend(console_scripts(&setup));
    let program = |name: String| Program {
        target: format!("command = {}", quoted(&name)),
        name,
        comment: "A console script of this package: `pip install -e .` puts it on PATH.",
        setup: Some("pip install ."),
    };
    names.into_iter().map(program).collect()
}

/// `console_scripts` of a `setup.cfg`: `name = module:function`, one a line.
fn console_scripts(text: &str) -> Vec<String> {
    let section = text
        .lines()
        .skip_while(|line| line.trim() != "[options.entry_points]")
        .skip(1)
        .take_while(|line| !line.starts_with('['));
    let mut lines = section.skip_while(|line| !line.starts_with("console_scripts"));
    let first = lines.next().and_then(|line| line.split_once('='));
    let more = lines.take_while(|line| line.starts_with([' ', '\t']));
    first
        .map(|(_, rest)| rest)
        .into_iter()
        .chain(more)
        .filter_map(|line| Some(line.split_once('=')?.0.trim().to_owned()))
        .filter(|name| !name.is_empty() && !name.starts_with(['#', ';']))
        .collect()
}

/// The `bin` of a `package.json`.
fn npm(root: &Path) -> Vec<Program> {
    let text = disk::read_regular_text(&root.join("package.json")).unwrap_or_default();
    let manifest: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    let name = manifest["name"].as_str().unwrap_or_default();
    let name = name.rsplit('/').next().unwrap_or(name);
    let bins: Vec<(&str, &str)> = match &manifest["bin"] {
        serde_json::Value::String(path) => vec![(name, path)],
        serde_json::Value::Object(bins) => bins
            .iter()
            .filter_map(|(name, path)| Some((name.as_str(), path.as_str()?)))
            .collect(),
        _ => Vec::new(),
    };
    let build = match manifest["scripts"]["build"].is_string() {
        true => "\nbuild = [\"npm\", \"run\", \"build\"]",
        false => "",
    };
    let program = |(name, path): (&str, &str)| {
        let path = path.strip_prefix("./").unwrap_or(path);
        Program {
            name: name.to_owned(),
            target: format!("command = {}{build}", quoted(&format!("./{path}"))),
            comment: "The `bin` of package.json; it is started by its first line, so it has to be executable.",
            setup: Some("npm ci"),
        }
    };
    bins.into_iter().map(program).collect()
}

fn executables(root: &Path) -> Vec<Program> {
    let mut names: Vec<String> = fs::read_dir(root)
        .into_iter()
        .flatten()
        .flatten()
        .filter(|item| is_program(&item.path()))
        .filter_map(|item| item.file_name().into_string().ok())
        .collect();
    names.sort();
    let program = |name: String| Program {
        target: format!("command = {}", quoted(&format!("./{name}"))),
        name,
        comment: "With a slash: from this file's folder; without: a name on PATH.",
        setup: None,
    };
    names.into_iter().map(program).collect()
}

#[cfg(unix)]
fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "exe")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn targets(files: &[(&str, &str)]) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            disk::scratch(&folder.path().join(name), text.as_bytes()).unwrap();
        }
        let programs = of(folder.path());
        programs.into_iter().map(|program| program.target).collect()
    }

    #[test]
    fn cargo_binaries_are_those_of_the_package_and_of_the_workspace() {
        let package = |name: &str| format!("[package]\nname = \"{name}\"\n");
        let workspace = "[workspace]\nmembers = [\"./cli\", \"crates/*-x\"]\n";
        let found = targets(&[
            ("Cargo.toml", workspace),
            ("cli/Cargo.toml", &package("my-cli")),
            ("cli/src/main.rs", ""),
            ("cli/src/bin/helper.rs", ""),
            (
                "crates/a-x/Cargo.toml",
                "[package]\nname = \"a\"\n[[bin]]\nname = \"a-tool\"\npath = \"src/main.rs\"\n",
            ),
            ("crates/a-x/src/main.rs", ""),
            ("crates/b-x/Cargo.toml", &package("b")),
            ("crates/b-x/src/lib.rs", ""),
            ("crates/other/Cargo.toml", &package("other")),
            ("crates/other/src/main.rs", ""),
        ]);
        assert_eq!(
            found,
            [
                "cargo = { package = \"a\", bin = \"a-tool\" }",
                "cargo = { package = \"my-cli\", bin = \"helper\" }",
                "cargo = { package = \"my-cli\" }",
            ]
        );
        let one = "[package]\nname = \"one\"\ndefault-run = \"main\"\n";
        let found = targets(&[
            ("Cargo.toml", one),
            ("src/bin/main.rs", ""),
            ("src/bin/b/main.rs", ""),
        ]);
        assert_eq!(found, ["cargo = { package = \"one\", bin = \"main\" }"]);
    }

    #[test]
    fn console_scripts_are_found_wherever_python_declares_them() {
        for (file, text) in [
            ("pyproject.toml", "[project.scripts]\ntool = \"a:main\"\n"),
            (
                "pyproject.toml",
                "[tool.poetry.scripts]\ntool = \"a:main\"\n",
            ),
            (
                "setup.cfg",
                "[options.entry_points]\nconsole_scripts =\n    tool = a:main\nother =\n    x = y\n",
            ),
            (
                "setup.cfg",
                "[metadata]\nname = x\n[options.entry_points]\nconsole_scripts = tool = a:main\n[y]\n",
            ),
        ] {
            assert_eq!(targets(&[(file, text)]), ["command = \"tool\""], "{text}");
        }
    }

    #[test]
    fn the_bin_of_an_npm_package_is_found_with_its_build() {
        let one = r#"{"name": "@scope/tool", "bin": "cli.js"}"#;
        assert_eq!(
            targets(&[("package.json", one)]),
            ["command = \"./cli.js\""]
        );
        let two = r#"{"name": "x", "bin": {"b": "./dist/b.js", "a": "a.js"}, "scripts": {"build": "tsc"}}"#;
        assert_eq!(
            targets(&[("package.json", two)]),
            [
                "command = \"./a.js\"\nbuild = [\"npm\", \"run\", \"build\"]",
                "command = \"./dist/b.js\"\nbuild = [\"npm\", \"run\", \"build\"]",
            ]
        );
        assert!(targets(&[("package.json", "[]")]).is_empty());
    }
}
