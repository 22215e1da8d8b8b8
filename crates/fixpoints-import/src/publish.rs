//! Puts several finished files into their places, all of them or none; what they hold was decided elsewhere.

use std::path::{Path, PathBuf};

use fixpoints::files::AtomicFile;
use fixpoints::{Written, write_file};
use fixpoints_core::error::{Error, Result};

/// Writes every file beside its place before the first one takes it; where one cannot, the places are as they were.
pub(crate) fn publish(files: &[(PathBuf, PathBuf)]) -> Result<Vec<Written>> {
    let mut staged = Vec::new();
    for (from, place) in files {
        let bytes = std::fs::read(from).map_err(Error::io("read", from))?;
        let mut file = AtomicFile::create(place)?;
        file.write(&bytes)?;
        staged.push((place.as_path(), file, before(place)?));
    }
    let (mut done, mut written) = (Vec::new(), Vec::new());
    for (place, file, before) in staged {
        match file.finish() {
            Ok(finished) => {
                done.push((place, before));
                written.push(finished.written);
            }
            Err(error) => {
                done.iter().rev().try_for_each(put_back)?;
                return Err(error);
            }
        }
    }
    Ok(written)
}

fn before(place: &Path) -> Result<Option<Vec<u8>>> {
    match fixpoints::files::read(place) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::io("read", place)(error)),
    }
}

fn put_back((place, before): &(&Path, Option<Vec<u8>>)) -> Result<()> {
    match before {
        Some(bytes) => write_file(place, bytes).map(drop),
        None => std::fs::remove_file(place).map_err(Error::io("remove", *place)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_one_file_cannot_take_its_place_the_others_give_theirs_back() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        write_file(&at("from"), b"new").unwrap();
        write_file(&at("place/old"), b"old").unwrap();
        // The last one makes a folder of the place of the third.
        let places = [
            "place/old",
            "place/fresh",
            "place/taken",
            "place/taken/inside",
        ];
        let files = places.map(|place| (at("from"), at(place)));
        publish(&files).unwrap_err();
        assert_eq!(std::fs::read(at("place/old")).unwrap(), b"old");
        assert!(!at("place/fresh").exists());
        publish(&files[..2]).unwrap();
        assert_eq!(std::fs::read(at("place/old")).unwrap(), b"new");
    }
}
