//! Opens the files that a name leads to: regular ones only, without waiting for what is none; it reads nothing.

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
pub(crate) fn is_stream(path: &Path) -> bool {
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
    let text = if is_stream(path) {
        std::fs::read_to_string(path)
    } else {
        read_to_string(path)
    };
    text.map_err(crate::Error::io("read", path))
}

/// Reads a file that has to be text.
pub(crate) fn read_to_string(path: &Path) -> Result<String> {
    let mut text = String::new();
    open(path)?.read_to_string(&mut text)?;
    Ok(text)
}

/// Reads a file.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.read_to_end(&mut bytes)?;
    Ok(bytes)
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
