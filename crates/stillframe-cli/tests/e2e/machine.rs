//! Fixtures on another machine and another day: what is replaced, and what is only reported.

use std::path::Path;

use crate::project::{Project, Ran};

/// A project whose target prints what the script says, as one capture.
fn project(name: &str, script: &str) -> Project {
    let project = Project::named(name);
    project.script(script);
    project.write(
        "stillframe.toml",
        "format-version = 1\n[target]\ncommand = \"./tool\"\n[env]\npass = [\"OWN\"]\n",
    );
    project.write(
        "pocs/01-one/poc.toml",
        "summary = \"x\"\n[[step]]\ncapture = \"one\"\nrun = []\n",
    );
    project
}

/// Runs in a home folder, whose path the target gets as `OWN`.
fn at_home(project: &Project, home: &Path, args: &[&str]) -> Ran {
    let mut command = project.command(args);
    Ran::from(command.env("HOME", home).env("OWN", home).output().unwrap())
}

/// Prints the target, the folder around it and the home in several spellings.
const SPELLINGS: &str = r#"
here=$(dirname "$0")
json() { printf '%s' "$1" | sed 's/"/\\"/g'; }
escaped() { printf '%s' "$1" | sed 's,/,\\\\/,g'; }
encoded() { printf '%s' "$1" | sed 's,/,%2f,g; s/ /%20/g'; }
cat <<END
{"target": "$0", "root": "$here/a b.txt", "home": "$OWN/.cache", "flag": "-I$here/inc",
 "list": "$OWN/bin:$here/bin", "url": "file://$(printf '%s' "$here" | sed 's/ /%20/g')/x",
 "query": "?at=$(encoded "$here/x")&home=$(encoded "$OWN")",
 "inside": "{\"at\":\"$(escaped "$here/x")\"}", "$here/key": 1}
END
"#;

const EVERYWHERE: &str = r#"{
  "target": "/stillframe/target",
  "root": "/stillframe/root/a b.txt",
  "home": "/stillframe/user-home/.cache",
  "flag": "-I/stillframe/root/inc",
  "list": "/stillframe/user-home/bin:/stillframe/root/bin",
  "url": "file:///stillframe/root/x",
  "query": "?at=%2fstillframe%2froot%2fx&home=%2fstillframe%2fuser-home",
  "inside": "{\"at\":\"\\/stillframe\\/root\\/x\"}",
  "/stillframe/root/key": 1
}
"#;

#[test]
fn paths_of_the_project_the_target_and_the_home_are_the_same_everywhere() {
    let mut corpora = Vec::new();
    for name in ["-short", "-with a space, and longer"] {
        let project = project(name, SPELLINGS);
        let home = tempfile::Builder::new().prefix(name).tempdir().unwrap();
        at_home(&project, home.path(), &["regen"]).expect(0);
        at_home(&project, home.path(), &["check"]).expect(0);
        // Home and project can lie in each other.
        at_home(&project, &project.path("users"), &["check"]).expect(0);
        corpora.push(project.corpus());
    }
    let text = String::from_utf8_lossy(&corpora[0]["one/one.json"]).into_owned();
    assert_eq!(text, EVERYWHERE);
    assert_eq!(corpora[0], corpora[1]);
}

/// Prints what the machine and the day are called.
const NAMES: &str = r#"
cat <<END
{"host": "$(uname -n)", "users": [{"name": "$(id -un)"}, {"name": "$(id -un)"}], "on": "$(date +%Y-%m-%d)",
 "at": $(date +%s), "at_ns": $(date +%s)000000000, "cache": "$OWN/x", "by/$(uname -n)": 1, "seeded": "2020-02-02"}
END
"#;

#[test]
fn what_names_the_machine_or_the_day_is_reported_of_new_and_changed_fixtures() {
    let project = project("", NAMES);
    let home = Path::new("/nowhere");
    let ran = at_home(&project, home, &["regen"]).expect(0).says(&[
        "machine-bound",
        "one/one.json",
        "the host's name",
        "$.host",
        "$.*~",
        "the user's name",
        "$.users[*].name, as in",
        "today's date: $.on, as in \"20",
        "a point in time within a day of now: $.at, $.at_ns, as in 1",
        "the folder /nowhere: $.cache, as in \"/nowhere/x\"",
    ]);
    assert!(!ran.stdout.contains("$.seeded"), "{}", ran.stdout);
}

#[test]
fn a_fixture_that_stays_as_it_is_is_not_reported_again() {
    let today = r#"printf '{"seeded": "%s"}' "$(date +%Y-%m-%d)""#;
    let project = project("", today);
    let reported = |args: &[&str], code: i32| {
        let ran = project.stillframe(args).expect(code);
        ran.stdout.contains("machine-bound")
    };
    assert!(reported(&["check"], 3));
    assert!(reported(&["regen"], 0));
    assert!(!reported(&["check", "--deny-warnings"], 0));
    // Changed, and still of today.
    project.edit("tool", "seeded", "sown");
    assert!(reported(&["check"], 3));
    let config = project.read("stillframe.toml");
    let level = |level: &str| {
        let table = format!("{config}[problems]\nmachine-bound = \"{level}\"\n");
        project.write("stillframe.toml", &table);
    };
    level("allow");
    assert!(!reported(&["check"], 3));
    level("deny");
    assert!(reported(&["check"], 1));
}
