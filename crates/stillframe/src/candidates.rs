//! The candidates folder: a whole corpus with its lock and schemas, and what it was made from, for CI to upload and for `accept` to publish.

mod again;
mod refuse;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::Result;
use stillframe_core::compare::{Candidates, Changes, Committed, Fixture};
use stillframe_core::lock::{Lock, hash};
use stillframe_core::names::LOCK_NAME;
use stillframe_core::problem::{Kind, Problem};
use stillframe_core::visible::visible;

use crate::corpus::{self, SchemaFiles, Tree};
use crate::disk::{self, Item, ItemKind};
use crate::witness::{Witness, shortened};

pub use refuse::{foreign_captures, unsound};

/// The candidates folder's name below the work folder.
pub const FOLDER: &str = "candidates";

const FIXTURES: &str = "fixtures";
const SCHEMAS: &str = "schemas";
/// What the candidates were made from, by hash.
const MADE_FROM: &str = "made-from.json";
/// A file above this size is not read.
const LARGEST: u64 = 1 << 30;

/// The two halves of a candidates folder.
pub fn halves(folder: &Path) -> Tree {
    Tree::new(folder, FIXTURES, SCHEMAS)
}

/// Writes the whole corpus as it would be after publishing; the lock last, so that a half-written folder is known as one.
/// What is there from an earlier run and has the same bytes stays.
pub fn store(
    folder: &Path,
    candidates: &Candidates,
    committed: &Committed,
    changes: &Changes,
    made_from: &Witness,
) -> Result<()> {
    let mut files: BTreeMap<String, &[u8]> = BTreeMap::new();
    for path in changes.lock.fixtures.keys() {
        let fresh = candidates.fixtures.get(path).map(|fixture| &fixture.bytes);
        if let Some(bytes) = fresh.or_else(|| committed.fixtures.get(path)) {
            files.insert(format!("{FIXTURES}/{path}"), bytes);
        }
    }
    let kept = committed.schemas.iter();
    let kept = kept.filter(|(name, _)| {
        !changes.delete_schemas.contains(*name) && !changes.write_schemas.contains_key(*name)
    });
    for (name, bytes) in kept.chain(&changes.write_schemas) {
        files.insert(format!("{SCHEMAS}/{name}"), bytes);
    }
    let mut made_from = serde_json::to_vec_pretty(made_from)?;
    made_from.push(b'\n');
    files.insert(MADE_FROM.to_owned(), &made_from);
    // The lock of the earlier run is not among them.
    disk::keep_only(folder, &files.keys().cloned().collect())?;
    let tree = halves(folder);
    disk::create_folder(&tree.schemas)?;
    for (name, bytes) in files {
        disk::scratch(&folder.join(name), bytes)?;
    }
    disk::scratch(
        &tree.fixtures.join(LOCK_NAME),
        changes.lock.render().as_bytes(),
    )
}

/// Makes a folder unfit for `accept`; the fixtures stay, so that a person can repeat what a verifier reported.
pub fn spoil(folder: &Path) -> Result<()> {
    disk::remove_file(&halves(folder).fixtures.join(LOCK_NAME))
}

/// Candidates as they were read, with what they claim to be made from.
#[derive(Debug)]
pub struct Loaded {
    /// Fixtures and the schemas that the target exported.
    pub candidates: Candidates,
    /// Their lock.
    pub lock: Lock,
    /// The schemas that lay beside the exported ones: those that Stillframe did not write.
    pub kept_schemas: SchemaFiles,
    made_from: Witness,
}

/// Reads a candidates folder, also one downloaded from CI. It is believed only as far as everything in it is listed, lies
/// where it belongs and has the recorded hash.
pub fn load(folder: &Path) -> Result<Result<Loaded, Problem>> {
    let refuse = |detail: String| {
        Ok(Err(Problem::new(
            Kind::Prerequisite,
            folder.display().to_string(),
            "run `stillframe check`, or download the candidates of the CI run again and name their folder with --from",
        )
        .lines(detail)))
    };
    match read(folder) {
        Ok(loaded) => Ok(Ok(loaded)),
        Err(Unfit::Because(detail)) => refuse(detail),
        Err(Unfit::Error(error)) => Err(error),
    }
}

/// Why a folder is not read.
enum Unfit {
    Because(String),
    Error(anyhow::Error),
}

impl From<anyhow::Error> for Unfit {
    fn from(error: anyhow::Error) -> Unfit {
        Unfit::Error(error)
    }
}

fn because<T>(detail: impl Into<String>) -> Result<T, Unfit> {
    Err(Unfit::Because(visible(&detail.into()).into_owned()))
}

