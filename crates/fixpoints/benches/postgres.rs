//! Restoring forty tables that refer to each other, next to what a suite does without fixpoints; `cargo xtask bench postgres` runs it.

#![expect(
    clippy::unwrap_used,
    reason = "a bench that cannot set itself up says nothing"
)]

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use fixpoints::engines::postgres::Postgres;
use fixpoints::{Chain, FixpointName, Fixpoints, Folder, Scope, StoreOptions, restore, store};
use postgres::Client;

#[path = "../tests/postgres/server.rs"]
#[allow(dead_code, reason = "the tests use all of it")]
mod server;

use server::{Place, Server};

const TABLES: usize = 40;
const ROWS: usize = 200;
const ROUNDS: usize = 15;

fn main() {
    if let Some(hasty) = Server::get() {
        compare(hasty, "fsync off");
    }
    if let Some(durable) = Server::durable() {
        compare(&durable, "a server as installed");
    }
}

fn compare(server: &Server, kind: &str) {
    let place = server.database();
    let mut client = place.connect("postgres");
    client.batch_execute(&schema()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let fixpoints = Folder::new(folder.path().join("fixpoints"));
    let name = FixpointName::parse("base").unwrap();
    store(
        &mut Postgres::on(&mut client),
        &fixpoints,
        &name,
        &Scope::default(),
        &StoreOptions::default(),
    )
    .unwrap();
    let dump = folder.path().join("base.dump");
    tool("pg_dump", &place, &["-Fc", "-f", dump.to_str().unwrap()]);
    let copies = copies(&mut client);
    let every: Vec<usize> = (0..TABLES).collect();

    // Each series by itself: a suite does one or the other, and never one after the other.
    let suite = Fixpoints::new(folder.path().join("fixpoints"));
    suite.restore(&mut client, "base").unwrap();
    let two = median((0..ROUNDS).map(|round| {
        wreck(&mut client, &[7, 23], round);
        timed(|| drop(suite.restore(&mut client, "base").unwrap()))
    }));
    let cold = median((0..ROUNDS).map(|round| {
        wreck(&mut client, &[7, 23], round);
        timed(|| bring_back(&mut client, &fixpoints, &name))
    }));
    let hand = median((0..ROUNDS).map(|round| {
        wreck(&mut client, &[7, 23], round);
        timed(|| truncate_and_copy(&mut client, &copies))
    }));
    let all = median((0..ROUNDS).map(|round| {
        wreck(&mut client, &every, round);
        timed(|| bring_back(&mut client, &fixpoints, &name))
    }));
    let peer = median((0..ROUNDS).map(|round| {
        wreck(&mut client, &every, round);
        timed(|| {
            tool(
                "pg_restore",
                &place,
                &["--clean", "--single-transaction", dump.to_str().unwrap()],
            );
        })
    }));
    println!(
        "postgres ({kind}), {TABLES} chained tables of {ROWS} rows, wall time, median of {ROUNDS}"
    );
    println!(
        "  two tables changed   truncate and copy all / restore   {:.1}×   ({hand:.1} ms / {two:.1} ms), in a suite that restored before",
        hand / two
    );
    println!(
        "                       the same                          {:.1}×   ({hand:.1} ms / {cold:.1} ms), in a process that did not",
        hand / cold
    );
    println!(
        "  every table changed  restore / pg_restore              {:.2}×   ({all:.1} ms / {peer:.1} ms)",
        all / peer
    );
}

fn schema() -> String {
    let table = |n: usize| {
        let (refers, parent) = match n {
            0 => (String::new(), "NULL"),
            n => (format!(" REFERENCES t{} (id)", n - 1), "i"),
        };
        format!(
            "CREATE TABLE t{n} (id integer PRIMARY KEY, parent integer{refers}, name text NOT NULL, at timestamptz);
             INSERT INTO t{n} SELECT i, {parent}, 'name ' || i, '2026-01-01'::timestamptz + i * interval '1 hour'
             FROM generate_series(1, {ROWS}) i;"
        )
    };
    (0..TABLES).map(table).collect()
}

fn wreck(client: &mut Client, tables: &[usize], round: usize) {
    let update = |n: &usize| format!("UPDATE t{n} SET name = 'wrecked {round}' WHERE id % 2 = 0;");
    let script: String = tables.iter().map(update).collect();
    client.batch_execute(&script).unwrap();
}

fn bring_back(client: &mut Client, fixpoints: &Folder, name: &FixpointName) {
    let chain = Chain::open(fixpoints, name).unwrap();
    restore(&mut Postgres::on(client), &chain, &Scope::default()).unwrap();
}

/// Each table's rows as COPY text.
fn copies(client: &mut Client) -> Vec<(String, Vec<u8>)> {
    let copy = |n: usize| {
        let mut text = Vec::new();
        let mut reader = client.copy_out(&format!("COPY t{n} TO STDOUT")).unwrap();
        reader.read_to_end(&mut text).unwrap();
        (format!("t{n}"), text)
    };
    (0..TABLES).map(copy).collect()
}

fn truncate_and_copy(client: &mut Client, copies: &[(String, Vec<u8>)]) {
    let names: Vec<&str> = copies.iter().map(|(name, _)| name.as_str()).collect();
    let mut transaction = client.transaction().unwrap();
    transaction
        .batch_execute(&format!("TRUNCATE {} CASCADE", names.join(", ")))
        .unwrap();
    for (name, text) in copies {
        let mut copy = transaction
            .copy_in(&format!("COPY {name} FROM STDIN"))
            .unwrap();
        copy.write_all(text).unwrap();
        copy.finish().unwrap();
    }
    transaction.commit().unwrap();
}

fn tool(program: &str, place: &Place, words: &[&str]) {
    let status = Command::new(Path::new(program))
        .args(["-d", &place.url("postgres")])
        .args(words)
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success(), "{program} failed");
}

fn timed(work: impl FnOnce()) -> Duration {
    let started = Instant::now();
    work();
    started.elapsed()
}

/// In milliseconds.
fn median(times: impl Iterator<Item = Duration>) -> f64 {
    let mut times: Vec<Duration> = times.collect();
    times.sort();
    times[times.len() / 2].as_secs_f64() * 1e3
}
