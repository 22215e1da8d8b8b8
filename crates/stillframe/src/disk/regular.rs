//! Opening what a name stands for, only where that is a regular file and without waiting; a pipe, a socket or a device is refused and never read.

use std::fs::{self, File, FileType, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::path::Path;

/// Opens a regular file for reading; a link to one is followed.
///
/// A named pipe would block the open until somebody writes into it, and a device can be endless or react to being
/// opened. So what the name stands for is looked at first, and the open itself does not block: what lies there may have
/// been exchanged in between.
///
/// # Errors
/// When there is nothing, or something that is not a regular file; the text says what it is.
pub fn open_regular(path: &Path) -> io::Result<File> {
    regular(fs::metadata(path)?.file_type())?;
    let mut options = File::options();
    options.read(true);
    open_without_waiting(&mut options, path, Links::Followed)
}

/// Opens the file of a lock, and creates it where there is none; a link is not followed, because the file may be written.
///
/// # Errors
/// As for [`open_regular`].
pub(crate) fn open_lock(path: &Path) -> io::Result<File> {
    regular_or_nothing(path)?;
    let mut options = File::options();
    options.read(true).write(true).create(true).truncate(false);
    open_without_waiting(&mut options, path, Links::Refused)
}

/// Gives a file these bytes, and creates it where there is none; a link is not followed, and what has the bytes already is
/// not written.
///
/// # Errors
/// As for [`open_regular`], and when it cannot be written.
pub(crate) fn overwrite(path: &Path, bytes: &[u8]) -> io::Result<()> {
    regular_or_nothing(path)?;
    let mut options = File::options();
    options.read(true).write(true).create(true).truncate(false);
    let replace = || {
        fs::remove_file(path)?;
        File::create_new(path)?.write_all(bytes)
    };
    let mut file = match open_without_waiting(&mut options, path, Links::Refused) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => return replace(),
        opened => opened?,
    };
    let meta = file.metadata()?;
    if has_other_names(&meta) {
        return replace();
    }
    let length = bytes.len() as u64;
    if meta.len() == length && holds(&mut file, bytes)? {
        return Ok(());
    }
    file.rewind()?;
    file.write_all(bytes)?;
    if meta.len() > length {
        file.set_len(length)?;
    }
    Ok(())
}

