//! The documents `--output json` prints, one type per command; they hold no behaviour besides being read and written.

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings};
use serde::{Deserialize, Serialize};

mod accept;
mod cell;
mod compare;
mod diff;
mod doctor;
mod error;
mod import;
mod list;
mod position;
mod rebase;
mod remove;
mod restore;
mod run;
mod sequences;
mod show;
mod store;
mod tools;
mod tree;

pub use accept::{AcceptOutput, AcceptStatus, SignedPart, Since, UnsignedPart};
pub use cell::{Cell, CellMap, Tagged};
pub use compare::{
    ChangedColumn, CompareOutput, CompareStatus, ComparedTable, RowChange, TableStatus,
};
pub use diff::{DiffOutput, DiffStatus};
pub use doctor::{CheckName, CheckResult, DoctorOutput, DoctorStatus, Finding, Health, Summary};
pub use error::{BrokenRow, DriftChange, ErrorDetails, ErrorKind, ErrorOutput, SchemaDrift};
pub use import::{ImportNote, ImportOutput, ImportStatus, ImportedFixpoint, NoteKind};
pub use list::{ListOutput, ListedFixpoint, Problem};
pub use position::{NextValue, Position, positions};
pub use rebase::{
    ConflictKind, Constraints, ContestedColumn, RebaseOutput, RebaseStatus, RebasedTable,
    RowConflict, Versions,
};
pub use remove::RemoveOutput;
pub use restore::{RestoreAction, RestoreOutput, RestoreStatus, RestoredTable, SequenceChange};
pub use run::{FORMAT_VERSION, Run};
pub use sequences::{ResetSequence, SequencesOutput};
pub use show::{ShowOutput, ShownColumn, ShownTable};
pub use store::{ChangeCounts, Kind, LeftOut, ParentRef, StoreOutput, StoreStatus, StoredTable};
pub use tools::{
    CompletionsOutput, ExportSchemasOutput, FileStatus, SqlOutput, Transaction, WrittenSchema,
};
pub use tree::{NodeStatus, TreeNode, TreeOutput};

/// A word that says which command printed a document, and nothing else is accepted in its place.
macro_rules! command_words {
    ($($(#[$doc:meta])* $name:ident = $word:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
        pub struct $name;

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str($word)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                match String::deserialize(deserializer)?.as_str() {
                    $word => Ok(Self),
                    other => Err(serde::de::Error::custom(format!(concat!("expected the command ", $word, ", found {}"), other))),
                }
            }
        }

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                schemars::json_schema!({"type": "string", "const": $word})
            }
        }
    )*};
}

command_words! {
    /// Says `accept`.
    AcceptWord = "accept";
    /// Says `compare`.
    CompareWord = "compare";
    /// Says `completions`.
    CompletionsWord = "completions";
    /// Says `diff`.
    DiffWord = "diff";
    /// Says `doctor`.
    DoctorWord = "doctor";
    /// Says `error`.
    ErrorWord = "error";
    /// Says `export-schemas`.
    ExportSchemasWord = "export-schemas";
    /// Says `import`.
    ImportWord = "import";
    /// Says `list`.
    ListWord = "list";
    /// Says `rebase`.
    RebaseWord = "rebase";
    /// Says `remove`.
    RemoveWord = "remove";
    /// Says `restore`.
    RestoreWord = "restore";
    /// Says `sequences`.
    SequencesWord = "sequences";
    /// Says `show`.
    ShowWord = "show";
    /// Says `sql`.
    SqlWord = "sql";
    /// Says `store`.
    StoreWord = "store";
    /// Says `tree`.
    TreeWord = "tree";
}

/// What a command has to say.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
#[expect(missing_docs, reason = "each is described at its own type")]
pub enum Output {
    Accept(Box<AcceptOutput>),
    Compare(Box<CompareOutput>),
    Completions(CompletionsOutput),
    Diff(Box<DiffOutput>),
    Doctor(Box<DoctorOutput>),
    Error(Box<ErrorOutput>),
    ExportSchemas(ExportSchemasOutput),
    Import(Box<ImportOutput>),
    List(ListOutput),
    Rebase(Box<RebaseOutput>),
    Remove(RemoveOutput),
    Restore(Box<RestoreOutput>),
    Sequences(SequencesOutput),
    Show(Box<ShowOutput>),
    Sql(SqlOutput),
    Store(Box<StoreOutput>),
    Tree(TreeOutput),
}

