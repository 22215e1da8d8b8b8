//! `--poc`: which POCs a run is limited to, by what a shell completes, by their folders, or by the names that reports show.

use std::path::{Path, PathBuf};

use stillframe_core::poc::{Poc, plain_name};
use stillframe_core::problem::{Kind, Problem};

use crate::disk;
use crate::workspace::Workspace;

/// The POCs that the words of `--poc` name, in their own order; without a word, all of them. A word that names none is an error.
pub fn pocs<'a>(workspace: &'a Workspace, words: &[String]) -> Result<Vec<&'a Poc>, Problem> {
    let here = std::env::current_dir().unwrap_or_else(|_| workspace.root.clone());
    let mut chosen = vec![words.is_empty(); workspace.pocs.len()];
    let mut lost = Vec::new();
    for word in words {
        let named = named(workspace, &here, word);
        if named.is_empty() {
            lost.push(word.as_str());
        }
        for index in named {
            chosen[index] = true;
        }
    }
    if !lost.is_empty() {
        return Err(unknown(workspace, &lost));
    }
    let pocs = workspace.pocs.iter().zip(chosen);
    Ok(pocs
        .filter(|(_, chosen)| *chosen)
        .map(|(poc, _)| poc)
        .collect())
}

fn unknown(workspace: &Workspace, lost: &[&str]) -> Problem {
    let known: Vec<&str> = workspace.pocs.iter().map(|poc| poc.id.as_str()).collect();
    Problem::new(
        Kind::Config,
        format!("--poc {}", lost.join(" --poc ")),
        "name a POC's folder, a folder above it, its last part, or one of its fixtures",
    )
    .detail(format!("matches no POC; there are: {}", known.join(", ")))
}

/// What one word names. A path into the POC folder is meant as that; then names count, the more exact first; and last a
/// folder above all POCs.
fn named(workspace: &Workspace, here: &Path, word: &str) -> Vec<usize> {
    // An unset variable of a script is not the current folder.
    if word.is_empty() {
        return Vec::new();
    }
    let places = Places::of(workspace, here, word);
    let name = places.name(workspace);
    let ways: [&dyn Fn(&Poc) -> bool; 4] = [
        &|poc| places.inside(workspace, poc),
        &|poc| has_id(poc, &name),
        &|poc| is_called(poc, &name),
        &|poc| places.above(workspace, poc),
    ];
    ways.iter()
        .map(|way| {
            let pocs = workspace.pocs.iter().enumerate();
            pocs.filter(|(_, poc)| way(poc))
                .map(|(index, _)| index)
                .collect()
        })
        .find(|found: &Vec<usize>| !found.is_empty())
        .unwrap_or_default()
}

/// The paths that a word can mean: from the current folder, and from the project's root.
struct Places {
    word: String,
    paths: [PathBuf; 2],
    pocs: PathBuf,
}

impl Places {
    fn of(workspace: &Workspace, here: &Path, word: &str) -> Places {
        Places {
            word: word.to_owned(),
            paths: [here, &workspace.root].map(|base| plain(&base.join(word))),
            pocs: plain(&workspace.root.join(&workspace.config.paths.pocs)),
        }
    }

    /// The POC itself, something in it, or a folder of POCs.
    fn inside(&self, workspace: &Workspace, poc: &Poc) -> bool {
        let folder = plain(&workspace.poc_folder(poc));
        self.paths.iter().any(|path| {
            path.starts_with(&folder) || (path.starts_with(&self.pocs) && folder.starts_with(path))
        })
    }

    /// A folder that holds the POC, wherever it is.
    fn above(&self, workspace: &Workspace, poc: &Poc) -> bool {
        let folder = plain(&workspace.poc_folder(poc));
        folder.starts_with(&self.paths[0])
    }

    /// The word as a name: without what leads to the POC folder or to the corpus.
    fn name(&self, workspace: &Workspace) -> String {
        let fixtures = plain(&workspace.root.join(&workspace.config.paths.fixtures));
        let below = |path: &PathBuf| {
            let path = path
                .strip_prefix(&self.pocs)
                .or(path.strip_prefix(&fixtures));
            path.ok().map(disk::slashed)
        };
        let name = self.paths.iter().find_map(below);
        let name = name.unwrap_or_else(|| disk::slashed(Path::new(&self.word)));
        let name = name.strip_prefix("./").unwrap_or(&name);
        name.trim_end_matches('/').to_owned()
    }
}

