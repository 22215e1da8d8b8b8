//! `consumers.toml`: how the suite runs, which fixtures it has, and how each kind of them is hidden.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use schemars::JsonSchema;
use serde::Deserialize;
use stillframe::disk;

use crate::name::FixtureName;

/// The file, at the root of the suite.
pub const DEFINITION_NAME: &str = "consumers.toml";
/// Its name, beside the definition.
pub const LOCK_NAME: &str = "consumers.lock";

/// A definition, and where it lies.
#[derive(Debug, Clone)]
pub struct Definition {
    /// The folder that holds it.
    pub root: PathBuf,
    /// Its bytes; what was measured by another definition is not used.
    pub text: String,
    /// What it says.
    pub written: Written,
}

/// What the file says.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Written {
    /// The version of this format: 1.
    pub format_version: u32,
    /// How the suite runs.
    pub suite: Suite,
    /// The fixtures under measurement.
    #[serde(default)]
    pub fixtures: Vec<Fixtures>,
    /// What watches the tests to know what they may read. Each observer is checked to be working before it is believed.
    #[serde(default)]
    pub observe: Observe,
    /// Fixtures that stay, with the reason.
    #[serde(default)]
    pub keep: Vec<Keep>,
    /// Fixtures that may not gain consumers.
    #[serde(default)]
    pub retiring: Vec<Retiring>,
}

/// How the suite runs.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Suite {
    /// What runs the tests.
    pub runner: RunnerKind,
    /// The command that runs all of them; the runner adds selection and reporting.
    pub command: Vec<String>,
    /// For `junit` and `tap`: the command that prints the name of every test, one a line.
    #[serde(default)]
    pub list: Option<Vec<String>>,
    /// For `junit` and `tap`: the command that runs some tests. The argument with `${tests}` in it is repeated for each of
    /// them, with the test's name in its place.
    #[serde(default)]
    pub select: Option<Vec<String>>,
    /// For `junit`: the report that the commands write, from `cwd`. For `tap` without it, the report is stdout.
    #[serde(default)]
    pub report: Option<String>,
    /// The folder to run in, from the definition's folder.
    #[serde(default = "here")]
    pub cwd: String,
    /// Variables besides the caller's environment. `$NAME` in a value stands for the caller's variable.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// How long one run may take, as `90s` or `10m` [default: three times the baseline]
    #[serde(default)]
    pub timeout: Option<Span>,
    /// How many runs the baseline has.
    #[serde(default = "three")]
    pub runs: usize,
}

fn here() -> String {
    ".".to_owned()
}

fn three() -> usize {
    3
}

/// What runs the tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RunnerKind {
    /// `cargo nextest run`
    Nextest,
    /// `cargo test`
    Libtest,
    /// `pytest`
    Pytest,
    /// `rspec`
    Rspec,
    /// Anything that writes JUnit XML.
    Junit,
    /// Anything that prints TAP.
    Tap,
}

/// Some fixtures of one kind, and how they are hidden. One of `files`, `tables`, `keys` and `hook`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Fixtures {
    /// Patterns of files, from the definition's folder: one fixture a file, hidden in a private copy of the tree.
    #[serde(default)]
    pub files: Option<Vec<String>>,
    /// Tables.
    #[serde(default)]
    pub tables: Option<Tables>,
    /// Top-level keys of a YAML, TOML or JSON map: one fixture a key, hidden in a private copy of the tree.
    #[serde(default)]
    pub keys: Option<Keys>,
    /// A JSON file that maps names of tables to files: a table and its file are one fixture, under the table's name, and are hidden together.
    #[serde(default)]
    pub mapping: Option<String>,
    /// A command that hides what `${fixture}` names, and shows it again when it is run with `STILLFRAME_SHOW=1`.
    #[serde(default)]
    pub hook: Option<Vec<String>>,
    /// For a hook: the command that prints the names of the fixtures, one a line.
    #[serde(default)]
    pub list: Option<Vec<String>>,
}

/// The tables of a fixpoint or of a database.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Tables {
    /// The name of a fixpoint whose tables they are.
    #[serde(default)]
    pub fixpoint: Option<String>,
    /// The URL of a database whose tables they are; `$NAME` stands for a variable.
    #[serde(default)]
    pub database: Option<String>,
    /// The tables' names, instead of all of a fixpoint or database.
    #[serde(default)]
    pub names: Option<Vec<String>>,
    /// How they are hidden: `plan` (`FIXPOINTS_HIDE_PLAN`), `policy` (row-level security), or the name of a variable that
    /// takes a list with commas.
    pub hide: String,
    /// For `policy`: the role that the suite connects as, where that is a superuser otherwise.
    #[serde(default)]
    pub role: Option<String>,
}

