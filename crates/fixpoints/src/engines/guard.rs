//! Whether a database is one for tests, by its name; what else its engine knows of it, the engine adds.

use std::path::PathBuf;

use fixpoints_core::error::{Error, Result};
use fixpoints_core::secret::without_secrets;

/// Which databases may be written: those for tests, and those that somebody allowed.
#[derive(Debug, Clone, Default)]
pub struct TestDatabases {
    /// Names that do not say `test` and are known all the same.
    pub allowed: Vec<String>,
    /// The folder of the project, which is never one of temporary files.
    #[cfg_attr(
        not(feature = "sqlite"),
        allow(dead_code, reason = "only SQLite has files")
    )]
    pub project: PathBuf,
    /// The folder of fixpoints, which is none either.
    #[cfg_attr(
        not(feature = "sqlite"),
        allow(dead_code, reason = "only SQLite has files")
    )]
    pub folder: PathBuf,
}

/// A database that is not a test database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotATest {
    /// The database, as messages show it, and what it was found to be.
    pub shown: String,
    /// The name to allow.
    pub name: String,
}

/// The words that say so.
const WORDS: [&str; 4] = ["test", "tests", "testing", "testdb"];

impl From<NotATest> for Error {
    fn from(NotATest { shown, name }: NotATest) -> Self {
        Self::NotATestDatabase { url: shown, name }
    }
}

impl TestDatabases {
    /// Refuses a name that neither says `test` nor is allowed.
    ///
    /// # Errors
    /// [`Error::NotATestDatabase`].
    pub fn allow_name(&self, shown: &str, name: &str) -> Result<()> {
        self.refused_name(shown, name)
            .map_or(Ok(()), |found| Err(found.into()))
    }

    /// What [`TestDatabases::allow_name`] refuses.
    #[must_use]
    pub fn refused_name(&self, shown: &str, name: &str) -> Option<NotATest> {
        (!self.is_known(name)).then(|| NotATest {
            shown: shown.to_owned(),
            name: without_secrets(name).into_owned(),
        })
    }

    /// Whether a name says `test` or is allowed.
    #[must_use]
    pub fn is_known(&self, name: &str) -> bool {
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
