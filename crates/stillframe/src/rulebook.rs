//! What outputs are judged by: the normalising plan of each schema, and the validators; built once a run from texts.

use std::sync::Arc;

use serde_json::Value;
use stillframe_core::config::Config;
use stillframe_core::json::Node;
use stillframe_core::normalize::{Framing, Plan};
use stillframe_core::problem::{Kind, Problem};
use stillframe_core::rule::{Origin, RuleInfo};
use stillframe_core::schema::{Catalogue, Openness};

use crate::binding::Binding;
use crate::corpus::{SCHEMA_SUFFIX, SchemaFiles};
use crate::process;
use crate::validate::{self, Validators};

/// The most violations that a finding lists.
const MOST_VIOLATIONS: usize = 10;

/// The rules of a run.
#[derive(Debug)]
pub struct Rulebook {
    plan: Plan,
    /// `None` where there is no schema at all: validation is off.
    pub schemas: Option<Arc<Schemas>>,
}

/// The schemas of a run.
#[derive(Debug)]
pub struct Schemas {
    /// By name, with the binding.
    pub catalogue: Catalogue,
    /// Compiled, in the strict view.
    pub validators: Validators,
    /// Who makes them.
    source: Source,
}

/// Where schemas come from, which decides what is to be corrected in one.
#[derive(Debug, Clone, Copy)]
enum Source {
    /// The target generates them, or some of them, from its types.
    Exported,
    /// People write them.
    Written,
}

impl Source {
    fn of(config: &Config) -> Source {
        if config.exports_schemas() {
            Source::Exported
        } else {
            Source::Written
        }
    }

    /// What to edit where a schema says something else than its author meant.
    fn place(self, name: &str) -> String {
        let file = format!("{}{SCHEMA_SUFFIX}", name.trim_end_matches(SCHEMA_SUFFIX));
        match self {
            Source::Exported => format!("the type that {file} is generated from"),
            Source::Written => file,
        }
    }
}

impl Rulebook {
    /// Compiles everything; the advisory findings come with it, an error holds what cannot be used.
    pub fn compile(
        config: &Config,
        files: Option<&SchemaFiles>,
    ) -> Result<(Rulebook, Vec<Problem>), Vec<Problem>> {
        let _computing = process::computing();
        let plan = plan(config)?;
        let is_schema = |name: &String| name.ends_with(SCHEMA_SUFFIX);
        let Some(files) = files.filter(|files| files.keys().any(is_schema)) else {
            let schemas = None;
            return Ok((Rulebook { plan, schemas }, Vec::new()));
        };
        let source = Source::of(config);
        let mut problems = Vec::new();
        let catalogue = catalogue(files, source, &mut problems);
        let plan = annotated(plan, &catalogue, source, &mut problems);
        let validators = match Validators::compile(&catalogue) {
            Ok(validators) => Some(validators),
            Err(faults) => {
                problems.extend(
                    faults
                        .iter()
                        .map(|fault| broken_schema(&fault.name, source).detail(&fault.message)),
                );
                None
            }
        };
        let Some(validators) = validators.filter(|_| problems.is_empty()) else {
            return Err(problems);
        };
        let open = open_schemas(&catalogue, &validators);
        let schemas = Some(Arc::new(Schemas {
            catalogue,
            validators,
            source,
        }));
        Ok((Rulebook { plan, schemas }, open))
    }

    /// The same schemas with the rules of another configuration; none if one of those rules is refused.
    pub fn with_normalize(&self, config: &Config) -> Option<Rulebook> {
        let mut problems = Vec::new();
        let mut plan = plan(config).ok()?;
        if let Some(schemas) = &self.schemas {
            plan = annotated(plan, &schemas.catalogue, schemas.source, &mut problems);
        }
        let schemas = self.schemas.clone();
        problems.is_empty().then_some(Rulebook { plan, schemas })
    }

    /// The plan for documents of a schema.
    pub fn plan(&self, schema: Option<&str>) -> Plan {
        self.plan.for_schema(schema)
    }

    /// The plan for an output that is bound like this.
    pub(crate) fn plan_of(&self, binding: Option<&Binding>) -> Plan {
        match binding {
            None => self.plan(None),
            Some(Binding::One(name)) => self.plan(Some(name)),
            Some(Binding::Lines(names)) => {
                let names = names.iter().map(|name| Some(name.as_str()));
                self.plan.for_lines(names)
            }
        }
    }

    /// Whether a rule holds in the fixture with this path at all.
    pub fn reaches(&self, rule: &RuleInfo, path: &str) -> bool {
        self.plan.reaches(rule.id, path)
    }

    /// The configured rules, the only ones that must match something.
    pub fn configured(&self) -> impl Iterator<Item = &RuleInfo> {
        self.plan
            .rules()
            .iter()
            .filter(|rule| rule.origin == Origin::Configured)
    }

    /// How many schemas documents are validated against.
    pub fn schema_count(&self) -> usize {
        self.schemas
            .as_ref()
            .map_or(0, |schemas| schemas.catalogue.names().count())
    }
}

impl Schemas {
    /// Whether people write them, who may have written none for some captures.
    pub fn are_written(&self) -> bool {
        matches!(self.source, Source::Written)
    }

    /// What to do about an output and its schemas that contradict each other.
    pub(crate) fn contradiction(&self, binding: &Binding) -> String {
        let names = binding.names();
        let places: Vec<String> = names.iter().map(|name| self.source.place(name)).collect();
        format!("change the target's output, or {}", places.join(", or "))
    }

