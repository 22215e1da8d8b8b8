//! What `${root}` and `${env.NAME}` stand for on this machine; a variable that is not set is reported before anything runs.

use std::collections::BTreeMap;
use std::path::Path;

use stillframe_core::config::{CONFIG_NAME, Config};
use stillframe_core::poc::Poc;
use stillframe_core::problem::{Kind, Problem};
use stillframe_core::variable::{self, CALLERS, ROOT};

/// The values of all variables that are used outside of steps, and those that have none.
pub(super) fn of(
    root: &Path,
    config: &Config,
    pocs: &[Poc],
) -> (BTreeMap<String, String>, Vec<Problem>) {
    let mut values = BTreeMap::from([(ROOT.to_owned(), root.to_string_lossy().into_owned())]);
    let mut problems = Vec::new();
    let mut add = |text: &str, file: &str, poc: Option<&str>| {
        for name in variable::names(text).filter_map(|name| name.strip_prefix(CALLERS)) {
            match std::env::var(name) {
                Ok(value) => {
                    values.insert(format!("{CALLERS}{name}"), value);
                }
                Err(error) => problems.push(unusable(name, &error, file, poc)),
            }
        }
    };
    for value in config.env.set.values() {
        add(value, CONFIG_NAME, None);
    }
    for poc in pocs {
        let file = format!("{}/{}/poc.toml", config.paths.pocs, poc.id);
        for value in poc.env.values() {
            add(value, &file, Some(&poc.id));
        }
    }
    (values, problems)
}

fn unusable(name: &str, error: &std::env::VarError, file: &str, poc: Option<&str>) -> Problem {
    let (what, fix) = match error {
        std::env::VarError::NotPresent => (
            "is not set",
            format!("set {name}, or take `${{{CALLERS}{name}}}` out of {file}"),
        ),
        std::env::VarError::NotUnicode(_) => (
            "is not Unicode",
            format!("give {name} another value, or name it under [env] pass"),
        ),
    };
    let problem = Problem::new(Kind::Prerequisite, name, fix)
        .detail(format!("{file} uses the variable {name}, which {what}"));
    match poc {
        Some(poc) => problem.at(poc, None),
        None => problem,
    }
}
