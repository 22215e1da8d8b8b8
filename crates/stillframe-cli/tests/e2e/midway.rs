//! What a run is judged by is read before the target starts; whatever changes it on the way is reported, and nothing is published.

use crate::project::Project;

/// A published project whose target does something with the project's folder before it prints.
fn meddling(script: &str) -> Project {
    let project = Project::shell();
    project.write("scenarios/greet/a.json", "{\"command\":\"greet\"}\n");
    project.write("pocs/01-first/seed.txt", "seed\n");
    project.write("schemas/note.txt", "mine\n");
    project.stillframe(&["regen"]).expect(0);
    let tool = project.read("tool").replace("#!/bin/sh\n", "");
    let root = project.root().display();
    project.script(&format!("P={root}\n{script}\n{tool}"));
    project
}

#[test]
fn a_target_that_changes_what_it_is_judged_by_is_reported_and_nothing_is_published() {
    for (script, says) in [
        (
            "sed -i 's/one/two/' $P/fixtures_generated/first/one.json",
            "fixtures_generated/first/one.json changed",
        ),
        (
            "rm $P/fixtures_generated/corpus.lock",
            "fixtures_generated/corpus.lock was deleted",
        ),
        (
            "echo '{}' > $P/fixtures_generated/more.json",
            "fixtures_generated/more.json was added",
        ),
        ("echo >> $P/stillframe.toml", "stillframe.toml changed"),
        (
            "echo >> $P/pocs/01-first/poc.toml",
            "pocs/01-first/poc.toml changed",
        ),
        (
            "echo >> $P/pocs/01-first/seed.txt",
            "pocs/01-first/seed.txt changed",
        ),
        ("rm -f $P/schemas/note.txt", "schemas/note.txt was deleted"),
        (
            "echo '{}' > $P/schemas/greet.schema.json",
            "schemas/greet.schema.json was added",
        ),
        (
            "echo >> $P/scenarios/greet/a.json",
            "scenarios/greet/a.json changed",
        ),
        ("echo '#' >> $P/tool", "the program changed"),
        (
            "cp $P/tool $P/t; echo '#' >> $P/t; mv $P/t $P/tool",
            "the program changed",
        ),
        (
            "ln -sf ../../tool $P/pocs/01-first/seed.txt",
            "pocs/01-first/seed.txt changed",
        ),
    ] {
        for command in ["check", "regen"] {
            let project = meddling(script);
            let lock = project.read("fixtures_generated/corpus.lock");
            project
                .stillframe(&[command])
                .expect(1)
                .says(&["changed-during-run", says]);
            let now = std::fs::read_to_string(project.path("fixtures_generated/corpus.lock"));
            assert!(
                now.is_err() || now.unwrap() == lock,
                "{script}: it was published"
            );
            project.stillframe(&["accept"]).expect(2);
        }
    }
}

#[test]
fn an_export_that_changes_the_corpus_and_fails_is_reported_for_both() {
    let project = meddling("echo '{}' > $P/fixtures_generated/more.json");
    let config = project.read("stillframe.toml");
    project.write(
        "stillframe.toml",
        &format!("{config}schemas = [\"export\", \"${{dir}}\"]\n"),
    );
    project
        .stillframe(&["regen"])
        .expect(1)
        .says(&["broken-schema", "fixtures_generated/more.json was added"]);
}

#[test]
fn a_target_that_puts_its_own_output_into_the_corpus_is_not_fresh() {
    let project = Project::published();
    let other = Project::published();
    other.edit("tool", "[1]", "[1,2]");
    other.stillframe(&["regen"]).expect(0);
    let (from, to) = (
        other.path("fixtures_generated"),
        project.path("fixtures_generated"),
    );
    let tool = other.read("tool").replace("#!/bin/sh\n", "");
    project.script(&format!(
        "cp -R {}/. {}\n{tool}",
        from.display(),
        to.display()
    ));
    project.stillframe(&["check"]).expect(1).says(&[
        "changed-during-run",
        "stale               first/one.json",
        "$.rows[1] added: 2",
    ]);
}

#[test]
fn a_verifier_that_changes_the_candidates_or_the_corpus_is_reported() {
    for (words, says) in [
        (
            "echo > $STILLFRAME_CORPUS/first/one.json",
            "fixtures/first/one.json changed",
        ),
        (
            "rm $STILLFRAME_CORPUS/corpus.lock",
            "fixtures/corpus.lock was deleted",
        ),
        (
            "echo >> fixtures_generated/first/one.json",
            "fixtures_generated/first/one.json changed",
        ),
        ("echo >> stillframe.toml", "stillframe.toml changed"),
    ] {
        let project = Project::shell();
        let config = project.read("stillframe.toml");
        project.stillframe(&["regen"]).expect(0);
        project.edit("tool", "[1]", "[1,2]");
        project.write(
            "stillframe.toml",
            &format!("{config}[[verify]]\nname = \"v\"\ncommand = [\"sh\", \"-c\", \"{words}\"]\n"),
        );
        let lock = project.read("fixtures_generated/corpus.lock");
        for command in ["check", "regen"] {
            project.stillframe(&[command]).expect(1).says(&[
                "changed-during-run",
                "a verifier",
                says,
            ]);
        }
        assert_eq!(project.read("fixtures_generated/corpus.lock"), lock);
        project.stillframe(&["accept"]).expect(2);
    }
}

