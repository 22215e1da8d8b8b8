//! The command that runs one test again and no other, as far as a test can tell how it was started; it runs nothing.

use std::path::Path;

use crate::hiding::is_path;

/// What stands for the name of the running test in a command.
pub(super) const TEST: &str = "{test}";

/// The command of a test in this program, started by `cargo test` or `cargo nextest`, which both take it: it names the
/// package, the file where that is an integration test, and the test with [`TEST`] or its name.
pub(super) fn of(get: impl Fn(&str) -> Option<String>, program: Option<&Path>) -> String {
    let mut command = match get("NEXTEST") {
        Some(_) => "cargo nextest run".to_owned(),
        None => "cargo test".to_owned(),
    };
    if let Some(package) = get("CARGO_PKG_NAME") {
        command.push_str(&format!(" -p {package}"));
    }
    let folder = get("CARGO_MANIFEST_DIR");
    let target = folder.zip(program.and_then(target));
    if let Some(flag) = target.and_then(|(folder, target)| flag(Path::new(&folder), target)) {
        command.push(' ');
        command.push_str(&flag);
    }
    let test = get("NEXTEST_TEST_NAME").unwrap_or_else(|| TEST.to_owned());
    // Nextest takes a name before `--` for a part of one.
    format!("{command} -- {test} --exact")
}

/// A command with the name of the running test; without any, the command for all tests.
pub(super) fn naming(command: &str, test: Option<&str>) -> String {
    match test.filter(|test| is_path(test)) {
        Some(test) => command.replace(TEST, test),
        None => match command.split_once(TEST) {
            Some((all, _)) => all.trim_end_matches([' ', '-']).to_owned(),
            None => command.to_owned(),
        },
    }
}

/// The program of tests, as nextest calls it: the package, and the target where that is not the library. `None` where
/// Cargo did not start it.
pub(super) fn program(
    get: impl Fn(&str) -> Option<String>,
    program: Option<&Path>,
) -> Option<String> {
    let package = get("CARGO_PKG_NAME")?;
    let folder = get("CARGO_MANIFEST_DIR")?;
    match flag(Path::new(&folder), program.and_then(target)?)?.strip_prefix("--test ") {
        Some(test) => Some(format!("{package}::{test}")),
        None => Some(package),
    }
}

/// The name that Cargo gave to what it compiled: a program of tests is called by it and a hash.
fn target(program: &Path) -> Option<&str> {
    let (target, _) = program.file_stem()?.to_str()?.rsplit_once('-')?;
    Some(target)
}

/// What makes Cargo run only this target, where its file is at the usual place.
fn flag(folder: &Path, target: &str) -> Option<String> {
    let is_named = |name: &str| name.replace('-', "_") == target;
    let tests = std::fs::read_dir(folder.join("tests"))
        .into_iter()
        .flatten();
    let found = tests.flatten().find_map(|entry| {
        let path = entry.path();
        let name = path.file_stem()?.to_str()?.to_owned();
        let is_test =
            path.extension().is_some_and(|end| end == "rs") || path.join("main.rs").exists();
        (is_test && is_named(&name)).then_some(name)
    });
    if let Some(name) = found {
        return Some(format!("--test {name}"));
    }
    let has = |file: &str| folder.join("src").join(file).exists();
    (has("lib.rs") && !has("main.rs")).then(|| "--lib".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_test_is_named_with_its_package_and_target() {
        let program = std::env::current_exe().expect("a test is a program");
        let get = |name: &str| match name {
            "NEXTEST" | "NEXTEST_TEST_NAME" => None,
            _ => std::env::var(name).ok(),
        };
        let command = of(get, Some(&program));
        assert_eq!(command, "cargo test -p fixpoints --lib -- {test} --exact");
    }

    #[test]
    fn integration_tests_are_found_whether_files_or_folders() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = |path: &str| {
            crate::write_file(&folder.path().join(path), b"").expect("a file");
        };
        file("tests/my-orders.rs");
        file("tests/api/main.rs");
        file("tests/data/rows.txt");
        file("src/main.rs");
        let of = |program: &str, nextest: Option<&str>| {
            let get = |name: &str| match name {
                "CARGO_MANIFEST_DIR" => Some(folder.path().display().to_string()),
                "CARGO_PKG_NAME" => Some("shop".to_owned()),
                "NEXTEST" => nextest.map(|_| "1".to_owned()),
                "NEXTEST_TEST_NAME" => nextest.map(str::to_owned),
                _ => None,
            };
            of(get, Some(Path::new(program)))
        };
        for (program, nextest, expected) in [
            (
                "deps/my_orders-0f",
                None,
                "cargo test -p shop --test my-orders -- {test} --exact",
            ),
            (
                "deps/api-0f",
                None,
                "cargo test -p shop --test api -- {test} --exact",
            ),
            ("deps/data-0f", None, "cargo test -p shop -- {test} --exact"),
            ("deps/shop-0f", None, "cargo test -p shop -- {test} --exact"),
            ("rust_out", None, "cargo test -p shop -- {test} --exact"),
            (
                "deps/api-0f",
                Some("a::b"),
                "cargo nextest run -p shop --test api -- a::b --exact",
            ),
        ] {
            assert_eq!(of(program, nextest), expected);
        }
    }

    #[test]
    fn a_thread_that_no_test_gave_its_name_names_none() {
        let command = "cargo test -p shop -- {test} --exact";
        for (thread, expected) in [
            (
                Some("orders::sale"),
                "cargo test -p shop -- orders::sale --exact",
            ),
            (Some("main"), "cargo test -p shop"),
            (Some("tokio-runtime-worker"), "cargo test -p shop"),
            (None, "cargo test -p shop"),
        ] {
            assert_eq!(naming(command, thread), expected);
        }
        assert_eq!(naming("just test", None), "just test");
    }
}
