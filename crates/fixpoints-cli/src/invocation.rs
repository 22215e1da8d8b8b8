//! What was typed that hints and texts go by: the database and the folder, without passwords, and how much is shown.

use fixpoints::{redacted, shell_word, without_secrets};

use crate::args::{Cli, Command};
use crate::output::{Finding, ListedFixpoint, Output, TreeNode};

/// The database and the folder that were named on the command line, and how many rows of a table are to be shown.
#[derive(Debug, Default)]
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

    /// A hint whose commands work as they are.
    pub fn complete(&self, hint: &str) -> String {
        const PROGRAM: &str = "fixpoints ";
        let (mut complete, mut rest) = (String::new(), hint);
        while let Some(at) = rest.find(PROGRAM) {
            let (before, after) = rest.split_at(at + PROGRAM.len());
            complete.push_str(before);
            if before[..at].ends_with(['`', ' ']) {
                complete.push_str(&self.flags(after));
            }
            rest = after;
        }
        complete + rest
    }

    /// The flags that a command takes notice of, each with a blank behind it.
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
        let own = command.split(['`', '&']).next().unwrap_or_default();
        let dir = dir && !own.contains(" --dir ");
        let flag = |is_wanted, name, value: &Option<String>| match value {
            Some(value) if is_wanted => format!("--{name} {value} "),
            _ => String::new(),
        };
        flag(db, "db", &self.db) + &flag(dir, "dir", &self.dir)
    }

    fn each(&self, hints: &mut [&mut Option<String>]) {
        for hint in hints.iter_mut().filter_map(|hint| hint.as_mut()) {
            *hint = self.complete(hint);
        }
    }

    fn findings(&self, findings: &mut [Finding]) {
        findings
            .iter_mut()
            .for_each(|finding| self.each(&mut [&mut finding.hint]));
    }

    fn tree(&self, nodes: &mut [TreeNode]) {
        for node in nodes {
            self.each(&mut [&mut node.hint]);
            self.tree(&mut node.children);
        }
    }

    /// Completes every hint of a document.
    pub fn complete_all(&self, output: &mut Output) {
        match output {
            Output::Accept(accept) => self.each(&mut [&mut accept.hint]),
            Output::Compare(compare) => {
                self.each(&mut [&mut compare.hint]);
                if let Some(stored) = &mut compare.stored {
                    self.findings(&mut stored.warnings);
                }
            }
            Output::Doctor(doctor) => {
                for check in &mut doctor.checks {
                    self.findings(&mut check.findings);
                }
            }
            Output::Error(error) => self.each(&mut [&mut error.hint]),
            Output::List(list) => {
                for fixpoint in &mut list.fixpoints {
                    if let ListedFixpoint::Unreadable { problem, .. } = fixpoint {
                        self.each(&mut [&mut problem.hint]);
                    }
                }
            }
            Output::Rebase(rebase) => self.each(&mut [&mut rebase.hint]),
            Output::Store(store) => self.findings(&mut store.warnings),
            Output::Tree(tree) => self.tree(&mut tree.roots),
            Output::Completions(_)
            | Output::Diff(_)
            | Output::ExportSchemas(_)
            | Output::Import(_)
            | Output::Remove(_)
            | Output::Restore(_)
            | Output::Sequences(_)
            | Output::Show(_)
            | Output::Sql(_) => {}
        }
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
        for (hint, complete) in [
            (
                "run `fixpoints store a`",
                "run `fixpoints --db x.db --dir f store a`",
            ),
            ("run `fixpoints list`", "run `fixpoints --dir f list`"),
            (
                "run `fixpoints sql FILE`",
                "run `fixpoints --db x.db sql FILE`",
            ),
            (
                "run `fixpoints restore a && fixpoints store a`",
                "run `fixpoints --db x.db --dir f restore a && fixpoints --db x.db --dir f store a`",
            ),
            (
                "`fixpoints restore a --dir g && fixpoints store a`",
                "`fixpoints --db x.db restore a --dir g && fixpoints --db x.db --dir f store a`",
            ),
            ("add it to fixpoints.toml", "add it to fixpoints.toml"),
            (
                "the version of fixpoints that wrote it",
                "the version of fixpoints that wrote it",
            ),
            ("my-fixpoints store", "my-fixpoints store"),
        ] {
            assert_eq!(typed("x.db").complete(hint), complete);
        }
        assert_eq!(
            typed("a b").complete("`fixpoints sql`"),
            "`fixpoints --db 'a b' sql`"
        );
        assert_eq!(
            Invocation::default().complete("`fixpoints sql`"),
            "`fixpoints sql`"
        );
    }
}
