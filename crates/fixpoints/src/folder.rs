//! The folder that holds fixpoints: which there are and where; it does not look inside them.

use std::path::{Path, PathBuf};

use crate::source;
use fixpoints_core::document::{Document, Origin};
use fixpoints_core::error::Linked;
use fixpoints_core::error::{Error, Result};
use fixpoints_core::name::FixpointName;
use fixpoints_core::names::shown;
use fixpoints_core::names::{EXTENSION, LONGEST};

/// A folder of fixpoint files. It may be a link itself, and so may what it lies in: whoever names it names what it leads
/// to. Below it no link is followed, neither to read nor to write, because what is in it comes from others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    path: PathBuf,
    /// The one of several databases whose fixpoints are meant by names without a folder.
    database: Option<String>,
}

impl Folder {
    /// The folder at `path`, which need not exist yet.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            database: None,
        }
    }

    /// The same folder, for one of several databases: its fixpoints lie in a folder of its name, so that `base` of
    /// `logs` is the fixpoint `logs/base`.
    #[must_use]
    pub fn of_database(self, name: impl Into<String>) -> Self {
        Self {
            database: Some(name.into()),
            ..self
        }
    }

    /// The fixpoint that somebody means: of one of several databases its own, with or without the folder it is in.
    ///
    /// # Errors
    /// [`Error::BadName`].
    pub fn name(&self, said: &str) -> Result<FixpointName> {
        let name = FixpointName::parse(said)?;
        match &self.database {
            Some(database) if !is_inside(&name, database) => {
                FixpointName::parse(&format!("{database}/{name}"))
            }
            _ => Ok(name),
        }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where it is, as messages show it.
    #[must_use]
    pub fn shown(&self) -> String {
        shown(&self.path)
    }

    /// The file of a fixpoint, whether it exists or not.
    #[must_use]
    pub fn file_of(&self, name: &FixpointName) -> PathBuf {
        name.file_in(&self.path)
    }

    /// Whether a fixpoint exists.
    ///
    /// # Errors
    /// [`Error::Io`] where that cannot be told: what may not be read is not missing.
    pub fn exists(&self, name: &FixpointName) -> Result<bool> {
        is_there(&self.file_of(name))
    }

    /// Opens a fixpoint.
    ///
    /// # Errors
    /// [`Error::MissingFixpoint`], and those of [`crate::open_file`], which reads all of it once.
    pub fn open(&self, name: &FixpointName) -> Result<Document> {
        self.check_links(name)?;
        if !self.exists(name)? {
            return Err(self.missing(name));
        }
        source::read(&Origin::fixpoint(self.file_of(name), name))?.sound()
    }

    /// Refuses a new name that an existing one, or its folder, has but for upper and lower case: where a file system
    /// does not tell them apart, one would take the place of the other.
    ///
    /// # Errors
    /// [`Error::NameTaken`], and [`Error::Io`] when a folder cannot be read, or leads out of this one.
    pub fn check_new(&self, name: &FixpointName) -> Result<()> {
        self.check_links(name)?;
        let names = self.names()?;
        if names.contains(name) {
            return Ok(());
        }
        match names.iter().find(|other| name.is_rival(other)) {
            None => Ok(()),
            Some(other) => Err(Error::NameTaken {
                name: name.to_string(),
                other: other.to_string(),
            }),
        }
    }

    /// Refuses a fixpoint whose file, or a folder on the way down to it, is a link.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub(crate) fn check_links(&self, name: &FixpointName) -> Result<()> {
        let file = self.file_of(name);
        let below = file.ancestors().take_while(|above| *above != self.path);
        for part in below {
            if part.symlink_metadata().is_ok_and(|data| data.is_symlink()) {
                return Err(Self::linked(part));
            }
        }
        Ok(())
    }

    /// Every fixpoint in the folder and the folders below it, sorted; none where the folder does not exist.
    ///
    /// # Errors
    /// [`Error::Io`] when a folder cannot be read.
    pub fn names(&self) -> Result<Vec<FixpointName>> {
        self.found().map(|found| found.names)
    }

    /// The links to folders below it, which are not followed: each as its fixpoints would begin, with its path.
    ///
    /// # Errors
    /// [`Error::Io`] when a folder cannot be read.
    pub fn links(&self) -> Result<Vec<(String, PathBuf)>> {
        let mut links = self.found()?.links;
        let database = self.database.as_ref();
        links.retain(|(name, _)| {
            database.is_none_or(|database| {
                name == database || name.starts_with(&format!("{database}/"))
            })
        });
        Ok(links)
    }

    /// The error of a fixpoint that is not there.
    pub(crate) fn missing(&self, name: &FixpointName) -> Error {
        Error::MissingFixpoint {
            name: name.to_string(),
            folder: self.shown(),
        }
    }

    fn found(&self) -> Result<Found> {
        let mut found = Found::default();
        if is_there(&self.path)? {
            found.collect(&self.path, "")?;
        }
        found.names.sort();
        found.links.sort();
        Ok(found)
    }

    /// What is wrong with a link.
    #[must_use]
    pub fn linked(path: &Path) -> Error {
        Error::io("use", path)(std::io::Error::other(Linked))
    }

    /// Those of [`Folder::names`] that belong to the database; all of them where there is one only.
    ///
    /// # Errors
    /// [`Error::Io`] when a folder cannot be read.
    pub fn own_names(&self) -> Result<Vec<FixpointName>> {
        let mut names = self.names()?;
        if let Some(database) = &self.database {
            names.retain(|name| is_inside(name, database));
        }
        Ok(names)
    }
}

fn is_there(path: &Path) -> Result<bool> {
    match path.try_exists() {
        // Below a file there is nothing.
        Err(error) if error.kind() == std::io::ErrorKind::NotADirectory => Ok(false),
        found => found.map_err(Error::io("read", path)),
    }
}

/// Whether a fixpoint lies in the folder of a database.
fn is_inside(name: &FixpointName, database: &str) -> bool {
    let rest = name.as_str().strip_prefix(database);
    rest.is_some_and(|rest| rest.starts_with('/'))
}

/// What lies in the folder.
#[derive(Default)]
struct Found {
    names: Vec<FixpointName>,
    /// Links to folders, each with the name it has here.
    links: Vec<(String, PathBuf)>,
}

impl Found {
    fn collect(&mut self, folder: &Path, prefix: &str) -> Result<()> {
        for entry in std::fs::read_dir(folder).map_err(Error::io("read the folder", folder))? {
            let entry = entry.map_err(Error::io("read the folder", folder))?;
            let Ok(name) = entry.file_name().into_string() else {
                continue;
            };
            let kind = entry.file_type().ok();
            let path = entry.path();
            // Links to folders are not followed, so that a loop of them ends.
            if kind.is_some_and(|kind| kind.is_dir()) {
                // Below a longer name than a fixpoint can have there is none.
                if prefix.len() + name.len() < LONGEST {
                    self.collect(&path, &format!("{prefix}{name}/"))?;
                }
            } else if let Some(stem) = name.strip_suffix(&format!(".{EXTENSION}")) {
                self.names
                    .extend(FixpointName::parse(&format!("{prefix}{stem}")));
            } else if kind.is_some_and(|kind| kind.is_symlink()) && path.is_dir() {
                self.links.push((format!("{prefix}{name}"), path));
            }
        }
        Ok(())
    }
}
