//! Every scenario and every generated fixture is read into its output type, and printed again as the same document;
//! nothing is skipped, and finding nothing fails.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use fixpoints_cli::output::{
    AcceptOutput, AcceptStatus, Cell, CompareOutput, CompareStatus, ConflictKind, DiffOutput,
    DiffStatus, DoctorOutput, DoctorStatus, DriftChange, ErrorDetails, ErrorKind, ErrorOutput,
    Health, ImportOutput, ImportStatus, Kind, ListOutput, ListedFixpoint, NextValue, NodeStatus,
    NoteKind, Output, Position, RebaseOutput, RebaseStatus, RemoveOutput, RestoreAction,
    RestoreOutput, RowChange, SequencesOutput, ShowOutput, SignedPart, StoreOutput, StoreStatus,
    Tagged, TreeOutput, parse, schemas,
};
use serde_json::Value;

/// Below the workspace's root.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The corpus, or the candidates that are about to become it.
fn corpus() -> PathBuf {
    std::env::var_os("STILLFRAME_CORPUS")
        .map_or_else(|| root().join("fixtures_generated"), PathBuf::from)
}

/// Every document below a folder. A file of another kind is a mistake, besides the lock of the corpus.
fn documents(folder: &Path) -> Vec<(PathBuf, Value)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder)
            .unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|extension| extension == "json")
            {
                let text = std::fs::read_to_string(&path).unwrap();
                let document = serde_json::from_str(&text)
                    .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
                found.push((path, document));
            } else {
                assert_eq!(
                    path.file_name().unwrap(),
                    "corpus.lock",
                    "{} is no document",
                    path.display()
                );
            }
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    assert!(
        !found.is_empty(),
        "there is nothing in {}",
        folder.display()
    );
    found
}

fn round_trip(path: &Path, document: &Value) -> Output {
    let output = parse(document).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let printed = serde_json::to_value(&output).unwrap();
    assert_eq!(
        &printed,
        document,
        "{} is printed differently",
        path.display()
    );
    output
}

fn scenario(path: &str) -> Output {
    let path = root().join("scenarios").join(path);
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    round_trip(&path, &serde_json::from_str(&text).unwrap())
}

macro_rules! scenario_as {
    ($variant:ident, $path:literal) => {
        match scenario($path) {
            Output::$variant(output) => output,
            other => panic!("{} is {other:?}", $path),
        }
    };
}

#[test]
fn every_scenario_is_read_and_printed_alike_and_lies_under_its_command() {
    let mut commands = BTreeSet::new();
    for (path, document) in documents(&root().join("scenarios")) {
        round_trip(&path, &document);
        let command = document["command"].as_str().unwrap().to_owned();
        assert_eq!(
            path.parent().unwrap().file_name().unwrap(),
            command.as_str(),
            "{}",
            path.display()
        );
        commands.insert(command);
    }
    let known: BTreeSet<String> = schemas().keys().map(|&name| name.to_owned()).collect();
    assert_eq!(commands, known, "each command has a scenario");
}

#[test]
fn every_generated_fixture_is_read_and_printed_alike() {
    let mut commands = BTreeSet::new();
    for (path, document) in documents(&corpus()) {
        round_trip(&path, &document);
        commands.insert(document["command"].as_str().unwrap().to_owned());
    }
    let known: BTreeSet<String> = schemas().keys().map(|&name| name.to_owned()).collect();
    assert_eq!(commands, known, "each command has a fixture");
}

#[test]
fn an_unknown_command_and_a_foreign_word_are_refused() {
    let mut document = serde_json::to_value(scenario("sql/own_transactions.json")).unwrap();
    document["command"] = "sqlx".into();
    assert!(parse(&document).is_err());
    document["command"] = "store".into();
    assert!(parse(&document).is_err());
    document.as_object_mut().unwrap().remove("command");
    assert!(parse(&document).is_err());
}

#[test]
fn a_stored_chain_says_what_it_stands_on() {
    let store: Box<StoreOutput> = scenario_as!(Store, "store/incremental.json");
    assert_eq!(
        (store.kind, store.status),
        (Kind::Incremental, StoreStatus::Replaced)
    );
    assert_eq!(store.parent.unwrap().name, "orders/placed");
    assert_eq!(
        store.sequences["order_lines"],
        Position::HandedOut(9_007_199_254_740_993)
    );
    assert_eq!(store.tables[2].changes.updated, 17);
    assert_eq!(store.stale_children, ["orders/refunded", "orders/shipped"]);
    assert_eq!(store.warnings[1].subject, None);
}

#[test]
fn a_restored_table_that_was_emptied_counts_no_deleted_rows() {
    let restore: Box<RestoreOutput> = scenario_as!(Restore, "restore/every_action.json");
    let actions: Vec<_> = restore
        .tables
        .iter()
        .map(|table| (table.action, table.deleted))
        .collect();
    assert_eq!(
        actions,
        [
            (RestoreAction::Rewritten, None),
            (RestoreAction::Patched, Some(4)),
            (RestoreAction::Unchanged, Some(0))
        ]
    );
    assert_eq!(
        restore.sequences[2].new,
        Some(Position::HandedOut(i64::MAX))
    );
}

