//! `accept`: publishing what a check left, here or downloaded.

use crate::project::Project;

fn drifted() -> Project {
    let project = Project::published();
    project.edit("tool", "[1]", "[1,2]");
    project.stillframe(&["check"]).expect(3);
    project
}

#[test]
fn accepting_publishes_what_check_left() {
    let project = drifted();
    project
        .stillframe(&["accept"])
        .expect(0)
        .says(&["2 changed"]);
    project.stillframe(&["check"]).expect(0);
}

#[test]
fn candidates_from_elsewhere_are_accepted_without_the_target() {
    let project = drifted();
    std::fs::rename(
        project.path("target/stillframe/candidates"),
        project.path("target/downloaded"),
    )
    .unwrap();
    let tool = project.read("tool");
    project.remove("tool");
    project
        .stillframe(&["accept", "--from", "target/downloaded"])
        .expect(0);
    project.script(tool.lines().nth(1).unwrap());
    project.stillframe(&["check"]).expect(0);
}

#[test]
fn candidates_that_are_not_whole_are_refused() {
    for (broken, says) in [
        ("first/one.json", "is in the lock and not in the folder"),
        ("corpus.lock", "there is no"),
    ] {
        let project = drifted();
        let before = project.tree();
        project.remove(&format!("target/stillframe/candidates/fixtures/{broken}"));
        project.stillframe(&["accept"]).expect(2).says(&[says]);
        assert_eq!(project.tree(), before);
    }
    let project = drifted();
    project.write(
        "target/stillframe/candidates/fixtures/first/one.json",
        "{}\n",
    );
    project
        .stillframe(&["accept"])
        .expect(2)
        .says(&["first/one.json is not what the lock says"]);
}

#[test]
fn a_broken_check_leaves_nothing_to_accept() {
    let project = drifted();
    project.script("echo nothing good");
    project.stillframe(&["check"]).expect(1);
    project
        .stillframe(&["accept"])
        .expect(2)
        .says(&["no whole candidates"]);
}

const LOCK: &str = "target/stillframe/candidates/fixtures/corpus.lock";

#[test]
fn a_lock_that_hides_what_is_masked_is_refused() {
    type Forge = fn(&str) -> String;
    let forged: [Forge; 3] = [
        |lock| {
            let kept = lock.split("\n[fixture.masked]\n");
            kept.map(|part| part.trim_start_matches(|c| c != '\n'))
                .collect::<Vec<_>>()
                .join("")
        },
        |lock| lock.replace("timing-suffixes", "timings"),
        |lock| lock.replace("$.took_ms", "$.other_ms"),
    ];
    for forge in forged {
        let project = drifted();
        let lock = project.read(LOCK);
        assert!(lock.contains("timing-suffixes = [\"$.took_ms\"]"), "{lock}");
        project.write(LOCK, &forge(&lock));
        let before = project.corpus();
        let ran = project.stillframe(&["accept"]);
        assert_ne!(ran.code, 0, "{}", ran.stdout);
        assert_eq!(project.corpus(), before);
    }
}

#[test]
fn a_version_of_a_program_that_is_not_the_projects_is_refused() {
    let project = drifted();
    let lock = project.read(LOCK);
    project.write(LOCK, &format!("{lock}\n[target.other]\nversion = \"1\"\n"));
    project
        .stillframe(&["accept"])
        .expect(2)
        .says(&["records a version of `other`"]);
}

/// Replaces a candidate, and what the lock says of it.
fn forge(project: &Project, from: &str, to: &str) {
    let fixture = "target/stillframe/candidates/fixtures/first/one.json";
    let old = project.read(fixture);
    project.edit(fixture, from, to);
    let hash = |text: &str| stillframe_core::lock::hash(text.as_bytes());
    project.edit(LOCK, &hash(&old), &hash(&project.read(fixture)));
}

#[test]
fn a_candidate_that_the_rules_would_change_is_refused() {
    let project = drifted();
    forge(&project, "\"took_ms\": 0", "\"took_ms\": 55");
    project
        .stillframe(&["accept"])
        .expect(1)
        .says(&["first/one.json", "would write it otherwise"]);
    let project = drifted();
    forge(&project, "  \"name\"", "    \"name\"");
    project
        .stillframe(&["accept"])
        .expect(1)
        .says(&["would write it otherwise"]);
}

#[test]
fn candidates_with_identities_in_several_fixtures_are_accepted() {
    let project = Project::shell();
    let config = project.read("stillframe.toml");
    let rules = "[[normalize.rule]]\nname = \"id\"\nmatch = { key = [\"id\"] }\naction = { identity = \"id-${n}\" }\nreason = \"x\"\n[[normalize.rule]]\nname = \"run\"\nmatch = { pattern = \"[0-9]+x\" }\naction = { identity = \"run-${n}\" }\nreason = \"x\"\n";
    project.write("stillframe.toml", &format!("{config}{rules}"));
    project.script(
        r#"printf '{"id":"%s-%s","at":"/%s%sx/log","name":"%s","rows":[1]}' "$$" "$1" 1 "$$" "$1""#,
    );
    project.stillframe(&["regen"]).expect(0);
    project.edit("tool", "[1]", "[1,2]");
    project.stillframe(&["check"]).expect(3);
    project.stillframe(&["accept"]).expect(0);
    project.stillframe(&["check"]).expect(0);
}

#[test]
fn candidates_are_refused_when_what_a_link_leads_to_has_moved() {
    let project = Project::shell();
    let link = |name: &str, to: &str| {
        std::fs::rename(project.path(name), project.path(to)).unwrap();
        std::os::unix::fs::symlink(project.path(to), project.path(name)).unwrap();
    };
    link("stillframe.toml", "real.toml");
    link("pocs/01-first/poc.toml", "poc.toml");
    project.stillframe(&["regen"]).expect(0);
    project.edit("tool", "[1]", "[1,2]");
    for (moved, named) in [
        ("real.toml", "stillframe.toml changed"),
        ("poc.toml", "poc.toml changed"),
    ] {
        project.stillframe(&["check"]).expect(3);
        let text = project.read(moved);
        project.write(moved, &format!("{text}# moved\n"));
        project.stillframe(&["accept"]).expect(2).says(&[named]);
    }
}
