//! Bad input of every kind through the real `stillframe` binary: each gets an exit code that says whose fault it is, a message that names it, and writes nothing.

#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot set up its world has failed"
)]

use rustix::io::Errno;
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use tempfile::TempDir;

const FAKE: &str = env!("CARGO_BIN_EXE_fake-target");
/// Exit codes of `stillframe`.
const FRESH: i32 = 0;
const BROKEN: i32 = 1;
const SETUP: i32 = 2;
const INTERRUPTED: i32 = 130;

/// The binary of the workspace, built when it is not yet; cargo itself says where it lies.
fn stillframe() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args([
            "build",
            "--package",
            "stillframe-cli",
            "--message-format=json",
        ]);
        if !cfg!(debug_assertions) {
            cargo.arg("--release");
        }
        let output = cargo
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
        let messages = text(&output.stdout);
        let (_, after) = messages
            .split_once("\"executable\":\"")
            .expect("cargo names the binary it built");
        PathBuf::from(after.split_once('"').unwrap().0)
    })
}

/// A repository with one POC whose one step captures `run` as `out`.
struct Project {
    folder: TempDir,
}

impl Project {
    fn new(run: &[&str]) -> Project {
        let project = Project {
            folder: tempfile::tempdir().unwrap(),
        };
        project.target(FAKE);
        project.poc("out", run, "");
        // What a target prints about its temporary folder, and what an interrupted run leaves behind, is here.
        fs::create_dir(project.path("tmp")).unwrap();
        project
    }

    fn path(&self, inside: &str) -> PathBuf {
        self.folder.path().join(inside)
    }

    fn file(&self, inside: &str, content: &str) -> PathBuf {
        let path = self.path(inside);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        File::create(&path)
            .unwrap()
            .write_all(content.as_bytes())
            .unwrap();
        path
    }

