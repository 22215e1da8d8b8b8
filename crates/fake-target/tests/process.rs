//! Every way a process can misbehave, against the one place that runs processes; no test measures time.

#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot set up its world has failed"
)]

use rustix::io::Errno;
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use stillframe::process::{
    End, Invocation, Outcome, SpawnError, Stream, run, run_with_stderr_shown,
};
use tempfile::TempDir;

const FAKE: &str = env!("CARGO_BIN_EXE_fake-target");
/// Longer than any test: where it applies, the test passes only because something else happened first.
const FOREVER: Duration = Duration::from_secs(600);
/// Enough for a child to have started, on a busy machine too.
const SHORT: Duration = Duration::from_secs(1);
const MIB: u64 = 1024 * 1024;

/// A folder to run in, and what is varied between the tests.
struct Stage {
    folder: TempDir,
    env: BTreeMap<OsString, OsString>,
    stdin: Option<PathBuf>,
    timeout: Duration,
    output_limit: u64,
}

impl Stage {
    fn new() -> Stage {
        Stage {
            folder: tempfile::tempdir().unwrap(),
            env: BTreeMap::from([("PATH".into(), "/usr/bin:/bin".into())]),
            stdin: None,
            timeout: FOREVER,
            output_limit: MIB,
        }
    }

    fn file(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        File::create(&path).unwrap().write_all(content).unwrap();
        path
    }

