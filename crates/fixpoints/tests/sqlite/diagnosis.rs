//! What doctor finds, and that it stays silent where nothing is wrong.

use fixpoints::{Check, Config, Diagnosis, Location, Project, doctor};

use crate::playground::Playground;

fn examine(playground: &Playground, config: &Config) -> Diagnosis {
    let (folder, url) = (
        playground.fixpoints(),
        Location::parse(&format!("sqlite:{}", playground.path().display())).unwrap(),
    );
    doctor(&Project {
        chosen: None,
        config,
        folder: &folder,
        url: &url,
    })
    .unwrap()
}

fn found(diagnosis: &Diagnosis) -> Vec<(Check, &str)> {
    diagnosis
        .findings
        .iter()
        .map(|finding| {
            (
                finding.check,
                finding.subject.as_deref().unwrap_or_default(),
            )
        })
        .collect()
}

#[test]
fn a_sound_project_has_no_findings() {
    let playground = Playground::new(
        "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT); INSERT INTO t VALUES (3);",
    );
    playground.store("base").unwrap();
    let diagnosis = examine(&playground, &Config::default());
    assert_eq!(found(&diagnosis), []);
    assert_eq!((diagnosis.fixpoints.len(), diagnosis.tables.len()), (1, 1));
}

#[test]
fn each_weakness_is_found_once() {
    let playground = Playground::new(
        "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, p INTEGER REFERENCES t (id)); CREATE TABLE k (x);
         INSERT INTO t VALUES (3, 9); UPDATE sqlite_sequence SET seq = 1;",
    );
    playground.store("base").unwrap();
    playground.sql("CREATE TABLE later (id INTEGER PRIMARY KEY); ALTER TABLE k ADD COLUMN y;");
    let config = Config {
        exclude: vec!["gone".to_owned()].into(),
        ignore: vec!["k.z".to_owned()].into(),
        ..Config::default()
    };
    let expected = [
        (Check::Schema, "base"),
        (Check::Coverage, "base"),
        (Check::Keys, "k"),
        (Check::Sequences, "t"),
        (Check::ForeignKeys, "t"),
        (Check::Configuration, "gone"),
        (Check::Configuration, "k.z"),
    ];
    assert_eq!(found(&examine(&playground, &config)), expected);
}

#[test]
fn what_cannot_be_used_is_critical() {
    let playground =
        Playground::new("CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1);");
    playground.store("base").unwrap();
    playground.store_on("child", "base").unwrap();
    playground.sql("DELETE FROM t");
    playground.store("base").unwrap();
    playground.write("torn", "format: 2\nengine");
    playground.write(
        "row",
        &playground
            .text("base")
            .replace("    rows: []", "    rows:\n      - {\"di\": 1}"),
    );
    let diagnosis = examine(&playground, &Config::default());
    assert_eq!(
        found(&diagnosis),
        [
            (Check::Files, "row"),
            (Check::Files, "torn"),
            (Check::Parents, "child")
        ]
    );
    assert!(
        diagnosis
            .findings
            .iter()
            .all(|finding| finding.check.is_critical() && finding.hint.is_some())
    );
}

#[test]
fn a_full_file_near_another_is_pointed_out_once() {
    let playground = Playground::new("CREATE TABLE t (id INTEGER PRIMARY KEY)");
    playground.sql("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50) INSERT INTO t SELECT i FROM n");
    playground.store("a").unwrap();
    playground.sql("DELETE FROM t WHERE id = 7");
    playground.store("b").unwrap();
    assert_eq!(
        found(&examine(&playground, &Config::default())),
        [(Check::Size, "b")]
    );
    playground.store_on("b", "a").unwrap();
    assert_eq!(found(&examine(&playground, &Config::default())), []);
}

#[test]
fn a_chain_that_is_too_deep_is_pointed_out_from_its_end() {
    let playground = Playground::new("CREATE TABLE t (id INTEGER PRIMARY KEY)");
    playground.store("c0").unwrap();
    for at in 1..7 {
        playground.sql(&format!("INSERT INTO t VALUES ({at})"));
        let (child, parent) = (format!("c{at}"), format!("c{}", at - 1));
        playground.store_on(&child, &parent).unwrap();
    }
    let diagnosis = examine(&playground, &Config::default());
    assert_eq!(found(&diagnosis), [(Check::Size, "c6")]);
    let hint = diagnosis.findings[0].hint.as_ref().unwrap().to_string();
    assert!(hint.contains("fixpoints store c6"), "{hint}");
}

#[test]
fn the_fixes_that_doctor_names_are_the_ones_that_help() {
    let playground = Playground::new(
        "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, v TEXT); INSERT INTO t (v) VALUES ('a'), ('b'); UPDATE sqlite_sequence SET seq = 0;",
    );
    playground.store("base").unwrap();
    playground.store_on("child", "base").unwrap();
    playground.sql("INSERT INTO t VALUES (9, 'i')");
    playground.sql("UPDATE sqlite_sequence SET seq = 0");
    playground.store("base").unwrap();
    let hints: Vec<String> = examine(&playground, &Config::default())
        .findings
        .into_iter()
        .filter_map(|finding| Some(finding.hint?.to_string()))
        .collect();
    assert_eq!(
        hints,
        [
            "run `fixpoints rebase child --onto base`",
            "run `fixpoints sequences reset --table t`"
        ]
    );
    let (folder, scope) = (playground.fixpoints(), &playground.scope);
    let names = ["child", "base"].map(crate::playground::name);
    fixpoints::rebase(&folder, &names[0], &names[1], fixpoints::Prefer::Neither).unwrap();
    fixpoints::reset_sequences(&mut playground.database(), scope, &[]).unwrap();
    assert_eq!(found(&examine(&playground, &Config::default())), []);
}
