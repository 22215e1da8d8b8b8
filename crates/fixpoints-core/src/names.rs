//! Names as people write and read them: of tables, paths and words of a shell; it looks nothing up.

use std::borrow::Cow;
use std::path::Path;

use crate::excerpt::visible;
use crate::secret::without_secrets;

/// The name of the configuration file, looked for in the current folder and those above it.
pub const CONFIG_FILE: &str = "fixpoints.toml";

/// The folder of fixpoints where nothing names another.
pub const DEFAULT_DIR: &str = "fixpoints";

/// The most bytes a name may have.
pub const LONGEST: usize = 200;

/// What fixpoint files end in.
pub const EXTENSION: &str = "yaml";

/// The environment variable that names tables to leave empty.
pub const SKIP_TABLES: &str = "FIXPOINTS_SKIP_TABLES";

/// The environment variable that says what happens to tables that depend on those.
pub const SKIP_DEPENDENTS: &str = "FIXPOINTS_SKIP_DEPENDENTS";

/// Whether a name means a table: those of PostgreSQL's schema `public` are called without it here, elsewhere with it.
pub fn is_called(table: &str, said: &str) -> bool {
    said == table || said.strip_prefix("public.") == Some(table)
}

/// A name as [`crate::skip::Skip::parse`] reads it.
pub fn written(name: &str) -> String {
    let is_plain = !name.contains(',') && !name.starts_with('"') && name.trim() == name;
    if is_plain && !name.is_empty() {
        name.to_owned()
    } else {
        format!("\"{}\"", name.replace('"', "\"\""))
    }
}

/// A path as messages show it, the same on every system; a URL may have been typed in its place.
#[must_use]
pub fn shown(path: &Path) -> String {
    let path = path.display().to_string().replace('\\', "/");
    without_secrets(&path).into_owned()
}

/// A word as a shell takes it, quoted where it has to be; nothing invisible and no password is in it.
#[must_use]
pub fn shell_word(word: &str) -> String {
    let word = &*without_secrets(word);
    let is_plain = |c: char| c.is_alphanumeric() || "_-./:=@%+,".contains(c);
    if matches!(visible(word), Cow::Owned(_)) {
        let quoted = word.replace('\\', r"\\").replace('\'', r"\'");
        return format!("$'{}'", visible(&quoted));
    }
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}