/// Whether a file that is as long as these bytes consists of them.
fn holds(file: &mut File, bytes: &[u8]) -> io::Result<bool> {
    let mut buffer = vec![0; bytes.len().min(64 << 10)];
    for expected in bytes.chunks(64 << 10) {
        let read = &mut buffer[..expected.len()];
        file.read_exact(read)?;
        if read != expected {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether the file is another one's too, which writing it would change.
#[cfg(unix)]
fn has_other_names(meta: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    meta.nlink() > 1
}

#[cfg(not(unix))]
fn has_other_names(_meta: &fs::Metadata) -> bool {
    false
}

/// The content of a regular file.
///
/// # Errors
/// As for [`open_regular`], and when it cannot be read.
pub fn read_regular(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open_regular(path)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The text of a regular file.
///
/// # Errors
/// As for [`read_regular`], and when it is not UTF-8.
pub fn read_regular_text(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    open_regular(path)?.read_to_string(&mut text)?;
    Ok(text)
}

/// What something that is not a regular file is called.
pub(crate) fn kind_of(kind: FileType) -> &'static str {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if kind.is_fifo() {
            return "a named pipe";
        }
        if kind.is_socket() {
            return "a socket";
        }
        if kind.is_char_device() || kind.is_block_device() {
            return "a device";
        }
    }
    if kind.is_dir() {
        "a folder"
    } else if kind.is_symlink() {
        "a link"
    } else {
        "something else"
    }
}

fn regular_or_nothing(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(meta) => regular(meta.file_type()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

fn regular(kind: FileType) -> io::Result<()> {
    if kind.is_file() {
        return Ok(());
    }
    let error = if kind.is_dir() {
        io::ErrorKind::IsADirectory
    } else {
        io::ErrorKind::InvalidInput
    };
    Err(io::Error::new(
        error,
        format!("it is {}, not a file", kind_of(kind)),
    ))
}

/// What becomes of a name that is a link.
#[derive(Clone, Copy)]
enum Links {
    Followed,
    Refused,
}

#[cfg(unix)]
fn open_without_waiting(options: &mut OpenOptions, path: &Path, links: Links) -> io::Result<File> {
    use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
    use std::os::unix::fs::OpenOptionsExt;
    let mut flags = OFlags::NONBLOCK | OFlags::NOCTTY;
    if let Links::Refused = links {
        flags |= OFlags::NOFOLLOW;
    }
    let file = options
        .custom_flags(flags.bits().cast_signed())
        .open(path)?;
    regular(file.metadata()?.file_type())?;
    // The flag belongs to the open file, so a child that reads it as stdin would have it too.
    fcntl_setfl(&file, fcntl_getfl(&file)? - OFlags::NONBLOCK)?;
    Ok(file)
}

#[cfg(not(unix))]
fn open_without_waiting(options: &mut OpenOptions, path: &Path, _links: Links) -> io::Result<File> {
    let file = options.open(path)?;
    regular(file.metadata()?.file_type())?;
    Ok(file)
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use rustix::fs::{CWD, FileType as Kind, Mode, mknodat};
    use std::os::unix::fs::symlink;

    fn pipe(path: &Path) {
        mknodat(CWD, path, Kind::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    }

    #[test]
    fn everything_but_a_file_is_refused_by_what_it_is_and_without_waiting() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        pipe(&at("pipe"));
        symlink("pipe", at("link to a pipe")).unwrap();
        symlink("/dev/zero", at("endless")).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(at("socket")).unwrap();
        for (name, kind) in [
            ("pipe", "a named pipe"),
            ("link to a pipe", "a named pipe"),
            ("endless", "a device"),
            ("socket", "a socket"),
            (".", "a folder"),
        ] {
            let error = read_regular(&at(name)).unwrap_err().to_string();
            assert_eq!(error, format!("it is {kind}, not a file"), "{name}");
        }
    }

    #[test]
    fn a_link_to_a_file_is_read_and_never_locked_or_written() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        drop(open_lock(&at("file")).unwrap());
        symlink("file", at("link")).unwrap();
        assert_eq!(read_regular(&at("link")).unwrap(), b"");
        let locked = open_lock(&at("link")).map(|_| ());
        for refused in [locked, overwrite(&at("link"), b"x")] {
            let error = refused.unwrap_err().to_string();
            assert_eq!(error, "it is a link, not a file");
        }
    }

    #[test]
    fn a_file_that_is_written_over_holds_the_new_bytes_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        for bytes in ["", "longer", "short", "sharp", "sharp", "even longer"] {
            overwrite(&path, bytes.as_bytes()).unwrap();
            assert_eq!(read_regular_text(&path).unwrap(), bytes);
        }
    }

    #[test]
    fn a_file_with_another_name_is_replaced_and_the_other_one_stays() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        overwrite(&at("precious"), b"precious").unwrap();
        fs::hard_link(at("precious"), at("file")).unwrap();
        overwrite(&at("file"), b"new").unwrap();
        assert_eq!(read_regular(&at("file")).unwrap(), b"new");
        assert_eq!(read_regular(&at("precious")).unwrap(), b"precious");
    }

    #[test]
    fn reading_what_was_opened_blocks_as_usual() {
        let folder = tempfile::tempdir().unwrap();
        let file = open_lock(&folder.path().join("file")).unwrap();
        let flags = rustix::fs::fcntl_getfl(&file).unwrap();
        assert!(!flags.contains(rustix::fs::OFlags::NONBLOCK));
    }
}
