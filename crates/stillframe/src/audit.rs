//! One published fixture against its record in the lock and against its schema; nothing is run.

use serde_json::Value;
use stillframe_core::compare::REGEN;
use stillframe_core::json::Document;
use stillframe_core::lock::{Entry, SchemaNames, hash};
use stillframe_core::normalize::Framing;
use stillframe_core::problem::{Kind, Problem};

use crate::binding::{Binding, bind_lines};
use crate::freeze;
use crate::rulebook::{Rulebook, Schemas};

/// What is wrong with a fixture: other bytes than were recorded, not JSON, no schema, or not valid under it.
pub fn fixture(entry: &Entry, bytes: &[u8], rulebook: &Rulebook) -> Vec<Problem> {
    let path = entry.path.as_str();
    let mut problems = Vec::new();
    if hash(bytes) != entry.blake3 {
        problems.push(
            Problem::new(Kind::HandEdited, path, REGEN)
                .at(&entry.poc, None)
                .detail("its bytes are not the ones that were published"),
        );
    }
    let framing = framing(path);
    match freeze::parse(framing, bytes) {
        Err(error) => problems.push(
            Problem::new(Kind::Unreadable, path, REGEN)
                .at(&entry.poc, None)
                .detail(error.to_string()),
        ),
        // No line names a schema, and none has to satisfy one.
        Ok(_) if bytes.is_empty() => {}
        Ok(document) => problems.extend(
            invalid(
                path,
                &entry.schema,
                framing,
                &document,
                rulebook.schemas.as_deref(),
            )
            .map(|problem| problem.at(&entry.poc, None)),
        ),
    }
    problems
}

/// Whether a fixture is one document or many, by its name.
pub(crate) fn framing(path: &str) -> Framing {
    if path.ends_with(".ndjson") {
        Framing::Ndjson
    } else {
        Framing::Json
    }
}

fn invalid(
    path: &str,
    recorded: &SchemaNames,
    framing: Framing,
    document: &Document,
    schemas: Option<&Schemas>,
) -> Option<Problem> {
    let unbound = |what: String| Some(Problem::new(Kind::Unbound, path, REGEN).detail(what));
    if recorded.is_empty() {
        // Its step may say `schema = false`.
        return None;
    }
    let exists = |name: &str| schemas.is_some_and(|all| all.catalogue.get(name).is_some());
    let missing = recorded.iter().find(|name| !exists(name));
    let (None, Some(schemas)) = (missing, schemas) else {
        let name = missing.unwrap_or_default();
        return unbound(format!(
            "the lock names the schema `{name}`, which does not exist"
        ));
    };
    let binding = match (recorded.one(), document.node().value) {
        (Some(name), _) => Binding::One(name.to_owned()),
        (None, Value::Array(lines)) => match bind_lines(&schemas.catalogue, lines) {
            Ok(binding) if binding.names() == *recorded => binding,
            Ok(binding) => {
                return unbound(format!(
                    "the lock names the schemas {recorded} for its lines, and they name {}",
                    binding.names()
                ));
            }
            Err(error) => return unbound(error.to_string()),
        },
        (None, _) => return unbound("the lock names several schemas for it".to_owned()),
    };
    let violations = schemas.violations_of(&binding, framing, document);
    if violations.is_empty() {
        return None;
    }
    let mut problem = Problem::new(
        Kind::Invalid,
        path,
        "run `stillframe regen`; the corpus and the schemas are of different builds",
    );
    problem.details = violations;
    Some(problem)
}
