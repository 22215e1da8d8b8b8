//! Takes over files of the Ruby gem `fixpoints`, and folders of one YAML file per table: the rows go through the
//! database itself, which gives them their types, and the database is as before in the end. What cannot be carried
//! over is noted.

use std::path::{Path, PathBuf};

use fixpoints::Folder;
use fixpoints::Replaced;
use fixpoints::{StoreOptions, StoreReport, store_within};
use fixpoints_core::advice::Command;
use fixpoints_core::database::Database;
use fixpoints_core::error::{Error, Result};
use fixpoints_core::name::FixpointName;
use fixpoints_core::names::shown;
use fixpoints_core::scope::Scope;
use fixpoints_core::table::Table;

mod breaks;
mod cells;
mod check;
mod column;
mod fields;
mod files;
mod form;
mod gem;
mod identity;
mod json;
mod load;
mod mapping;
mod note;
mod numbering;
mod piped;
mod psych;
mod publish;
mod record;
mod tables;
mod target;
mod time;
mod value;
mod yaml;

use load::Loader;
use note::Notes;
pub use note::{Note, NoteKind};
use piped::Piped;
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
    import_all(database, folder, scope, &[source], options)
}

/// Imports several files and folders: all of them, or nothing is written.
///
/// # Errors
/// Those of [`import`]; two sources may not hold different fixpoints of one name.
pub fn import_all(
    database: &mut dyn Database,
    folder: &Folder,
    scope: &Scope,
    sources: &[impl AsRef<Path>],
    options: &ImportOptions,
) -> Result<ImportReport> {
    let mut notes = Notes::default();
    let mut states = states(sources, options, &mut notes)?;
    for state in &mut states {
        state.name = folder.name(state.name.as_str())?;
        let parent = state.parent.as_ref().map(FixpointName::as_str);
        state.parent = parent.map(|parent| folder.name(parent)).transpose()?;
        folder.check_new(&state.name)?;
    }
    distinct(&states)?;
    let stage = tempfile::tempdir().map_err(Error::io("make a folder", std::env::temp_dir()))?;
    let staged = Folder::new(stage.path());
    let engine = database.engine();
    let mut transaction = database.write(None)?;
    let catalog = transaction.catalog();
    let covered: Vec<&Table> = scope.covered(catalog.tables()).collect();
    let mut loader = Loader {
        database: transaction.lock(&covered)?,
        scope,
        notes: &mut notes,
        holds_sequences: false,
    };
    let reports = states
        .iter()
        .map(|state| stored(&mut loader, &staged, state))
        .collect::<Result<Vec<_>>>();
    // The rows were only there to be read back.
    drop(transaction);
    let reports = reports?;
    for (state, report) in states.iter().zip(&reports) {
        let replaced = Replaced {
            folder,
            name: &state.name,
            command: Command::fixpoints(format!("remove {}", state.name)),
        };
        let rows = report.tables.iter().map(|table| table.rows).sum();
        replaced.check(engine, rows)?;
    }
    let places = states.iter().map(|state| &state.name);
    let places = places.map(|name| (staged.file_of(name), folder.file_of(name)));
    let places: Vec<_> = places.collect();
    let written = publish::publish(&places)?;
    let mut fixpoints = Vec::new();
    let done = states.iter().zip(reports).zip(&places).zip(written);
    for (((state, mut report), (_, file)), written) in done {
        report.written = written;
        report.path = shown(file);
        let stale = fixpoints::stale_children(folder, &state.name, &report.content)?;
        report.orphaned_children = stale.into_iter().map(|(child, _)| child).collect();
        fixpoints.push(ImportedFixpoint {
            name: state.name.clone(),
            source: state.source.clone(),
            report,
        });
    }
    let notes = notes.sorted();
    Ok(ImportReport { fixpoints, notes })
}

/// What the sources hold, parents first; a parent that several of them stand on comes once.
fn states(
    sources: &[impl AsRef<Path>],
    options: &ImportOptions,
    notes: &mut Notes,
) -> Result<Vec<State>> {
    if let ([_, second, ..], Some(name)) = (sources, &options.name) {
        let reason =
            format!("`{name}` would be the name of several sources; import them one by one");
        return Err(files::refused(second.as_ref(), None, reason));
    }
    let mut states: Vec<State> = Vec::new();
    for source in sources {
        for state in read(source.as_ref(), options, notes)? {
            match states.iter().find(|known| known.name == state.name) {
                None => states.push(state),
                Some(known)
                    if files::is_same(Path::new(&known.source), Path::new(&state.source)) => {}
                Some(known) => {
                    let reason = format!("{} is called `{}` too", known.source, known.name);
                    return Err(files::refused(Path::new(&state.source), None, reason));
                }
            }
        }
    }
    Ok(states)
}

/// What one source holds, which may come through a pipe.
fn read(source: &Path, options: &ImportOptions, notes: &mut Notes) -> Result<Vec<State>> {
    let Some(piped) = Piped::of(source)? else {
        return files::read(source, options, notes);
    };
    let mut own = Notes::default();
    let states = files::read(piped.file(), options, &mut own);
    for note in own.sorted() {
        let file = piped.named(note.file);
        notes.add(Note { file, ..note });
    }
    let mut states = states.map_err(|error| piped.error(error))?;
    for state in &mut states {
        state.source = piped.named(std::mem::take(&mut state.source));
    }
    Ok(states)
}

/// In the folder of a database `a` and `logs/a` may be one fixpoint.
fn distinct(states: &[State]) -> Result<()> {
    for (at, state) in states.iter().enumerate() {
        if let Some(known) = states[..at].iter().find(|known| known.name == state.name) {
            let reason = format!("{} is called `{}` too", known.source, known.name);
            return Err(files::refused(Path::new(&state.source), None, reason));
        }
    }
    Ok(())
}

fn stored(loader: &mut Loader<'_>, staged: &Folder, state: &State) -> Result<StoreReport> {
    loader.load(state)?;
    loader.database.refresh()?;
    let Loader {
        database, scope, ..
    } = loader;
    fixpoints::reset_within(*database, scope, &[])?;
    database.refresh()?;
    let options = StoreOptions {
        parent: state.parent.clone(),
        ..StoreOptions::default()
    };
    store_within(*database, staged, &state.name, scope, &options)
}
