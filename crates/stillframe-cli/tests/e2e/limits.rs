//! `--poc`: what a shell completes, from any folder, and what reports print, limit a run.

use std::os::unix::fs::symlink;

use crate::project::{Project, Ran};

/// Two published POCs, one of them with a folder of its own.
fn two_pocs() -> Project {
    let project = Project::shell();
    project.write(
        "pocs/shop/02-orders/poc.toml",
        "summary = \"x\"\n[[step]]\ncapture = \"list\"\nrun = [\"list\"]\n",
    );
    project.write("pocs/shop/02-orders/data/seed", "");
    project.write("src/main.c", "");
    project.stillframe(&["regen"]).expect(0);
    project
}

fn check_from(project: &Project, folder: &str, args: &[&str]) -> Ran {
    let mut command = project.command(&["check"]);
    command.args(args).current_dir(project.path(folder));
    Ran::from(command.output().unwrap())
}

#[test]
fn a_poc_is_named_by_a_path_from_anywhere_or_as_reports_name_it() {
    let project = two_pocs();
    let absolute = project.path("pocs/01-first/");
    let absolute = absolute.to_str().unwrap();
    for (folder, word, fresh) in [
        ("", "pocs/01-first", 2),
        ("", "./pocs/01-first/", 2),
        ("", "01-first/", 2),
        ("", absolute, 2),
        ("", "first", 2),
        ("", "first/one.json", 2),
        ("", "fixtures_generated/first/", 2),
        ("", "pocs/01-first/poc.toml", 2),
        ("", "orders", 1),
        ("", "shop/orders", 1),
        ("", ".", 3),
        ("pocs", "shop", 1),
        ("pocs/shop", ".", 1),
        ("pocs/shop", "../01-first", 2),
        ("pocs/shop", "pocs/01-first", 2),
        ("pocs/shop/02-orders", ".", 1),
        ("pocs/shop/02-orders/data", "..", 1),
        ("pocs/shop/02-orders/data", "seed", 1),
        ("src", "../pocs/shop", 1),
        ("src", "first", 2),
    ] {
        let ran = check_from(&project, folder, &["--poc", word]);
        ran.expect(0).says(&[&format!("{fresh} fresh")]);
    }
}

#[test]
fn several_pocs_may_follow_one_flag() {
    let project = two_pocs();
    let ran = check_from(&project, "", &["--poc", "pocs/01-first", "pocs/shop"]);
    ran.expect(0).says(&["3 fresh"]);
}

#[test]
fn a_project_that_is_reached_through_a_link_is_the_same_one() {
    let project = two_pocs();
    symlink(project.root(), project.path("src/linked")).unwrap();
    let root = project.path("src/linked");
    let args = ["--root", root.to_str().unwrap(), "--poc", "."];
    let ran = check_from(&project, "pocs/shop", &args);
    ran.expect(0).says(&["1 fresh"]);
}

#[test]
fn a_word_that_names_no_poc_is_refused_with_those_there_are() {
    let project = two_pocs();
    for (folder, word) in [("src", "."), ("", "orders2"), ("", ""), ("src", "main.c")] {
        let ran = check_from(&project, folder, &["--poc", word]);
        let ran = ran.expect(2);
        ran.says(&["matches no POC", "01-first, shop/02-orders"]);
    }
}
