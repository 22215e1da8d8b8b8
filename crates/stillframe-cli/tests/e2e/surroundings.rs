//! What a target gets from whoever starts Stillframe: no terminal, no open file, no ignored signal, no wide-open sandbox.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use crate::project::{Project, Ran, has_tool};

/// A project whose target runs a script and prints an empty document, started by a shell script that stands for the caller.
fn started_by(caller: &str, target: &str) -> Project {
    let project = Project::shell();
    project.script(&format!("{target}\necho '{{}}'"));
    project.write(
        "pocs/01-first/poc.toml",
        "summary = \"x\"\n[[step]]\ncapture = \"one\"\nrun = []\nnonempty = []\n",
    );
    let shell = Command::new("/bin/sh")
        .args(["-c", caller, env!("CARGO_BIN_EXE_stillframe")])
        .current_dir(project.root())
        .env("OUT", project.root())
        .output()
        .unwrap();
    Ran::from(shell).expect(0);
    project
}

/// Where the target writes what it sees; only its arguments and its own text reach it.
fn noted(what: &str, project: &Project) -> String {
    project.read(what).trim().to_owned()
}

/// The project's folder as the target's script can name it: the script lies in it.
const HERE: &str = "here=$(dirname \"$0\")";

#[test]
#[cfg(target_os = "linux")]
fn sandbox_and_home_are_private_whatever_the_umask() {
    for umask in ["000", "022", "077", "777"] {
        let project = started_by(
            &format!("umask {umask}; exec \"$0\" regen"),
            &format!(
                "{HERE}\numask 022\nstat -c %a . .. \"$HOME\" \"$TMPDIR\" ../.. > \"$here/modes\""
            ),
        );
        assert_eq!(
            noted("modes", &project),
            "700\n700\n700\n700\n700",
            "{umask}"
        );
    }
}

#[test]
fn what_a_step_writes_has_the_same_permissions_whatever_the_umask() {
    for umask in ["000", "022", "027", "077"] {
        let project = started_by(
            &format!("umask {umask}; exec \"$0\" regen"),
            &format!(
                "{HERE}\numask > \"$here/umask\"; : > made; ls -l made | cut -c1-10 > \"$here/mode\""
            ),
        );
        assert_eq!(noted("umask", &project), "0022", "{umask}");
        assert_eq!(noted("mode", &project), "-rw-r--r--", "{umask}");
    }
}

#[test]
fn no_open_file_of_the_caller_reaches_a_target_a_build_or_a_verifier() {
    let project = Project::shell();
    project.script("ls /dev/fd > \"$(dirname \"$0\")/target-fds\"; echo '{}'");
    project.program("lists", "ls /dev/fd > \"$1\"");
    project.write(
        "pocs/01-first/poc.toml",
        "summary = \"x\"\n[[step]]\ncapture = \"one\"\nrun = []\nnonempty = []\n",
    );
    project.write(
        "stillframe.toml",
        "format-version = 1\n[target]\ncommand = \"./tool\"\nbuild = [\"./lists\", \"build-fds\"]\n[[verify]]\nname = \"lists\"\ncommand = [\"./lists\", \"verifier-fds\"]\n",
    );
    let shell = Command::new("/bin/sh")
        .args([
            "-c",
            "exec \"$0\" regen 7</dev/null 9</dev/null",
            env!("CARGO_BIN_EXE_stillframe"),
        ])
        .current_dir(project.root())
        .output()
        .unwrap();
    Ran::from(shell).expect(0);
    for list in ["target-fds", "build-fds", "verifier-fds"] {
        let open = project.read(list);
        let inherited = |number: &str| open.lines().any(|line| line == number);
        assert!(!inherited("7") && !inherited("9"), "{list}: {open}");
    }
}

#[test]
fn target_has_a_session_of_its_own() {
    if !has_tool("ps") {
        return;
    }
    let project = started_by(
        "exec \"$0\" regen",
        &format!("{HERE}\necho $$ $(ps -o sid= -p $$) $(ps -o pgid= -p $$) > \"$here/session\""),
    );
    let numbers = noted("session", &project);
    let numbers: Vec<&str> = numbers.split(' ').collect();
    assert!(
        numbers.len() == 3 && numbers.iter().all(|number| *number == numbers[0]),
        "{numbers:?}"
    );
}

#[test]
#[cfg(target_os = "linux")]
fn target_cannot_open_the_terminal() {
    if !has_tool("script") {
        return;
    }
    let project = started_by(
        "script -qec \"'$0' regen\" /dev/null </dev/null >/dev/null; exit $?",
        &format!(
            "{HERE}\nif (: < /dev/tty) 2>/dev/null; then echo open; else echo closed; fi > \"$here/terminal\""
        ),
    );
    assert_eq!(noted("terminal", &project), "closed");
}

#[test]
#[cfg(target_os = "linux")]
fn signals_that_the_caller_ignores_are_as_usual_for_the_target() {
    let project = started_by(
        "trap '' HUP INT QUIT TERM USR1; exec \"$0\" regen",
        &format!("{HERE}\ngrep SigIgn /proc/self/status > \"$here/ignored\""),
    );
    let line = noted("ignored", &project);
    let mask = u64::from_str_radix(line.rsplit('\t').next().unwrap(), 16).unwrap();
    // Signals 32 and 33 are the C library's own, and it ignores them in every child.
    assert_eq!(mask & 0x7fff_ffff, 0, "{line}");
}

#[test]
#[cfg(target_os = "linux")]
fn special_bits_of_a_file_do_not_reach_the_sandbox() {
    let project = Project::shell();
    project.script(
        "stat -c '%n %a' set-id folder folder/plain > \"$(dirname \"$0\")/modes\"; echo '{}'",
    );
    project.write(
        "pocs/01-first/poc.toml",
        "summary = \"x\"\n[[step]]\ncapture = \"one\"\nrun = []\nnonempty = []\n",
    );
    for (name, mode) in [
        ("set-id", 0o6755),
        ("folder/plain", 0o1664),
        ("folder", 0o3777),
    ] {
        let path = format!("pocs/01-first/{name}");
        if name != "folder" {
            project.write(&path, "");
        }
        fs::set_permissions(project.path(&path), fs::Permissions::from_mode(mode)).unwrap();
    }
    project.stillframe(&["regen"]).expect(0);
    assert_eq!(
        noted("modes", &project),
        "set-id 755\nfolder 755\nfolder/plain 644"
    );
}
