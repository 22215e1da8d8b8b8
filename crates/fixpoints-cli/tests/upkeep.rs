//! What doctor and failed commands advise to keep fixpoints in order; every command is run as it is advised.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "shared/project.rs"]
mod project;

use project::Project;

const SEED: &str =
    "CREATE TABLE a (id INTEGER PRIMARY KEY, name TEXT);\nINSERT INTO a VALUES (1, 'x');\n";

/// The commands between backticks.
fn commands(text: &str) -> Vec<String> {
    let parts = text.split('`').skip(1).step_by(2);
    let commands = parts.filter(|part| part.contains(' '));
    commands.map(str::to_owned).collect()
}

/// `c0`, and so many fixpoints that stand on each other, with a row more each.
fn chain(links: usize) -> Project {
    let project = Project::new("sqlite:test.db");
    project.sql(SEED);
    project.done(&["store", "c0"]);
    for link in 1..=links {
        project.sql(&format!("INSERT INTO a VALUES ({link} + 1, 'y');"));
        let parent = format!("c{}", link - 1);
        project.done(&["store", &format!("c{link}"), "--parent", &parent]);
    }
    project
}

#[test]
fn a_chain_that_is_too_long_is_said_once_and_shortened_by_what_is_advised() {
    let project = chain(14);
    project.done(&["restore", "c7"]);
    project.sql("INSERT INTO a VALUES (99, 'z');");
    project.done(&["store", "branch", "--parent", "c7"]);
    let states = |project: &Project| {
        let rows = |name: &str| {
            project
                .done(&["show", name, "--rows"])
                .lines()
                .skip(2)
                .map(str::to_owned)
                .filter(|line| line.starts_with("  "))
                .collect::<Vec<_>>()
        };
        (0..=14)
            .map(|at| rows(&format!("c{at}")))
            .chain([rows("branch")])
            .collect::<Vec<_>>()
    };
    let before = states(&project);
    for (cut, left) in [(6, 1), (12, 0)] {
        let (exit, doctor) = project.json(&["doctor"]);
        let size = doctor["checks"]
            .as_array()
            .unwrap()
            .iter()
            .find(|check| check["check"] == "size")
            .unwrap();
        assert_eq!(
            (exit, size["findings"].as_array().unwrap().len()),
            (1, 1),
            "{size}"
        );
        let finding = &size["findings"][0];
        assert_eq!(
            finding["message"],
            format!("`c{cut}` stands on 6 others, one on top of the other")
        );
        let hint = finding["hint"].as_str().unwrap();
        let ran = project.shell(&commands(hint)[0]);
        assert_eq!(ran.exit, 0, "{hint}: {}", ran.stderr);
        assert_eq!(states(&project), before);
        assert_eq!(project.run(&["doctor"]).exit, left);
    }
}

#[test]
fn more_fixpoints_than_may_be_open_at_once_are_looked_at() {
    let project = chain(12);
    for copy in 0..24 {
        project.file(
            &format!("fixpoints/copy{copy}.yaml"),
            &project.read("fixpoints/c0.yaml"),
        );
    }
    for command in ["doctor", "tree", "list"] {
        let ran = project.shell(&format!("ulimit -n 32; fixpoints {command}"));
        let printed = ran.stdout + &ran.stderr;
        assert!(
            !printed.contains("Too many open files"),
            "{command}: {printed}"
        );
    }
}