/// The keys of a map.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Keys {
    /// The file, from the definition's folder.
    pub file: String,
    /// The name of a variable that takes a list with commas, where the suite itself hides keys; else they are left out of
    /// a private copy of the file.
    #[serde(default)]
    pub hide: Option<String>,
}

/// What watches the tests.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Observe {
    /// The URL of the database whose statistics show which tables a test reads; `$NAME` stands for a variable.
    #[serde(default)]
    pub postgres: Option<String>,
    /// How reads of files are seen.
    #[serde(default)]
    pub files: Option<FileObserver>,
    /// Whether Python's audit hook reports the files that each test opens.
    #[serde(default)]
    pub pytest: bool,
}

/// How reads of files are seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FileObserver {
    /// By the time of last access.
    Atime,
    /// By tracing system calls.
    Strace,
}

/// A fixture that stays.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Keep {
    /// Its name.
    pub name: FixtureName,
    /// Why it stays.
    pub reason: String,
}

/// A fixture that may not gain consumers.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Retiring {
    /// Its name.
    pub name: FixtureName,
}

/// A span of time as people write it: `90s`, `10m`, `2h`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema)]
#[schemars(with = "String")]
pub struct Span(pub Duration);

impl std::str::FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Span, String> {
        let wrong = || format!("\"{text}\" is not a span of time; write 90s, 10m or 2h");
        let unit = text.chars().last().ok_or_else(wrong)?;
        let number: u64 = text[..text.len() - unit.len_utf8()]
            .parse()
            .map_err(|_| wrong())?;
        let seconds = match unit {
            's' => Some(number),
            'm' => number.checked_mul(60),
            'h' => number.checked_mul(3600),
            _ => None,
        };
        let seconds = seconds.filter(|&seconds| seconds > 0).ok_or_else(wrong)?;
        Ok(Span(Duration::from_secs(seconds)))
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Span, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl Definition {
    /// Reads the one of this folder, or of the nearest one above it that has one.
    ///
    /// # Errors
    ///
    /// When there is none, or it says something that cannot be.
    pub fn find(from: &Path) -> Result<Definition> {
        let found = from
            .ancestors()
            .find(|folder| folder.join(DEFINITION_NAME).is_file());
        match found {
            Some(root) => Definition::read(root),
            None => bail!(
                "there is no {DEFINITION_NAME} in {} or above it; the guide shows a first one",
                from.display()
            ),
        }
    }

    fn read(root: &Path) -> Result<Definition> {
        let path = root.join(DEFINITION_NAME);
        let text = disk::read_regular_text(&path)
            .with_context(|| format!("reading {}", path.display()))?;
        let written =
            Written::parse(&text).with_context(|| format!("reading {}", path.display()))?;
        Ok(Definition {
            root: root.to_owned(),
            text,
            written,
        })
    }

    /// The folder that the suite runs in.
    pub fn cwd(&self) -> PathBuf {
        self.root.join(&self.written.suite.cwd)
    }
}

impl Written {
    /// Reads the text of a definition.
    ///
    /// # Errors
    ///
    /// When it is not TOML, or says something that cannot be.
    pub fn parse(text: &str) -> Result<Written> {
        let written: Written = toml::from_str(text)?;
        written.check()?;
        Ok(written)
    }

