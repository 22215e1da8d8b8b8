//! `fixpoints` on two SQLite tables of half a million rows each, against the `sqlite3` tool's dump and reload.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use stillframe::print::line;

use super::measure::{Ratios, Usage, measure};

const ROWS: usize = 500_000;

/// Stores, compares and restores, each next to its peer, and prints the ratios.
pub fn run(fixpoints: &Path, rounds: u32, out: &mut dyn Write) -> Result<()> {
    if Command::new("sqlite3")
        .arg("--version")
        .stdout(Stdio::null())
        .status()
        .is_err()
    {
        line(
            out,
            "sqlite: left out, the peer `sqlite3` is not installed (apt-get install sqlite3)",
        )?;
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let root = folder.path();
    sqlite(root, "test.db", &fill())?;
    let mut stores = Ratios::default();
    let mut compares = Ratios::default();
    let mut restores = Ratios::default();
    for _ in 0..rounds {
        remove(&root.join("fixpoints"))?;
        let dump = measure(
            Command::new("sqlite3")
                .args(["test.db", ".dump"])
                .current_dir(root)
                .stdout(File::create(root.join("dump.sql"))?),
        )?;
        let store = ours(fixpoints, root, &["store", "base"])?;
        let compare = ours(fixpoints, root, &["compare", "base"])?;
        sqlite(
            root,
            "test.db",
            "UPDATE a SET title = 'wrecked' || id; DELETE FROM b WHERE id % 2;",
        )?;
        let restore = ours(fixpoints, root, &["restore", "base"])?;
        ours(fixpoints, root, &["compare", "base"]).context("the restored database differs")?;
        if root.join("reload.db").exists() {
            std::fs::remove_file(root.join("reload.db"))?;
        }
        let reload = measure(
            Command::new("sh")
                .args(["-c", "exec sqlite3 reload.db < dump.sql"])
                .current_dir(root)
                .stdout(Stdio::null()),
        )?;
        stores.add(store, dump);
        compares.add(compare, store);
        restores.add(restore, reload);
    }
    line(
        out,
        &format!("sqlite, two tables of {ROWS} rows, median of {rounds}"),
    )?;
    for (ratios, what) in [
        (stores, "store: fixpoints / sqlite3 .dump"),
        (compares, "compare, equal: fixpoints / its own store"),
        (restores, "restore, wrecked: fixpoints / reload"),
    ] {
        let (line_of, peak) = (ratios.line(what), ratios.peak());
        line(out, &format!("{line_of}   peak {peak:.1} MiB"))?;
    }
    Ok(())
}

fn ours(fixpoints: &Path, root: &Path, words: &[&str]) -> Result<Usage> {
    measure(
        Command::new(fixpoints)
            .args(["--db", "sqlite:test.db"])
            .args(words)
            .current_dir(root)
            .env_remove("CI")
            .stdout(Stdio::null()),
    )
}

fn fill() -> String {
    let table = |name: &str, first: usize| {
        format!(
            "CREATE TABLE {name} (id INTEGER PRIMARY KEY, title TEXT NOT NULL, body TEXT, created_at TEXT, updated_at TEXT);
             WITH RECURSIVE n(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i < {last})
             INSERT INTO {name} SELECT i, 'title ' || i, 'a body of some length, number ' || (i * 7919 % 100003),
               datetime(1700000000 + i, 'unixepoch'), datetime(1700000000 + i * 3, 'unixepoch') FROM n;",
            last = first + ROWS - 1
        )
    };
    format!(
        "PRAGMA journal_mode = DELETE; {} {}",
        table("a", 1),
        table("b", 1)
    )
}

fn sqlite(root: &Path, database: &str, script: &str) -> Result<()> {
    let status = Command::new("sqlite3")
        .args([database, script])
        .current_dir(root)
        .stdout(Stdio::null())
        .status()?;
    ensure!(status.success(), "sqlite3 failed");
    Ok(())
}

fn remove(folder: &Path) -> Result<()> {
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    Ok(())
}
