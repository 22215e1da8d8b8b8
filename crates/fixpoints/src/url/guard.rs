//! Whether a database is one for tests, by what it is called and by what its path leads to; it opens nothing.

use std::path::{Path, PathBuf};

use super::DatabaseUrl;

/// A name that does not say `test`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Stranger {
    /// The database, as messages show it.
    pub shown: String,
    /// The name to allow.
    pub name: String,
}

/// The words that say so.
const WORDS: [&str; 4] = ["test", "tests", "testing", "testdb"];

/// The first name of a database that neither says `test` nor is allowed; a link and what it leads to have one each.
pub(crate) fn stranger(url: &DatabaseUrl, allowed: &[String]) -> Option<Stranger> {
    let is_known = |name: &str| says_test(name) || allowed.iter().any(|allowed| allowed == name);
    let strange = |shown: String, name: String| Some(Stranger { shown, name });
    let DatabaseUrl::Sqlite(path) = url else {
        let name = url.name();
        return if is_known(&name) {
            None
        } else {
            strange(url.to_string(), name)
        };
    };
    if url.is_memory() {
        return None;
    }
    if !is_known(&url.name()) && !is_temporary(path) {
        return strange(url.to_string(), url.name());
    }
    let target = target(path)?;
    let name = file_name(&target);
    if is_known(&name) || is_temporary(&target) {
        return None;
    }
    strange(format!("{url}, a link to {},", target.display()), name)
}

pub(super) fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    name.to_string_lossy().into_owned()
}

/// Whether `test` is a word of its own in a name.
fn says_test(name: &str) -> bool {
    words(name)
        .iter()
        .any(|word| WORDS.contains(&word.as_str()))
}

/// A name's words in lower case: they end where letters end, and where capitals begin.
fn words(name: &str) -> Vec<String> {
    let letters: Vec<char> = name.chars().collect();
    let mut words = vec![String::new()];
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| letters.get(before));
        let after = letters.get(at + 1);
        let begins = letter.is_uppercase()
            && (before.is_some_and(|before| before.is_lowercase())
                || after.is_some_and(|after| after.is_lowercase()));
        if begins || !letter.is_alphabetic() {
            words.push(String::new());
        }
        if let (true, Some(word)) = (letter.is_alphabetic(), words.last_mut()) {
            word.extend(letter.to_lowercase());
        }
    }
    words
}

/// What a link leads to in the end, as far as it says so; `None` where the path is no link.
fn target(path: &Path) -> Option<PathBuf> {
    const LINKS: usize = 40;
    let mut target = None;
    for _ in 0..LINKS {
        let link: &Path = target.as_deref().unwrap_or(path);
        let Ok(next) = std::fs::read_link(link) else {
            break;
        };
        target = Some(link.parent().unwrap_or(Path::new("")).join(next));
    }
    target
}

/// Judged by what an absolute path leads to: a relative one means the same wherever a project lies.
fn is_temporary(path: &Path) -> bool {
    let folders = [std::env::temp_dir(), PathBuf::from("/tmp")];
    let folders = folders.iter().take(if cfg!(unix) { 2 } else { 1 });
    let folders = folders.filter_map(|folder| folder.canonicalize().ok());
    let mut folders = folders.filter(|folder| folder.parent().is_some());
    path.is_absolute()
        && resolved(path).is_some_and(|path| folders.any(|folder| path.starts_with(folder)))
}

/// The path without links, whether its last parts exist or not.
fn resolved(path: &Path) -> Option<PathBuf> {
    match path.canonicalize() {
        Ok(whole) => Some(whole),
        Err(_) => Some(resolved(path.parent()?)?.join(path.file_name()?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_is_a_word_and_not_a_part_of_one() {
        for name in [
            "test.db",
            "TEST",
            "tests.sqlite",
            "app_test",
            "test1",
            "1test",
            "myapp-test",
            "my_Test.sqlite3",
            "MyAppTest",
            "testApp",
            "TESTApp.db",
            "app.test",
            "testing",
            "testdb",
            "app test",
            "prüf_test",
            "test-latest",
        ] {
            assert!(says_test(name), "{name}");
        }
        for name in [
            "latest.db",
            "contest.db",
            "attestation",
            "Contest",
            "LATEST",
            "protest",
            "testimonials",
            "greatest_hits",
            "äTEST".to_lowercase().as_str(),
            "",
            "app.db",
        ] {
            assert!(!says_test(name), "{name}");
        }
    }

    #[test]
    fn a_path_is_temporary_by_what_it_leads_to() {
        let folder = tempfile::tempdir().unwrap();
        let inside = folder.path().join("not/there/app.db");
        assert!(is_temporary(&inside));
        assert!(!is_temporary(Path::new("app.db")));
        assert!(!is_temporary(&std::env::temp_dir().join("../usr/app.db")));
        assert!(!is_temporary(Path::new("/usr/app.db")));
    }
}
