//! The files of the Ruby gem, made as the gem makes them where Ruby and ActiveRecord are installed, and imported again.

use std::path::Path;
use std::process::Command;

use crate::playground::{Playground, changes};
use fixpoints_import::{ImportOptions, NoteKind, import};

/// Where a skip is a failure.
const REQUIRED: &str = "FIXPOINTS_REQUIRE_SERVERS";

/// Imports what the gem makes of a database, which then equals it.
pub fn imports_without_a_difference(playground: &Playground, adapter: &str, place: &str) {
    let files = tempfile::tempdir().unwrap();
    if !is_installed(adapter) {
        return;
    }
    run(&[adapter, place, "base"], files.path());
    playground.store("wanted-base").unwrap();
    run(&[adapter, place, "child"], files.path());
    let (folder, options) = (playground.fixpoints(), ImportOptions::default());
    let database = &mut playground.database();
    let report = import(
        database,
        &folder,
        &playground.scope,
        &files.path().join("child.yml"),
        &options,
    )
    .unwrap();
    // The gem keeps the parent's time of change, and that is what the script leaves alone.
    let changed = report
        .notes
        .iter()
        .filter(|note| note.kind != NoteKind::Assumed);
    assert_eq!(
        changed.collect::<Vec<_>>(),
        [] as [&fixpoints_import::Note; 0]
    );
    assert_eq!(changes(&playground.compare("child").unwrap()), [""; 0]);
    playground.restore("wanted-base").unwrap();
    assert_eq!(changes(&playground.compare("base").unwrap()), [""; 0]);
}

fn is_installed(adapter: &str) -> bool {
    let library = if adapter == "postgresql" {
        "pg"
    } else {
        adapter
    };
    let asked = Command::new("ruby")
        .args(["-W0", "-ractive_record", &format!("-r{library}"), "-e", ""])
        .output();
    if asked.is_ok_and(|asked| asked.status.success()) {
        return true;
    }
    let packages = "apt-get install ruby ruby-activerecord ruby-pg ruby-sqlite3";
    let required = std::env::var_os(REQUIRED).is_some_and(|value| value == "1");
    assert!(
        !required,
        "{REQUIRED}=1, and ruby has no {library} or no activerecord: {packages}"
    );
    eprintln!("skipped: ruby has no {library} or no activerecord ({packages})");
    false
}

fn run(arguments: &[&str], folder: &Path) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/gem/gem.rb");
    let ran = Command::new("ruby")
        .args(["-W0".as_ref(), script.as_os_str()])
        .args(arguments)
        .arg(folder)
        .output()
        .unwrap();
    assert!(
        ran.status.success(),
        "{}",
        String::from_utf8_lossy(&ran.stderr)
    );
}