fn read(folder: &Path) -> Result<Loaded, Unfit> {
    let mut files = Files::list(folder)?;
    let lock_name = format!("{FIXTURES}/{LOCK_NAME}");
    if !files.names.contains(&lock_name) {
        let name = Path::new(FIXTURES).join(LOCK_NAME);
        return because(format!(
            "there is no {}, so there are no whole candidates",
            name.display()
        ));
    }
    let lock = corpus::parse_lock(&files.take(&lock_name)?)
        .map_err(|reason| Unfit::Because(format!("{lock_name}: {reason}")))?;
    if !files.names.contains(MADE_FROM) {
        return because(format!(
            "there is no {MADE_FROM}, which says what they were made from: another version of stillframe made them"
        ));
    }
    let made_from: Witness = serde_json::from_slice(&files.take(MADE_FROM)?)
        .or_else(|error| because(format!("{MADE_FROM}: {error}")))?;
    let mut fixtures = BTreeMap::new();
    for (path, entry) in &lock.fixtures {
        let bytes = files.recorded(FIXTURES, path, &entry.blake3)?;
        let fixture = Fixture {
            entry: entry.clone(),
            step: None,
            bytes,
        };
        fixtures.insert(path.clone(), fixture);
    }
    let mut exported = SchemaFiles::new();
    for (name, recorded) in &lock.schemas {
        exported.insert(name.clone(), files.recorded(SCHEMAS, name, recorded)?);
    }
    let kept_schemas = files.rest()?;
    Ok(Loaded {
        candidates: Candidates {
            fixtures,
            schemas: (!exported.is_empty()).then_some(exported),
            versions: lock.versions.clone(),
        },
        lock,
        kept_schemas,
        made_from,
    })
}

/// The files of a folder that nobody vouches for: each is taken once, by its exact name.
struct Files<'a> {
    folder: &'a Path,
    names: BTreeSet<String>,
}

impl Files<'_> {
    fn list(folder: &Path) -> Result<Files<'_>, Unfit> {
        let mut names = BTreeSet::new();
        for Item { name, kind, .. } in disk::list(folder)? {
            match kind {
                ItemKind::Folder => {}
                ItemKind::File => {
                    names.insert(name);
                }
                ItemKind::Other => {
                    return because(format!("{name} is neither a file nor a folder"));
                }
            }
        }
        Ok(Files { folder, names })
    }

    fn take(&mut self, name: &str) -> Result<Vec<u8>, Unfit> {
        let path = self.folder.join(name);
        let size = path.metadata().map_or(0, |meta| meta.len());
        if size > LARGEST {
            return because(format!("{name} is larger than {} MiB", LARGEST >> 20));
        }
        self.names.remove(name);
        match disk::read_if_any(&path)? {
            Some(bytes) => Ok(bytes),
            None => because(format!("{name} is gone")),
        }
    }

    /// A file that the lock lists, if its bytes are the recorded ones.
    fn recorded(&mut self, half: &str, path: &str, recorded: &str) -> Result<Vec<u8>, Unfit> {
        let name = format!("{half}/{path}");
        if !self.names.contains(&name) {
            return because(format!("{path} is in the lock and not in the folder"));
        }
        let bytes = self.take(&name)?;
        if hash(&bytes) != recorded {
            return because(format!("{path} is not what the lock says it is"));
        }
        Ok(bytes)
    }

    /// What the lock does not list: schemas that a person wrote, and nothing else.
    fn rest(mut self) -> Result<SchemaFiles, Unfit> {
        let mut schemas = SchemaFiles::new();
        for name in self.names.clone() {
            let schema = name
                .strip_prefix(SCHEMAS)
                .and_then(|name| name.strip_prefix('/'));
            let Some(schema) = schema.filter(|name| name.ends_with(".json")) else {
                return because(format!("{name} is not in the lock"));
            };
            schemas.insert(schema.to_owned(), self.take(&name)?);
        }
        Ok(schemas)
    }
}

/// The finding that the project is not what the candidates were made from any more.
pub fn moved(folder: &Path, loaded: &Loaded, now: &Witness) -> Option<Problem> {
    let differences = loaded.made_from.differences(now);
    if differences.is_empty() {
        return None;
    }
    let problem = Problem::new(
        Kind::Prerequisite,
        folder.display().to_string(),
        "run `stillframe check` again, or check out what the candidates were made from",
    )
    .detail("the candidates were made from another state of the project; nothing was published. Since then:");
    Some(shortened(problem, differences))
}
