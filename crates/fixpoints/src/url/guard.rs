//! Whether a database is one for tests, by what it is called and by what its path leads to; it opens nothing.

use std::path::{Path, PathBuf};

use super::DatabaseUrl;
use crate::paths::{file_name, names, resolved};
use fixpoints_core::error::{Error, Result};
use fixpoints_core::names::shown as shown_path;
use fixpoints_core::secret::redacted;

mod beside;
mod mounts;
mod temporary;

use temporary::is_temporary;

/// Which databases may be written: those for tests, and those that somebody allowed.
#[derive(Debug, Clone, Default)]
pub(crate) struct TestDatabases {
    /// Names that do not say `test` and are known all the same.
    pub allowed: Vec<String>,
    /// The folder of the project, which is never one of temporary files.
    pub project: PathBuf,
}

/// A database that nobody called one for tests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stranger {
    /// The database, as messages show it, and what it was found to be.
    pub shown: String,
    /// The name to allow.
    pub name: String,
}

/// The words that say so.
const WORDS: [&str; 4] = ["test", "tests", "testing", "testdb"];

impl From<Stranger> for Error {
    fn from(Stranger { shown, name }: Stranger) -> Self {
        Self::NotATestDatabase { url: shown, name }
    }
}

impl TestDatabases {
    /// Refuses a database whose rows nobody said may be replaced.
    ///
    /// # Errors
    /// [`Error::NotATestDatabase`], and [`Error::Database`] for what lies beside a file and SQLite would write.
    pub fn allow(&self, url: &DatabaseUrl) -> Result<()> {
        match url {
            DatabaseUrl::Sqlite(path) if !url.is_memory() => self.allow_file(path, &resolved(path)),
            _ => self.stranger(url).map_or(Ok(()), |found| Err(found.into())),
        }
    }

    /// The same for a file by the path that was typed and the one it leads to.
    pub fn allow_file(&self, typed: &Path, found: &Path) -> Result<()> {
        match self.strange_file(typed, found) {
            Some(stranger) => Err(stranger.into()),
            None => beside::check(found, &self.allowed),
        }
    }

    /// What keeps a database from being one for tests: the first of its names that neither says `test` nor is allowed.
    pub fn stranger(&self, url: &DatabaseUrl) -> Option<Stranger> {
        match url {
            DatabaseUrl::Sqlite(_) if url.is_memory() => None,
            DatabaseUrl::Sqlite(path) => self.strange_file(path, &resolved(path)),
            DatabaseUrl::Postgres(_) => self.strange_name(&url.to_string(), &url.name()),
        }
    }

    /// A file has the name that was typed, the one that links lead to, and that of what is mounted there. One that has
    /// further names elsewhere, which nobody can tell, has to be allowed.
    fn strange_file(&self, typed: &Path, found: &Path) -> Option<Stranger> {
        let shown = DatabaseUrl::Sqlite(typed.to_path_buf()).to_string();
        let stranger = |what: String, name: &str| {
            let (shown, name) = (shown.clone() + &what, redacted(name));
            Some(Stranger { shown, name })
        };
        let is_temporary = is_temporary(typed, &self.project);
        let (name, found_name) = (file_name(typed), file_name(found));
        if !self.is_known(&name) && !is_temporary {
            return stranger(String::new(), &name);
        }
        if !self.is_known(&found_name) && !is_temporary {
            return stranger(format!(", a link to {},", shown_path(found)), &found_name);
        }
        if let Some(source) = mounts::source(found) {
            let name = file_name(&source);
            if !self.is_known(&name) {
                let what = format!(", onto which {} is mounted,", shown_path(&source));
                return stranger(what, &name);
            }
        }
        let names = names(found);
        if names > 1 && !self.allowed.contains(&found_name) {
            let what = format!(", a file with {names} names (hard links),");
            return stranger(what, &found_name);
        }
        None
    }

    /// See [`TestDatabases::stranger`], for a name on a server.
    pub fn strange_name(&self, shown: &str, name: &str) -> Option<Stranger> {
        (!self.is_known(name)).then(|| Stranger {
            shown: shown.to_owned(),
            name: redacted(name),
        })
    }

    fn is_known(&self, name: &str) -> bool {
        says_test(name) || self.allowed.iter().any(|allowed| allowed == name)
    }
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
}
