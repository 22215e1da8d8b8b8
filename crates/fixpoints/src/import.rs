//! Takes over files of the Ruby gem `fixpoints`, and folders of one YAML file per table: the rows go through the
//! database itself, which gives them their types, and the database is as before in the end. What cannot be carried
//! over is said, never passed over.

use std::path::{Path, PathBuf};

use crate::database::{Access, Database};
use crate::document::shown;
use crate::error::{Error, Result};
use crate::folder::Folder;
use crate::name::FixpointName;
use crate::scope::Scope;
use crate::store::{StoreOptions, StoreReport, store_within};
use crate::writer::write_file;

mod cells;
mod files;
mod gem;
mod load;
mod mapping;
mod note;
mod record;
mod tables;
mod time;
mod value;
mod yaml;

use note::Notes;
pub use note::{Note, NoteKind};
use record::State;

/// How to read what is imported.
#[derive(Debug, Clone, Default)]
pub struct ImportOptions {
    /// The name of the fixpoint; the file's or folder's own where it is not given.
    pub name: Option<FixpointName>,
    /// The file that says which table each name means; `mapping.yml` in an imported folder where it is not given.
    pub mapping: Option<PathBuf>,
}

/// What was imported.
#[derive(Debug, Clone)]
pub struct ImportReport {
    /// Every fixpoint, parents first.
    pub fixpoints: Vec<ImportedFixpoint>,
    /// What a person should know of it.
    pub notes: Vec<Note>,
}

/// One imported fixpoint.
#[derive(Debug, Clone)]
pub struct ImportedFixpoint {
    /// Its name.
    pub name: FixpointName,
    /// The file or folder it was read from.
    pub source: String,
    /// What was stored.
    pub report: StoreReport,
}

/// Imports a file or a folder. The database's rows are as before afterwards, and where something fails no file is
/// written.
///
/// # Errors
/// [`Error::Import`] with the line, and whatever files and database refuse.
pub fn import(
    database: &mut dyn Database,
    folder: &Folder,
    scope: &Scope,
    source: &Path,
    options: &ImportOptions,
) -> Result<ImportReport> {
    let mut notes = Notes::default();
    let states = files::read(source, options, &mut notes)?;
    let stage = tempfile::tempdir().map_err(Error::io("make a folder", std::env::temp_dir()))?;
    let staged = Folder::new(stage.path());
    database.begin(Access::Write)?;
    let reports = states
        .iter()
        .map(|state| stored(database, &staged, scope, state, &mut notes))
        .collect::<Result<Vec<_>>>();
    // The rows were only there to be read back.
    database.rollback();
    let mut fixpoints = Vec::new();
    for (state, mut report) in states.iter().zip(reports?) {
        let file = folder.file_of(&state.name);
        let from = staged.file_of(&state.name);
        let bytes = std::fs::read(&from).map_err(Error::io("read", &from))?;
        report.written = write_file(&file, &bytes)?.written;
        report.path = shown(&file);
        report.orphaned_children = stale(folder, &state.name, &report.blake3)?;
        fixpoints.push(ImportedFixpoint {
            name: state.name.clone(),
            source: state.source.clone(),
            report,
        });
    }
    let notes = notes.sorted();
    Ok(ImportReport { fixpoints, notes })
}

fn stored(
    database: &mut dyn Database,
    staged: &Folder,
    scope: &Scope,
    state: &State,
    notes: &mut Notes,
) -> Result<StoreReport> {
    load::load(database, scope, state, notes)?;
    crate::sequences::reset_within(database, scope, &[])?;
    let options = StoreOptions {
        parent: state.parent.clone(),
        exclude: Vec::new(),
    };
    store_within(database, staged, &state.name, scope, &options)
}

/// Fixpoints that stand on other bytes of this one.
fn stale(folder: &Folder, name: &FixpointName, blake3: &str) -> Result<Vec<FixpointName>> {
    let mut stale = crate::remove::children(folder, name)?;
    stale.retain(|child| {
        let parent = folder
            .open(child)
            .ok()
            .and_then(|document| document.header.parent);
        parent.is_some_and(|parent| parent.blake3 != blake3)
    });
    Ok(stale)
}
