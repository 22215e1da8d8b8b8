//! What to do about each error: the exact command or edit, and never one that replaces a sound fixpoint unawares.

use crate::document::CONFLICT;
use std::borrow::Cow;
use std::path::Path;

use super::Error;
use crate::excerpt::visible;
use crate::secret::without_secrets;

impl Error {
    /// The exact command or edit that fixes this, where there is one.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let advice = self.advice()?;
        Some(without_secrets(&advice).into_owned())
    }

    fn advice(&self) -> Option<String> {
        Some(match self {
            Self::MissingFixpoint { name, .. } => {
                format!("run `fixpoints store {name}` to store it, or `fixpoints list` to see what there is")
            }
            Self::BadName { .. } => {
                "use letters, digits, `_`, `-` and `.`, with `/` between folders, as in `orders/paid`".to_owned()
            }
            Self::NameTaken { .. } => "spell the name, and its folders, as the other one does, or choose another".to_owned(),
            Self::NoDatabase => {
                "pass `--db sqlite:test.db`, set FIXPOINTS_DB, or write `db = \"sqlite:test.db\"` into fixpoints.toml"
                    .to_owned()
            }
            Self::MissingDatabase { url } if url.starts_with("postgres") => {
                format!("run `{}` to create it", crate::url::createdb(url))
            }
            Self::MissingDatabase { .. } => "run `fixpoints sql FILE` to create it from a script".to_owned(),
            Self::UnsupportedUrl { url, reason } => url_hint(url, reason),
            Self::SeveralDatabases { names } => {
                let first = names.first().map(String::as_str).unwrap_or_default();
                format!("pass one of them, as in `--db {}`, or set FIXPOINTS_DB to it", shell_word(first))
            }
            Self::NotATestDatabase { name, .. } => {
                let name = serde_json::Value::from(name.as_str());
                format!("if its rows may be replaced, add `allow-databases = [{name}]` to fixpoints.toml")
            }
            Self::SchemaDrift { fixpoint, parent, folder, .. } => drift_hint(fixpoint, parent.as_deref(), folder),
            Self::BrokenReferences { fixpoint, .. } => format!(
                "nothing was changed; correct these rows in the file of `{fixpoint}`, which `fixpoints show {fixpoint} --rows` reads, or in the database where it leaves their table out; where the application does not enforce its foreign keys, write `broken-references = \"keep\"` into fixpoints.toml"
            ),
            Self::Disturbed { .. } | Self::DisturbedReset { .. } => {
                "nothing was changed; what writes there is a function that a check, a default, a generated column or an index calls, or an event trigger: let it write nothing while fixpoints are restored"
                    .to_owned()
            }
            Self::Corrupt { fixpoint, path, reason, .. } if reason == CONFLICT => format!(
                "run `fixpoints accept {fixpoint}`, which settles conflicts of digests, and `git add {}`",
                shell_word(path)
            ),
            Self::Unmerged { fixpoint, path, .. } => format!(
                "keep the lines of one side, or rows of both, without git's marks; then run `fixpoints accept {fixpoint}`, and `git add {}`",
                shell_word(path)
            ),
            Self::Corrupt { fixpoint, path, line, .. } => file_hint(fixpoint, path, *line),
            Self::Unsigned { fixpoint, path, .. } => format!(
                "if it was changed on purpose, run `fixpoints accept {fixpoint}`, which shows the changes and signs them; else {}",
                checkout(path)
            ),
            Self::WouldEmpty { command, .. } => {
                format!("look whether `--db` names the right database; if it does, run `{command}`")
            }
            Self::WouldReplaceEngine { command, .. } => {
                format!("store it under a name of its own; if the other one may go, run `{command}`")
            }
            Self::UnsupportedFormat { fixpoint, found, .. } if found == "1" => {
                format!("run `fixpoints accept {fixpoint}`, which rewrites it, and its parents, in format 2")
            }
            Self::UnsupportedFormat { path, .. } => {
                format!("use the version of fixpoints that wrote it, or {}", checkout(path))
            }
            Self::OtherEngine { stored, .. } => {
                format!("pass the URL of a {stored} database with `--db`, or store this one under a name of its own")
            }
            Self::EnginesDiffer { .. } => "name two fixpoints of the same kind of database".to_owned(),
            Self::ChildrenLeft { name, children } => {
                let commands = children.iter().map(|child| format!("`fixpoints rebase {child} --onto {name}`"));
                format!("run {}, and the test again", commands.collect::<Vec<_>>().join(" and "))
            }
            Self::ParentMoved { child, parent } => {
                format!("run `fixpoints rebase {child} --onto {parent}`")
            }
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
            Self::UnknownSkip { known, .. } => {
                let known: Vec<String> = known.iter().map(|name| crate::skip::written(name)).collect();
                format!("set {} to one of {}, or unset it", crate::Skip::TABLES, known.join(", "))
            }
            Self::UnclearDependents { .. } => {
                format!("set {} to `keep`, or unset it", crate::Skip::DEPENDENTS)
            }
            Self::SkippedTable { .. } => format!("unset {}, or name a table that is not skipped", crate::Skip::TABLES),
            Self::NothingToCompare { command, .. } => {
                format!("run `{command}` to store it, then look at the file and commit it")
            }
            Self::SkippingStore { .. } => format!("unset {} and store it then", crate::Skip::TABLES),
            // What they say ends with it.
            Self::Different(_) | Self::UnexpectedChanges(_) => return None,
            Self::StoredInstead { path, .. } => format!("look at {path}, commit it, and run the test again"),
            Self::HasChildren { name, children } => children_hint(name, children),
            Self::Import { path, .. } => format!("correct {path}, then run the command again; nothing was written"),
            Self::UnknownTable { known, .. } if known.is_empty() => "there is no table to name".to_owned(),
            Self::UnknownTable { known, .. } => format!("name one of {}", known.join(", ")),
            Self::UnknownColumn { .. } => "name it as `COLUMN` or `TABLE.COLUMN`, spelled as in the schema".to_owned(),
            Self::ImplicitWrite { command, .. } => format!("run `{command}` on your own machine and commit the file"),
            Self::Script { script, line, message, .. } => {
                let fix = circumstance(message);
                let fix = fix.map_or_else(|| format!("correct {script} at line {line}"), str::to_owned);
                format!("{fix}; what the script began was rolled back")
            }
            Self::Row { message, .. } => {
                let fix = circumstance(message).unwrap_or("correct the row in the fixpoint's file");
                format!("nothing was changed; {fix}")
            }
            Self::Config { path, .. } => {
                format!("correct {path}; its keys are `db`, `dir`, `ignore`, `exclude`, `allow-databases` and `broken-references`")
            }
            Self::Database { message, .. } => database_hint(message)?.to_owned(),
            Self::Io { source, .. } if source.to_string() == crate::folder::LINK => {
                "put the file or folder itself there in place of the link, or name the folder it leads to with `--dir`".to_owned()
            }
            Self::Io { act, path, source } => io_hint(act, path, source.kind())?,
        })
    }
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

