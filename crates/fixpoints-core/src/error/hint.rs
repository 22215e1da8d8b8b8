//! What to do about each error: the exact command or edit, and never one that replaces a sound fixpoint unawares.

use std::path::Path;

use super::{CONFLICT, Error, Fault, Linked, TYPED};
use crate::advice::Advice;
use crate::names::{Asked, HIDE_PLAN, SKIP_DEPENDENTS, TEST, choices, nearest, shell_word};

impl Error {
    /// The exact command or edit that fixes this, where the cause is known.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        self.advice().map(|advice| advice.to_string())
    }

    /// The same, with its commands apart.
    #[must_use]
    pub fn advice(&self) -> Option<Advice> {
        self.with_commands()
            .or_else(|| self.in_words().map(Advice::from))
    }

    /// What tells to run `fixpoints`, or another command that the error was made with.
    fn with_commands(&self) -> Option<Advice> {
        Some(match self {
            Self::MissingFixpoint { name, .. } => Advice::from("run ")
                .fixpoints(format!("store {name}"))
                .text(" to store it, or ")
                .fixpoints("list")
                .text(" to see what there is"),
            Self::MissingDatabase { create, .. } => {
                Advice::run(create.clone()).text(" to create it")
            }
            Self::SchemaDrift { fixpoint, parent, folder, .. } => {
                drift_advice(fixpoint, parent.as_deref(), folder)
            }
            Self::BrokenReferences { fixpoint, .. } => Advice::from(format!(
                "nothing was changed; correct these rows in the file of `{fixpoint}`, which "
            ))
            .fixpoints(format!("show {fixpoint} --rows"))
            .text(
                " reads, or in the database where it leaves their table out; where the application does not enforce its foreign keys, write `broken-references = \"keep\"` into fixpoints.toml",
            ),
            Self::Corrupt { fixpoint, path, reason, .. } if reason == CONFLICT => {
                Advice::from("run ")
                    .fixpoints(format!("accept {fixpoint}"))
                    .text(format!(
                        ", which settles conflicts of digests, and `git add {}`",
                        shell_word(path)
                    ))
            }
            Self::Corrupt { fixpoint, path, line, .. } => {
                let place = line.map_or_else(|| "the file".to_owned(), |line| format!("line {line}"));
                Advice::from(format!("{}, or correct {place} and run ", checkout(path)))
                    .fixpoints(format!("accept {fixpoint}"))
            }
            Self::Unmerged { fixpoint, path, .. } => Advice::from(
                "keep the lines of one side, or rows of both, without git's marks; then run ",
            )
            .fixpoints(format!("accept {fixpoint}"))
            .text(format!(", and `git add {}`", shell_word(path))),
            Self::Unsigned { fixpoint, path, .. } => {
                Advice::from("if it was changed on purpose, run ")
                    .fixpoints(format!("accept {fixpoint}"))
                    .text(format!(
                        ", which shows the changes and signs them; else {}",
                        checkout(path)
                    ))
            }
            Self::WouldEmpty { command, .. } => {
                Advice::from("look whether `--db` names the right database; if it does, run `")
                    .command(command.clone())
                    .text("`")
            }
            Self::WouldReplaceEngine { command, .. } => {
                Advice::from("store it under a name of its own; if the other one may go, run `")
                    .command(command.clone())
                    .text("`")
            }
            Self::UnsupportedFormat { fixpoint, found, .. } if found == "1" => Advice::from("run ")
                .fixpoints(format!("accept {fixpoint}"))
                .text(", which rewrites it, and its parents, in format 2"),
            Self::ChildrenLeft { name, children } => {
                let mut advice = Advice::from("run ");
                for (at, child) in children.iter().enumerate() {
                    let and = if at > 0 { " and " } else { "" };
                    advice = advice.text(and).fixpoints(format!("rebase {child} --onto {name}"));
                }
                advice.text(", and the test again")
            }
            Self::ParentMoved { child, parent } => {
                Advice::from("run ").fixpoints(format!("rebase {child} --onto {parent}"))
            }
            Self::NothingToCompare { command, .. } => Advice::run(command.clone())
                .text(" to store it, then look at the file and commit it"),
            Self::ImplicitWrite { command, .. } => Advice::run(command.clone())
                .text(" on your own machine and commit the file"),
            Self::HasChildren { name, children } => children_advice(name, children),
            Self::Database { fault: fault @ (Fault::Damaged | Fault::NoAutoincrement), .. } => {
                fault.advice()?
            }
            Self::Row { fault: fault @ (Fault::Damaged | Fault::NoAutoincrement), .. } => {
                fault.advice()?.after("nothing was changed; ")
            }
            Self::Script { fault: fault @ (Fault::Damaged | Fault::NoAutoincrement), one_transaction, .. } => {
                fault.advice()?.text(format!("; {}", left_by(*one_transaction)))
            }
            _ => return None,
        })
    }

    fn in_words(&self) -> Option<String> {
        Some(match self {
            Self::BadName { .. } => {
                "use letters, digits, `_`, `-` and `.`, with `/` between folders, as in `orders/paid`".to_owned()
            }
            Self::NameTaken { .. } => "spell the name, and its folders, as the other one does, or choose another".to_owned(),
            Self::NoDatabase => {
                "pass `--db sqlite:test.db`, set FIXPOINTS_DB, or write `db = \"sqlite:test.db\"` into fixpoints.toml"
                    .to_owned()
            }
            Self::UnsupportedUrl { url, fault, .. } => url_hint(url, *fault),
            Self::SeveralDatabases { names } => {
                let first = names.first().map(String::as_str).unwrap_or_default();
                format!("pass one of them, as in `--db {}`, or set FIXPOINTS_DB to it", shell_word(first))
            }
            Self::NotATestDatabase { name, .. } => {
                let name = serde_json::Value::from(name.as_str());
                format!("if its rows may be replaced, add `allow-databases = [{name}]` to fixpoints.toml")
            }
            Self::Disturbed { .. } | Self::DisturbedReset { .. } => {
                "nothing was changed; what writes there is a function that a check, a default, a generated column or an index calls, or an event trigger: let it write nothing while fixpoints are restored"
                    .to_owned()
            }
            Self::UnsupportedFormat { path, .. } => {
                format!("use the version of fixpoints that wrote it, or {}", checkout(path))
            }
            Self::OtherEngine { stored, .. } => {
                format!("pass the URL of a {stored} database with `--db`, or store this one under a name of its own")
            }
            Self::EnginesDiffer { .. } => "name two fixpoints of the same kind of database".to_owned(),
            Self::RestoredMoved { restored, child } => {
                format!("restore `{restored}` again, and store `{child}` on what that returns")
            }
            Self::UnclearExpectation { hint, .. } => (*hint).to_owned(),
            Self::SchemaMovedSince { .. } => {
                "change the schema first, and take the state to tell changes from after that".to_owned()
            }
            Self::ParentMissing { parent, folder, .. } => missing_parent_hint(folder, parent),
            Self::ParentCycle { .. } => {
                "pass another `--parent` or `--onto`; where files say it themselves, correct their `parent`".to_owned()
            }
            Self::UnknownSkip { table, asked, known } => {
                let known: Vec<String> = known.iter().map(|name| crate::names::written(name)).collect();
                let name = match asked {
                    Asked::ByList => format!("set {} to", asked.variable()),
                    Asked::ByPlan => "in the plan, name".to_owned(),
                };
                format!("{name} one of {}, or unset {}", choices(table, &known), match asked {
                    Asked::ByList => "it",
                    Asked::ByPlan => asked.variable(),
                })
            }
            Self::UnclearDependents { .. } => {
                format!("set {SKIP_DEPENDENTS} to `keep`, or unset it")
            }
            Self::SkippedTable { asked, .. } => format!("unset {}, or name a table that is not skipped", asked.variable()),
            Self::SkippingStore { asked, .. } => format!("unset {} and store it then", asked.variable()),
            Self::HidePlan { path, .. } => {
                format!("write a JSON object from names of tests to lists of tables into {path}, or unset {HIDE_PLAN}")
            }
            Self::UnknownTest { .. } => format!(
                "set {TEST} to the test's name, run the tests with `cargo nextest run`, or restore in the thread of the test; without {HIDE_PLAN} nothing is hidden"
            ),
            Self::StoredInstead { path, .. } => format!("look at {path}, commit it, and run the test again"),
            Self::Import { path, .. } => format!("correct {path}, then run the command again; nothing was written"),
            Self::UnknownTable { known, .. } if known.is_empty() => "there is no table to name".to_owned(),
            Self::UnknownTable { table, known } => format!("name one of {}", choices(table, known)),
            Self::Unmatched { setting, name, known } => {
                let near = nearest(name, known);
                let instead = if near.is_empty() { String::new() } else { format!("write {} in its place, or ", near.join(" or ")) };
                format!("{instead}remove it from `{setting}`; a name that only one of several databases has is written as `{setting} = {{ DATABASE = [\"{name}\"] }}`")
            }
            Self::Partition { table, instead, .. } => format!("write `{instead}` in its place, which means all rows of {table}, or remove the name"),
            Self::UnknownColumn { .. } => "name it as `COLUMN` or `TABLE.COLUMN`, spelled as in the schema".to_owned(),
            Self::Script { script, line, fault, one_transaction, .. } => {
                let fix = match fault {
                    Fault::Row | Fault::Reference | Fault::Statement | Fault::MissingObject => {
                        Some(format!("correct {script} at line {line}"))
                    }
                    // Its advice is about reading tables.
                    Fault::RowSecurity => None,
                    fault => fault.in_words().map(str::to_owned),
                };
                joined(fix, left_by(*one_transaction))
            }
            Self::Row { fault, .. } => {
                let fix = match fault {
                    Fault::Row | Fault::Reference => Some("correct the row in the fixpoint's file"),
                    Fault::Statement => None,
                    fault => fault.in_words(),
                };
                fix.map_or_else(
                    || "nothing was changed".to_owned(),
                    |fix| format!("nothing was changed; {fix}"),
                )
            }
            Self::Config { path, .. } => {
                format!("correct {path}; its keys are `db`, `dir`, `ignore`, `exclude`, `include`, `allow-databases` and `broken-references`")
            }
            Self::Database { fault, .. } => fault.in_words()?.to_owned(),
            Self::Io { source, .. } if is_link(source) => {
                "put the file or folder itself there in place of the link, or name the folder it leads to with `--dir`".to_owned()
            }
            Self::Io { act, path, source } => io_hint(act, path, source.kind())?,
            // Others say it themselves, or with commands.
            _ => return None,
        })
    }
}

