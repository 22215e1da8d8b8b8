//! Verifiers: a consumer in another language decides whether the candidates are published.

use crate::project::{Project, has_tool};

const VERIFIER: &str = r#"
import json, os, pathlib, sys
corpus = pathlib.Path(os.environ["STILLFRAME_CORPUS"])
files = sorted(corpus.rglob("*.json"))
assert files, "no candidates"
for path in files:
    document = json.loads(path.read_text())
    if not isinstance(document["name"], str):
        sys.exit(f"{path.relative_to(corpus)}: name is no string")
"#;

fn project() -> Project {
    let project = Project::shell();
    project.write("clients/verify.py", VERIFIER);
    let config = project.read("stillframe.toml");
    project.write(
        "stillframe.toml",
        &format!("{config}[[verify]]\nname = \"python client\"\ncommand = [\"python3\", \"clients/verify.py\"]\n"),
    );
    project
}

#[test]
fn a_script_that_accepts_lets_the_corpus_be_published() {
    if !has_tool("python3") {
        return;
    }
    let project = project();
    project.stillframe(&["regen"]).expect(0);
    project.stillframe(&["check"]).expect(0);
}

#[test]
fn a_script_that_rejects_turns_check_red_and_stops_regen() {
    if !has_tool("python3") {
        return;
    }
    let project = project();
    project.stillframe(&["regen"]).expect(0);
    project.edit("tool", "\"name\":\"%s\"", "\"name\":[\"%s\"]");
    let before = project.tree();
    for command in ["check", "regen"] {
        project.stillframe(&[command]).expect(1).says(&[
            "rejected",
            "python client",
            "stderr: first/one.json: name is no string",
        ]);
    }
    assert_eq!(project.tree(), before);
}