    fn program(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.file(name, content);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    fn try_run(&self, program: &Path, args: &[&str]) -> Result<Outcome, SpawnError> {
        let args: Vec<OsString> = args.iter().map(OsString::from).collect();
        run(&Invocation {
            program,
            args: &args,
            cwd: self.folder.path(),
            env: &self.env,
            stdin: self.stdin.as_deref(),
            timeout: self.timeout,
            output_limit: self.output_limit,
        })
    }

    fn fake(&self, args: &[&str]) -> Outcome {
        self.try_run(Path::new(FAKE), args).unwrap()
    }

    /// Run the fake target with a file for process ids; returns those, its own first.
    fn fake_with_pids(&self, args: &[&str]) -> (Outcome, Vec<Pid>) {
        let file = self.folder.path().join("pids");
        let named = ["--pid-file", file.to_str().unwrap()];
        let outcome = self.fake(&[&named, args].concat());
        (outcome, pids(&file))
    }
}

fn pids(file: &Path) -> Vec<Pid> {
    let text = fs::read_to_string(file).unwrap();
    text.lines()
        .map(|line| Pid::from_raw(line.parse().unwrap()).unwrap())
        .collect()
}

/// Whether a process is gone, or will be in a moment.
fn is_gone(pid: Pid) -> bool {
    for _ in 0..1000 {
        if test_kill_process(pid) == Err(Errno::SRCH) || is_zombie(pid) {
            return true;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    false
}

/// An orphan that has ended stays visible until init reaps it, which in a container can take seconds. Systems without
/// `/proc` have an init that is quick.
fn is_zombie(pid: Pid) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(')')
        .is_some_and(|(_, rest)| rest.starts_with(" Z"))
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn exit_code_and_both_streams_are_kept() {
    let outcome = Stage::new().fake(&["--exit", "2", "--stderr", "warned", "echo", "{}"]);
    assert_eq!(outcome.end, End::Exited(2));
    assert_eq!(text(&outcome.stdout), "{}\n");
    assert_eq!(text(&outcome.stderr), "warned\n");
    assert!(!outcome.leaky);
}

#[test]
fn stderr_that_is_shown_is_not_kept() {
    let stage = Stage::new();
    let outcome = run_with_stderr_shown(&Invocation {
        program: Path::new(FAKE),
        args: &[
            "--stderr".into(),
            "shown".into(),
            "echo".into(),
            "{}".into(),
        ],
        cwd: stage.folder.path(),
        env: &stage.env,
        stdin: None,
        timeout: FOREVER,
        output_limit: MIB,
    })
    .unwrap();
    assert_eq!(outcome.end, End::Exited(0));
    assert_eq!((text(&outcome.stdout), text(&outcome.stderr)), ("{}\n", ""));
}

#[test]
fn stdin_is_empty_without_a_file() {
    let outcome = Stage::new().fake(&["stdin"]);
    assert_eq!(
        text(&outcome.stdout),
        "{\"command\": \"stdin\", \"text\": \"\"}\n"
    );
}

#[test]
fn stdin_is_the_file_that_is_named() {
    let mut stage = Stage::new();
    stage.stdin = Some(stage.file("seed", b"one\ntwo\n"));
    let outcome = stage.fake(&["stdin"]);
    assert_eq!(
        text(&outcome.stdout),
        "{\"command\": \"stdin\", \"text\": \"one\\ntwo\\n\"}\n"
    );
}

#[test]
fn environment_is_the_given_one_and_no_more() {
    let mut stage = Stage::new();
    stage.env = BTreeMap::from([("ONLY".into(), "this".into())]);
    let outcome = stage.fake(&["env"]);
    assert_eq!(
        text(&outcome.stdout),
        "{\"command\": \"env\", \"env\": {\"ONLY\": \"this\"}}\n"
    );
}

#[test]
fn program_runs_in_the_given_folder() {
    let stage = Stage::new();
    let outcome = stage.fake(&["cwd"]);
    let folder = stage.folder.path().canonicalize().unwrap();
    let expected = format!(
        "{{\"command\": \"cwd\", \"folder\": \"{}\"}}\n",
        folder.display()
    );
    assert_eq!(text(&outcome.stdout), expected);
}

#[test]
fn signal_is_told_from_an_exit_code() {
    let outcome = Stage::new().fake(&["kill-self", "6"]);
    assert_eq!(outcome.end, End::Signalled(6));
}

#[test]
fn large_output_on_both_streams_arrives_whole() {
    let mut stage = Stage::new();
    stage.output_limit = 8 * MIB;
    let script =
        "head -c 5000000 /dev/zero; head -c 3000000 /dev/zero >&2; head -c 1000000 /dev/zero";
    let outcome = stage
        .try_run(Path::new("/bin/sh"), &["-c", script])
        .unwrap();
    assert_eq!(outcome.end, End::Exited(0));
    assert_eq!(
        (outcome.stdout.len(), outcome.stderr.len()),
        (6_000_000, 3_000_000)
    );
}

#[test]
fn hang_ends_at_its_timeout_and_leaves_no_process() {
    let mut stage = Stage::new();
    stage.timeout = SHORT;
    let (outcome, pids) = stage.fake_with_pids(&["hang"]);
    assert_eq!(outcome.end, End::TimedOut);
    assert!(!outcome.leaky);
    assert!(is_gone(pids[0]));
}

#[test]
fn child_deaf_to_sigterm_is_killed() {
    let mut stage = Stage::new();
    stage.timeout = SHORT;
    let (outcome, pids) = stage.fake_with_pids(&["ignore-sigterm"]);
    assert_eq!(outcome.end, End::TimedOut);
    assert!(is_gone(pids[0]));
}

#[test]
fn timeout_ends_the_whole_group_and_keeps_what_was_printed() {
    let mut stage = Stage::new();
    stage.timeout = SHORT;
    let script = "sleep 3600 & echo $! >> pids; (trap '' TERM; sleep 3600) & echo $! >> pids; echo started; wait";
    let outcome = stage
        .try_run(Path::new("/bin/sh"), &["-c", script])
        .unwrap();
    assert_eq!(outcome.end, End::TimedOut);
    assert_eq!(text(&outcome.stdout), "started\n");
    assert!(!outcome.leaky);
    let pids = pids(&stage.folder.path().join("pids"));
    assert_eq!(pids.len(), 2);
    assert!(pids.into_iter().all(is_gone));
}

#[test]
fn grandchild_that_holds_the_pipe_is_reported_and_ended() {
    let (outcome, pids) = Stage::new().fake_with_pids(&["grandchild-holds-pipe"]);
    assert_eq!(outcome.end, End::Exited(0));
    assert!(outcome.leaky);
    assert!(text(&outcome.stdout).ends_with("}\n"));
    assert_eq!(pids.len(), 2);
    assert!(pids.into_iter().all(is_gone));
}

#[test]
fn grandchild_outside_of_the_group_is_reported_and_not_waited_for() {
    let (outcome, pids) = Stage::new().fake_with_pids(&["grandchild-leaves-group"]);
    kill_process(pids[1], Signal::KILL).expect("nobody has ended the grandchild");
    assert_eq!(outcome.end, End::Exited(0));
    assert!(outcome.leaky);
    assert!(text(&outcome.stdout).ends_with("}\n"));
    assert!(pids.into_iter().all(is_gone));
}

#[test]
fn silent_grandchild_is_ended_without_being_a_leak() {
    let stage = Stage::new();
    let script = "sleep 3600 </dev/null >/dev/null 2>&1 & echo $! > pids";
    let outcome = stage
        .try_run(Path::new("/bin/sh"), &["-c", script])
        .unwrap();
    assert_eq!(outcome.end, End::Exited(0));
    assert!(!outcome.leaky);
    assert!(
        pids(&stage.folder.path().join("pids"))
            .into_iter()
            .all(is_gone)
    );
}

#[test]
fn grandchild_that_is_a_moment_late_loses_nothing() {
    let (outcome, pids) = Stage::new().fake_with_pids(&["grandchild-is-late"]);
    assert!(!outcome.leaky);
    assert!(text(&outcome.stdout).ends_with("}\n"));
    assert!(pids.into_iter().all(is_gone));
}

#[test]
fn output_up_to_the_limit_is_no_flood() {
    let outcome = Stage::new().fake(&["flood", &MIB.to_string()]);
    assert_eq!(outcome.end, End::Exited(0));
    assert_eq!(outcome.stdout.len() as u64, MIB);
}

#[test]
fn one_byte_more_is_a_flood() {
    let outcome = Stage::new().fake(&["flood", &(MIB + 1).to_string()]);
    assert_eq!(outcome.end, End::Flooded(Stream::Stdout));
    assert_eq!(outcome.stdout.len() as u64, MIB);
}

#[test]
fn endless_flood_is_ended_on_either_stream() {
    for (behaviour, stream) in [("flood", Stream::Stdout), ("flood-stderr", Stream::Stderr)] {
        let (outcome, pids) = Stage::new().fake_with_pids(&[behaviour, &u64::MAX.to_string()]);
        assert_eq!(outcome.end, End::Flooded(stream));
        assert_eq!((outcome.stdout.len() + outcome.stderr.len()) as u64, MIB);
        assert!(is_gone(pids[0]));
    }
}

#[test]
fn flood_from_a_grandchild_is_ended_too() {
    let stage = Stage::new();
    let script = "yes & echo $! > pids";
    let outcome = stage
        .try_run(Path::new("/bin/sh"), &["-c", script])
        .unwrap();
    assert_eq!(outcome.end, End::Flooded(Stream::Stdout));
    assert!(
        pids(&stage.folder.path().join("pids"))
            .into_iter()
            .all(is_gone)
    );
}

#[test]
fn program_that_was_written_a_moment_ago_starts() {
    let stage = Stage::new();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let stage = &stage;
            scope.spawn(move || {
                for number in 0..25 {
                    let script =
                        stage.program(&format!("tool-{thread}-{number}"), b"#!/bin/sh\necho ran\n");
                    let outcome = stage.try_run(&script, &[]).unwrap();
                    assert_eq!(text(&outcome.stdout), "ran\n");
                }
            });
        }
    });
}

