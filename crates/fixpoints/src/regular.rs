//! Opens the files that a name leads to: regular ones only, without waiting for what is none; it reads nothing.

use fixpoints_core::error::TYPED;
use std::fs::{File, Metadata};
use std::io::{Error, ErrorKind, Read as _, Result};
use std::path::Path;

/// The system's error for what is neither a file nor a folder, and what messages say about it.
pub(crate) const IRREGULAR: &str = "it is not a regular file, but a pipe, a socket or a device";

/// Opens a file to be read. A pipe that nobody writes into would keep us waiting, and a device may never end.
pub(crate) fn open(path: &Path) -> Result<File> {
    let file = match open_any(path) {
        Ok(file) => file,
        // A socket cannot be opened at all.
        Err(error) => {
            let data = std::fs::metadata(path).ok();
            data.map_or(Ok(()), |data| check(&data))?;
            return Err(error);
        }
    };
    check(&file.metadata()?)?;
    Ok(file)
}

fn open_any(path: &Path) -> Result<File> {
    let mut options = File::options();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
        options.custom_flags(i32::try_from(flags.bits()).unwrap_or_default());
    }
    options.open(path)
}

/// Whether a path that a person typed is a pipe, as `<(…)` and `/dev/stdin` are, or a terminal: these may be waited for.
#[must_use]
pub fn is_stream(path: &Path) -> bool {
    let Ok(data) = std::fs::metadata(path) else {
        return false;
    };
    #[cfg(unix)]
    {
        use std::io::IsTerminal as _;
        use std::os::unix::fs::FileTypeExt as _;
        let kind = data.file_type();
        kind.is_fifo()
            || (kind.is_char_device() && open_any(path).is_ok_and(|file| file.is_terminal()))
    }
    #[cfg(not(unix))]
    {
        let _ = data;
        false
    }
}

/// Reads the text of a file or a stream that a person typed the path of.
///
/// # Errors
/// [`crate::Error::Io`], also for what is neither.
pub fn read_typed(path: &Path) -> crate::Result<String> {
    let file = if is_stream(path) {
        File::open(path)
    } else {
        open(path)
    };
    let bytes = file.and_then(|file| up_to(SCRIPT, &file));
    let text = bytes.and_then(text_of);
    text.map_err(crate::Error::io(TYPED, path))
}

/// The most that is read of a script, in bytes; all of it is kept in memory.
const SCRIPT: u64 = 1 << 30;
/// The most that is read of a fixpoint's file at once.
const WHOLE: u64 = 256 << 20;

/// Reads a file that has to be text, of so many bytes at most.
///
/// # Errors
/// Those of the system, and for what is not a regular file or too large.
pub fn read_to_string(path: &Path, most: u64) -> Result<String> {
    text_of(up_to(most, &open(path)?)?)
}

/// Reads a file.
///
/// # Errors
/// Those of the system, and for what is not a regular file or too large.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    up_to(WHOLE, &open(path)?)
}

/// Reads the beginning of a file as text, whatever else is in it.
pub(crate) fn begin(path: &Path) -> Result<String> {
    const LENGTH: u64 = 64 << 10;
    let mut bytes = Vec::new();
    open(path)?.take(LENGTH).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Reads to the end, unless that is too far away: files may be larger than memory, and some have no end.
fn up_to(most: u64, file: &File) -> Result<Vec<u8>> {
    let too_large = || {
        let message = format!("it has more than {} MiB", most >> 20);
        Error::new(ErrorKind::FileTooLarge, message)
    };
    if file.metadata()?.len() > most {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    file.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(too_large());
    }
    Ok(bytes)
}

fn text_of(bytes: Vec<u8>) -> Result<String> {
    String::from_utf8(bytes).map_err(|error| Error::new(ErrorKind::InvalidData, error))
}

/// Refuses what is not a regular file.
pub(crate) fn check(data: &Metadata) -> Result<()> {
    if data.is_file() {
        return Ok(());
    }
    if data.is_dir() {
        return Err(Error::from(ErrorKind::IsADirectory));
    }
    Err(Error::new(ErrorKind::InvalidInput, IRREGULAR))
}