#[test]
fn a_target_that_exchanges_the_work_folder_has_nothing_written_or_deleted_elsewhere() {
    for exchange in [
        "mv $P/target $P/away; ln -s $O $P/target",
        "mv $P/target/stillframe $P/away; ln -s $O/stillframe $P/target/stillframe",
        "mv $P/target/stillframe $P/away; mv $O/stillframe $P/target/stillframe; ln -s $P/target/stillframe $O/stillframe",
        "rm -r $P/target/stillframe/candidates; ln -s $O/stillframe/candidates $P/target/stillframe/candidates",
        "mv $P/target/stillframe/raw $P/away; ln -s $O/stillframe/raw $P/target/stillframe/raw",
    ] {
        let outside = Project::empty();
        for name in [
            "candidates/n.txt",
            "raw/01-first/n.txt",
            "schemas/h.json",
            "lock",
        ] {
            outside.write(&format!("stillframe/{name}"), "mine");
        }
        let before = outside.tree();
        let project = Project::shell();
        project.stillframe(&["check"]).expect(3);
        let (root, out) = (project.root().display(), outside.root().display());
        let once =
            format!("P={root}; O={out}; if [ ! -e $P/done ]; then touch $P/done; {exchange}; fi");
        let tool = project.read("tool").replace("#!/bin/sh\n", "");
        project.script(&format!("{once}\n{tool}"));
        let ran = project.stillframe(&["check"]);
        assert_ne!(ran.code, 0, "{exchange}");
        assert_ne!(ran.code, 3, "{exchange}: {}", ran.stdout);
        assert_eq!(outside.tree(), before, "{exchange}");
    }
}

#[test]
fn what_a_link_leads_to_is_judged_by_its_content() {
    for name in [
        "stillframe.toml",
        "pocs/01-first/poc.toml",
        "schemas/greet.schema.json",
    ] {
        let project = Project::shell();
        project.write(
            "schemas/greet.schema.json",
            "{\"properties\":{\"command\":{\"const\":\"greet\"}}}",
        );
        std::fs::rename(project.path(name), project.path("real")).unwrap();
        std::os::unix::fs::symlink(project.path("real"), project.path(name)).unwrap();
        let tool = project.read("tool").replace("#!/bin/sh\n", "");
        project.script(&format!(
            "echo >> {}\n{tool}",
            project.path("real").display()
        ));
        project
            .stillframe(&["regen"])
            .expect(1)
            .says(&["changed-during-run", &format!("{name} changed")]);
        assert!(project.corpus().is_empty());
    }
}

#[test]
fn a_script_that_an_interpreter_runs_is_the_program_under_capture() {
    let poc = |step: &str| {
        format!("summary = \"x\"\n[[step]]\ncapture = \"one\"\nnonempty = []\n{step}\n")
    };
    for (target, step) in [
        ("command = \"sh\"\nargs = [\"${root}/prog\"]", "run = []"),
        ("command = \"./tool\"", "exec = [\"${root}/prog\"]"),
        (
            "command = \"./tool\"",
            "exec = [\"sh\", \"-e\", \"${root}/prog\"]",
        ),
        ("command = \"./read\"", "run = []\nstdin = \"${root}/prog\""),
    ] {
        let project = Project::empty();
        project.write(
            "stillframe.toml",
            &format!("format-version = 1\n[target]\n{target}\n"),
        );
        project.write("pocs/01-a/poc.toml", &poc(step));
        project.program("tool", "exec \"$@\"");
        project.program("read", "exec sh");
        let prog = project.path("prog");
        project.program(
            "prog",
            &format!("echo '# x' >> {}\necho '{{}}'", prog.display()),
        );
        project.stillframe(&["regen"]).expect(1).says(&[
            "changed-during-run",
            "prog",
            "the program changed",
        ]);
        assert!(project.corpus().is_empty());
    }
}

#[test]
fn a_verifier_that_changes_the_target_is_reported() {
    let project = Project::shell();
    let config = project.read("stillframe.toml");
    let verifier = "[[verify]]\nname = \"v\"\ncommand = [\"sh\", \"-c\", \"echo >> tool\"]\n";
    project.write("stillframe.toml", &format!("{config}{verifier}"));
    project.stillframe(&["regen"]).expect(1).says(&[
        "changed-during-run",
        "the program changed",
        "while a verifier ran",
    ]);
    assert!(project.corpus().is_empty());
}

#[test]
fn a_build_that_writes_a_poc_is_reported_once() {
    let project = Project::shell();
    let config = project.read("stillframe.toml");
    project.write(
        "stillframe.toml",
        &format!("{config}build = [\"./generate\"]\n"),
    );
    let poc = project
        .read("pocs/01-first/poc.toml")
        .replace("[\"two\"]", "[\"new\"]");
    project.write("new.toml", &poc);
    project.program("generate", "cp new.toml pocs/01-first/poc.toml");
    for command in ["check", "regen"] {
        project.write("pocs/01-first/poc.toml", &poc.replace("new", "two"));
        project.stillframe(&[command]).expect(1).says(&[
            "changed-during-run",
            "while the build ran",
            "pocs/01-first/poc.toml changed",
        ]);
    }
    project.stillframe(&["regen"]).expect(0);
    project.stillframe(&["check"]).expect(0);
    assert!(
        project
            .read("fixtures_generated/first/two.json")
            .contains("new")
    );
}
