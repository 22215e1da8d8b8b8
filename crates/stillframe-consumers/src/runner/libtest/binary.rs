//! The test programs that cargo builds, and the environment that cargo gives them.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::place::Place;

/// A test program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Binary {
    /// What stands before the names of its tests; nextest has the same ids.
    pub(super) id: String,
    path: PathBuf,
    /// The folder of its package.
    folder: PathBuf,
    package: String,
    version: String,
}

#[derive(Deserialize)]
struct Message {
    reason: String,
    package_id: Option<String>,
    manifest_path: Option<PathBuf>,
    target: Option<Target>,
    profile: Option<Profile>,
    executable: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    kind: Vec<String>,
    name: String,
}

#[derive(Deserialize)]
struct Profile {
    test: bool,
}

/// The test programs among cargo's messages, in their order.
pub(super) fn all(messages: &str) -> Result<Vec<Binary>> {
    let mut binaries = Vec::new();
    for line in messages.lines().filter(|line| line.starts_with('{')) {
        let message: Message =
            serde_json::from_str(line).context("reading a message of cargo's")?;
        binaries.extend(message.binary());
    }
    Ok(binaries)
}

impl Message {
    fn binary(self) -> Option<Binary> {
        let is_test = self.reason == "compiler-artifact" && self.profile?.test;
        let (target, manifest, path) = (self.target?, self.manifest_path?, self.executable?);
        let (package, version) = package(&self.package_id?);
        let kind = target.kind.first().map_or("", String::as_str);
        let id = match kind {
            "test" => format!("{package}::{}", target.name),
            "bin" | "example" | "bench" | "proc-macro" => {
                format!("{package}::{kind}/{}", target.name)
            }
            _ => package.clone(),
        };
        is_test.then_some(Binary {
            id,
            path,
            folder: manifest.parent()?.to_owned(),
            package,
            version,
        })
    }
}

/// The name and version in `path+file:///a/b#name@1.0.0`, `path+file:///a/name#1.0.0` or `name 1.0.0 (path+file:///a)`.
fn package(id: &str) -> (String, String) {
    let (name, version) = match id.split_once('#') {
        Some((url, fragment)) => match fragment.split_once('@') {
            Some(parts) => parts,
            None => (url.rsplit('/').next().unwrap_or(url), fragment),
        },
        None => {
            let mut words = id.split(' ');
            (words.next().unwrap_or(id), words.next().unwrap_or(""))
        }
    };
    (name.to_owned(), version.to_owned())
}

impl Binary {
    /// The command that runs it.
    pub(super) fn command(&self) -> Vec<OsString> {
        vec![self.path.clone().into_os_string()]
    }

    /// A place as cargo runs it in: the folder of the package, and the variables that tests read most.
    pub(super) fn place(&self, place: &Place, libraries: Option<&Path>) -> Place {
        let mut place = place.clone();
        place.cwd.clone_from(&self.folder);
        place.set("CARGO_MANIFEST_DIR", &self.folder);
        place.set("CARGO_MANIFEST_PATH", self.folder.join("Cargo.toml"));
        place.set("CARGO_PKG_NAME", &self.package);
        place.set("CARGO_PKG_VERSION", &self.version);
        let deps = self.path.parent().unwrap_or(&self.folder);
        let mut paths = vec![deps.to_owned()];
        paths.extend(deps.parent().map(Path::to_owned));
        paths.extend(libraries.map(Path::to_owned));
        let variable = if cfg!(target_vendor = "apple") {
            "DYLD_FALLBACK_LIBRARY_PATH"
        } else if cfg!(windows) {
            "PATH"
        } else {
            "LD_LIBRARY_PATH"
        };
        if let Some(own) = place.env.get(&OsString::from(variable)) {
            paths.extend(std::env::split_paths(own));
        }
        // A path with the separator in it cannot be in such a list; cargo leaves it out as well.
        if let Ok(joined) = std::env::join_paths(paths) {
            place.set(variable, joined);
        }
        place
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_have_the_ids_that_nextest_gives_them() {
        let message = |kind: &str, name: &str, test: bool| {
            format!(
                r#"{{"reason":"compiler-artifact","package_id":"path+file:///a/b#demo@1.2.3","manifest_path":"/a/b/Cargo.toml","target":{{"kind":["{kind}"],"name":"{name}"}},"profile":{{"test":{test}}},"executable":"/t/{name}"}}"#
            )
        };
        let messages = [
            message("lib", "demo", true),
            message("test", "api", true),
            message("bin", "tool", true),
            message("bin", "tool", false),
            r#"{"reason":"build-finished","success":true}"#.to_owned(),
        ];
        let binaries = all(&messages.join("\n")).unwrap();
        let ids: Vec<&str> = binaries.iter().map(|binary| binary.id.as_str()).collect();
        assert_eq!(ids, ["demo", "demo::api", "demo::bin/tool"]);
        assert_eq!(binaries[0].folder, Path::new("/a/b"));
        assert_eq!(binaries[0].version, "1.2.3");
    }

    #[test]
    fn every_form_of_a_package_id_is_read() {
        for id in [
            "path+file:///a/b#demo@1.0.0",
            "path+file:///a/demo#1.0.0",
            "demo 1.0.0 (path+file:///a/b)",
        ] {
            assert_eq!(package(id), ("demo".to_owned(), "1.0.0".to_owned()), "{id}");
        }
    }
}