    fn program(&self, inside: &str, content: &[u8]) {
        let path = self.file(inside, "");
        File::create(&path).unwrap().write_all(content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn target(&self, command: &str) {
        self.file(
            "stillframe.toml",
            &format!("format-version = 1\n[target]\ncommand = \"{command}\"\n"),
        );
    }

    fn poc(&self, capture: &str, run: &[&str], more: &str) {
        self.file(
            "pocs/group/poc/poc.toml",
            &format!(
                "summary = \"one step\"\n[[step]]\ncapture = \"{capture}\"\nrun = {run:?}\n{more}\n"
            ),
        );
    }

    fn command(&self) -> Command {
        let mut command = Command::new(stillframe());
        command
            .args(["regen", "--once"])
            .current_dir(self.folder.path())
            .env("TMPDIR", self.path("tmp"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn regen(&self) -> Ended {
        Ended::of(&self.command().output().unwrap())
    }

    /// Every file of the corpus with its bytes.
    fn corpus(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        gather(&self.path("fixtures_generated"), &mut files);
        files
    }

    /// Start a run whose step notes its process id, and wait until it has.
    fn start(&self) -> (Child, Pid) {
        let child = self.command().spawn().unwrap();
        (child, wait_for_pid(&self.path("pid")))
    }
}

fn gather(folder: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return,
        entries => entries.unwrap(),
    };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            gather(&path, files);
        } else {
            let bytes = fs::read(&path).unwrap();
            files.insert(path, bytes);
        }
    }
}

fn wait_for_pid(file: &Path) -> Pid {
    loop {
        let line = fs::read_to_string(file).unwrap_or_default();
        if let Some(number) = line.strip_suffix('\n') {
            return Pid::from_raw(number.parse().unwrap()).unwrap();
        }
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
}

/// How a run of `stillframe` ended, and all it said.
struct Ended {
    code: Option<i32>,
    said: String,
}

impl Ended {
    fn of(output: &Output) -> Ended {
        Ended {
            code: output.status.code(),
            said: format!("{}{}", text(&output.stdout), text(&output.stderr)),
        }
    }

    /// The code, and every one of these in what it said.
    fn expect(&self, code: i32, fragments: &[&str]) {
        assert_eq!(self.code, Some(code), "{}", self.said);
        for fragment in fragments {
            assert!(
                self.said.contains(fragment),
                "no `{fragment}` in:\n{}",
                self.said
            );
        }
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A target that misbehaves makes the run broken, is named, and leaves no corpus.
fn refused(run: &[&str], fragments: &[&str]) {
    let project = Project::new(run);
    let ended = project.regen();
    ended.expect(BROKEN, fragments);
    ended.expect(BROKEN, &["group/poc, step 1", "hint:"]);
    assert!(project.corpus().is_empty(), "something was written");
    assert!(!ended.said.contains("panicked"), "{}", ended.said);
}

/// A project that cannot be run at all, the same.
fn refused_up_front(project: &Project, fragments: &[&str]) {
    let ended = project.regen();
    ended.expect(SETUP, fragments);
    assert!(
        !ended.said.contains("capturing"),
        "something ran:\n{}",
        ended.said
    );
    assert!(project.corpus().is_empty(), "something was written");
}

#[test]
fn good_target_is_published() {
    let project = Project::new(&["echo", "{\"n\": 1}"]);
    project.regen().expect(FRESH, &["published 1 new"]);
    let fixture = fs::read_to_string(project.path("fixtures_generated/poc/out.json")).unwrap();
    assert_eq!(fixture, "{\n  \"n\": 1\n}\n");
}

#[test]
fn empty_stdout_shows_stderr() {
    refused(
        &["--stderr", "the disk is on fire", "empty"],
        &["empty", "stderr: the disk is on fire"],
    );
}

#[test]
fn log_lines_around_the_document_are_quoted() {
    refused(
        &["log-before-json"],
        &["text before the JSON", "INFO starting up", "line 1"],
    );
    refused(
        &["log-after-json"],
        &["text after the JSON", "INFO done", "line 10"],
    );
}

#[test]
fn number_json_does_not_have_is_located() {
    refused(&["nan"], &["NaN", "$.ratio", "column 29"]);
}

#[test]
fn duplicate_keys_are_found_however_they_are_spelled() {
    refused(&["duplicate-keys"], &["duplicate key", "$.outer.twice"]);
}

#[test]
fn text_that_is_not_utf8_is_located() {
    refused(&["invalid-utf8"], &["not UTF-8", "$.name"]);
    refused(&["garbage"], &["not UTF-8", "column 1"]);
}

#[test]
fn byte_order_mark_is_named() {
    refused(&["bom"], &["byte-order mark"]);
}

#[test]
fn half_a_surrogate_pair_is_refused() {
    refused(&["lone-surrogate"], &["surrogate", "$.name"]);
}

#[test]
fn document_without_its_end_is_refused() {
    refused(&["truncated"], &["ends inside the document"]);
}

#[test]
fn nesting_beyond_the_bound_never_crashes() {
    for depth in ["129", "200", "100000"] {
        refused(
            &["nest", depth],
            &["more than 128 levels of nesting", "column 129"],
        );
    }
    let project = Project::new(&["nest", "128"]);
    project.regen().expect(FRESH, &["published 1 new"]);
}

#[test]
fn flood_of_a_gibibyte_is_cut_off() {
    refused(&["flood", "1073741824"], &["more than 64 MiB to stdout"]);
    refused(
        &["flood-stderr", "1073741824"],
        &["more than 64 MiB to stderr"],
    );
}

#[test]
fn death_by_a_signal_is_named() {
    refused(&["kill-self", "11"], &["ended by SIGSEGV"]);
}

#[test]
fn target_deaf_to_sigterm_is_ended_at_its_timeout() {
    let project = Project::new(&[]);
    let pid_file = project.path("pid");
    let run = ["--pid-file", pid_file.to_str().unwrap(), "ignore-sigterm"];
    project.poc("out", &run, "timeout = \"1s\"");
    project
        .regen()
        .expect(BROKEN, &["longer than 1s", "timeout = "]);
    assert_eq!(test_kill_process(wait_for_pid(&pid_file)), Err(Errno::SRCH));
    assert!(project.corpus().is_empty());
}

#[test]
fn grandchild_that_keeps_the_pipe_is_reported_and_holds_nothing_up() {
    let project = Project::new(&["grandchild-holds-pipe"]);
    let ended = project.regen();
    ended.expect(FRESH, &["leaky", "kept its output open"]);
    assert_eq!(project.corpus().len(), 2, "the fixture and the lock");
}

#[test]
fn missing_target_is_named() {
    let project = Project::new(&["json"]);
    project.target("./bin/tool");
    refused_up_front(&project, &["there is no program at", "bin/tool", "hint:"]);
    project.target("no-such-tool-anywhere");
    refused_up_front(
        &project,
        &["`no-such-tool-anywhere` is not on PATH", "hint:"],
    );
}

#[test]
fn target_that_may_not_be_executed_is_named() {
    let project = Project::new(&["json"]);
    project.file("tool", "#!/bin/sh\n");
    project.target("./tool");
    refused_up_front(&project, &["tool is not executable", "hint:"]);
}

#[test]
fn target_for_another_machine_is_called_that() {
    let project = Project::new(&["json"]);
    let mut header = [0; 64];
    header[..8].copy_from_slice(b"\x7fELF\x02\x01\x01\x00");
    header[16..20].copy_from_slice(&[2, 0, 0xfe, 0xff]);
    project.program("tool", &header);
    project.target("./tool");
    let ended = project.regen();
    assert!(matches!(ended.code, Some(BROKEN | SETUP)), "{}", ended.said);
    ended.expect(ended.code.unwrap(), &["built for another machine", "hint:"]);
    assert!(project.corpus().is_empty());
}

#[test]
fn failing_build_shows_what_it_said() {
    let project = Project::new(&["json"]);
    project.file(
        "stillframe.toml",
        "format-version = 1\n[target]\ncommand = \"./tool\"\nbuild = [\"sh\", \"-c\", \"echo no compiler >&2; exit 3\"]\n",
    );
    refused_up_front(
        &project,
        &["no compiler", "the build of the target failed", "hint:"],
    );
}

#[test]
fn poc_folder_without_description_is_named() {
    let project = Project::new(&["json"]);
    project.file("pocs/group/forgotten/seed.sql", "");
    refused_up_front(&project, &["pocs/group/forgotten", "poc.toml"]);
}

#[test]
fn project_without_pocs_is_no_success() {
    let project = Project::new(&["json"]);
    fs::remove_dir_all(project.path("pocs")).unwrap();
    refused_up_front(&project, &["no POC", "hint:"]);
}

#[test]
fn malformed_toml_shows_the_line() {
    let project = Project::new(&[]);
    project.poc("out", &["json"], "timeout = = 2");
    refused_up_front(
        &project,
        &["pocs/group/poc/poc.toml", "line 5", "timeout = = 2"],
    );
    project.poc("out", &["json"], "");
    project.file("stillframe.toml", "format-version = 1\n[target\n");
    refused_up_front(&project, &["stillframe.toml", "line 2", "[target"]);
}

#[test]
fn unknown_key_is_named_with_those_that_exist() {
    let project = Project::new(&[]);
    project.poc("out", &["json"], "colour = 2");
    refused_up_front(&project, &["unknown field `colour`", "`timeout`", "line 5"]);
}

#[test]
fn command_line_as_one_string_shows_the_array() {
    let project = Project::new(&[]);
    project.file(
        "pocs/group/poc/poc.toml",
        "summary = \"\"\n[[step]]\ncapture = \"out\"\nrun = \"json now\"\n",
    );
    refused_up_front(&project, &["[\"json\", \"now\"]", "line 4"]);
}

#[test]
fn two_captures_for_one_path_are_refused() {
    let project = Project::new(&[]);
    project.poc(
        "out",
        &["json"],
        "[[step]]\ncapture = \"out\"\nrun = [\"json\"]",
    );
    refused_up_front(&project, &["poc/out.json", "step 1", "step 2"]);
}

#[test]
fn path_out_of_the_corpus_is_refused() {
    let project = Project::new(&[]);
    for outside in ["../out", "/out", "a/../../out"] {
        project.poc(outside, &["json"], "");
        refused_up_front(&project, &["does not stay in the corpus folder"]);
        let poc = format!(
            "summary = \"\"\ndest = \"{outside}\"\n[[step]]\ncapture = \"x\"\nrun = [\"json\"]\n"
        );
        project.file("pocs/group/poc/poc.toml", &poc);
        refused_up_front(&project, &["does not stay in the corpus folder"]);
    }
}

#[test]
fn corpus_is_not_written_through_a_link() {
    let project = Project::new(&["json"]);
    let outside = tempfile::tempdir().unwrap();
    fs::create_dir(project.path("fixtures_generated")).unwrap();
    symlink(outside.path(), project.path("fixtures_generated/poc")).unwrap();
    let ended = project.regen();
    ended.expect(BROKEN, &["fixtures_generated/poc", "hint:"]);
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
}

#[test]
fn corpus_that_cannot_be_written_is_an_error_that_names_it() {
    let project = Project::new(&["json"]);
    let mine = project.file("fixtures_generated", "mine");
    let ended = project.regen();
    assert!(matches!(ended.code, Some(BROKEN | SETUP)), "{}", ended.said);
    assert!(ended.said.contains("fixtures_generated"), "{}", ended.said);
    assert_eq!(fs::read_to_string(mine).unwrap(), "mine");
}

/// A file-size limit stands for the full disk: every write beyond it fails, wherever it happens, without needing a disk
/// of one's own.
#[test]
fn disk_that_is_full_leaves_the_old_corpus() {
    let project = Project::new(&["json"]);
    project.regen().expect(FRESH, &[]);
    let before = project.corpus();
    project.poc("out", &["ndjson", "4000"], "stdout = \"ndjson\"");
    let mut limited = Command::new("/bin/sh");
    limited
        .args(["-c", "trap '' XFSZ; ulimit -f 8; exec \"$0\" regen"])
        .arg(stillframe())
        .current_dir(project.folder.path());
    let ended = Ended::of(&limited.output().unwrap());
    ended.expect(BROKEN, &["File too large"]);
    assert_eq!(project.corpus(), before);
}

#[test]
fn interrupted_run_leaves_no_process_no_sandbox_and_no_corpus() {
    // A shell lets what runs behind it ignore SIGINT, which is then for us to ignore too.
    for signal in [Signal::TERM, Signal::HUP] {
        let project = Project::new(&[]);
        let pid_file = project.path("pid");
        project.poc(
            "out",
            &["--pid-file", pid_file.to_str().unwrap(), "ignore-sigterm"],
            "",
        );
        let (child, target) = project.start();
        kill_process(Pid::from_child(&child), signal).unwrap();
        let ended = Ended::of(&child.wait_with_output().unwrap());
        ended.expect(INTERRUPTED, &[]);
        assert_eq!(test_kill_process(target), Err(Errno::SRCH));
        assert_eq!(
            fs::read_dir(project.path("tmp")).unwrap().count(),
            0,
            "a sandbox is left"
        );
        assert!(project.corpus().is_empty(), "half a corpus is left");
    }
}

#[test]
fn second_run_waits_for_the_first() {
    let project = Project::new(&[]);
    let (pid_file, go) = (project.path("pid"), project.path("go"));
    // The step is `sh`, so that it can wait for a file: no run is over before the test says so.
    let script = format!(
        "echo $$ >> {}; until [ -e {} ]; do sleep 0.01; done; echo '{{\"n\": 1}}'",
        pid_file.display(),
        go.display()
    );
    project.target("/bin/sh");
    project.poc("out", &["-c", &script], "");
    let (first, _) = project.start();
    let second = project.command().spawn().unwrap();
    File::create(&go).unwrap();
    for run in [first, second] {
        Ended::of(&run.wait_with_output().unwrap()).expect(FRESH, &[]);
    }
    let fixture = fs::read_to_string(project.path("fixtures_generated/poc/out.json")).unwrap();
    assert_eq!(fixture, "{\n  \"n\": 1\n}\n");
}