/// What to do where a fixpoint names a parent that is not there.
#[must_use]
pub fn missing_parent_hint(folder: &str, parent: &str) -> String {
    let path = format!("{folder}/{parent}.{}", crate::names::EXTENSION);
    checkout(&path)
}

/// Only the committed file is known to be sound: a new recording would be of whatever the database holds.
fn checkout(path: &str) -> String {
    format!(
        "bring back the committed file with `git checkout -- {}`",
        shell_word(path)
    )
}

fn url_hint(url: &str, fault: Fault) -> String {
    const FILE: &str = "name a file as in `--db sqlite:test.db`";
    const SERVER: &str = "`--db postgres://user@host/name_test`";
    if url.starts_with("sqlite") {
        return FILE.to_owned();
    }
    if !url.starts_with("postgres") {
        return format!("{FILE}, or a server's database as in {SERVER}");
    }
    if fault == Fault::Tls {
        return "write `sslmode=disable` where the server is on this machine; reach another one through a tunnel, as `ssh -L 5433:localhost:5432 HOST` makes, and name localhost:5433"
            .to_owned();
    }
    format!("name it as in {SERVER}; a password comes from PGPASSWORD too")
}

/// Everything from a copy of the files, because a child cannot be read any more once its parent is stored again.
fn drift_advice(fixpoint: &str, parent: Option<&str>, folder: &str) -> Advice {
    let copy = shell_word(&format!("{folder}-old"));
    let copied = format!("`cp -r {} {copy}`", shell_word(folder));
    let begin = match parent {
        None => format!("copy the files with {copied}, "),
        Some(parent) => format!(
            "bring over `{parent}` first, from a copy of the files that {copied} makes; then "
        ),
    };
    let onto = parent.map(|parent| format!(" --parent {parent}"));
    let over = Advice::from(begin)
        .text("give the database its old schema, run ")
        .fixpoints(format!("restore {fixpoint} --dir {copy}"))
        .text(", migrate it, and run ")
        .fixpoints(format!("store {fixpoint}{}", onto.unwrap_or_default()));
    match parent {
        None => over.text(format!(
            "; what stands on `{fixpoint}` follows from the same copy"
        )),
        Some(_) => over,
    }
}

