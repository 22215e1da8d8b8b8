//! What stands against publishing candidates although they are whole: they are judged by the project's own POCs and schemas.

use stillframe_core::compare::{Committed, Fixture};
use stillframe_core::lock::Entry;
use stillframe_core::names::LOCK_NAME;
use stillframe_core::poc::SchemaChoice;
use stillframe_core::poc::{Action, Capture, Poc, Step};
use stillframe_core::problem::{Kind, Problem};

use super::{Loaded, again};
use crate::audit;
use crate::binding::bind;
use crate::freeze;
use crate::rulebook::Rulebook;
use crate::version;
use crate::workspace::Workspace;

const AGAIN: &str = "run `stillframe check` again";

/// Fixtures that the POCs do not capture, and captures that would lose their fixture.
pub fn foreign_captures(
    loaded: &Loaded,
    committed: &Committed,
    workspace: &Workspace,
) -> Vec<Problem> {
    let refused = |path: &str, detail: &str| {
        Problem::new(Kind::Prerequisite, path, AGAIN).detail(format!("the candidates: {detail}"))
    };
    let was = committed.lock.as_ref().map(|lock| &lock.fixtures);
    let recorded = |path: &str| was.and_then(|fixtures| fixtures.get(path));
    let mut problems = Vec::new();
    for (path, entry) in &loaded.lock.fixtures {
        let captured =
            captures(workspace).any(|(poc, step, capture)| makes(poc, step, capture, entry));
        if !captured && recorded(path) != Some(entry) {
            problems.push(refused(
                path,
                "no step captures this fixture with these arguments, this exit code and this schema",
            ));
        }
    }
    for (_, _, capture) in captures(workspace) {
        let path = capture.path.as_str();
        if recorded(path).is_some() && !loaded.lock.fixtures.contains_key(path) {
            problems.push(refused(
                path,
                "a step captures this fixture, and it is not among them",
            ));
        }
    }
    problems
}

fn captures(workspace: &Workspace) -> impl Iterator<Item = (&Poc, &Step, &Capture)> {
    workspace.pocs.iter().flat_map(|poc| {
        poc.captures()
            .map(move |(step, capture)| (poc, step, capture))
    })
}

/// Whether a step can have made a fixture with such a record.
fn makes(poc: &Poc, step: &Step, capture: &Capture, entry: &Entry) -> bool {
    let schema = match &capture.schema {
        SchemaChoice::Output => true,
        SchemaChoice::Schema(name) => entry.schema.one() == Some(name),
        SchemaChoice::Off => entry.schema.is_empty(),
    };
    capture.path.as_str() == entry.path
        && poc.id == entry.poc
        && step.action.words() == entry.args
        && step.target == entry.target
        && matches!(step.action, Action::Exec(_)) == entry.exec
        && step.exit.allows(entry.exit)
        && schema
}

/// Schemas that are not the project's, and fixtures that no run of the project's own can have printed: not JSON, written
/// otherwise than the rules would, not valid under the schema that they belong to, or not what their step states.
pub fn unsound(
    loaded: &Loaded,
    committed: &Committed,
    rulebook: &Rulebook,
    workspace: &Workspace,
) -> Vec<Problem> {
    let mut problems = Vec::new();
    let recorded = committed.lock.as_ref().map(|lock| &lock.schemas);
    let exports = workspace.config.exports_schemas();
    if loaded.lock.schemas.is_empty() == exports && recorded != Some(&loaded.lock.schemas) {
        let detail = "the candidates: their lock does not list the schemas that the target exports, or lists some although it exports none";
        problems.push(Problem::new(Kind::Prerequisite, LOCK_NAME, AGAIN).detail(detail));
    }
    let exported = loaded.candidates.schemas.as_ref();
    let mut own = committed.schemas_in_force(exported);
    own.retain(|name, _| !loaded.lock.schemas.contains_key(name));
    for name in own.keys().chain(loaded.kept_schemas.keys()) {
        if own.get(name) != loaded.kept_schemas.get(name) {
            let detail =
                "the candidates: beside the exported schemas they do not hold those of the project";
            problems.push(Problem::new(Kind::Prerequisite, name, AGAIN).detail(detail));
        }
    }
    problems.extend(unknown_versions(loaded, committed, workspace));
    let again = again::faults(loaded, rulebook, workspace);
    for (path, fixture) in &loaded.candidates.fixtures {
        let mut found = audit::fixture(&fixture.entry, &fixture.bytes, rulebook);
        if let (true, Some(fault)) = (found.is_empty(), again.get(path.as_str())) {
            let detail = format!("the candidates: {fault}");
            found.push(Problem::new(Kind::Unreadable, path, AGAIN).detail(detail));
        }
        let capture = captures(workspace).find(|(_, _, capture)| capture.path.as_str() == path);
        if let (true, Some((_, _, capture))) = (found.is_empty(), capture) {
            found = misjudged(fixture, capture, rulebook);
        }
        problems.extend(found.into_iter().map(|problem| Problem {
            fix: AGAIN.into(),
            ..problem
        }));
    }
    problems
}

/// Versions of programs that are not this project's, and were not recorded before.
fn unknown_versions(
    loaded: &Loaded,
    committed: &Committed,
    workspace: &Workspace,
) -> Option<Problem> {
    let known = version::names(&workspace.config);
    let recorded = committed.lock.as_ref().map(|lock| &lock.versions);
    let mut unknown = loaded.lock.versions.iter().filter(|(name, version)| {
        let was = recorded.and_then(|versions| versions.get(*name));
        !known.contains(*name) && was != Some(*version)
    });
    let (name, _) = unknown.next()?;
    let detail = format!(
        "the candidates: their lock records a version of `{name}`, which no target with a `version` is called"
    );
    Some(Problem::new(Kind::Prerequisite, LOCK_NAME, AGAIN).detail(detail))
}

/// What the step that captures a fixture would have reported of it.
fn misjudged(fixture: &Fixture, capture: &Capture, rulebook: &Rulebook) -> Vec<Problem> {
    let path = fixture.entry.path.as_str();
    let Ok(document) = freeze::parse(capture.framing, &fixture.bytes) else {
        return Vec::new();
    };
    let mut problems = Vec::new();
    if let Some(schemas) = &rulebook.schemas
        && !fixture.bytes.is_empty()
    {
        let recorded = &fixture.entry.schema;
        let is_recorded = match bind(&schemas.catalogue, capture, &document) {
            Ok(bound) => bound.map(|bound| bound.names()).unwrap_or_default() == *recorded,
            Err(unbound) => recorded.is_empty() && unbound.is_advice(schemas.are_written()),
        };
        if !is_recorded {
            let detail = "the candidates: another schema belongs to it than the lock names";
            problems.push(Problem::new(Kind::Unbound, path, AGAIN).detail(detail));
        }
    }
    let unmet = freeze::unmet(capture, &document);
    if !unmet.is_empty() {
        let mut problem = Problem::new(Kind::Expectation, path, AGAIN);
        problem.details = unmet;
        problems.push(problem);
    }
    problems
}