/// Every document's JSON Schema (draft 2020-12), by the word in its `command`.
#[must_use]
pub fn schemas() -> BTreeMap<&'static str, Schema> {
    BTreeMap::from([
        ("accept", schema::<AcceptOutput>()),
        ("compare", schema::<CompareOutput>()),
        ("completions", schema::<CompletionsOutput>()),
        ("diff", schema::<DiffOutput>()),
        ("doctor", schema::<DoctorOutput>()),
        ("error", schema::<ErrorOutput>()),
        ("export-schemas", schema::<ExportSchemasOutput>()),
        ("import", schema::<ImportOutput>()),
        ("list", schema::<ListOutput>()),
        ("rebase", schema::<RebaseOutput>()),
        ("remove", schema::<RemoveOutput>()),
        ("restore", schema::<RestoreOutput>()),
        ("sequences", schema::<SequencesOutput>()),
        ("show", schema::<ShowOutput>()),
        ("sql", schema::<SqlOutput>()),
        ("store", schema::<StoreOutput>()),
        ("tree", schema::<TreeOutput>()),
    ])
}

fn schema<T: JsonSchema>() -> Schema {
    let mut schema = SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator()
        .into_root_schema_for::<T>();
    if let Some(object) = schema.as_object_mut() {
        sort(object);
    }
    schema
}

/// The same order of keys, whichever kind of map another crate of the build makes `serde_json` use.
fn sort(object: &mut serde_json::Map<String, serde_json::Value>) {
    let mut entries: Vec<_> = std::mem::take(object).into_iter().collect();
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    for (key, mut value) in entries {
        sort_inside(&mut value);
        object.insert(key, value);
    }
}

fn sort_inside(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Object(object) => sort(object),
        serde_json::Value::Array(items) => items.iter_mut().for_each(sort_inside),
        _ => {}
    }
}

/// Parses a document by the word in its `command`.
///
/// # Errors
/// When the word is unknown, or the document is not of that command's shape.
pub fn parse(document: &serde_json::Value) -> Result<Output, serde_json::Error> {
    use serde::de::Error as _;
    let Some(command) = document.get("command").and_then(serde_json::Value::as_str) else {
        return Err(serde_json::Error::custom("the document has no `command`"));
    };
    Ok(match command {
        "accept" => Output::Accept(Deserialize::deserialize(document)?),
        "compare" => Output::Compare(Deserialize::deserialize(document)?),
        "completions" => Output::Completions(Deserialize::deserialize(document)?),
        "diff" => Output::Diff(Deserialize::deserialize(document)?),
        "doctor" => Output::Doctor(Deserialize::deserialize(document)?),
        "error" => Output::Error(Deserialize::deserialize(document)?),
        "export-schemas" => Output::ExportSchemas(Deserialize::deserialize(document)?),
        "import" => Output::Import(Deserialize::deserialize(document)?),
        "list" => Output::List(Deserialize::deserialize(document)?),
        "rebase" => Output::Rebase(Deserialize::deserialize(document)?),
        "remove" => Output::Remove(Deserialize::deserialize(document)?),
        "restore" => Output::Restore(Deserialize::deserialize(document)?),
        "sequences" => Output::Sequences(Deserialize::deserialize(document)?),
        "show" => Output::Show(Deserialize::deserialize(document)?),
        "sql" => Output::Sql(Deserialize::deserialize(document)?),
        "store" => Output::Store(Deserialize::deserialize(document)?),
        "tree" => Output::Tree(Deserialize::deserialize(document)?),
        other => {
            return Err(serde_json::Error::custom(format!(
                "unknown command {other}"
            )));
        }
    })
}
