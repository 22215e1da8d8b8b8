//! From what a POC printed to its fixtures: parse, bind, validate, normalise, validate again, expect. A pure function of the bytes.

use std::path::PathBuf;

use stillframe_core::compare::Fixture;
use stillframe_core::json::{self, Document, JsonError, JsonErrorKind};
use stillframe_core::lock::{Entry, hash};
use stillframe_core::normalize::{self, Draft, Framing, Identities, Plan, Scrub};
use stillframe_core::poc::SchemaChoice;
use stillframe_core::poc::{Action, Capture, Channel, Poc, Step};
use stillframe_core::problem::{Class, Kind, Problem};
use stillframe_core::schema::BindError;
use stillframe_core::select::only_empty_lists;

use crate::binding::{Binding, Unbound, bind};
use crate::capture::{Output, PocRun};
use crate::process;
use crate::rulebook::{Rulebook, Schemas};
use crate::unused::RuleUse;

const NAME_IT: &str = "name the schema in the step: schema = \"…\" (`false` where it has none), or in a [[bind]] of stillframe.toml";
const CORRECT_THE_NAME: &str =
    "correct the `schema` of the step or of the [[bind]], or add the file";

/// A POC's fixtures and what was found on the way.
#[derive(Debug, Default)]
pub struct Frozen {
    /// In step order.
    pub fixtures: Vec<Fixture>,
    /// In step order.
    pub problems: Vec<Problem>,
    /// What the rules did.
    pub used: RuleUse,
}

/// A normalised output that waits for its POC's identities to be numbered.
struct Pending<'a> {
    step: &'a Step,
    capture: &'a Capture,
    output: &'a Output,
    binding: Option<Binding>,
    raw_is_valid: bool,
    draft: Draft,
}

/// Makes the fixtures of one POC.
pub fn freeze(rulebook: &Rulebook, poc: &Poc, run: &PocRun) -> Frozen {
    let _computing = process::computing();
    let mut frozen = Frozen::default();
    let scrub = scrub(run);
    let mut pending = Vec::new();
    for (step, capture) in poc.captures() {
        let Some(output) = run.outputs.iter().find(|output| output.step == step.number) else {
            continue;
        };
        match prepare(rulebook, &scrub, step, capture, output) {
            Ok((ready, problems)) => {
                frozen.problems.extend(problems);
                pending.push(ready);
            }
            Err(problem) => frozen.problems.push(*problem),
        }
    }
    let mut identities = Identities::new();
    for ready in &pending {
        identities.reserve(&ready.draft);
    }
    for ready in pending {
        let bytes = identities.number(&ready.draft);
        frozen.used.add(RuleUse::of(&ready.draft));
        frozen.problems.extend(judge(rulebook, &ready, &bytes));
        frozen.fixtures.push(fixture(poc, ready, bytes));
    }
    for problem in &mut frozen.problems {
        let step = problem.place.as_ref().and_then(|place| place.step);
        *problem = problem.clone().at(&poc.id, step);
    }
    frozen
}

/// The plan for what a capture printed, with the annotations of its schema.
pub(crate) fn plan_of(rulebook: &Rulebook, capture: &Capture, printed: &[u8]) -> Plan {
    let document = json::parse(capture.framing, printed).ok();
    let binding = match (&rulebook.schemas, document) {
        (Some(schemas), Some(document)) => {
            bind(&schemas.catalogue, capture, &document).ok().flatten()
        }
        _ => None,
    };
    rulebook
        .plan_of(binding.as_ref())
        .for_fixture(capture.path.as_str())
}

/// Whether a fixture is as these rules leave it, so that they change nothing in it.
pub(crate) fn is_final(rulebook: &Rulebook, capture: &Capture, fixture: &[u8]) -> bool {
    if is_empty_stream(capture.framing, fixture) {
        return true;
    }
    let plan = plan_of(rulebook, capture, fixture);
    let Ok(draft) = normalize::draft(&plan, &Scrub::default(), capture.framing, fixture) else {
        return false;
    };
    let mut identities = Identities::new();
    identities.reserve(&draft);
    identities.number(&draft) == fixture
}

/// The sandbox's folders, the folder that holds them, whose name nothing else has, and other places of this machine.
pub(crate) fn scrub(run: &PocRun) -> Scrub {
    let written = |(path, placeholder): &(PathBuf, &'static str)| {
        (path.to_string_lossy().into_owned(), *placeholder)
    };
    let above = |(path, _): &(PathBuf, &'static str)| {
        Some((path.parent()?.to_string_lossy().into_owned(), "/stillframe"))
    };
    let named = run.scrub.iter().chain(&run.surroundings);
    Scrub::new(named.map(written)).anywhere(run.scrub.iter().filter_map(above))
}

