//! Opens the files that a name leads to: regular ones only, without waiting for what is none; it reads nothing.

use std::fs::{File, Metadata};
use std::io::{Error, ErrorKind, Read as _, Result};
use std::path::Path;

/// The system's error for what is neither a file nor a folder, and what messages say about it.
pub(crate) const IRREGULAR: &str = "it is not a regular file, but a pipe, a socket or a device";

/// Opens a file to be read. A pipe that nobody writes into would keep us waiting, and a device may never end.
pub(crate) fn open(path: &Path) -> Result<File> {
    let mut options = File::options();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
        options.custom_flags(i32::try_from(flags.bits()).unwrap_or_default());
    }
    let file = match options.open(path) {
        Ok(file) => file,
        // A socket cannot be opened at all.
        Err(error) => {
            std::fs::metadata(path)
                .ok()
                .map_or(Ok(()), |data| check(&data))?;
            return Err(error);
        }
    };
    check(&file.metadata()?)?;
    Ok(file)
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