fn children_advice(name: &str, children: &[String]) -> Advice {
    let first = children.first().map(String::as_str).unwrap_or_default();
    Advice::from("run ")
        .fixpoints(format!("remove {first}"))
        .text(" first, or ")
        .fixpoints(format!("rebase {first} --onto OTHER"))
        .text(format!(" to put it elsewhere than on `{name}`"))
}

/// What a script left that failed.
fn left_by(one_transaction: bool) -> &'static str {
    if one_transaction {
        "what the script began was rolled back"
    } else {
        "the transaction that was open was rolled back, and what the script did outside of it stays"
    }
}

fn io_hint(act: &str, path: &Path, kind: std::io::ErrorKind) -> Option<String> {
    use std::io::ErrorKind;
    // A file is put into its folder, or taken out of it.
    let place = match (act, path.parent()) {
        ("remove" | "replace", Some(folder)) if folder.as_os_str().is_empty() => Path::new("."),
        ("remove" | "replace", Some(folder)) => folder,
        _ => path,
    };
    let (path, place) = (path.display(), place.display());
    if act.starts_with("make a folder") {
        return temporary_hint(kind);
    }
    match kind {
        // Elsewhere nobody named what is missing: it was there, or its folder was, and it is gone.
        ErrorKind::NotFound if act == TYPED => Some(format!(
            "correct the name {path}, which is looked for from the current folder"
        )),
        ErrorKind::NotFound => None,
        ErrorKind::IsADirectory => Some(format!("name a file; {path} is a folder")),
        ErrorKind::NotADirectory => Some(format!(
            "name a folder; {path}, or what it lies in, is a file"
        )),
        ErrorKind::PermissionDenied => Some(format!("make {place} readable and writable for you")),
        ErrorKind::ReadOnlyFilesystem => Some(format!(
            "make the file system of {place} writable, or name a folder of another one with `--dir`"
        )),
        ErrorKind::StorageFull => {
            Some("make room on the disk, then run the command again".to_owned())
        }
        ErrorKind::InvalidData => Some(format!("save {path} as UTF-8")),
        _ => None,
    }
}

