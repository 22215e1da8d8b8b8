//! Names as people write and read them: of tables, paths and words of a shell; it looks nothing up.

use std::borrow::Cow;
use std::path::Path;

use crate::excerpt::visible;
use crate::pattern::{Pattern, last_part};
use crate::quotes::quoted;
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

/// The environment variable that names the plan of what is hidden from each test.
pub const HIDE_PLAN: &str = "FIXPOINTS_HIDE_PLAN";

/// The environment variable that names the running test.
pub const TEST: &str = "FIXPOINTS_TEST";

/// What asks for tables to be skipped.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Asked {
    /// `FIXPOINTS_SKIP_TABLES`, for every test.
    #[default]
    ByList,
    /// `FIXPOINTS_HIDE_PLAN`, for the running test.
    ByPlan,
}

impl Asked {
    /// The environment variable that asks.
    #[must_use]
    pub fn variable(self) -> &'static str {
        match self {
            Self::ByList => SKIP_TABLES,
            Self::ByPlan => HIDE_PLAN,
        }
    }
}

/// Whether a name or pattern means a table.
pub fn is_called(table: &str, said: &str) -> bool {
    Pattern::new(said).means(table)
}

/// More names than this are not listed.
const LISTED: usize = 8;

/// Below this likeness a name is not taken for a slip of another.
const LIKE: f64 = 0.8;

/// The names that somebody may have meant, or some of those there are: `a, b` or `a, b, or another of 515`.
#[must_use]
pub fn choices(said: &str, known: &[String]) -> String {
    let near = nearest(said, known);
    if known.len() <= LISTED {
        let others = known.iter().map(String::as_str);
        let others = others.filter(|name| !near.contains(name));
        return near
            .iter()
            .copied()
            .chain(others)
            .collect::<Vec<_>>()
            .join(", ");
    }
    if near.is_empty() {
        let first: Vec<&str> = known.iter().take(LISTED).map(String::as_str).collect();
        return format!("{}, or another of {}", first.join(", "), known.len());
    }
    near.join(", ")
}

/// The names that are most like one, the nearest first.
#[must_use]
pub fn nearest<'a>(said: &str, known: &'a [String]) -> Vec<&'a str> {
    let said = said.to_lowercase();
    let of_parts = |name: &str| {
        let (name, last) = (name.to_lowercase(), last_part(name).to_lowercase());
        let whole = strsim::jaro_winkler(&said, &name);
        whole.max(strsim::jaro_winkler(&last_part(&said), &last))
    };
    let mut near: Vec<(f64, &str)> = known
        .iter()
        .map(|name| (of_parts(name), name.as_str()))
        .filter(|(likeness, _)| *likeness >= LIKE)
        .collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    near.into_iter().take(3).map(|(_, name)| name).collect()
}

/// A name as [`crate::skip::Skip::parse`] reads it.
pub fn written(name: &str) -> String {
    let is_plain = !name.contains(',') && !name.starts_with('"') && name.trim() == name;
    if is_plain && !name.is_empty() {
        name.to_owned()
    } else {
        quoted(name)
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
