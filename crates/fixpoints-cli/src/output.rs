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

/// Everything about the documents that depends on which there are: a type for the word in `command`, in whose place
/// nothing else is accepted, and what to make of each.
macro_rules! documents {
    ($($name:ident($document:ty), $word:ident = $text:literal;)*) => {
        $(
            #[doc = concat!("Says `", $text, "`.")]
            #[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
            pub struct $word;

            impl Serialize for $word {
                fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    serializer.serialize_str($text)
                }
            }

            impl<'de> Deserialize<'de> for $word {
                fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    match String::deserialize(deserializer)?.as_str() {
                        $text => Ok(Self),
                        other => Err(serde::de::Error::custom(format!(concat!("expected the command ", $text, ", found {}"), other))),
                    }
                }
            }

            impl JsonSchema for $word {
                fn inline_schema() -> bool {
                    true
                }

                fn schema_name() -> std::borrow::Cow<'static, str> {
                    stringify!($word).into()
                }

                fn json_schema(_: &mut SchemaGenerator) -> Schema {
                    schemars::json_schema!({"type": "string", "const": $text})
                }
            }
        )*

        /// What a command has to say.
        #[derive(Debug, Clone, PartialEq, Serialize)]
        #[serde(untagged)]
        #[expect(missing_docs, reason = "each is described at its own type")]
        pub enum Output {
            $($name($document),)*
        }

        /// Every document's JSON Schema (draft 2020-12), by the word in its `command`.
        #[must_use]
        pub fn schemas() -> BTreeMap<&'static str, Schema> {
            BTreeMap::from([$(($text, schema::<$document>()),)*])
        }

        /// Parses a document by the word in its `command`.
        ///
        /// # Errors
        /// When the word is unknown, or the document is not of that command's shape.
        pub fn parse(document: &serde_json::Value) -> Result<Output, serde_json::Error> {
            use serde::de::Error as _;
            match document.get("command").and_then(serde_json::Value::as_str) {
                $(Some($text) => Deserialize::deserialize(document).map(Output::$name),)*
                Some(other) => Err(serde_json::Error::custom(format!("unknown command {other}"))),
                None => Err(serde_json::Error::custom("the document has no `command`")),
            }
        }
    };
}

documents! {
    Accept(Box<AcceptOutput>), AcceptWord = "accept";
    Compare(Box<CompareOutput>), CompareWord = "compare";
    Completions(CompletionsOutput), CompletionsWord = "completions";
    Diff(Box<DiffOutput>), DiffWord = "diff";
    Doctor(Box<DoctorOutput>), DoctorWord = "doctor";
    Error(Box<ErrorOutput>), ErrorWord = "error";
    ExportSchemas(ExportSchemasOutput), ExportSchemasWord = "export-schemas";
    Import(Box<ImportOutput>), ImportWord = "import";
    List(ListOutput), ListWord = "list";
    Rebase(Box<RebaseOutput>), RebaseWord = "rebase";
    Remove(RemoveOutput), RemoveWord = "remove";
    Restore(Box<RestoreOutput>), RestoreWord = "restore";
    Sequences(SequencesOutput), SequencesWord = "sequences";
    Show(Box<ShowOutput>), ShowWord = "show";
    Sql(SqlOutput), SqlWord = "sql";
    Store(Box<StoreOutput>), StoreWord = "store";
    Tree(TreeOutput), TreeWord = "tree";
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
