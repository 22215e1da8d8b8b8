//! The parts of the normaliser on one megabyte of pretty-printed JSON; `cargo xtask bench micro` runs them.

use divan::Bencher;
use divan::counter::BytesCount;
use stillframe_core::json;
use stillframe_core::machine::{Day, Look, Machine};
use stillframe_core::normalize::{Format, Framing, Plan, Scrub, Settings, draft};

fn main() {
    divan::main();
}

/// What a tool prints that lists its tables.
fn document() -> Vec<u8> {
    let row = |n: usize| {
        format!(
            "    {{\n      \"name\": \"table_{n}\",\n      \"run_id\": \"r-{}\",\n      \"duration_ms\": {},\n      \"path\": \"/tmp/sandbox/poc/{n}.db\",\n      \"updated_at\": \"2026-01-01T00:00:00Z\"\n    }}",
            n % 97,
            n % 13
        )
    };
    let rows: Vec<String> = (0..6_000).map(row).collect();
    format!(
        "{{\n  \"command\": \"list\",\n  \"tables\": [\n{}\n  ]\n}}\n",
        rows.join(",\n")
    )
    .into_bytes()
}

fn plan(rules: &str) -> Plan {
    let settings: Settings = toml::from_str(rules).expect("the rules are well-formed");
    Plan::compile(&settings, &Format::default()).expect("the rules compile")
}

fn drafted(bencher: Bencher<'_, '_>, rules: &str, scrub: &Scrub) {
    let (plan, document) = (plan(rules), document());
    bencher
        .counter(BytesCount::of_slice(&document))
        .bench(|| draft(&plan, scrub, Framing::Json, &document));
}

#[divan::bench]
fn lossless_check(bencher: Bencher<'_, '_>) {
    let document = document();
    bencher
        .counter(BytesCount::of_slice(&document))
        .bench(|| json::check(&document));
}

#[divan::bench]
fn built_in_rules(bencher: Bencher<'_, '_>) {
    drafted(bencher, "", &Scrub::default());
}

#[divan::bench]
fn path_scrubbing(bencher: Bencher<'_, '_>) {
    drafted(
        bencher,
        "",
        &Scrub::new([("/tmp/sandbox/poc", "/stillframe/poc")]),
    );
}

#[divan::bench]
fn identities(bencher: Bencher<'_, '_>) {
    let rule = "[[rule]]\nname = \"run\"\nmatch = { key = [\"run_id\"] }\naction = { identity = \"run-${n}\" }\nreason = \"x\"\n";
    drafted(bencher, rule, &Scrub::default());
}

#[divan::bench]
fn one_sorted_array(bencher: Bencher<'_, '_>) {
    let rule = "[[rule]]\nname = \"tables\"\nmatch = { path = \"$.tables\" }\naction = \"sort\"\nreason = \"x\"\n";
    drafted(bencher, rule, &Scrub::default());
}

#[divan::bench]
fn machine_bound(bencher: Bencher<'_, '_>) {
    let now = 1_795_739_324;
    let look = Look::new(&Machine {
        hosts: vec!["buildbox7".to_owned()],
        users: vec!["root".to_owned()],
        folders: vec!["/root".to_owned(), "/srv/checkout".to_owned()],
        days: vec![Day::of(now)],
        now,
    });
    let document = document();
    bencher
        .counter(BytesCount::of_slice(&document))
        .bench(|| look.at(Framing::Json, &document));
}
