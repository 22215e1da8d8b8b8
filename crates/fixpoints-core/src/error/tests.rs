//! Every error there is, told about names and texts that somebody made to act on whoever reads them.

use super::*;
use crate::cell::Cell;
use crate::change::Change;
use crate::comparison::SequenceChange;
use crate::comparison::{ComparedTable, Comparison};
use crate::document::SignedPart;
use crate::excerpt::is_hidden;
use crate::named::NamedRow;
use crate::reference::BrokenReference;
use crate::table::{Drift, DriftKind, Table};

/// Texts of databases, files and servers. None of them may reach a terminal or a log as it is.
const HOSTILE: [&str; 9] = [
    "a\n::error ::x",
    "\r\n::error ::x",
    "::error ::x",
    "a\u{1b}[2J\u{1b}]0;x\u{7}",
    "a\u{9b}2J\u{85}::warning ::x",
    "\u{1b}]8;;http://x\u{1b}\\a\u{1b}]8;;\u{1b}\\",
    "a\u{202e}gpj.exe\u{2066}\u{200f}",
    "a\u{2028}::error ::x\u{2029}",
    "a ##[error]x ##vso[task.setvariable]x",
];

/// One error of each variant, and a `match` that does not compile while one is missing.
macro_rules! samples {
    ($text:ident: $($variant:ident $fields:tt,)*) => {
        fn samples($text: &str) -> Vec<Error> {
            let samples = vec![$(sample!($variant $fields)),*];
            for sample in &samples {
                match sample {
                    $(Error::$variant { .. } => {})*
                }
            }
            samples
        }
    };
}

macro_rules! sample {
    ($variant:ident ()) => {
        Error::$variant
    };
    ($variant:ident ($value:expr)) => {
        Error::$variant($value)
    };
    ($variant:ident { $($field:ident: $value:expr),* }) => {
        Error::$variant { $($field: $value),* }
    };
}

samples! { text:
    MissingFixpoint { name: text.into(), folder: text.into() },
    BadName { name: text.into(), reason: "it is empty" },
    NameTaken { name: text.into(), other: text.into() },
    NoDatabase (),
    SeveralDatabases { names: both(text) },
    MissingDatabase { url: text.into(), create: Command::Shell("createdb x".into()) },
    UnsupportedUrl { url: text.into(), reason: text.into(), fault: Fault::Unknown },
    NotATestDatabase { url: text.into(), name: text.into() },
    SchemaDrift { fixpoint: text.into(), parent: Some(text.into()), folder: text.into(), drifts: drifts(text) },
    BrokenReferences { fixpoint: text.into(), broken: vec![broken(text)] },
    Disturbed { fixpoint: text.into(), found: disturbances(text) },
    DisturbedReset { found: disturbances(text) },
    Unsigned { fixpoint: text.into(), path: text.into(), damages: damages(text) },
    Unmerged { fixpoint: text.into(), path: text.into(), conflicts: both(text) },
    WouldEmpty { fixpoint: text.into(), command: Command::Shell(text.into()) },
    WouldReplaceEngine { fixpoint: text.into(), stored: text.into(), found: text.into(), command: Command::Shell(text.into()) },
    Corrupt { fixpoint: text.into(), path: text.into(), line: Some(1), reason: text.into() },
    UnsupportedFormat { fixpoint: text.into(), path: text.into(), found: text.into() },
    OtherEngine { fixpoint: text.into(), stored: text.into(), found: text.into() },
    EnginesDiffer { old: text.into(), old_engine: text.into(), new: text.into(), new_engine: text.into() },
    ChildrenLeft { name: text.into(), children: both(text) },
    ParentMoved { child: text.into(), parent: text.into() },
    RestoredMoved { restored: text.into(), child: text.into() },
    ParentMissing { child: text.into(), parent: text.into(), folder: text.into() },
    ParentCycle { name: text.into() },
    HasChildren { name: text.into(), children: both(text) },
    Import { path: text.into(), line: None, reason: text.into() },
    UnknownTable { table: text.into(), known: both(text) },
    Unmatched { setting: Setting::Exclude, name: text.into(), known: both(text) },
    Partition { name: text.into(), partition: text.into(), table: text.into(), instead: text.into() },
    UnknownSkip { table: text.into(), asked: Asked::ByList, known: both(text) },
    UnclearDependents { word: text.into() },
    SkippedTable { table: text.into(), asked: Asked::ByList },
    SkippingStore { name: text.into(), asked: Asked::ByPlan },
    HidePlan { path: text.into(), reason: text.into() },
    UnknownTest { path: text.into(), reason: text.into() },
    Different (Box::new(crate::assertion::Mismatch::new(text, comparison(text), text.into()))),
    UnexpectedChanges (Box::new(crate::assertion::UnexpectedChanges::sample(&comparison(text), text))),
    UnclearExpectation { table: text.into(), reason: text.into(), hint: "say it" },
    SchemaMovedSince { since: text.into(), drifts: drifts(text) },
    StoredInstead { name: text.into(), path: text.into() },
    UnknownColumn { column: text.into() },
    NothingToCompare { name: text.into(), folder: text.into(), command: Command::Shell(text.into()) },
    ImplicitWrite { name: text.into(), command: Command::Shell(text.into()) },
    Script { script: text.into(), statement: 1, line: 1, message: text.into(), fault: Fault::Statement, one_transaction: true },
    Row { table: text.into(), row: named(text), message: text.into(), fault: Fault::Row },
    Database { act: text.into(), message: text.into(), fault: Fault::Unknown },
    Config { path: text.into(), message: text.into() },
    Io { act: "read", path: text.into(), source: std::io::Error::other(text.to_owned()) },
}