/// Its folder below the POC folder, one above it, or its last part.
fn has_id(poc: &Poc, name: &str) -> bool {
    poc.id == name || is_below(&poc.id, name) || poc.id.rsplit('/').next() == Some(name)
}

/// The same without the numbers that sort the folders, or what its fixtures are called in reports.
fn is_called(poc: &Poc, name: &str) -> bool {
    let words: Vec<&str> = name.split('/').collect();
    let parts: Vec<&str> = poc.id.split('/').collect();
    let same = |(part, word): (&&str, &&str)| part == word || plain_name(part) == *word;
    let above = words.len() <= parts.len() && parts.iter().zip(&words).all(same);
    let last = words.len() == 1 && parts.last().is_some_and(|part| same((part, &words[0])));
    above || last || has_fixture(poc, name)
}

fn has_fixture(poc: &Poc, name: &str) -> bool {
    poc.captures()
        .map(|(_, capture)| capture.path.as_str())
        .any(|path| path == name || is_below(path, name))
}

fn is_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder)
        .is_some_and(|rest| rest.starts_with('/'))
}

/// The path without links, `.` and `..`. What does not exist is compared as it is written, on from what does.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::CurDir => {}
            std::path::Component::ParentDir => {
                plain.pop();
            }
            part => plain.push(part),
        }
        plain = plain.canonicalize().unwrap_or(plain);
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn poc(id: &str, dest: &str) -> Poc {
        let text = format!("summary = \"x\"\n{dest}\n[[step]]\ncapture = \"one\"\nrun = []\n");
        Poc::parse(id, &text).unwrap()
    }

    fn workspace(pocs: Vec<Poc>) -> Workspace {
        let config = "format-version = 1\n[target]\ncommand = \"x\"\n";
        Workspace {
            root: "/nowhere/project".into(),
            config: stillframe_core::config::Config::parse(config).unwrap(),
            pocs,
            ignored: std::collections::BTreeSet::new(),
            values: std::collections::BTreeMap::new(),
        }
    }

    fn ids(workspace: &Workspace, here: &str, word: &str) -> Vec<String> {
        let found = named(workspace, Path::new(here), word);
        let ids = found.iter().map(|index| workspace.pocs[*index].id.clone());
        ids.collect()
    }

    #[test]
    fn a_word_is_a_path_a_folder_a_last_part_or_a_name_in_the_corpus() {
        let workspace = workspace(vec![
            poc("a/01-x", ""),
            poc("a/02-y", "dest = \"shown/y\""),
            poc("ab/03-z", ""),
        ]);
        let root = "/nowhere/project";
        let here = "/nowhere/project/pocs/a";
        let all = ["a/01-x", "a/02-y", "ab/03-z"];
        for (here, word, expected) in [
            (root, "a", &all[..2]),
            (root, "a/02-y", &all[1..2]),
            (root, "03-z", &all[2..]),
            (root, "x", &all[..1]),
            (root, "ab/z", &all[2..]),
            (root, "x/one.json", &all[..1]),
            (root, "fixtures_generated/shown/y/one.json", &all[1..2]),
            (root, "shown", &all[1..2]),
            (root, "./pocs/a/", &all[..2]),
            (root, "pocs", &all[..]),
            (root, "pocs/ab/03-z/poc.toml", &all[2..]),
            (root, ".", &all[..]),
            (here, ".", &all[..2]),
            (here, "02-y", &all[1..2]),
            (here, "../ab/", &all[2..]),
            (here, "pocs/ab/03-z", &all[2..]),
            ("/nowhere/project/pocs/a/01-x/deep", "..", &all[..1]),
            ("/elsewhere", "ab", &all[2..]),
            ("/elsewhere", ".", &[]),
            (root, "b", &[]),
            (root, "src", &[]),
            (root, "", &[]),
        ] {
            assert_eq!(ids(&workspace, here, word), expected, "{word} from {here}");
        }
    }

    #[test]
    fn a_word_that_names_nothing_is_an_error_with_the_pocs_there_are() {
        let workspace = workspace(vec![poc("a/01-x", "")]);
        let problem = pocs(&workspace, &["b".to_owned()]).unwrap_err();
        assert_eq!(problem.class, stillframe_core::problem::Class::Setup);
        assert!(problem.details[0].contains("a/01-x"));
        assert_eq!(pocs(&workspace, &[]).unwrap().len(), 1);
    }
}
