//! Tests that leave files behind: two that must run in this order, and one that fails after a run in which it passed.

use std::fs;
use std::path::PathBuf;

/// The journal of this run of the suite.
fn journal() -> PathBuf {
    let run = std::env::var("NEXTEST_RUN_ID").unwrap_or_else(|_| "cargo-test".to_owned());
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("journal-{run}"))
}

#[test]
fn a_journal_is_begun() {
    fs::write(journal(), "begun").unwrap();
}

#[test]
fn b_journal_is_ended() {
    assert_eq!(fs::read_to_string(journal()).unwrap(), "begun");
    fs::remove_file(journal()).unwrap();
}

#[test]
fn c_report_is_written_once() {
    let report = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("report");
    if report.exists() {
        fs::remove_file(&report).unwrap();
        panic!("the report of the last run is still there");
    }
    fs::write(&report, "report").unwrap();
}