/// What to do where a fixpoint names a parent that is not there.
#[must_use]
pub fn missing_parent_hint(folder: &str, parent: &str) -> String {
    let path = format!("{folder}/{parent}.{}", crate::name::EXTENSION);
    checkout(&path)
}

/// Only the committed file is known to be sound: a new recording would be of whatever the database holds.
fn checkout(path: &str) -> String {
    format!(
        "bring back the committed file with `git checkout -- {}`",
        shell_word(path)
    )
}

fn file_hint(fixpoint: &str, path: &str, line: Option<usize>) -> String {
    let place = line.map_or_else(|| "the file".to_owned(), |line| format!("line {line}"));
    format!(
        "{}, or correct {place} and run `fixpoints accept {fixpoint}`",
        checkout(path)
    )
}

fn url_hint(url: &str, reason: &str) -> String {
    const FILE: &str = "name a file as in `--db sqlite:test.db`";
    const SERVER: &str = "`--db postgres://user@host/name_test`";
    if url.starts_with("sqlite") {
        return FILE.to_owned();
    }
    if !url.starts_with("postgres") {
        return format!("{FILE}, or a server's database as in {SERVER}");
    }
    if reason.contains("TLS") {
        return "write `sslmode=disable` where the server is on this machine; reach another one through a tunnel, as `ssh -L 5433:localhost:5432 HOST` makes, and name localhost:5433"
            .to_owned();
    }
    format!("name it as in {SERVER}; a password comes from PGPASSWORD too")
}

/// Everything from a copy of the files, because a child cannot be read any more once its parent is stored anew.
fn drift_hint(fixpoint: &str, parent: Option<&str>, folder: &str) -> String {
    let copy = shell_word(&format!("{folder}-old"));
    let copied = format!("`cp -r {} {copy}`", shell_word(folder));
    let over = format!(
        "give the database its old schema, run `fixpoints restore {fixpoint} --dir {copy}`, migrate it, and run `fixpoints store {fixpoint}"
    );
    match parent {
        None => format!(
            "copy the files with {copied}, {over}`; what stands on `{fixpoint}` follows from the same copy"
        ),
        Some(parent) => format!(
            "bring over `{parent}` first, from a copy of the files that {copied} makes; then {over} --parent {parent}`"
        ),
    }
}

fn children_hint(name: &str, children: &[String]) -> String {
    let first = children.first().map(String::as_str).unwrap_or_default();
    format!(
        "run `fixpoints remove {first}` first, or `fixpoints rebase {first} --onto OTHER` to put it elsewhere than on `{name}`"
    )
}

/// What to do where it is not the statement or the row that is wrong.
fn circumstance(message: &str) -> Option<&'static str> {
    const WORDS: [&str; 8] = [
        "readonly",
        "malformed",
        "is a command of psql",
        "locked",
        "is full",
        "No space left",
        "permission denied",
        "must be owner",
    ];
    let is_one = WORDS.iter().any(|words| message.contains(words));
    is_one.then(|| database_hint(message)).flatten()
}