#[test]
fn every_kind_of_value_keeps_its_type() {
    let compare: Box<CompareOutput> = scenario_as!(Compare, "compare/every_value.json");
    assert_eq!(compare.status, CompareStatus::Different);
    let RowChange::Updated { key, columns } = &compare.tables[0].changes[0] else {
        panic!("not an update")
    };
    assert_eq!(key["station"], Cell::Text("A-1".to_owned()));
    let old: Vec<&Cell> = columns.iter().map(|column| &column.old).collect();
    assert_eq!(*old[0], Cell::Integer(i64::MAX));
    assert_eq!(*old[1], Cell::Tagged(Tagged::Real("nan".to_owned())));
    assert_eq!(*old[3], Cell::Integer(1));
    assert_eq!(columns[3].new, Cell::Real(1.0));
    assert_eq!(*old[4], Cell::Bool(true));
    assert_eq!(columns[4].new, Cell::Null);
    assert_eq!(*old[5], Cell::Tagged(Tagged::Bytes("AP8Q".to_owned())));
    assert_eq!(*old[6], Cell::Tagged(Tagged::Text("Yf9i".to_owned())));
    assert!(matches!(columns[1].new, Cell::Real(zero) if zero == 0.0 && zero.is_sign_negative()));
}

#[test]
fn a_first_comparison_carries_what_it_stored() {
    let compare: Box<CompareOutput> = scenario_as!(Compare, "compare/stored.json");
    assert_eq!(compare.status, CompareStatus::Stored);
    assert_eq!(compare.stored.unwrap().tables[0].changes.updated, 2);
}

#[test]
fn a_list_keeps_what_cannot_be_read() {
    let list: ListOutput = scenario_as!(List, "list/readable_and_not.json");
    let ListedFixpoint::Unreadable { name, problem, .. } = &list.fixpoints[1] else {
        panic!("it is readable")
    };
    assert_eq!(
        (name.as_str(), problem.kind),
        ("conflict", ErrorKind::Corrupt)
    );
}

#[test]
fn shown_rows_are_in_the_order_of_their_columns() {
    let show: Box<ShowOutput> = scenario_as!(Show, "show/incremental_with_rows.json");
    let row = &show.tables[0].data.as_ref().unwrap()[1];
    assert_eq!(row.keys().collect::<Vec<_>>(), ["id", "payload", "price"]);
    assert_eq!(show.tables[0].columns[2].kind, "DECIMAL(10, 2)");
}

#[test]
fn a_tree_names_every_status_once() {
    let tree: TreeOutput = scenario_as!(Tree, "tree/every_status.json");
    let statuses: Vec<_> = tree.roots.iter().map(|root| root.status).collect();
    assert_eq!(
        statuses,
        [
            NodeStatus::Ok,
            NodeStatus::Unreadable,
            NodeStatus::Missing,
            NodeStatus::Cycle
        ]
    );
    let moved = &tree.roots[0].children[0].children[0];
    assert_eq!(moved.status, NodeStatus::ParentMoved);
    assert_eq!(moved.children[0].status, NodeStatus::Blocked);
}

#[test]
fn an_unreadable_database_skips_the_checks_that_need_it() {
    let doctor: Box<DoctorOutput> = scenario_as!(Doctor, "doctor/unreadable_database.json");
    assert_eq!(doctor.status, DoctorStatus::Critical);
    assert_eq!(
        doctor
            .checks
            .iter()
            .filter(|check| check.status == Health::Skipped)
            .count(),
        8
    );
}

#[test]
fn a_failure_says_where() {
    let error: Box<ErrorOutput> = scenario_as!(Error, "error/script.json");
    assert_eq!(error.kind, ErrorKind::Script);
    assert!(matches!(
        error.details,
        Some(ErrorDetails::Statement { line: 240, .. })
    ));
    let error: Box<ErrorOutput> = scenario_as!(Error, "error/io.json");
    assert_eq!(error.causes, ["the file system is read-only"]);
}

#[test]
fn a_difference_tells_rows_columns_and_tables_apart() {
    let diff: Box<DiffOutput> = scenario_as!(Diff, "diff/postgres_everything.json");
    assert_eq!(diff.status, DiffStatus::Different);
    let RowChange::Updated { key, columns } = &diff.tables[1].changes[0] else {
        panic!("not an update")
    };
    assert_eq!((key.len(), &key["id"]), (2, &Cell::Integer(7)));
    assert_eq!(
        columns[0].old,
        Cell::Text("1.10".to_owned()),
        "a scale is kept"
    );
    assert_eq!(
        (&columns[4].old, &columns[4].new),
        (&Cell::Null, &Cell::Text("null".to_owned())),
        "NULL is not the null of jsonb"
    );
    assert!(matches!(diff.drifts[3].change, DriftChange::Rekeyed { .. }));
    assert_eq!(diff.sequences[0].new, Some(Position::HandedOut(i64::MAX)));
    assert_eq!(diff.only_new[1], "Weird \"Table\"");
}

