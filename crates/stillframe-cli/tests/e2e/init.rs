//! `init` in a repository that has nothing yet.

use crate::project::Project;

#[test]
fn a_script_gets_its_corpus_in_under_five_commands() {
    let project = Project::empty();
    project.script("echo '{\"command\": \"tool\",'\necho '\"items\": [1]}'\nexit 0");
    project
        .stillframe(&["init"])
        .expect(0)
        .says(&["created  stillframe.toml", "stillframe regen"]);
    project
        .stillframe(&["regen"])
        .expect(0)
        .says(&["published 1 new"]);
    project.stillframe(&["check"]).expect(0).says(&["1 fresh"]);
    project.edit("tool", "[1]", "[1, 2]");
    project
        .stillframe(&["check"])
        .expect(3)
        .says(&["stale  first/first.json"]);
}

#[test]
fn what_exists_is_kept() {
    let project = Project::empty();
    project.script("echo '{}'");
    project.write(".gitattributes", "*.txt text");
    project.write(".github/workflows/stillframe.yml", "mine");
    project.stillframe(&["init"]).expect(0).says(&[
        "kept     .github/workflows/stillframe.yml",
        "extended .gitattributes",
    ]);
    assert_eq!(
        project.read(".gitattributes"),
        "*.txt text\nfixtures_generated/** -text linguist-generated\n"
    );
    project
        .stillframe(&["init"])
        .expect(2)
        .says(&["exists already"]);
}

#[test]
fn a_cargo_package_is_found_and_a_target_can_be_named() {
    let project = Project::empty();
    project.write("Cargo.toml", "[package]\nname = \"tool-cli\"\n");
    project.write("src/main.rs", "fn main() {}");
    project.stillframe(&["init"]).expect(0);
    assert!(
        project
            .read("stillframe.toml")
            .contains("cargo = { package = \"tool-cli\" }")
    );
    let project = Project::empty();
    project
        .stillframe(&["init", "--target", "jq", "--", "-n", "{}"])
        .expect(0);
    assert!(project.read("stillframe.toml").contains("command = \"jq\""));
    assert!(
        project
            .read("pocs/01-first/poc.toml")
            .contains("run     = [\"-n\", \"{}\"]")
    );
}

#[test]
fn the_printed_reference_is_a_configuration_with_the_defaults() {
    use stillframe_core::config::Config;
    let printed = Project::empty()
        .stillframe(&["init", "--print"])
        .expect(0)
        .stdout;
    let whole = Config::parse(&printed).unwrap();
    let minimal = Config::parse("format-version = 1\n[target]\ncommand = \"./tool\"\n").unwrap();
    let without_levels = |config: Config| {
        format!(
            "{:?}",
            Config {
                problems: std::collections::BTreeMap::new(),
                ..config
            }
        )
    };
    let defaults_written_out =
        without_levels(minimal).replace("timeout: None, output_limit_mib: None", "");
    let printed = without_levels(whole).replace(
        "timeout: Some(Seconds(60s)), output_limit_mib: Some(64)",
        "",
    );
    assert_eq!(printed, defaults_written_out);
}