fn finding(kind: Kind, step: &Step, capture: &Capture, fix: impl Into<String>) -> Problem {
    Problem::new(kind, capture.path.to_string(), fix).at("", Some(step.number))
}

/// Parses, binds, validates and normalises one output.
fn prepare<'a>(
    rulebook: &Rulebook,
    scrub: &Scrub,
    step: &'a Step,
    capture: &'a Capture,
    output: &'a Output,
) -> Result<(Pending<'a>, Vec<Problem>), Box<Problem>> {
    let unreadable = |error: JsonError| Box::new(unreadable(step, capture, output, &error));
    let document = read_output(capture, &output.bytes).map_err(unreadable)?;
    let is_empty = is_empty_stream(capture.framing, &output.bytes);
    let mut problems = Vec::new();
    let binding = match &rulebook.schemas {
        // No line names a schema, and none has to satisfy one.
        _ if is_empty => None,
        None => {
            problems.extend(nothing_named(step, capture));
            None
        }
        Some(schemas) => match bind(&schemas.catalogue, capture, &document) {
            Ok(binding) => binding,
            Err(error) => {
                problems.push(unbound(schemas, step, capture, &error));
                None
            }
        },
    };
    let mut raw_is_valid = false;
    if let (Some(schemas), Some(binding)) = (&rulebook.schemas, &binding) {
        let violations = schemas.violations_of(binding, capture.framing, &document);
        raw_is_valid = violations.is_empty();
        if !raw_is_valid {
            let mut problem = finding(Kind::Invalid, step, capture, schemas.contradiction(binding));
            problem.details = violations;
            problems.push(problem);
        }
    }
    let plan = rulebook
        .plan_of(binding.as_ref())
        .for_fixture(capture.path.as_str());
    let draft = if is_empty {
        Draft::empty(&plan)
    } else {
        normalize::draft(&plan, scrub, capture.framing, &output.bytes).map_err(unreadable)?
    };
    problems.extend(draft.ambiguities().iter().map(|ambiguity| {
        finding(
            Kind::AmbiguousSort,
            step,
            capture,
            "let the target print another field that tells them apart, or a stable order, and drop the sort",
        )
        .detail(format!(
            "{}: {} neighbours differ in nothing but identities, so their order is that of the run",
            ambiguity.location, ambiguity.ties
        ))
    }));
    let pending = Pending {
        step,
        capture,
        output,
        binding,
        raw_is_valid,
        draft,
    };
    Ok((pending, problems))
}

/// A captured output; a stream without a document is one only where the step says that empty is right.
fn read_output(capture: &Capture, bytes: &[u8]) -> Result<Document, JsonError> {
    if capture.nonempty.as_ref().is_some_and(Vec::is_empty) {
        parse(capture.framing, bytes)
    } else {
        json::parse(capture.framing, bytes)
    }
}

/// Whether nothing was printed where each line would be a document.
fn is_empty_stream(framing: Framing, bytes: &[u8]) -> bool {
    framing == Framing::Ndjson && bytes.trim_ascii().is_empty()
}

/// The document of a fixture; NDJSON is an array of its lines, and may have none.
pub(crate) fn parse(framing: Framing, bytes: &[u8]) -> Result<Document, JsonError> {
    if is_empty_stream(framing, bytes) {
        return json::parse(Framing::Json, b"[]");
    }
    json::parse(framing, bytes)
}

fn unreadable(step: &Step, capture: &Capture, output: &Output, error: &JsonError) -> Problem {
    let mut problem = finding(
        Kind::Unreadable,
        step,
        capture,
        readable(step, capture, error),
    )
    .detail(error.finding())
    .detail(format!("exit code {}", output.exit));
    problem.details.extend(output.stderr.iter().cloned());
    problem
}