#[test]
fn a_conflict_tells_null_from_a_row_that_is_not_there() {
    let rebase: Box<RebaseOutput> = scenario_as!(Rebase, "rebase/every_conflict.json");
    assert_eq!(rebase.status, RebaseStatus::Conflicts);
    let conflicts = rebase.tables.iter().flat_map(|table| &table.conflicts);
    let kinds: Vec<ConflictKind> = conflicts.clone().map(|conflict| conflict.kind).collect();
    assert_eq!(
        kinds,
        [
            ConflictKind::BothDeleted,
            ConflictKind::BothInserted,
            ConflictKind::BothUpdated,
            ConflictKind::DeletedInParent,
            ConflictKind::DeletedInChild
        ]
    );
    let updated = &rebase.tables[1].conflicts[1].columns[0].versions;
    assert_eq!(
        (&updated.now, &updated.then),
        (&Some(Cell::Null), &Some(Cell::Text("open".to_owned())))
    );
    assert_eq!(rebase.tables[1].conflicts[2].columns[0].versions.now, None);
    let rebase: Box<RebaseOutput> = scenario_as!(Rebase, "rebase/rebased_with_children.json");
    assert_eq!((rebase.before, rebase.stale_children.len()), (None, 2));
}

#[test]
fn what_was_signed_is_told_from_the_last_committed_version() {
    let accept: Box<AcceptOutput> = scenario_as!(Accept, "accept/edited_with_history.json");
    assert_eq!(accept.status, AcceptStatus::Signed);
    let parts: Vec<SignedPart> = accept.unsigned.iter().map(|part| part.part).collect();
    let all = [SignedPart::Header, SignedPart::Table, SignedPart::Sequence];
    assert_eq!(parts, all);
    let since = accept.since.unwrap();
    assert_eq!((since.tables[0].changes.len(), since.drifts.len()), (2, 1));
    assert!(accept.parent_moved && accept.hint.is_some());
}

#[test]
fn an_import_says_what_was_lost_changed_and_assumed() {
    let import: Box<ImportOutput> = scenario_as!(Import, "import/incomplete_chain.json");
    assert_eq!(import.status, ImportStatus::Incomplete);
    let kinds: Vec<NoteKind> = import.notes.iter().map(|note| note.kind).collect();
    assert_eq!(
        kinds,
        [
            NoteKind::Lost,
            NoteKind::Lost,
            NoteKind::Changed,
            NoteKind::Assumed
        ]
    );
    assert_eq!((import.notes[0].line, import.notes[1].count), (None, 200));
    let parent = import.fixpoints[1].parent.as_ref().unwrap();
    assert_eq!(parent.content, import.fixpoints[0].content);
    let import: Box<ImportOutput> = scenario_as!(Import, "import/complete_folder.json");
    assert_eq!(
        (import.status, import.notes.len()),
        (ImportStatus::Complete, 0)
    );
}

#[test]
fn sequences_keep_64_bits_and_free_ones_are_named() {
    let sequences: SequencesOutput = scenario_as!(Sequences, "sequences/postgres_free.json");
    assert_eq!(sequences.sequences[1].highest, Some(i64::MAX));
    assert_eq!(
        (sequences.sequences[0].highest, sequences.sequences[0].new),
        (
            None,
            Some(Position::Next(NextValue {
                last_value: 1,
                is_called: false
            }))
        )
    );
    assert_eq!(sequences.free.len(), 2);
    let removed: RemoveOutput = scenario_as!(Remove, "remove/nested.json");
    assert_eq!(removed.path, "fixpoints/orders/paid.v2.yaml");
    let error: Box<ErrorOutput> = scenario_as!(Error, "error/has_children.json");
    assert!(
        matches!(error.details, Some(ErrorDetails::Children { children, .. }) if children.len() == 2)
    );
}

#[test]
fn the_types_of_postgresql_are_text_that_is_exact() {
    let show: Box<ShowOutput> = scenario_as!(Show, "show/postgres_types.json");
    let rows = show.tables[0].data.as_ref().unwrap();
    assert_eq!(rows[0]["price"], Cell::Text("1.10".to_owned()));
    assert_eq!(
        rows[0]["doc"],
        Cell::Text("{\"b\": 1,  \"a\":2}".to_owned())
    );
    assert_eq!(rows[1]["docb"], Cell::Text("null".to_owned()));
    assert_eq!(rows[1]["addr"], Cell::Null);
    assert_eq!(rows[1]["id"], Cell::Integer(i64::MAX));
    assert_eq!(show.tables[0].columns.len(), rows[0].len());
}
