//! `stillframe consumers plan`: what to retire, in which order; it runs nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use anyhow::Result;
use stillframe::exit_code::ExitCode;
use stillframe::print::{self, message};

use super::naming::{self, count};
use super::recorded::Recorded;
use super::session::Where;
use super::show::{Form, matrix_of};
use crate::contents::Contents;
use crate::name::{FixtureName, TestName};
use crate::plan::{Cluster, Facts, Plan, Slice, plan};

/// How many tests of a slice are listed.
const LISTED: usize = 20;

/// How to plan.
#[derive(Debug, Clone, Copy)]
pub struct Request {
    /// How many tests one slice may change.
    pub most_tests: usize,
    /// For whom.
    pub form: Form,
}

/// Plans.
///
/// # Errors
///
/// When nothing was measured yet.
pub fn run(at: &Where, request: &Request, out: &mut dyn Write) -> Result<ExitCode> {
    let recorded = Recorded::find(at)?;
    let matrix = matrix_of(&recorded);
    let keep = recorded.definition.written.keep.iter();
    let keep: BTreeMap<FixtureName, String> = keep
        .map(|keep| (keep.name.clone(), keep.reason.clone()))
        .collect();
    let contents = Contents::of(&recorded.definition, &recorded.fixtures);
    let place = super::session::bare_place(&recorded.definition);
    let facts = contents.facts(&place);
    let plan = plan(&matrix, &keep, &facts, request.most_tests, |fixtures| {
        naming::repeat(fixtures.iter().copied(), None)
    });
    if request.form == Form::Json {
        print::json(out, &plan)?;
        return Ok(ExitCode::Fresh);
    }
    print::note(&recorded.origin());
    for name in keep.keys().filter(|name| !is_kept(&plan, name)) {
        print::note(&format!(
            "there is no fixture {name}, which consumers.toml has under [[keep]]; remove it there"
        ));
    }
    text(&plan, &facts, out)?;
    Ok(ExitCode::Fresh)
}

fn is_kept(plan: &Plan, name: &FixtureName) -> bool {
    plan.kept.iter().any(|kept| kept.name == *name)
}

fn text(plan: &Plan, facts: &BTreeMap<FixtureName, Facts>, out: &mut dyn Write) -> Result<()> {
    for (number, slice) in plan.slices.iter().enumerate() {
        slice_text(number + 1, slice, facts, out)?;
    }
    for kept in &plan.kept {
        let consumers = count(kept.consumers, "consumer");
        message(
            out,
            &format!("keep {} ({consumers}): {}", kept.name, kept.reason),
        )?;
    }
    for seed in &plan.seeds {
        message(
            out,
            &format!(
                "consider keeping {} as a seed ({}{}): [[keep]] in consumers.toml, with the reason",
                seed.name,
                count(seed.consumers, "consumer"),
                known(&seed.facts)
            ),
        )?;
    }
    for (fixture, reason) in &plan.not_known {
        message(out, &format!("not planned: {fixture}: {reason}"))?;
    }
    if plan.unknown_tests > 0 {
        message(
            out,
            &format!(
                "{} could not be measured and may need more than is planned here; `stillframe consumers confirm` runs them, too",
                count(plan.unknown_tests, "test")
            ),
        )?;
    }
    Ok(())
}

fn slice_text(
    number: usize,
    slice: &Slice,
    facts: &BTreeMap<FixtureName, Facts>,
    out: &mut dyn Write,
) -> Result<()> {
    let fixtures: usize = slice
        .clusters
        .iter()
        .map(|cluster| cluster.fixtures.len())
        .sum();
    let change = match slice.tests.len() {
        0 => "no test has to be changed".to_owned(),
        tests => format!("{} to change", count(tests, "test")),
    };
    message(
        out,
        &format!("slice {number}: {}, {change}", count(fixtures, "fixture")),
    )?;
    for cluster in &slice.clusters {
        message(out, &format!("  {}", cluster_text(cluster, facts)))?;
        for because in &cluster.because {
            message(out, &format!("    together, as {because}"))?;
        }
    }
    let tests: Vec<&TestName> = slice.tests.iter().collect();
    for test in tests.iter().take(LISTED) {
        message(out, &format!("  change {test}"))?;
    }
    if tests.len() > LISTED {
        let more = tests.len() - LISTED;
        message(out, &format!("  … and {more} more: --format json has all"))?;
    }
    message(out, &format!("  then: {}", slice.confirm))?;
    Ok(())
}

fn cluster_text(cluster: &Cluster, facts: &BTreeMap<FixtureName, Facts>) -> String {
    let names: BTreeSet<String> = cluster
        .fixtures
        .iter()
        .map(|name| {
            let facts = facts.get(name).copied().unwrap_or_default();
            match known(&facts).strip_prefix(", ") {
                Some(known) => format!("{name} ({known})"),
                None => name.to_string(),
            }
        })
        .collect();
    let names = Vec::from_iter(names).join(" and ");
    format!("{names}: {}", count(cluster.tests.len(), "test"))
}

/// What is known of a fixture, each after a comma.
fn known(facts: &Facts) -> String {
    let mut known = String::new();
    if let Some(rows) = facts.rows {
        known.push_str(&format!(", {}", count(rows, "row")));
    }
    if let Some(bytes) = facts.bytes {
        known.push_str(&format!(
            ", {}",
            count(usize::try_from(bytes).unwrap_or(usize::MAX), "byte")
        ));
    }
    if let Some(changes) = facts.changes {
        known.push_str(&format!(", changed by {}", count(changes, "commit")));
    }
    known
}