/// What makes an output readable, in the words of the channel that it came from.
fn readable(step: &Step, capture: &Capture, error: &JsonError) -> String {
    let empty = match capture.framing {
        Framing::Ndjson => "; or state `nonempty = []` in the step if no line is right",
        Framing::Json => "",
    };
    match (&error.kind, &step.channel) {
        (JsonErrorKind::Empty, Channel::File(file)) => format!("write JSON into {file}{empty}"),
        (JsonErrorKind::Empty, stream) => format!("print JSON on {stream}{empty}"),
        (JsonErrorKind::TrailingText(_), Channel::File(file)) => format!(
            "write exactly one document into {file}; for one document a line, let its name end with .ndjson or .jsonl"
        ),
        (_, Channel::File(_) | Channel::Stdout) => error.hint().to_owned(),
        (_, Channel::Stderr) => error.hint().replace("stdout", "stderr"),
    }
}

/// A schema that the step or a `[[bind]]` names where there is none at all.
fn nothing_named(step: &Step, capture: &Capture) -> Option<Problem> {
    let SchemaChoice::Schema(name) = &capture.schema else {
        return None;
    };
    let problem = finding(Kind::Unbound, step, capture, CORRECT_THE_NAME);
    Some(problem.detail(format!("there is no schema `{name}`")))
}

fn unbound(schemas: &Schemas, step: &Step, capture: &Capture, unbound: &Unbound) -> Problem {
    let (kind, fix) = match unbound.error {
        BindError::Ambiguous { .. } => (Kind::Ambiguous, NAME_IT),
        BindError::Unbound { .. } => (Kind::Unbound, NAME_IT),
        BindError::Unknown { .. } => (Kind::Unbound, CORRECT_THE_NAME),
    };
    let mut problem = finding(kind, step, capture, fix).detail(unbound.to_string());
    if unbound.is_advice(schemas.are_written()) {
        problem.class = Class::Advisory;
    }
    problem
}

/// What the normalised document itself must satisfy.
fn judge(rulebook: &Rulebook, ready: &Pending<'_>, bytes: &[u8]) -> Vec<Problem> {
    let Pending { step, capture, .. } = ready;
    let document = match parse(capture.framing, bytes) {
        Ok(document) => document,
        Err(error) => {
            return vec![
                finding(
                    Kind::RuleBreaksSchema,
                    step,
                    capture,
                    "correct the rule under [normalize]",
                )
                .detail(format!(
                    "the normalised output is not JSON any more: {error}"
                )),
            ];
        }
    };
    let mut problems = Vec::new();
    if let (Some(schemas), Some(binding), true) =
        (&rulebook.schemas, &ready.binding, ready.raw_is_valid)
    {
        let binding = binding.normalised(&ready.draft);
        let violations = schemas.violations_of(&binding, capture.framing, &document);
        if !violations.is_empty() {
            let mut problem = finding(
                Kind::RuleBreaksSchema,
                step,
                capture,
                "correct the rule under [normalize]; `stillframe normalize --explain` names the rule of each place",
            )
            .detail("valid as printed, but not as normalised:");
            problem.details.extend(violations);
            problems.push(problem);
        }
    }
    let unmet = unmet(capture, &document);
    if !unmet.is_empty() {
        let mut problem = finding(
            Kind::Expectation,
            step,
            capture,
            "fix the steps before it (an unseeded project?), or the expectation in poc.toml",
        );
        problem.details = unmet;
        problems.push(problem);
    }
    let states_something = capture.nonempty.is_some() || !capture.expect.is_empty();
    if !states_something && only_empty_lists(&document) {
        problems.push(
            finding(
                Kind::Vacuous,
                step,
                capture,
                "seed the POC; or state `nonempty = []` in the step if empty is right",
            )
            .detail("every list in it is empty"),
        );
    }
    problems
}

/// What a step states of its normalised output and does not hold.
pub(crate) fn unmet(capture: &Capture, document: &Document) -> Vec<String> {
    let empty = capture.nonempty.iter().flatten();
    let empty = empty.filter_map(|selector| selector.nonempty(document));
    let other = capture.expect.iter();
    let other = other.filter_map(|(selector, value)| selector.expect(document, value));
    empty.chain(other).collect()
}

fn fixture(poc: &Poc, ready: Pending<'_>, bytes: Vec<u8>) -> Fixture {
    Fixture {
        step: Some(ready.step.number),
        entry: Entry {
            path: ready.capture.path.to_string(),
            poc: poc.id.clone(),
            target: ready.step.target.clone(),
            exec: matches!(ready.step.action, Action::Exec(_)),
            args: ready.step.action.words().to_vec(),
            exit: ready.output.exit,
            schema: ready
                .binding
                .map(|binding| binding.names())
                .unwrap_or_default(),
            blake3: hash(&bytes),
            masked: ready.draft.masked(),
        },
        bytes,
    }
}
