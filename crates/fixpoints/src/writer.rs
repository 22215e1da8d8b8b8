//! The one place that writes files: whole or not at all, and unchanged bytes are not touched.

use std::fs::{DirEntry, File, TryLockError};
use std::io::{BufRead as _, BufReader, BufWriter, Seek as _, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tempfile::{Builder, NamedTempFile};

use crate::regular;
use fixpoints_core::error::{Error, Result};

/// What happened to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "FileStatus"))]
#[serde(rename_all = "snake_case")]
pub enum Written {
    /// It is new.
    Created,
    /// It held other bytes.
    Replaced,
    /// It held exactly these bytes.
    Unchanged,
}

/// A file in the making, beside the place it will take.
#[derive(Debug)]
pub struct AtomicFile {
    path: PathBuf,
    file: BufWriter<NamedTempFile>,
    bytes: u64,
}

/// A finished file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished {
    /// What the write did.
    pub written: Written,
    /// The length of the file.
    pub bytes: u64,
}

impl AtomicFile {
    /// Begins to write `path`, making its folders.
    ///
    /// # Errors
    /// [`Error::Io`] when the folder cannot be made or written.
    pub fn create(path: &Path) -> Result<Self> {
        let folder = path.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder).map_err(Error::io("create the folder", folder))?;
        sweep(folder);
        let file = temporary(folder).map_err(Error::io("write into the folder", folder))?;
        let file = BufWriter::with_capacity(256 * 1024, file);
        Ok(Self {
            path: path.to_path_buf(),
            file,
            bytes: 0,
        })
    }

    /// Appends bytes.
    ///
    /// # Errors
    /// [`Error::Io`] when the disk refuses them.
    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.bytes += bytes.len() as u64;
        self.file
            .write_all(bytes)
            .map_err(Error::io("write", &self.path))
    }

    /// Puts the file into its place, unless the place holds the same bytes.
    ///
    /// # Errors
    /// [`Error::Io`]; the place is then as it was.
    pub fn finish(self) -> Result<Finished> {
        let Self { path, file, bytes } = self;
        let file = file
            .into_inner()
            .map_err(|error| Error::io("write", &path)(error.into_error()))?;
        let written = match regular::open(&path) {
            Ok(found) => {
                if is_same(&found, file.as_file(), bytes).map_err(Error::io("read", &path))? {
                    let written = Written::Unchanged;
                    return Ok(Finished { written, bytes });
                }
                Written::Replaced
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Written::Created,
            Err(error) => return Err(Error::io("read", &path)(error)),
        };
        file.as_file()
            .sync_all()
            .map_err(Error::io("write", &path))?;
        file.persist(&path)
            .map_err(|error| Error::io("replace", &path)(error.error))?;
        sync_folder(&path);
        Ok(Finished { written, bytes })
    }
}

/// Writes a whole file at once.
///
/// # Errors
/// [`Error::Io`]; the place is then as it was.
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<Finished> {
    let mut file = AtomicFile::create(path)?;
    file.write(bytes)?;
    file.finish()
}

const PREFIX: &str = ".fixpoint-";
const SUFFIX: &str = ".tmp";

/// Removes what a program that was killed left.
fn sweep(folder: &Path) {
    for file in abandoned(folder) {
        // Another program may have been faster.
        let _ = std::fs::remove_file(file);
    }
}

/// What programs that were killed left in a folder.
pub(crate) fn abandoned(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let is_one = |entry: &DirEntry| {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        is_file && name.starts_with(PREFIX) && name.ends_with(SUFFIX) && is_abandoned(entry)
    };
    let found = entries.flatten().filter(is_one);
    found.map(|entry| entry.path()).collect()
}

/// Whoever writes a file keeps it locked, from soon after it is made; where files cannot be locked, for an hour.
fn is_abandoned(entry: &DirEntry) -> bool {
    const SOON: Duration = Duration::from_secs(5);
    const HOUR: Duration = Duration::from_secs(3600);
    let modified = entry.metadata().and_then(|data| data.modified());
    let age = modified.ok().and_then(|time| time.elapsed().ok());
    let locked = regular::open(&entry.path()).map(|file| file.try_lock());
    let enough = match locked {
        Ok(Ok(())) => SOON,
        Ok(Err(TryLockError::WouldBlock)) => return false,
        Ok(Err(TryLockError::Error(_))) | Err(_) => HOUR,
    };
    age.is_some_and(|age| age > enough)
}

/// With the permissions of an ordinary new file; a temporary one is private otherwise.
fn temporary(folder: &Path) -> std::io::Result<NamedTempFile> {
    let mut builder = Builder::new();
    builder.prefix(PREFIX).suffix(SUFFIX);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let file = builder.tempfile_in(folder)?;
    // See `is_abandoned` for where that is impossible.
    let _ = file.as_file().try_lock();
    Ok(file)
}

/// Whether a file holds the bytes that were written to another one, which is `length` bytes long.
fn is_same(found: &File, written: &File, length: u64) -> std::io::Result<bool> {
    if found.metadata()?.len() != length {
        return Ok(false);
    }
    let mut written = BufReader::with_capacity(64 * 1024, written);
    written.rewind()?;
    let mut found = BufReader::with_capacity(64 * 1024, found);
    loop {
        let (one, other) = (written.fill_buf()?, found.fill_buf()?);
        let both = one.len().min(other.len());
        if one[..both] != other[..both] || (both == 0 && one.len() != other.len()) {
            return Ok(false);
        }
        if both == 0 {
            return Ok(true);
        }
        written.consume(both);
        found.consume(both);
    }
}

/// Makes the new name durable where the system lets a folder be synchronised.
fn sync_folder(path: &Path) {
    #[cfg(unix)]
    if let Some(Ok(folder)) = path.parent().map(File::open) {
        // The bytes are safe already; a file system that refuses this loses at most the new name.
        let _ = folder.sync_all();
    }
    #[cfg(not(unix))]
    let _ = path;
}