#[test]
fn what_is_wrong_with_one_fixpoint_is_said_once() {
    let project = chain(4);
    let c1 = project.read("fixpoints/c1.yaml");
    let criticals = |project: &Project| {
        let shown = project.run(&["doctor"]).stdout;
        let lines = shown.lines().filter(|line| line.starts_with("critical: "));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    project.edit("c1", &c1.replace("\"y\"", "\"w\""));
    assert_eq!(
        criticals(&project),
        ["critical: `c1` changed after `c2` was stored on top of it"]
    );
    project.file(
        "fixpoints/c1.yaml",
        &c1.replace("\nchanges:", "\nchanges: ["),
    );
    let said = criticals(&project);
    assert!(
        said.len() == 2 && said[0].starts_with("critical: fixpoints/c1.yaml, line "),
        "{said:?}"
    );
    assert_eq!(
        said[1],
        "critical: `c2` stands on fixpoints/c1.yaml, which cannot be read"
    );
    project.edit("c1", &c1.replace("\"c0\"", "\"gone\""));
    assert_eq!(
        criticals(&project)[0],
        "critical: `c1` stands on `gone`, which does not exist in fixpoints"
    );
    assert_eq!(criticals(&project).len(), 2, "what it holds moved too");
    project.file("fixpoints/c1.yaml", &c1);
    project.file("fixpoints/c0.yaml", &c1);
    assert_eq!(
        criticals(&project)[0],
        "critical: `c0` would be its own ancestor"
    );
}

#[test]
fn what_a_killed_store_left_is_named_with_the_command_that_removes_it() {
    let project = chain(0);
    project.done(&["store", "shop/new"]);
    let left = "fixpoints/shop/.fixpoint-x.tmp";
    project.file(left, "half");
    let file = std::fs::File::options()
        .write(true)
        .open(project.path().join(left))
        .unwrap();
    file.set_modified(std::time::SystemTime::now() - std::time::Duration::from_secs(60))
        .unwrap();
    drop(file);
    let ran = project.run(&["doctor"]);
    assert_eq!(ran.exit, 1);
    assert!(
        ran.stdout.contains(&format!(
            "warning: {left} was left by a program that was killed"
        )),
        "{}",
        ran.stdout
    );
    let rm = format!("/bin/{}", commands(&ran.stdout)[0]);
    assert_eq!(project.shell(&rm).exit, 0, "{rm}");
    assert_eq!(project.run(&["doctor"]).exit, 0);
}

#[test]
fn another_kind_of_database_is_called_that_and_nothing_is_stored_over() {
    let project = chain(0);
    let other = project
        .read("fixpoints/c0.yaml")
        .replace("engine: sqlite", "engine: postgres");
    project.edit("pg", &other);
    let ran = project.run(&["doctor"]);
    assert_eq!(ran.exit, 2);
    assert!(
        ran.stdout
            .contains("critical: `pg` holds rows of postgres, the database is sqlite\n"),
        "{}",
        ran.stdout
    );
    assert!(
        !ran.stdout.contains("moved") && !ran.stdout.contains("fixpoints store"),
        "{}",
        ran.stdout
    );
    for args in [&["diff", "c0", "pg"][..], &["rebase", "c0", "--onto", "pg"]] {
        let (kind, message, hint) = project.fails(args);
        assert_eq!(kind, "other_engine");
        assert_eq!(
            message,
            "`c0` holds rows of sqlite, `pg` of postgres, which write values differently"
        );
        assert!(!hint.contains("store"), "{hint}");
    }
}

#[test]
fn fixpoints_are_brought_over_a_migration_by_what_is_advised() {
    let project = Project::new("sqlite:test.db");
    project.file("fixpoints.toml", "dir = \"my tests\"\n");
    let dump = |name: &str| project.json(&["show", name, "--rows"]).1["tables"][0]["data"].clone();
    let database = |script: &str| {
        let _ = std::fs::remove_file(project.path().join("test.db"));
        project.sql(script);
    };
    database(SEED);
    project.done(&["store", "base"]);
    project.sql("INSERT INTO a VALUES (2, 'kid');");
    project.done(&["store", "kid", "--parent", "base"]);
    project.sql("UPDATE a SET name = 'grand' WHERE id = 1;");
    project.done(&["store", "grand", "--parent", "kid"]);
    let migration = "ALTER TABLE a ADD COLUMN fresh INTEGER DEFAULT 7;";
    project.sql(migration);
    let advice = ["base", "kid", "grand"].map(|name| {
        let (kind, _, hint) = project.fails(&["restore", name]);
        assert_eq!(kind, "schema_drift");
        commands(&hint)
    });
    let copy = "cp -r 'my tests' 'my tests-old'";
    assert!(
        advice
            .iter()
            .all(|commands| commands.contains(&copy.to_owned()))
    );
    let run = |command: &str| {
        let ran = project.shell(command);
        assert_eq!(ran.exit, 0, "{command}: {}", ran.stderr);
    };
    run(&format!("/bin/{copy}"));
    for commands in advice {
        database(SEED);
        for command in commands
            .iter()
            .filter(|command| !command.starts_with("cp "))
        {
            run(command);
            if command.contains(" restore ") {
                project.sql(migration);
            }
        }
    }
    let row = |id: u8, name: &str| serde_json::json!({"id": id, "name": name, "fresh": 7});
    assert_eq!(dump("base"), serde_json::json!([row(1, "x")]));
    assert_eq!(dump("kid"), serde_json::json!([row(1, "x"), row(2, "kid")]));
    assert_eq!(
        dump("grand"),
        serde_json::json!([row(1, "grand"), row(2, "kid")])
    );
    assert_eq!(project.done(&["tree"]), "base\n└── kid\n    └── grand\n");
}
