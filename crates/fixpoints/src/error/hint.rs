//! What to do about each error: the exact command or edit.

use super::Error;

impl Error {
    /// The exact command or edit that fixes this, where there is one.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::MissingFixpoint { name, .. } => {
                format!("run `fixpoints store {name}` to store it, or `fixpoints list` to see what there is")
            }
            Self::BadName { .. } => {
                "use letters, digits, `_`, `-` and `.`, with `/` between folders, as in `orders/paid`".to_owned()
            }
            Self::NoDatabase => {
                "pass `--db sqlite:test.db`, set FIXPOINTS_DB, or write `db = \"sqlite:test.db\"` into fixpoints.toml"
                    .to_owned()
            }
            Self::MissingDatabase { url } if url.starts_with("postgres") => {
                format!("run `createdb {}` to create it", crate::url::postgres_name(url))
            }
            Self::MissingDatabase { .. } => "run `fixpoints sql FILE` to create it from a script".to_owned(),
            Self::UnsupportedUrl { url, .. } if url.starts_with("postgres") => {
                "name it as in `--db postgres://user@host/name_test`; a password comes from PGPASSWORD too".to_owned()
            }
            Self::UnsupportedUrl { .. } => "name a file as in `--db sqlite:test.db`".to_owned(),
            Self::NotATestDatabase { name, .. } => {
                format!("if its rows may be replaced, add `allow-databases = [\"{name}\"]` to fixpoints.toml")
            }
            Self::SchemaDrift { fixpoint, parent, .. } => drift_hint(fixpoint, parent.as_deref()),
            Self::BrokenReferences { fixpoint, .. } => {
                format!("correct these rows, then run `fixpoints store {fixpoint}`")
            }
            Self::Corrupt { path, .. } => {
                format!("bring the file back with `git checkout -- {path}`, or store it again")
            }
            Self::UnsupportedFormat { .. } => "use the version of fixpoints that wrote it, or store it again".to_owned(),
            Self::OtherEngine { fixpoint, .. } => {
                format!("run `fixpoints store {fixpoint}` against this database, or pass another `--db`")
            }
            Self::ParentMoved { child, parent } => {
                format!("run `fixpoints rebase {child} --onto {parent}`")
            }
            Self::ParentMissing { parent, .. } => {
                format!("bring `{parent}` back, or store the child again without `--parent`")
            }
            Self::ParentCycle { name } => {
                format!("run `fixpoints store {name}` to store it in full, or pass another `--parent`")
            }
            Self::UnknownSkip { known, .. } => {
                format!("set {} to one of {}, or unset it", crate::Skip::TABLES, known.join(", "))
            }
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
            Self::Script { script, line, .. } => format!("correct {script} at line {line}; what the script began was rolled back"),
            Self::Row { .. } => "nothing was changed; correct the row in the fixpoint file, or store it again".to_owned(),
            Self::Config { path, .. } => {
                format!("correct {path}; its keys are `db`, `dir`, `ignore`, `exclude` and `allow-databases`")
            }
            Self::Database { message, .. } => database_hint(message)?.to_owned(),
            Self::Io { path, source, .. } => io_hint(path, source.kind())?,
        })
    }
}

fn drift_hint(fixpoint: &str, parent: Option<&str>) -> String {
    match parent {
        Some(parent) => format!(
            "store both again: `fixpoints store {parent}`, then `fixpoints store {fixpoint} --parent {parent}`"
        ),
        None => {
            format!("bring the database to that state again and run `fixpoints store {fixpoint}`")
        }
    }
}

fn children_hint(name: &str, children: &[String]) -> String {
    let first = children.first().map(String::as_str).unwrap_or_default();
    format!(
        "run `fixpoints remove {first}` first, or `fixpoints rebase {first} --onto OTHER` to put it elsewhere than on `{name}`"
    )
}

/// For the refusals of databases that a person can do something about.
fn database_hint(message: &str) -> Option<&'static str> {
    if message.contains("is not a database") {
        return Some("pass `--db sqlite:FILE` with a file that SQLite made");
    }
    if message.contains("locked") || message.contains("busy") {
        return Some("end the program that holds the database, then run the command again");
    }
    if message.contains("readonly") || message.contains("unable to open") {
        return Some("make the file and its folder writable, then run the command again");
    }
    server_hint(message)
}

/// For those of PostgreSQL, in the words of its client and of a server that speaks English.
fn server_hint(message: &str) -> Option<&'static str> {
    const HINTS: [(&str, &str); 7] = [
        (
            "error connecting",
            "start the server, or correct the host and the port of the URL",
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
            "end the sessions that hold the tables, as `SELECT * FROM pg_stat_activity` shows, and run it again",
        ),
        (
            "must be owner",
            "restore as the owner of the tables, or as a superuser",
        ),
        (
            "permission denied",
            "grant this user the tables, or connect as their owner",
        ),
        (
            "violates foreign key",
            "correct the rows, then run the command again",
        ),
    ];
    let known = HINTS.iter().find(|(words, _)| message.contains(words));
    known.map(|(_, hint)| *hint)
}

fn io_hint(path: &std::path::Path, kind: std::io::ErrorKind) -> Option<String> {
    use std::io::ErrorKind;
    let path = path.display();
    match kind {
        ErrorKind::NotFound => Some(format!(
            "create {path}, or correct its name; it is looked for from the current folder"
        )),
        ErrorKind::PermissionDenied => Some(format!("make {path} readable and writable for you")),
        ErrorKind::StorageFull => {
            Some("make room on the disk, then run the command again".to_owned())
        }
        ErrorKind::InvalidData => Some(format!("save {path} as UTF-8")),
        _ => None,
    }
}