    fn check(&self) -> Result<()> {
        if self.format_version != 1 {
            bail!(
                "format-version is {}; this version of stillframe reads 1",
                self.format_version
            );
        }
        self.suite.check()?;
        if self.fixtures.is_empty() {
            bail!("there are no [[fixtures]]; name files, tables, keys or a hook");
        }
        for (number, fixtures) in self.fixtures.iter().enumerate() {
            fixtures
                .check()
                .with_context(|| format!("[[fixtures]] number {}", number + 1))?;
        }
        let mut marked = BTreeSet::new();
        let kept = self.keep.iter().map(|keep| &keep.name);
        for name in kept.chain(self.retiring.iter().map(|retiring| &retiring.name)) {
            if !marked.insert(name) {
                bail!("{name} is marked twice; a fixture is under [[keep]] or [[retiring]], once");
            }
        }
        Ok(())
    }
}

impl Suite {
    fn check(&self) -> Result<()> {
        if self.command.is_empty() {
            bail!("[suite] command is empty; write the command that runs every test");
        }
        if self.runs == 0 {
            bail!("[suite] runs is 0; nothing can be compared without a baseline");
        }
        let templates = matches!(self.runner, RunnerKind::Junit | RunnerKind::Tap);
        for (key, is_set) in [
            ("list", self.list.is_some()),
            ("select", self.select.is_some()),
            ("report", self.report.is_some()),
        ] {
            if is_set && !templates {
                bail!("[suite] {key} is only for the runners junit and tap; remove it");
            }
        }
        if self.runner == RunnerKind::Junit && self.report.is_none() {
            bail!("[suite] report is missing; name the file that the command writes");
        }
        if let Some(select) = &self.select
            && select
                .iter()
                .filter(|word| word.contains("${tests}"))
                .count()
                != 1
        {
            bail!(
                "[suite] select needs exactly one argument with ${{tests}} in it; it is repeated for each test"
            );
        }
        Ok(())
    }
}

impl Fixtures {
    fn check(&self) -> Result<()> {
        let kinds = [
            self.files.is_some(),
            self.tables.is_some(),
            self.keys.is_some(),
            self.hook.is_some(),
        ];
        if kinds.iter().filter(|&&is_set| is_set).count() != 1 {
            bail!("name exactly one of files, tables, keys and hook");
        }
        if self.hook.is_some() != self.list.is_some() {
            bail!("a hook has a list, the command that prints the names of what it hides");
        }
        if let Some(tables) = &self.tables
            && tables.fixpoint.is_some() == tables.database.is_some()
        {
            bail!("tables are those of a fixpoint or of a database; name one of them");
        }
        Ok(())
    }
}

/// Puts the caller's variables in the place of `$NAME`.
pub(crate) fn expand(value: &str) -> Result<String> {
    let mut pieces = value.split('$');
    let mut expanded = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let end = piece
            .find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
            .unwrap_or(piece.len());
        let (name, rest) = piece.split_at(end);
        if name.is_empty() {
            bail!("\"{value}\" has a $ without the name of a variable after it");
        }
        let set = std::env::var(name)
            .with_context(|| format!("reading the variable {name}, which \"{value}\" names"))?;
        expanded.push_str(&set);
        expanded.push_str(rest);
    }
    Ok(expanded)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(text: &str) -> String {
        match Written::parse(text) {
            Ok(_) => "accepted".to_owned(),
            Err(error) => format!("{error:#}"),
        }
    }

    #[test]
    fn what_cannot_be_is_refused_with_the_edit() {
        let suite = "format-version = 1\n[suite]\nrunner = \"pytest\"\ncommand = [\"pytest\"]\n";
        let with = |more: &str| problem(&format!("{suite}{more}"));
        let files = "[[fixtures]]\nfiles = [\"a/*.json\"]\n";
        assert_eq!(with(files), "accepted");
        for (more, word) in [
            ("", "no [[fixtures]]"),
            ("[[fixtures]]\n", "exactly one of"),
            (
                "[[fixtures]]\nfiles = []\nhook = [\"x\"]\n",
                "exactly one of",
            ),
            ("[[fixtures]]\nhook = [\"x\"]\n", "a hook has a list"),
            (
                "[[fixtures]]\ntables = { hide = \"plan\" }\n",
                "name one of them",
            ),
            ("[[fixtures]]\nfile = \"a\"\n", "unknown field"),
            ("[[keep]]\nname = \"a\"\n", "reason"),
        ] {
            assert!(with(more).contains(word), "{more}: {}", with(more));
        }
        let twice =
            format!("{files}[[keep]]\nname = \"a\"\nreason = \"b\"\n[[retiring]]\nname = \"a\"\n");
        assert!(with(&twice).contains("marked twice"));
        let junit = suite.replace("pytest", "junit");
        assert!(problem(&format!("{junit}{files}")).contains("report is missing"));
        let timed = suite.replace("[suite]", "[suite]\ntimeout = \"10\"");
        assert!(problem(&format!("{timed}{files}")).contains("write 90s"));
        let none = suite.replace("format-version = 1", "format-version = 2");
        assert!(problem(&format!("{none}{files}")).contains("reads 1"));
    }
}
