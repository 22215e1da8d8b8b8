//! What is called stale, and what is not.

use super::*;

const FOLDERS: Folders<'static> = Folders {
    fixtures: "fixtures_generated",
    schemas: "schemas",
};

fn fixture(path: &str, text: &str) -> (String, Fixture) {
    let bytes = text.as_bytes().to_vec();
    let entry = Entry {
        path: path.into(),
        poc: "a/one".into(),
        args: vec!["run".into()],
        exit: 0,
        blake3: hash(&bytes),
        ..Entry::default()
    };
    (
        path.into(),
        Fixture {
            entry,
            step: Some(1),
            bytes,
        },
    )
}

fn candidates() -> Candidates {
    Candidates {
        fixtures: [fixture("a.json", "1\n"), fixture("b.json", "2\n")].into(),
        schemas: Some([("s.schema.json".to_owned(), b"{}".to_vec())].into()),
        versions: BTreeMap::new(),
    }
}

/// What a publish of the candidates leaves in the tree.
fn published() -> Committed {
    let candidates = candidates();
    Committed {
        lock: Some(Lock {
            versions: BTreeMap::new(),
            fixtures: candidates
                .fixtures
                .iter()
                .map(|(p, f)| (p.clone(), f.entry.clone()))
                .collect(),
            schemas: [("s.schema.json".to_owned(), hash(b"{}"))].into(),
        }),
        fixtures: candidates
            .fixtures
            .iter()
            .map(|(p, f)| (p.clone(), f.bytes.clone()))
            .collect(),
        schemas: candidates.schemas.unwrap(),
        ..Committed::default()
    }
}

fn kinds(committed: &Committed) -> Vec<(Kind, String)> {
    compare(&candidates(), committed, Scope::Everything, FOLDERS)
        .problems
        .into_iter()
        .map(|p| (p.kind, p.subject))
        .collect()
}

#[test]
fn a_published_corpus_is_fresh() {
    let comparison = compare(&candidates(), &published(), Scope::Everything, FOLDERS);
    assert_eq!(comparison.problems, []);
    assert!(comparison.changes.is_empty());
    assert_eq!(comparison.summary.unchanged, 2);
}

#[test]
fn an_edited_byte_is_named_as_a_hand_edit() {
    let mut tree = published();
    tree.fixtures.insert("a.json".into(), b"7\n".to_vec());
    assert_eq!(kinds(&tree), [(Kind::HandEdited, "a.json".into())]);
}

#[test]
fn another_output_is_stale() {
    let mut tree = published();
    let old = b"7\n".to_vec();
    tree.lock
        .as_mut()
        .unwrap()
        .fixtures
        .get_mut("a.json")
        .unwrap()
        .blake3 = hash(&old);
    tree.fixtures.insert("a.json".into(), old);
    assert_eq!(kinds(&tree), [(Kind::Stale, "a.json".into())]);
}

#[test]
fn a_deleted_fixture_is_missing() {
    let mut tree = published();
    tree.fixtures.remove("b.json");
    assert_eq!(kinds(&tree), [(Kind::Missing, "b.json".into())]);
}

#[test]
fn a_stray_fixture_is_an_orphan_and_deleted() {
    let mut tree = published();
    tree.fixtures.insert("old/c.json".into(), b"3\n".to_vec());
    assert_eq!(kinds(&tree), [(Kind::Orphan, "old/c.json".into())]);
    let changes = compare(&candidates(), &tree, Scope::Everything, FOLDERS).changes;
    assert_eq!(changes.delete, ["old/c.json".to_owned()].into());
}

#[test]
fn a_foreign_file_is_broken_and_never_deleted() {
    let mut tree = published();
    tree.foreign.push("notes.txt".into());
    let comparison = compare(&candidates(), &tree, Scope::Everything, FOLDERS);
    assert_eq!(comparison.problems[0].kind, Kind::Foreign);
    assert!(comparison.changes.delete.is_empty());
}

#[test]
fn another_exit_code_is_drift() {
    let mut tree = published();
    tree.lock
        .as_mut()
        .unwrap()
        .fixtures
        .get_mut("a.json")
        .unwrap()
        .exit = 2;
    assert_eq!(kinds(&tree), [(Kind::ExitChanged, "a.json".into())]);
}

