//! What doctor finds, and that it stays silent where nothing is wrong.

use fixpoints::{Check, Config, Diagnosis, Location, Project, doctor};
use rusqlite::functions::FunctionFlags;

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

/// A connection with what the application adds to its own.
fn applications(playground: &Playground) -> rusqlite::Connection {
    let connection = playground.connection();
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection
        .create_scalar_function("known", 1, flags, |context| context.get::<i64>(0))
        .unwrap();
    connection
}

#[test]
fn a_fixpoint_that_cannot_be_restored_is_critical() {
    let playground = Playground::new(
        "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (id INTEGER PRIMARY KEY, p INTEGER REFERENCES p);
         INSERT INTO p VALUES (1); INSERT INTO c VALUES (1, 1);",
    );
    playground.store("sound").unwrap();
    playground.sql("DELETE FROM p");
    playground.store("broken").unwrap();
    playground.sql("INSERT INTO p VALUES (1)");
    let before = std::fs::read(playground.path()).unwrap();
    let diagnosis = examine(&playground, &Config::default());
    assert_eq!(found(&diagnosis), [(Check::Restore, "broken")]);
    assert!(diagnosis.findings[0].check.is_critical());
    assert!(
        diagnosis.findings[0]
            .message
            .contains("would break foreign keys")
    );
    let keep = Config {
        broken_references: fixpoints::BrokenReferences::Keep,
        ..Config::default()
    };
    assert_eq!(found(&examine(&playground, &keep)), []);
    assert_eq!(
        std::fs::read(playground.path()).unwrap(),
        before,
        "doctor wrote"
    );
}

#[test]
fn a_function_that_is_missing_is_found_and_named_with_what_helps() {
    for (made, doctor) in [
        (
            "CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER CHECK (known(v) > 0))",
            true,
        ),
        (
            "CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER, g AS (known(v)) STORED)",
            true,
        ),
        (
            "CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER); CREATE INDEX i ON t (known(v))",
            true,
        ),
        (
            "CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER); CREATE INDEX i ON t (id) WHERE known(v) > 0",
            true,
        ),
        ("CREATE TABLE t (v INTEGER CHECK (known(v) > 0))", true),
        (
            "CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER DEFAULT (known(1)))",
            false,
        ),
        (
            "CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER); CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT known(1); END",
            false,
        ),
    ] {
        let playground = Playground::new("");
        let connection = applications(&playground);
        connection.execute_batch(made).unwrap();
        connection
            .execute_batch("INSERT INTO t (v) VALUES (1)")
            .unwrap();
        playground.store("base").unwrap();
        let diagnosis = examine(&playground, &Config::default());
        let restore: Vec<_> = found(&diagnosis)
            .into_iter()
            .filter(|(check, _)| *check == Check::Restore)
            .collect();
        let expected: &[_] = if doctor {
            &[(Check::Restore, "t")]
        } else {
            &[]
        };
        assert_eq!(restore, expected, "{made}");
        connection.execute_batch("UPDATE t SET v = 2").unwrap();
        let restored = playground.restore("base");
        if !doctor {
            restored.unwrap();
            continue;
        }
        let error = restored.unwrap_err();
        let hint = error.hint().unwrap();
        assert!(error.to_string().contains("known"), "{made}: {error}");
        assert!(hint.contains("what the application adds"), "{made}: {hint}");
        // Where the function is there, the same fixpoint comes back.
        let chain =
            fixpoints::Chain::open(&playground.fixpoints(), &crate::playground::name("base"))
                .unwrap();
        let mut database = fixpoints::engines::sqlite::Sqlite::over(&connection);
        fixpoints::restore(&mut database, &chain, &playground.scope).unwrap();
        assert_eq!(playground.one::<i64>("SELECT v FROM t"), 1);
    }
}

#[test]
fn a_collation_that_is_missing_is_found_and_named_with_what_helps() {
    for (made, check) in [
        (
            "CREATE TABLE t (k TEXT COLLATE NOCASE PRIMARY KEY, v) WITHOUT ROWID",
            Check::Store,
        ),
        (
            "CREATE TABLE t (id INTEGER PRIMARY KEY, k TEXT COLLATE NOCASE); CREATE INDEX i ON t (k)",
            Check::Restore,
        ),
        (
            "CREATE TABLE t (k TEXT COLLATE NOCASE NOT NULL UNIQUE, v)",
            Check::Restore,
        ),
    ] {
        let playground = Playground::new(made);
        playground.sql(
            "INSERT INTO t (k) VALUES ('a');
             PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'NOCASE', 'german');",
        );
        let diagnosis = examine(&playground, &Config::default());
        let finding = diagnosis
            .findings
            .iter()
            .find(|found| found.check == check)
            .expect(made);
        assert_eq!(finding.subject.as_deref(), Some("t"), "{made}");
        assert!(
            finding
                .message
                .contains("no such collation sequence: german"),
            "{}",
            finding.message
        );
        let hint = finding.hint.as_ref().unwrap().to_string();
        assert!(hint.contains("what the application adds"), "{made}: {hint}");
    }
}

#[test]
fn a_table_that_cannot_be_covered_any_more_is_not_called_dropped() {
    let playground = Playground::new("CREATE TABLE t (id INTEGER PRIMARY KEY)");
    playground.store("base").unwrap();
    playground.sql("DROP TABLE t; CREATE VIRTUAL TABLE t USING dbstat");
    let diagnosis = examine(&playground, &Config::default());
    assert_eq!(found(&diagnosis), [(Check::Schema, "base")]);
    let message = &diagnosis.findings[0].message;
    assert!(
        message.contains("cannot read table t") && message.contains("dbstat"),
        "{message}"
    );
}

/// The folder for temporary files would count as one for tests, and a checkout may lie in it.
#[cfg(unix)]
#[test]
fn a_database_that_may_not_be_replaced_is_critical() {
    let playground = Playground::new("CREATE TABLE t (id INTEGER PRIMARY KEY)");
    playground.store("base").unwrap();
    let (config, folder) = (Config::default(), playground.fixpoints());
    let other = tempfile::tempdir_in("/var/tmp").unwrap();
    let path = other.path().join("app.db");
    std::fs::copy(playground.path(), &path).unwrap();
    let url = Location::parse(&format!("sqlite:{}", path.display())).unwrap();
    let project = Project {
        chosen: None,
        config: &config,
        folder: &folder,
        url: &url,
    };
    let diagnosis = doctor(&project).unwrap();
    let checks: Vec<Check> = diagnosis.findings.iter().map(|found| found.check).collect();
    assert_eq!(checks, [Check::Store]);
    assert!(
        diagnosis.findings[0]
            .hint
            .as_ref()
            .unwrap()
            .to_string()
            .contains("allow-databases")
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
