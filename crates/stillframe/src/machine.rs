//! What this machine and this day are called: the facts that no fixture may depend on. It asks the system for them and judges nothing.

use std::path::{Path, PathBuf};

/// Folders and files of this machine that a fixture never names, each with what is written instead.
///
/// Each comes as it is written and, where a link leads there, as the system names it.
pub fn places(root: &Path, programs: &[&Path]) -> Vec<(PathBuf, &'static str)> {
    let home = std::env::home_dir();
    let programs = programs
        .iter()
        .map(|program| (*program, "/stillframe/target"));
    let named = [(root, "/stillframe/root")]
        .into_iter()
        .chain(programs)
        .chain(home.as_deref().map(|home| (home, "/stillframe/user-home")));
    let mut places = Vec::new();
    for (path, placeholder) in named.filter(|(path, _)| path.is_absolute()) {
        places.push((path.to_owned(), placeholder));
        if let Ok(real) = path.canonicalize()
            && real != path
        {
            places.push((real, placeholder));
        }
    }
    places
}