#[test]
fn another_argument_makes_the_lock_stale() {
    let mut tree = published();
    tree.lock
        .as_mut()
        .unwrap()
        .fixtures
        .get_mut("a.json")
        .unwrap()
        .args
        .clear();
    let comparison = compare(&candidates(), &tree, Scope::Everything, FOLDERS);
    assert_eq!(comparison.problems[0].kind, Kind::StaleLock);
    assert_eq!(
        comparison.problems[0].details,
        ["a.json: args: [] → [\"run\"]"]
    );
    assert!(comparison.changes.write.is_empty() && comparison.changes.lock_differs);
}

/// A tree whose lock lists the given schemas as written by Stillframe, and that holds the given ones.
fn with_schemas(recorded: &[(&str, &[u8])], there: &[(&str, &[u8])]) -> Committed {
    let mut tree = published();
    let lock = tree.lock.as_mut().unwrap();
    lock.schemas = recorded
        .iter()
        .map(|(name, bytes)| (name.to_string(), hash(bytes)))
        .collect();
    tree.schemas = there
        .iter()
        .map(|(name, bytes)| (name.to_string(), bytes.to_vec()))
        .collect();
    tree
}

#[test]
fn schemas_are_compared_in_both_directions() {
    let tree = with_schemas(&[("t.schema.json", b"1")], &[("t.schema.json", b"1")]);
    assert_eq!(
        kinds(&tree),
        [
            (Kind::StaleSchema, "schemas/s.schema.json".into()),
            (Kind::StaleSchema, "schemas/t.schema.json".into())
        ]
    );
    let changes = compare(&candidates(), &tree, Scope::Everything, FOLDERS).changes;
    assert_eq!(changes.delete_schemas, ["t.schema.json".to_owned()].into());
    assert_eq!(
        changes.lock.schemas,
        published().lock.unwrap().schemas,
        "the lock lists what was exported"
    );
}

#[test]
fn a_schema_that_stillframe_did_not_write_is_neither_reported_nor_deleted() {
    let tree = with_schemas(
        &[("s.schema.json", b"{}"), ("edited.schema.json", b"1")],
        &[
            ("s.schema.json", b"{}"),
            ("mine.schema.json", b"1"),
            ("edited.schema.json", b"2"),
        ],
    );
    assert_eq!(
        kinds(&tree),
        [(Kind::StaleLock, "fixtures_generated/corpus.lock".into())]
    );
    let changes = compare(&candidates(), &tree, Scope::Everything, FOLDERS).changes;
    assert!(changes.delete_schemas.is_empty() && changes.write_schemas.is_empty());
}

#[test]
fn a_schema_edited_by_hand_is_stale_and_written_again() {
    let tree = with_schemas(&[("s.schema.json", b"{}")], &[("s.schema.json", b"{ }")]);
    let comparison = compare(&candidates(), &tree, Scope::Everything, FOLDERS);
    assert_eq!(comparison.problems[0].kind, Kind::StaleSchema);
    assert!(comparison.problems[0].details[0].contains("edited by hand"));
    assert_eq!(comparison.changes.write_schemas.len(), 1);
}

#[test]
fn an_exported_schema_does_not_replace_one_written_by_hand() {
    for there in [
        "s.schema.json",
        "S.schema.json",
        "s.schema.json/x.schema.json",
    ] {
        let tree = with_schemas(&[], &[(there, b"mine")]);
        let comparison = compare(&candidates(), &tree, Scope::Everything, FOLDERS);
        assert_eq!(comparison.problems[0].kind, Kind::Foreign, "{there}");
        assert_eq!(comparison.problems[0].subject, format!("schemas/{there}"));
        assert!(comparison.changes.write_schemas.is_empty());
    }
    let mut tree = with_schemas(&[], &[]);
    tree.schema_others.insert("s.schema.json".into());
    assert_eq!(kinds(&tree)[0].0, Kind::Foreign);
}

#[test]
fn a_corpus_from_before_schemas_were_recorded_needs_only_its_lock_written() {
    let tree = with_schemas(&[], &[("s.schema.json", b"{}")]);
    let comparison = compare(&candidates(), &tree, Scope::Everything, FOLDERS);
    assert_eq!(comparison.problems[0].kind, Kind::StaleLock);
    assert_eq!(
        comparison.problems[0].details,
        ["s.schema.json: not recorded"]
    );
    assert!(comparison.changes.write_schemas.is_empty());
    assert_eq!(comparison.changes.lock, published().lock.unwrap());
}

