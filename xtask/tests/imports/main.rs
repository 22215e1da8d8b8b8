//! Files import each other in one direction: no circles but a module with its own children, and nothing upwards.

mod graph;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use graph::{Crate, Module};

/// The floors of a crate, lowest first, by its top modules; an import may stay on its floor or run down.
const FLOORS: &[(&str, &[&[&str]])] = &[(
    "fixpoints",
    &[
        // What of a name on the disk may be opened.
        &["regular"],
        &["engines"],
        // Files of a project.
        &[
            "chain",
            "config",
            "folder",
            "git",
            "glimpse",
            "recording",
            "remove",
            "source",
            "writer",
        ],
        // What is done with them and a database.
        &[
            "accept",
            "compare",
            "diff",
            "doctor",
            "finding",
            "hiding",
            "memory",
            "rebase",
            "replaced",
            "restore",
            "sequences",
            "store",
            "view",
        ],
        &["suite"],
    ],
)];

#[test]
fn imports_run_down_and_in_no_circle() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut problems = Vec::new();
    let mut seen = 0;
    for source in sources(&root) {
        let files = files(&source, "");
        seen += files.len();
        let read = Crate::read(files.iter().map(|(path, text)| (&**path, &**text)));
        let name = source.parent().and_then(Path::file_name);
        let name = name.unwrap_or_default().to_string_lossy();
        problems.extend(check(&read, &name));
    }
    assert!(seen > 200, "only {seen} files were found");
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn a_circle_is_found() {
    problems_are(
        &[
            ("lib.rs", ""),
            ("a.rs", "use crate::b::B;"),
            ("b.rs", "fn f(a: crate::a::A) {}"),
        ],
        &["x: a, b import each other"],
    );
}

#[test]
fn a_circle_through_a_re_export_is_found() {
    problems_are(
        &[
            ("lib.rs", "pub use b::inner::B; pub use other::D;"),
            ("a.rs", "use crate::{B as C, D};"),
            ("b.rs", ""),
            ("b/inner.rs", "use super::super::a;"),
        ],
        &["x: a, b/inner import each other"],
    );
}

#[test]
fn a_module_and_its_own_children_may_import_each_other() {
    problems_are(
        &[
            ("lib.rs", ""),
            ("a.rs", "mod b; use b::B; struct A;"),
            ("a/b.rs", "mod e; use super::{A, c::C}; pub use e::e;"),
            ("a/c.rs", "use super::b; // use crate::d::D;"),
            ("a/b/e.rs", "pub(in crate::a) fn e() {}"),
            ("d.rs", "use crate::a::A; const D: &str = \"crate::e\";"),
        ],
        &[],
    );
}

#[test]
fn an_import_up_a_floor_is_found() {
    let floors: &[&[&str]] = &[&["low"], &["high"]];
    let read = Crate::read([
        ("lib.rs", ""),
        ("low.rs", "use crate::high::H;"),
        ("high.rs", ""),
    ]);
    assert_eq!(
        upwards(&read, "x", floors),
        ["x: low imports high, which is above it"]
    );
    let read = Crate::read([("lib.rs", ""), ("low.rs", ""), ("third.rs", "")]);
    assert_eq!(
        upwards(&read, "x", floors),
        ["x: third is on no floor", "x: there is no high"]
    );
}

fn problems_are(files: &[(&str, &str)], expected: &[&str]) {
    assert_eq!(check(&Crate::read(files.iter().copied()), "x"), expected);
}

fn check(read: &Crate, name: &str) -> Vec<String> {
    let mut problems: Vec<String> = circles(read)
        .into_iter()
        .map(|circle| {
            let names: Vec<String> = circle.iter().map(|module| shown(module)).collect();
            format!("{name}: {} import each other", names.join(", "))
        })
        .collect();
    if let Some((_, floors)) = FLOORS.iter().find(|(of, _)| *of == name) {
        problems.extend(upwards(read, name, floors));
    }
    problems
}

fn shown(module: &Module) -> String {
    if module.is_empty() {
        "lib".to_owned()
    } else {
        module.join("/")
    }
}

/// Modules that reach each other, unless they are one and its own children.
fn circles(read: &Crate) -> Vec<Vec<&Module>> {
    let arrows = read.arrows();
    let reached: BTreeMap<&Module, BTreeSet<&Module>> = arrows
        .keys()
        .map(|from| (*from, reach(&arrows, from)))
        .collect();
    let mut circles = BTreeSet::new();
    for (from, there) in &reached {
        let back = there.iter().filter(|to| reached[*to].contains(from));
        let circle: Vec<&Module> = back.copied().collect();
        let is_family = circle.iter().any(|parent| {
            let is_child =
                |module: &&Module| module.split_last().is_some_and(|(_, own)| own == *parent);
            circle
                .iter()
                .all(|module| module == parent || is_child(module))
        });
        if circle.len() > 1 && !is_family {
            circles.insert(circle);
        }
    }
    circles.into_iter().collect()
}

fn reach<'a>(
    arrows: &BTreeMap<&'a Module, BTreeSet<&'a Module>>,
    from: &Module,
) -> BTreeSet<&'a Module> {
    let mut reached = BTreeSet::new();
    let mut waiting: Vec<&Module> = arrows[from].iter().copied().collect();
    while let Some(module) = waiting.pop() {
        if reached.insert(module) {
            waiting.extend(&arrows[module]);
        }
    }
    reached
}

fn upwards(read: &Crate, name: &str, floors: &[&[&str]]) -> Vec<String> {
    let floor = |module: &Module| {
        let top = module.first()?;
        floors
            .iter()
            .position(|names| names.contains(&top.as_str()))
    };
    let arrows = read.arrows();
    let mut problems = Vec::new();
    for (from, there) in &arrows {
        if from.len() == 1 && floor(from).is_none() {
            problems.push(format!("{name}: {} is on no floor", shown(from)));
        }
        for to in there {
            if !from.is_empty() && floor(from) < floor(to) {
                let (from, to) = (shown(from), shown(to));
                problems.push(format!("{name}: {from} imports {to}, which is above it"));
            }
        }
    }
    let is_missing = |top: &&&str| !arrows.contains_key(&vec![(**top).to_owned()]);
    let missing = floors.iter().copied().flatten().filter(is_missing);
    problems.extend(missing.map(|top| format!("{name}: there is no {top}")));
    problems
}

/// The `src` of every crate of the workspace.
fn sources(root: &Path) -> Vec<std::path::PathBuf> {
    let crates = std::fs::read_dir(root.join("crates")).expect("the folder of crates");
    let mut sources: Vec<_> = crates
        .map(|entry| entry.expect("an entry").path().join("src"))
        .collect();
    sources.push(root.join("xtask/src"));
    sources.sort();
    sources
}

/// Every Rust file below a folder, with its path there and its text.
fn files(folder: &Path, before: &str) -> Vec<(String, String)> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let below = format!("{before}{name}");
        if path.is_dir() {
            files.extend(self::files(&path, &format!("{below}/")));
        } else if below.ends_with(".rs") && name != "tests.rs" {
            files.push((below, std::fs::read_to_string(&path).expect("a source")));
        }
    }
    files
}
