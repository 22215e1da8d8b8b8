//! What was typed that hints and texts go by: the database and the folder, without passwords, and how much is shown.

use fixpoints::Error;
use fixpoints::core::advice::Advice;
use fixpoints::core::names::shell_word;
use fixpoints::core::secret::{redacted, without_secrets};

use crate::args::{Cli, Command};

/// The database and the folder that were named on the command line, and how many rows of a table are to be shown.
#[derive(Debug, Clone, Default)]
pub(crate) struct Invocation {
    db: Option<String>,
    dir: Option<String>,
    limit: usize,
}

impl Invocation {
    /// Takes over what was typed.
    pub fn new(cli: &Cli) -> Self {
        let db = cli.db.as_deref().map(|url| {
            if redacted(url) == url {
                shell_word(url)
            } else {
                "URL".to_owned()
            }
        });
        let dir = cli.dir.as_deref();
        let dir = dir.map(|dir| {
            let dir = dir.display().to_string();
            match without_secrets(&dir) == dir {
                true => shell_word(&dir),
                false => "DIR".to_owned(),
            }
        });
        let limit = match &cli.command {
            Command::Accept(args) => args.limit,
            Command::Compare(args) => args.limit,
            Command::Diff(args) => args.limit,
            _ => 0,
        };
        Self { db, dir, limit }
    }

    /// How many rows of each table are shown.
    pub fn limit(&self) -> usize {
        match self.limit {
            0 => usize::MAX,
            limit => limit,
        }
    }

    /// Advice whose commands work as they are.
    pub fn complete(&self, advice: &Advice) -> String {
        advice.with_flags(|words| self.flags(words))
    }

    /// What to do about an error.
    pub fn hint(&self, error: &Error) -> Option<String> {
        error.advice().map(|advice| self.complete(&advice))
    }

    /// The flags that a command takes notice of, each with a blank after it.
    fn flags(&self, command: &str) -> String {
        let word: String = command
            .chars()
            .take_while(|c| c.is_ascii_lowercase())
            .collect();
        let (db, dir) = match word.as_str() {
            "sql" | "sequences" => (true, false),
            "store" | "restore" | "compare" | "doctor" | "import" | "rebase" => (true, true),
            "accept" | "list" | "show" | "tree" | "diff" | "remove" => (false, true),
            _ => (false, false),
        };
        // It may name another folder itself.
        let dir = dir && !command.contains(" --dir ");
        let flag = |is_wanted, name, value: &Option<String>| match value {
            Some(value) if is_wanted => format!("--{name} {value} "),
            _ => String::new(),
        };
        flag(db, "db", &self.db) + &flag(dir, "dir", &self.dir)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_get_the_flags_they_take() {
        let typed = |db: &str| Invocation {
            db: Some(shell_word(db)),
            dir: Some("f".to_owned()),
            limit: 0,
        };
        let run = |command: &str| Advice::from("run ").fixpoints(command);
        for (advice, complete) in [
            (run("store a"), "run `fixpoints --db x.db --dir f store a`"),
            (run("list"), "run `fixpoints --dir f list`"),
            (run("sql FILE"), "run `fixpoints --db x.db sql FILE`"),
            (
                run("restore a --dir g").text(" and ").fixpoints("store a"),
                "run `fixpoints --db x.db restore a --dir g` and `fixpoints --db x.db --dir f store a`",
            ),
            (
                Advice::from("add it to fixpoints.toml"),
                "add it to fixpoints.toml",
            ),
            (
                Advice::run(fixpoints::core::advice::Command::Shell(
                    "my-fixpoints store".to_owned(),
                )),
                "run `my-fixpoints store`",
            ),
        ] {
            assert_eq!(typed("x.db").complete(&advice), complete);
        }
        assert_eq!(
            typed("a b").complete(&run("sql")),
            "run `fixpoints --db 'a b' sql`"
        );
        assert_eq!(
            Invocation::default().complete(&run("sql")),
            "run `fixpoints sql`"
        );
    }
}