    /// How a document differs from its schema; one text each, cut to a readable number. Each line of NDJSON is a document.
    pub fn violations<'a>(
        &self,
        name: &str,
        framing: Framing,
        document: impl Into<Node<'a>>,
    ) -> Vec<String> {
        let document = document.into();
        // Whoever asks unwinds, and draws no conclusion from the answer.
        if process::cancelled() {
            return Vec::new();
        }
        let _computing = process::computing();
        match (framing, document.value) {
            (Framing::Ndjson, Value::Array(lines)) => {
                let lines = lines.iter().map(|line| (name, line));
                self.of_lines(document, lines, |_| String::new())
            }
            _ => {
                let found = self.validators.validate(name, document);
                shortened(found.iter().map(ToString::to_string).collect())
            }
        }
    }

    /// How a document differs from the schema that it is bound to.
    pub(crate) fn violations_of<'a>(
        &self,
        binding: &Binding,
        framing: Framing,
        document: impl Into<Node<'a>>,
    ) -> Vec<String> {
        let document = document.into();
        match (binding, document.value) {
            (Binding::Lines(names), Value::Array(lines)) => {
                let lines = names.iter().map(String::as_str).zip(lines);
                self.of_lines(document, lines, |name| format!("{name}{SCHEMA_SUFFIX}"))
            }
            (Binding::One(name), _) => self.violations(name, framing, document),
            (Binding::Lines(_), _) => Vec::new(),
        }
    }

    fn of_lines<'n>(
        &self,
        stream: Node<'_>,
        lines: impl Iterator<Item = (&'n str, &'n Value)>,
        file: impl Fn(&str) -> String,
    ) -> Vec<String> {
        let mut all = Vec::new();
        let _computing = process::computing();
        let lines = lines.take_while(|_| !process::cancelled());
        for (index, (name, line)) in lines.enumerate() {
            for mut violation in self.validators.validate(name, stream.with(line)) {
                // The places of lines are those of an array's elements, here as in rules.
                violation.instance_path =
                    violation
                        .instance_path
                        .replacen('$', &format!("$[{index}]"), 1);
                if violation.schema_path.starts_with('#') {
                    violation.schema_path.insert_str(0, &file(name));
                }
                all.push(violation.to_string());
            }
        }
        shortened(all)
    }
}

/// As many as can be read.
fn shortened(mut violations: Vec<String>) -> Vec<String> {
    let more = violations.len().saturating_sub(MOST_VIOLATIONS);
    violations.truncate(MOST_VIOLATIONS);
    if more > 0 {
        violations.push(format!("… and {more} more"));
    }
    violations
}

/// The plan with the annotations of all schemas.
fn annotated(
    mut plan: Plan,
    catalogue: &Catalogue,
    source: Source,
    problems: &mut Vec<Problem>,
) -> Plan {
    for name in catalogue.names() {
        let Some(schema) = catalogue.get(name) else {
            continue;
        };
        let arms = validate::arms(schema);
        match plan.clone().with_annotations(name, schema, &arms) {
            Ok(annotated) => plan = annotated,
            Err(errors) => problems.extend(
                errors
                    .iter()
                    .map(|error| broken_schema(name, source).detail(error.to_string())),
            ),
        }
    }
    plan
}

/// The plan that the configuration alone gives.
pub fn plan(config: &Config) -> Result<Plan, Vec<Problem>> {
    Plan::compile(&config.normalize, &config.format).map_err(|errors| {
        errors
            .iter()
            .map(|error| {
                Problem::new(
                    Kind::Config,
                    "stillframe.toml",
                    "edit the rule under [normalize]",
                )
                .detail(error.to_string())
            })
            .collect()
    })
}

fn catalogue(files: &SchemaFiles, source: Source, problems: &mut Vec<Problem>) -> Catalogue {
    let mut texts = Vec::new();
    for (file, bytes) in files {
        match std::str::from_utf8(bytes) {
            Ok(text) => texts.push((file.as_str(), text)),
            Err(_) if file.ends_with(SCHEMA_SUFFIX) => {
                problems.push(broken_schema(file, source).detail("it is not UTF-8"));
            }
            // It may have nothing to do with schemas. What refers to it is reported.
            Err(_) => {}
        }
    }
    let (catalogue, faults) = Catalogue::from_texts(texts);
    for fault in faults {
        use stillframe_core::schema::CatalogueFault::{
            Explosive, Incomplete, SharedCommand, Unreadable,
        };
        let file = match &fault {
            // Not wrong in itself: a fixture that needs the answer is reported as ambiguous.
            SharedCommand { .. } => continue,
            Incomplete { file, lost } => {
                let mut problem = broken_schema(file, source);
                problem.fix =
                    "put a copy of it below the schema folder, or correct the `$ref`".into();
                problem.details = lost.iter().map(ToString::to_string).collect();
                problems.push(problem);
                continue;
            }
            Unreadable { file, .. } | Explosive { file, .. } => file,
        };
        problems.push(broken_schema(file, source).detail(fault.to_string()));
    }
    catalogue
}

fn broken_schema(name: &str, source: Source) -> Problem {
    Problem::new(
        Kind::BrokenSchema,
        format!("{}{SCHEMA_SUFFIX}", name.trim_end_matches(SCHEMA_SUFFIX)),
        format!("correct {}", source.place(name)),
    )
}

fn open_schemas(catalogue: &Catalogue, validators: &Validators) -> Vec<Problem> {
    catalogue
        .names()
        // What refers to it reports its places too.
        .filter(|name| !catalogue.is_referred_to(name))
        .filter_map(|name| match validators.openness(name) {
            Some(Openness::Open(reason)) => Some(
                Problem::new(
                    Kind::OpenSchema,
                    format!("{name}{SCHEMA_SUFFIX}"),
                    "add `additionalProperties: false` there, or write it as draft 2020-12",
                )
                .detail(format!("validated open: {reason}")),
            ),
            _ => None,
        })
        .collect()
}
