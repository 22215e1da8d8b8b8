//! The candidates folder: a whole corpus with its lock and schemas, left for CI to upload and for `accept` to publish.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use stillframe_core::compare::{Candidates, Changes, Committed, Fixture};
use stillframe_core::lock::{LOCK_NAME, hash};
use stillframe_core::problem::{Kind, Problem};

use crate::corpus::{self, Tree};
use crate::disk;

/// The candidates folder's name below the work folder.
pub const FOLDER: &str = "candidates";

/// The two halves of a candidates folder.
pub fn halves(folder: &Path) -> Tree {
    Tree {
        fixtures: folder.join("fixtures"),
        schemas: folder.join("schemas"),
    }
}

/// Writes the whole corpus as it would be after publishing; the lock last, so that a half-written folder is known as one.
pub fn store(
    folder: &Path,
    candidates: &Candidates,
    committed: &Committed,
    changes: &Changes,
) -> Result<Tree> {
    disk::remove_folder(folder)?;
    let tree = halves(folder);
    disk::create_folder(&tree.schemas)?;
    for path in changes.lock.fixtures.keys() {
        let fresh = candidates.fixtures.get(path).map(|fixture| &fixture.bytes);
        if let Some(bytes) = fresh.or_else(|| committed.fixtures.get(path)) {
            disk::scratch(&tree.fixtures.join(path), bytes)?;
        }
    }
    for (name, bytes) in candidates.schemas.as_ref().unwrap_or(&committed.schemas) {
        disk::scratch(&tree.schemas.join(name), bytes)?;
    }
    disk::scratch(
        &tree.fixtures.join(LOCK_NAME),
        changes.lock.render().as_bytes(),
    )?;
    Ok(tree)
}

/// Makes a folder unfit for `accept`; the fixtures stay, so that a person can repeat what a verifier said of them.
pub fn spoil(folder: &Path) -> Result<()> {
    disk::remove_file(&halves(folder).fixtures.join(LOCK_NAME))
}

/// Reads a candidates folder, also one downloaded from CI; what is not whole is refused.
pub fn load(folder: &Path) -> Result<Result<Candidates, Problem>> {
    let refuse = |detail: String| {
        Ok(Err(Problem::new(
            Kind::Prerequisite,
            folder.display().to_string(),
            "run `stillframe check`, or download the candidates of the CI run again and name their folder with --from",
        )
        .detail(detail)))
    };
    let tree = halves(folder);
    let Some(lock) = disk::read_if_any(&tree.fixtures.join(LOCK_NAME))? else {
        return refuse(format!(
            "there is no {}, so there are no whole candidates",
            Path::new("fixtures").join(LOCK_NAME).display()
        ));
    };
    let lock = match corpus::parse_lock(&lock) {
        Ok(lock) => lock,
        Err(reason) => return refuse(reason),
    };
    let mut fixtures = BTreeMap::new();
    for (path, entry) in lock.fixtures {
        let file: PathBuf = tree.fixtures.join(&path);
        let Some(bytes) =
            disk::read_if_any(&file).with_context(|| format!("reading {}", file.display()))?
        else {
            return refuse(format!("{path} is in the lock and not in the folder"));
        };
        if hash(&bytes) != entry.blake3 {
            return refuse(format!("{path} is not what the lock says it is"));
        }
        fixtures.insert(
            path,
            Fixture {
                entry,
                step: None,
                bytes,
            },
        );
    }
    let schemas = corpus::schemas(&tree.schemas, &mut Vec::new())?;
    Ok(Ok(Candidates {
        fixtures,
        schemas: tree.schemas.is_dir().then_some(schemas),
    }))
}