/// For the refusals of databases that a person can do something about.
fn database_hint(message: &str) -> Option<&'static str> {
    const HINTS: [(&str, &str); 11] = [
        (
            " beside it ",
            "remove it, if it is not the journal of this database, then run the command again",
        ),
        ("image is malformed", DAMAGED),
        (
            "has no AUTOINCREMENT",
            "give the table AUTOINCREMENT, or remove its `sequence` from the file of the fixpoint and sign that with `fixpoints accept NAME`",
        ),
        (
            "is full",
            "make room on the disk, then run the command again",
        ),
        (
            "is not a database",
            "pass `--db sqlite:FILE` with a file that SQLite made",
        ),
        (
            "it is a folder",
            "pass `--db sqlite:FILE` with a file, as in `sqlite:test.db`",
        ),
        (
            "its folder does not exist",
            "create the folder, or correct the path, which begins at the current folder",
        ),
        ("locked", HELD),
        ("busy", HELD),
        ("readonly", WRITABLE),
        ("unable to open", WRITABLE),
    ];
    const HELD: &str = "end the program that holds the database, then run the command again";
    const DAMAGED: &str = "the file is damaged: remove it, make the database anew with `fixpoints sql FILE`, and restore into it";
    const WRITABLE: &str = "make the file and its folder writable, then run the command again";
    if let Some((_, hint)) = HINTS.iter().find(|(words, _)| message.contains(words)) {
        return Some(hint);
    }
    server_hint(message)
}

/// For those of PostgreSQL, in the words of its client and of a server that speaks English.
fn server_hint(message: &str) -> Option<&'static str> {
    const LOST: &str =
        "look into the log of the server for what ended the connection, then run it again";
    const HINTS: [(&str, &str); 20] = [
        (
            "an earlier statement of this transaction failed",
            "roll it back, or to a savepoint; the error of that statement says what was wrong",
        ),
        (
            "row-level security",
            "leave that table out with `exclude` in fixpoints.toml, or connect as a role with BYPASSRLS",
        ),
        (
            "invalid byte sequence",
            "correct the row of that table that is not UTF-8, which a server with SQL_ASCII lets in, or leave the table out with `exclude` in fixpoints.toml",
        ),
        (
            "is a command of psql",
            "run the script with psql, or remove that line",
        ),
        (
            "may have been committed",
            "look into the database for which of the two; a restore may be run again in either case",
        ),
        ("connection closed", LOST),
        ("terminating connection", LOST),
        ("communicating with the server", LOST),
        (
            "No space left",
            "make room on the disk of the server, then run it again",
        ),
        (
            "statement timeout",
            "end what slows the server down, as `SELECT * FROM pg_stat_activity` shows, and run it again",
        ),
        (
            "error connecting",
            "start the server, or correct the host and the port of the URL",
        ),
        (
            "role \"",
            "correct the user of the URL, or create it with `createuser`",
        ),
        (
            "no pg_hba.conf entry",
            "let the pg_hba.conf of the server admit this user, or correct the URL",
        ),
        (
            "authentication failed",
            "correct the user of the URL, or its password, which PGPASSWORD holds too",
        ),
        (
            "password missing",
            "set PGPASSWORD, or write the password into the URL",
        ),
        (
            "lock timeout",
            "let the session that holds it end, or end it with `SELECT pg_terminate_backend(PROCESS)`, and run it again; `SELECT * FROM pg_stat_activity` shows them all",
        ),
        (
            "only a superuser can leave",
            "restore as a superuser, or leave such rows out too: unset FIXPOINTS_SKIP_DEPENDENTS",
        ),
        (
            "must be owner",
            "restore as the owner of the tables, or as a superuser",
        ),
        (
            "permission denied",
            "connect as the owner of the tables, or let it run `GRANT ALL ON ALL TABLES IN SCHEMA public TO …`, and the same for ALL SEQUENCES",
        ),
        (
            "violates foreign key",
            "correct the rows, then run the command again",
        ),
    ];
    let known = HINTS.iter().find(|(words, _)| message.contains(words));
    known.map(|(_, hint)| *hint)
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
    match kind {
        ErrorKind::NotFound if act == "find" => None,
        ErrorKind::NotFound => Some(format!(
            "create {path}, or correct its name; it is looked for from the current folder"
        )),
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
        for (message, hint) in [
            (
                "attempt to write a readonly database",
                "make the file and its folder writable",
            ),
            (
                "unable to open database file: x-test.db",
                "make the file and its folder writable",
            ),
            (
                "database disk image is malformed",
                "the file is damaged: remove it",
            ),
        ] {
            let error = Error::database("cannot read table a")(message);
            assert!(
                error.hint().is_some_and(|found| found.starts_with(hint)),
                "{message}"
            );
            let error = Error::Row {
                table: "a".to_owned(),
                row: "{}".to_owned(),
                message: message.to_owned(),
            };
            let found = error.hint().unwrap_or_default();
            let is_row = message.contains("unable");
            assert!(
                is_row || found.starts_with(&format!("nothing was changed; {hint}")),
                "{found}"
            );
        }
    }
}
