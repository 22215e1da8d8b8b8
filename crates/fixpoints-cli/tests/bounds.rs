//! Nothing waits for ever, and nothing takes all memory: servers that never answer, and files that are far too deep or
//! too large.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "shared/project.rs"]
mod project;

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use project::{Project, Ran};

/// What a server sends for "you are in", and for "ask me something".
const ADMITTED: &[u8] = b"R\0\0\0\x08\0\0\0\0";
const READY: &[u8] = b"Z\0\0\0\x05I";

/// Takes every connection, reads what it is told, answers the same each time, and never says anything else.
fn silent_server(answer: &'static [u8]) -> (u16, Receiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut open: Vec<TcpStream> = Vec::new();
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            // The first message of the client; whether all of it came does not matter.
            let _ = stream.read(&mut [0; 1024]);
            stream.write_all(answer).unwrap();
            open.push(stream);
            let _ = sender.send(());
        }
    });
    (port, receiver)
}

/// Runs what might never end; the bound is far above what it takes.
fn ends(project: &Project, args: &[&str]) -> Ran {
    const BOUND: Duration = Duration::from_secs(120);
    let mut child = project
        .command(args)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if begun.elapsed() > BOUND {
            child.kill().unwrap();
            panic!("{args:?} does not end");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Ran::of(child.wait_with_output().unwrap())
}

#[test]
fn a_server_that_never_answers_is_given_up_at_the_bound() {
    for answer in [&b""[..], ADMITTED, &[ADMITTED, READY].concat().leak()[..]] {
        let (port, _taken) = silent_server(answer);
        let place = format!("127.0.0.1, port {port}, did not answer within 1 seconds");
        let url = format!("postgres://me@127.0.0.1:{port}/app_test");
        let mut by_variable = Project::new(&url);
        by_variable.set("PGCONNECT_TIMEOUT", "1");
        let by_url = Project::new(&format!("{url}?connect_timeout=1"));
        for project in [&by_variable, &by_url] {
            for args in [&["store", "base"][..], &["sequences", "reset"]] {
                let ran = ends(project, args);
                assert_eq!(ran.exit, 3, "{}", ran.stderr);
                assert!(ran.stderr.contains(&place), "{}", ran.stderr);
                assert!(ran.stderr.contains("connect_timeout="), "{}", ran.stderr);
            }
        }
    }
}

#[test]
fn a_wait_for_a_server_ends_with_the_first_signal() {
    let (port, taken) = silent_server(b"");
    let url = format!("postgres://me@127.0.0.1:{port}/app_test?connect_timeout=3600");
    let project = Project::new(&url);
    for (name, number) in [("INT", 2), ("TERM", 15)] {
        let mut child = project
            .command(&["store", "base"])
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        taken.recv_timeout(Duration::from_secs(120)).unwrap();
        let id = child.id().to_string();
        let kill = Command::new("kill").args(["-s", name, &id]).status();
        assert!(kill.unwrap().success());
        let begun = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            if begun.elapsed() > Duration::from_secs(120) {
                child.kill().unwrap();
                panic!("SIG{name} ends nothing");
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        assert_eq!(status.signal(), Some(number));
    }
}

#[test]
fn a_timeout_that_is_not_a_number_is_refused() {
    let mut project = Project::new("postgres://me@127.0.0.1:1/app_test");
    project.set("PGCONNECT_TIMEOUT", "soon");
    let ran = ends(&project, &["store", "base"]);
    assert!(
        ran.stderr
            .contains("PGCONNECT_TIMEOUT is not a whole number"),
        "{}",
        ran.stderr
    );
}

fn nested(open: &str, close: &str) -> String {
    const LEVELS: usize = 100_000;
    format!("{}{}", open.repeat(LEVELS), close.repeat(LEVELS))
}

fn bomb() -> String {
    let mut text = "a: &a [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for (name, before) in ('b'..='p').zip('a'..) {
        text.push_str(&format!(
            "{name}: &{name} [{}]\n",
            vec![format!("*{before}"); 9].join(", ")
        ));
    }
    text
}

#[test]
fn files_that_are_far_too_deep_are_errors() {
    let project = Project::stored(
        "sqlite:test.db",
        "CREATE TABLE a (id INTEGER PRIMARY KEY, v TEXT); INSERT INTO a VALUES (1, 'x');",
    );
    let base = project.read("fixpoints/base.yaml");
    let yaml = [
        format!("format: 2\nengine: {}\n", nested("[", "]")),
        format!("format: 2\nengine: {}\n", nested("{a: ", "}")),
        nested("- ", "\n"),
        nested("? ", "\n"),
        (0..3000)
            .map(|at| format!("{}a:\n", " ".repeat(at)))
            .collect(),
        bomb(),
        base.replace("\"x\"", &nested("[", "]")),
        base.replace("a: {", &format!("a: {}{{", nested("{\"key\": ", ""))),
    ];
    for text in &yaml {
        project.file("fixpoints/deep.yaml", text);
        project.file("deep.yml", text);
        for args in [
            &["restore", "deep"][..],
            &["accept", "deep"],
            &["import", "deep.yml", "--name", "imported"],
        ] {
            let ran = ends(&project, args);
            let start: String = text.chars().take(60).collect();
            assert_eq!(
                ran.exit, 3,
                "{args:?} of {start}: {}{}",
                ran.stdout, ran.stderr
            );
        }
        for args in [&["list"][..], &["tree"], &["doctor"]] {
            ends(&project, args);
        }
    }
    std::fs::remove_file(project.path().join("fixpoints/deep.yaml")).unwrap();
    for text in [
        format!("db = {}\n", nested("[", "]")),
        format!("db = {}\n", nested("{a = ", "}")),
        format!("a{} = 1\n", nested(".a", "")),
        format!("[a{}]\n", nested(".a", "")),
    ] {
        project.file("fixpoints.toml", &text);
        let ran = ends(&project, &["list"]);
        assert_eq!(ran.exit, 3, "{}", ran.stderr);
    }
}

#[test]
fn files_that_are_larger_than_memory_are_errors() {
    const SIZE: u64 = 10 << 30;
    let project = Project::stored(
        "sqlite:test.db",
        "CREATE TABLE a (id INTEGER PRIMARY KEY, v TEXT); INSERT INTO a VALUES (1, 'x');",
    );
    let base = project.read("fixpoints/base.yaml");
    let large = |name: &str, start: &str| {
        project.file(name, start);
        let file = std::fs::File::options()
            .write(true)
            .open(project.path().join(name));
        file.unwrap().set_len(SIZE).unwrap();
    };
    large("fixpoints/none.yaml", "");
    large("fixpoints/long.yaml", &base);
    large("large.yml", "a:\n");
    large("large.sql", "SELECT 1;\n");
    for args in [
        &["restore", "none"][..],
        &["restore", "long"],
        &["compare", "long"],
        &["accept", "none"],
        &["accept", "long"],
        &["store", "long"],
        &["import", "large.yml", "--name", "imported"],
        &["sql", "large.sql"],
    ] {
        let ran = ends(&project, args);
        // Whatever else is refused, an error ends it and no signal.
        assert!(
            ran.exit == 3 || args[0] == "store",
            "{args:?}: {}{}",
            ran.stdout,
            ran.stderr
        );
        assert!(
            args[0] == "store" || ran.stderr.contains(" MiB"),
            "{args:?}: {}",
            ran.stderr
        );
    }
    for name in ["none", "long"] {
        std::fs::remove_file(project.path().join(format!("fixpoints/{name}.yaml"))).unwrap();
    }
    large("fixpoints.toml", "");
    assert_eq!(ends(&project, &["list"]).exit, 3);
}