/// One file content that cannot be executed, and what the error says of it.
fn cannot_run(content: &[u8], reason: &str) {
    let stage = Stage::new();
    let program = stage.program("tool", content);
    let error = stage.try_run(&program, &[]).unwrap_err();
    assert!(matches!(error, SpawnError::WrongFormat { .. }), "{error:?}");
    assert_eq!(
        error.to_string(),
        format!("{} cannot run here: {reason}", program.display())
    );
}

#[test]
fn binary_for_another_machine_is_called_that() {
    let mut header = [0; 64];
    // A 64-bit little-endian ELF executable for a machine nobody has (e_machine 0xfffe).
    header[..8].copy_from_slice(b"\x7fELF\x02\x01\x01\x00");
    header[16..20].copy_from_slice(&[2, 0, 0xfe, 0xff]);
    cannot_run(
        &header,
        "it was built for another machine; build it for this one",
    );
}

#[test]
fn script_without_interpreter_line_is_called_that() {
    let reason = "it is neither a binary for this machine nor a script with a `#!` line";
    cannot_run(b"echo hello\n", reason);
    cannot_run(b"", "it is empty");
}

#[test]
fn missing_interpreter_is_named() {
    cannot_run(
        b"#!/nonexistent/shell -e\n",
        "its interpreter `/nonexistent/shell` does not exist",
    );
    cannot_run(
        b"#!/bin/sh\r\necho\r\n",
        "its interpreter `/bin/sh` does not exist (its lines end in CRLF)",
    );
}

#[test]
fn what_is_missing_is_told_apart() {
    let mut stage = Stage::new();
    let gone = stage.folder.path().join("gone");
    let error = stage.try_run(&gone, &[]).unwrap_err();
    assert!(matches!(error, SpawnError::NotFound { .. }), "{error:?}");

    let plain = stage.file("plain", b"#!/bin/sh\n");
    let error = stage.try_run(&plain, &[]).unwrap_err();
    assert!(
        matches!(error, SpawnError::NotExecutable { .. }),
        "{error:?}"
    );
    assert_eq!(error.hint(), Some(format!("chmod +x {}", plain.display())));

    let error = stage.try_run(stage.folder.path(), &[]).unwrap_err();
    assert!(matches!(error, SpawnError::IsFolder { .. }), "{error:?}");

    stage.stdin = Some(gone);
    let error = stage.try_run(Path::new(FAKE), &["stdin"]).unwrap_err();
    assert!(matches!(error, SpawnError::Stdin { .. }), "{error:?}");
}

#[test]
fn missing_working_folder_is_not_mistaken_for_a_missing_program() {
    let stage = Stage::new();
    let cwd = stage.folder.path().join("gone");
    let error = run(&Invocation {
        program: Path::new(FAKE),
        args: &["json".into()],
        cwd: &cwd,
        env: &stage.env,
        stdin: None,
        timeout: FOREVER,
        output_limit: MIB,
    })
    .unwrap_err();
    assert!(matches!(error, SpawnError::NoFolder { .. }), "{error:?}");
}