/// For the folder that the system gives for temporary files.
fn temporary_hint(kind: std::io::ErrorKind) -> Option<String> {
    use std::io::ErrorKind;
    let is_known = matches!(
        kind,
        ErrorKind::NotFound
            | ErrorKind::NotADirectory
            | ErrorKind::PermissionDenied
            | ErrorKind::ReadOnlyFilesystem
            | ErrorKind::StorageFull
    );
    is_known.then(|| "set TMPDIR to a folder that exists, may be written and has room".to_owned())
}

fn is_link(source: &std::io::Error) -> bool {
    let inner = source.get_ref();
    inner.is_some_and(|error| error.is::<Linked>())
}

fn joined(fix: Option<String>, left: &str) -> String {
    fix.map_or_else(|| left.to_owned(), |fix| format!("{fix}; {left}"))
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use super::*;

    #[test]
    fn what_is_read_only_is_named_as_what_it_is() {
        let io = |act, path: &str, kind: ErrorKind| {
            Error::io(act, path)(kind.into()).hint().expect("a hint")
        };
        for (act, path, kind, hint) in [
            (
                "remove",
                "f/a.yaml",
                ErrorKind::PermissionDenied,
                "make f readable",
            ),
            (
                "replace",
                "a.yaml",
                ErrorKind::PermissionDenied,
                "make . readable",
            ),
            (
                "read",
                "f/a.yaml",
                ErrorKind::PermissionDenied,
                "make f/a.yaml readable",
            ),
            (
                "write into the folder",
                "f",
                ErrorKind::PermissionDenied,
                "make f readable",
            ),
            (
                "remove",
                "f/a.yaml",
                ErrorKind::ReadOnlyFilesystem,
                "make the file system of f writable",
            ),
        ] {
            let found = io(act, path, kind);
            assert!(found.starts_with(hint), "{act} {path}: {found}");
        }
        for (fault, hint) in [
            (
                Fault::ReadOnly,
                "make the file and its folder readable and writable",
            ),
            (Fault::Damaged, "the file is damaged"),
        ] {
            // Whatever the message is about: it may be made of names that somebody chose.
            let message = "database is locked, disk is full, permission denied".to_owned();
            let error = Error::Database {
                act: "cannot read table a".to_owned(),
                message: message.clone(),
                fault,
            };
            assert!(error.hint().is_some_and(|found| found.starts_with(hint)));
            let error = Error::Row {
                table: "a".to_owned(),
                row: crate::named::NamedRow::default(),
                message,
                fault,
            };
            let found = error.hint().unwrap_or_default();
            assert!(
                found.starts_with(&format!("nothing was changed; {hint}")),
                "{found}"
            );
        }
    }
}