fn both(text: &str) -> Vec<String> {
    vec![text.to_owned(), text.to_owned()]
}

fn drifts(text: &str) -> Vec<Drift> {
    let name = || text.to_owned();
    let changes = [
        DriftKind::Added,
        DriftKind::Retyped {
            old: name(),
            new: name(),
        },
        DriftKind::Rekeyed {
            old: vec![name()],
            new: vec![name()],
        },
    ];
    let drift = |change| Drift {
        table: name(),
        column: Some(name()),
        change,
    };
    changes.map(drift).into()
}

fn disturbances(text: &str) -> Vec<crate::disturbance::Disturbance> {
    let name = || text.to_owned();
    vec![
        crate::disturbance::Disturbance::Rows {
            table: name(),
            rows: both(text),
        },
        crate::disturbance::Disturbance::Uncovered { table: name() },
        crate::disturbance::Disturbance::Altered { table: name() },
        crate::disturbance::Disturbance::Sequence {
            sequence: name(),
            wanted: crate::position::Position::called(1),
            stands: None,
        },
    ]
}

fn damages(text: &str) -> Vec<crate::document::Damage> {
    let parts = [
        SignedPart::Table(text.to_owned()),
        SignedPart::Sequence(text.to_owned()),
    ];
    let damage = |part| crate::document::Damage {
        part,
        difference: text.to_owned(),
    };
    parts.map(damage).into()
}

fn named(text: &str) -> NamedRow {
    NamedRow(vec![(text.to_owned(), Cell::Text(text.into()))])
}

fn broken(text: &str) -> BrokenReference {
    let name = || text.to_owned();
    BrokenReference {
        table: name(),
        row: named(text),
        columns: vec![name()],
        parent: name(),
    }
}

fn comparison(text: &str) -> Comparison {
    let columns = [(text.to_owned(), text.to_owned())].into_iter().collect();
    let table = Table::new(text.to_owned(), vec![text.to_owned()], columns).unwrap();
    let row = || vec![Cell::Text(text.into())];
    let changes = vec![
        Change::Inserted(row()),
        Change::Deleted(row()),
        Change::Updated {
            old: row(),
            new: row(),
        },
    ];
    Comparison {
        tables: vec![ComparedTable {
            table,
            ignored: both(text),
            rows: 1,
            changes,
            duration: std::time::Duration::ZERO,
        }],
        sequences: vec![SequenceChange {
            table: text.to_owned(),
            old: Some(crate::position::Position::called(1)),
            new: None,
        }],
        uncovered: both(text),
        skipped: both(text),
        left_out: Vec::new(),
        omissions: Vec::new(),
    }
}

/// Whether a log and a terminal show nothing but the text.
fn acts(printed: &str) -> bool {
    let begins = |line: &str| line.trim_start().starts_with("::");
    printed.chars().any(|c| c != '\n' && is_hidden(c))
        || printed.lines().any(begins)
        || printed.contains("##[")
        || printed.contains("##vso[")
}

#[test]
fn nothing_in_an_error_acts_on_whoever_reads_it() {
    for text in HOSTILE {
        for error in samples(text) {
            // What a test prints that unwraps it or returns it, in the middle of a line and at its beginning.
            let debug = format!("{error:?}");
            assert!(!acts(&debug), "{:?} of {text:?}: {debug}", error.kind());
            let lines = matches!(error, Error::Different(_) | Error::UnexpectedChanges(_));
            let message = error.to_string();
            assert!(lines || !message.contains(is_hidden), "{message:?}");
        }
    }
}

#[test]
fn nothing_in_an_error_is_a_password() {
    for text in [
        "postgres://me:s3cret@host/app",
        "me:s3cret@host",
        "x password = s3cret",
        "PWD='s3cret'",
    ] {
        for error in samples(text) {
            let is_of_the_database = matches!(
                error,
                Error::Different(_)
                    | Error::UnexpectedChanges(_)
                    | Error::Row { .. }
                    | Error::BrokenReferences { .. }
                    | Error::SchemaDrift { .. }
                    | Error::SchemaMovedSince { .. }
                    | Error::Disturbed { .. }
                    | Error::Unsigned { .. }
                    | Error::Unmerged { .. }
                    | Error::DisturbedReset { .. }
            );
            if is_of_the_database {
                // They are about names and values of a database.
                continue;
            }
            let debug = format!("{error:?}");
            assert!(
                !debug.contains("s3cret"),
                "{:?} of {text}: {debug}",
                error.kind()
            );
        }
    }
}
