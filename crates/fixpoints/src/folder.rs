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
    #[must_use]
    pub fn exists(&self, name: &FixpointName) -> bool {
        self.file_of(name).exists()
    }

    /// Opens a fixpoint.
    ///
    /// # Errors
    /// [`Error::MissingFixpoint`], and those of [`crate::open_file`], which reads all of it once.
    pub fn open(&self, name: &FixpointName) -> Result<Document> {
        self.check_links(name)?;
        if !self.exists(name) {
            return Err(Error::MissingFixpoint {
                name: name.to_string(),
                folder: self.shown(),
            });
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
                let link = std::io::Error::other(Linked);
                return Err(Error::io("use", part)(link));
            }
        }
        Ok(())
    }

    /// Every fixpoint in the folder and the folders below it, sorted; none where the folder does not exist.
    ///
    /// # Errors
    /// [`Error::Io`] when a folder cannot be read.
    pub fn names(&self) -> Result<Vec<FixpointName>> {
        let mut names = Vec::new();
        if self.path.exists() {
            collect(&self.path, "", &mut names)?;
        }
        names.sort();
        Ok(names)
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

/// Whether a fixpoint lies in the folder of a database.
fn is_inside(name: &FixpointName, database: &str) -> bool {
    let rest = name.as_str().strip_prefix(database);
    rest.is_some_and(|rest| rest.starts_with('/'))
}

fn collect(folder: &Path, prefix: &str, names: &mut Vec<FixpointName>) -> Result<()> {
    for entry in std::fs::read_dir(folder).map_err(Error::io("read the folder", folder))? {
        let entry = entry.map_err(Error::io("read the folder", folder))?;
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        // Links to folders are not followed, so that a loop of them ends.
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            // Below a longer name than a fixpoint can have there is none.
            if prefix.len() + name.len() >= LONGEST {
                continue;
            }
            collect(&entry.path(), &format!("{prefix}{name}/"), names)?;
        } else if let Some(stem) = name.strip_suffix(&format!(".{EXTENSION}")) {
            names.extend(FixpointName::parse(&format!("{prefix}{stem}")));
        }
    }
    Ok(())
}