#[test]
fn a_target_that_exports_nothing_leaves_every_schema_alone() {
    let tree = with_schemas(&[("s.schema.json", b"{}")], &[("s.schema.json", b"{ }")]);
    let mut candidates = candidates();
    candidates.schemas = None;
    let changes = compare(&candidates, &tree, Scope::Everything, FOLDERS).changes;
    assert!(changes.write_schemas.is_empty() && changes.delete_schemas.is_empty());
    assert!(changes.lock.schemas.is_empty());
    assert_eq!(tree.schemas_in_force(None), tree.schemas);
}

#[test]
fn a_limited_run_deletes_no_schema() {
    let tree = with_schemas(
        &[("s.schema.json", b"{}"), ("t.schema.json", b"1")],
        &[("s.schema.json", b"{}"), ("t.schema.json", b"1")],
    );
    let limited = ["a/one".to_owned()].into();
    let comparison = compare(&candidates(), &tree, Scope::Pocs(&limited), FOLDERS);
    assert_eq!(comparison.problems, []);
    assert!(comparison.changes.is_empty());
}

#[test]
fn outputs_are_validated_against_exported_schemas_and_those_written_by_hand() {
    let tree = with_schemas(
        &[("old.schema.json", b"1")],
        &[("old.schema.json", b"1"), ("mine.schema.json", b"2")],
    );
    let in_force = tree.schemas_in_force(candidates().schemas.as_ref());
    assert_eq!(
        in_force.keys().collect::<Vec<_>>(),
        ["mine.schema.json", "s.schema.json"]
    );
}

#[test]
fn leftovers_are_never_fresh() {
    let mut tree = published();
    tree.leftovers.push(".a.json.stillframe-new".into());
    assert_eq!(kinds(&tree)[0].0, Kind::Interrupted);
}

#[test]
fn a_limited_run_keeps_what_it_does_not_speak_for() {
    let mut tree = published();
    let mut other = fixture("z/other.json", "9\n").1;
    other.entry.poc = "b/two".into();
    tree.fixtures.insert("z/other.json".into(), b"9\n".to_vec());
    tree.lock
        .as_mut()
        .unwrap()
        .fixtures
        .insert("z/other.json".into(), other.entry);
    let limited = ["a/one".to_owned()].into();
    let comparison = compare(&candidates(), &tree, Scope::Pocs(&limited), FOLDERS);
    assert_eq!(comparison.problems, []);
    assert!(comparison.changes.is_empty());
}

#[test]
fn equal_bytes_are_named_once_for_each_further_path() {
    let fixtures = [
        fixture("a.json", "1\n"),
        fixture("b.json", "1\n"),
        fixture("c.json", "2\n"),
    ]
    .into();
    let problems = duplicates(&fixtures);
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].details, ["has the same bytes as a.json"]);
}

#[test]
fn another_version_is_named_and_recorded_only_with_something_else() {
    let version = |text: &str| [("tool".to_owned(), text.to_owned())].into();
    let mut tree = published();
    let mut now = candidates();
    now.versions = version("tool 2.0 (b)");
    tree.lock.as_mut().unwrap().versions = version("tool 1.0 (a)");
    let unchanged = compare(&now, &tree, Scope::Everything, FOLDERS);
    assert!(unchanged.changes.is_empty() && unchanged.problems.is_empty());
    assert_eq!(unchanged.changes.lock.versions, version("tool 1.0 (a)"));
    tree.fixtures.remove("a.json");
    let changed = compare(&now, &tree, Scope::Everything, FOLDERS);
    assert_eq!(changed.changes.versions, ["tool 1.0 (a) → 2.0 (b)"]);
    assert_eq!(changed.changes.lock.versions, version("tool 2.0 (b)"));
    for (was, now, line) in [
        ("1.0", "2.0", "tool: 1.0 → 2.0"),
        ("tool 1 x", "tool 1", "tool 1 x → tool 1"),
    ] {
        assert_eq!(version_changes(&version(was), &version(now)), [line]);
    }
}
