//! Settings compiled into an immutable plan; it refuses every rule that could not work, all of them at once.

mod judge;

use super::compiled::{Accepts, Compiled, Guards, Rule, SANDBOX, TIMING, WALL_CLOCK};
use super::effect::{Effect, Sorting, Stage};
use super::settings::{Format, Settings};
use crate::annotation;
use crate::location::automaton::{Automaton, Mark, Part, State, Test};
use crate::location::{ArrayPart, Path, PathError};
use crate::rule::form::Form;
use crate::rule::format::TextFormat;
use crate::rule::predicate::Predicate;
use crate::rule::template::Template;
use crate::rule::{Action, Origin, RuleError, RuleId, RuleInfo, RuleSpec};
use crate::schema::explosion;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Compiled rules and layout; cheap to clone, shared between threads.
#[derive(Debug, Clone)]
pub struct Plan {
    pub(crate) compiled: Arc<Compiled>,
    /// Which schemas' annotations hold.
    pub(crate) schemas: Schemas,
    /// The fixture, where it is known; rules that are limited to some fixtures hold in no other input.
    pub(crate) fixture: Option<Arc<str>>,
}

/// Which schemas describe the documents of an input, as states of the automaton.
#[derive(Debug, Clone)]
pub(crate) enum Schemas {
    /// Every document has this one, or none.
    Same(Option<State>),
    /// One for each document of an NDJSON stream, or none.
    Each(Arc<[Option<State>]>),
}

impl Schemas {
    /// The state for the document with this index.
    pub fn of(&self, document: u64) -> Option<State> {
        match self {
            Self::Same(state) => *state,
            Self::Each(states) => *states.get(usize::try_from(document).ok()?)?,
        }
    }
}

impl Plan {
    /// Compiles settings.
    ///
    /// # Errors
    /// Every rule and list entry that is refused.
    pub fn compile(settings: &Settings, format: &Format) -> Result<Self, Vec<RuleError>> {
        let mut errors = judge::settings(settings, format);
        let mut plan = Compiled {
            infos: Vec::new(),
            rules: Vec::new(),
            order: Vec::new(),
            automaton: Automaton::default(),
            guards: Vec::new(),
            choices: Vec::new(),
            annotated: BTreeMap::new(),
            timestamp: settings.timestamp.clone(),
            format: format.clone(),
        };
        plan.add_built_in(settings);
        for spec in &settings.rule {
            if let Some(effect) = judge::effect(spec, &mut errors) {
                plan.add_configured(spec, effect, &mut errors);
            }
        }
        let (everything, payload) = (Guards::Everything, Guards::Payload);
        let lists = [
            ("preserve", everything, &settings.preserve),
            ("preserve", everything, &settings.extend_preserve),
            ("opaque", payload, &settings.opaque),
            ("opaque", payload, &settings.extend_opaque),
        ];
        for (list, keeps, entries) in lists {
            for entry in entries {
                plan.protect(list, entry, keeps, &mut errors);
            }
        }
        let rest = TIMING..=SANDBOX;
        plan.order = (SANDBOX + 1..plan.rules.len()).chain(rest).collect();
        if errors.is_empty() {
            Ok(Self {
                compiled: Arc::new(plan),
                schemas: Schemas::Same(None),
                fixture: None,
            })
        } else {
            Err(errors)
        }
    }

    /// The plan with the `x-stillframe` annotations of a schema as rules for exactly their places; they hold in the
    /// documents of that schema, see [`for_schema`](Self::for_schema). Where annotations stand in one arm of a `oneOf` or
    /// `anyOf`, `accepts` is asked which arms accept the value; that value is held in memory.
    ///
    /// # Errors
    /// Annotations that are unknown or cannot work where they stand.
    pub fn with_annotations(
        mut self,
        name: &str,
        schema: &serde_json::Value,
        accepts: &Accepts,
    ) -> Result<Self, Vec<RuleError>> {
        if let Some(reason) = explosion(schema) {
            let hint = "the annotations were not read";
            return Err(vec![RuleError::new("schema", reason.to_string(), hint)]);
        }
        let plan = Arc::make_mut(&mut self.compiled);
        let (state, added) = annotation::add(plan, schema, accepts)?;
        let built_in = plan.order.len() - (SANDBOX + 1);
        plan.order.splice(built_in..built_in, added);
        plan.annotated.insert(name.to_owned(), state);
        Ok(self)
    }

    /// The plan for an input whose documents all have one schema.
    #[must_use]
    pub fn for_schema(&self, name: Option<&str>) -> Self {
        Self {
            schemas: Schemas::Same(self.state_of(name)),
            ..self.clone()
        }
    }

    /// The plan for an NDJSON stream, each of whose lines has a schema of its own.
    #[must_use]
    pub fn for_lines<'n>(&self, names: impl IntoIterator<Item = Option<&'n str>>) -> Self {
        let states = names.into_iter().map(|name| self.state_of(name));
        Self {
            schemas: Schemas::Each(states.collect()),
            ..self.clone()
        }
    }

    /// The plan for the fixture with this path below the corpus folder.
    #[must_use]
    pub fn for_fixture(&self, path: &str) -> Self {
        Self {
            fixture: Some(path.into()),
            ..self.clone()
        }
    }

    /// Whether a rule holds in a fixture at all.
    #[must_use]
    pub fn reaches(&self, rule: RuleId, path: &str) -> bool {
        self.compiled.rules[rule.0].reaches(Some(path))
    }

    fn state_of(&self, name: Option<&str>) -> Option<State> {
        self.compiled.annotated.get(name?).copied()
    }

    /// All rules; a rule's id is its index.
    #[must_use]
    pub fn rules(&self) -> &[RuleInfo] {
        &self.compiled.infos
    }

    /// How fixtures are laid out.
    #[must_use]
    pub fn format(&self) -> &Format {
        &self.compiled.format
    }
}

impl Default for Plan {
    fn default() -> Self {
        Self::compile(&Settings::default(), &Format::default())
            .unwrap_or_else(|_| unreachable!("the default settings compile"))
    }
}

impl Compiled {
    fn add_built_in(&mut self, settings: &Settings) {
        let rule = |needs: Part, effect| Rule {
            needs: needs as u8,
            predicate: Predicate::default(),
            effect,
            depth: None,
            within: Vec::new(),
        };
        let built_in = Origin::BuiltIn;
        let reason = "durations differ from run to run";
        self.push(
            "timing-suffixes",
            built_in,
            reason,
            rule(Part::Suffix, Effect::Zero),
        );
        let reason = "points in time differ from run to run";
        self.push(
            "wall-clock-fields",
            built_in,
            reason,
            rule(Part::Key, Effect::Moment),
        );
        let reason = "sandbox, project, target and home have other paths elsewhere";
        // Its condition holds nowhere: the paths are looked for by a scrub of their own.
        self.push(
            "machine-paths",
            built_in,
            reason,
            rule(Part::Path, Effect::Scrub(Template::default())),
        );
        for suffix in settings
            .timing_suffixes
            .iter()
            .chain(&settings.extend_timing_suffixes)
        {
            let test = Test::Suffix(suffix.as_str().into());
            let members = self.automaton.add_member(test);
            let mark = Mark::Part(TIMING, Part::Suffix);
            self.automaton.mark(members, mark);
        }
        for name in settings
            .wall_clock_fields
            .iter()
            .chain(&settings.extend_wall_clock_fields)
        {
            let test = Test::Name(name.as_str().into());
            let members = self.automaton.add_member(test);
            let mark = Mark::Part(WALL_CLOCK, Part::Key);
            self.automaton.mark(members, mark);
        }
    }

    fn add_configured(&mut self, spec: &RuleSpec, effect: Effect, errors: &mut Vec<RuleError>) {
        let predicate = Predicate::compile(&spec.name, &spec.matcher, errors);
        let matcher = &spec.matcher;
        let mut needs = 0;
        for (given, part) in [
            (!matcher.key.is_empty(), Part::Key),
            (!matcher.suffix.is_empty(), Part::Suffix),
            (matcher.path.is_some(), Part::Path),
        ] {
            needs |= if given { part as u8 } else { 0 };
        }
        let rule = Rule {
            needs,
            predicate,
            effect,
            depth: None,
            within: judge::within(spec, errors),
        };
        judge::example(spec, &rule, errors);
        let id = self.push(&spec.name, Origin::Configured, &spec.reason, rule);
        for name in &matcher.key {
            let members = self.automaton.add_member(Test::Name(name.as_str().into()));
            self.automaton.mark(members, Mark::Part(id, Part::Key));
        }
        for suffix in &matcher.suffix {
            let test = Test::Suffix(suffix.as_str().into());
            let members = self.automaton.add_member(test);
            self.automaton.mark(members, Mark::Part(id, Part::Suffix));
        }
        let sorts = self.rules[id].is(Stage::Sort);
        let read = |text: &str| match sorts {
            true => ArrayPart::parse(text).map(|part| part.array),
            false => Path::parse(text),
        };
        let path = matcher.path.iter().map(|path| (read(path), Part::Path));
        let except = spec.except.iter();
        let except = except.map(|path| (Path::parse(path), Part::Except));
        for (path, part) in path.chain(except) {
            if let Some(places) = self.add_path(&spec.name, path, errors) {
                self.automaton.mark(places, Mark::Part(id, part));
            }
        }
    }

    /// The state of the places that a path chooses; none where it is refused.
    fn add_path(
        &mut self,
        rule: &str,
        path: Result<Path, PathError>,
        errors: &mut Vec<RuleError>,
    ) -> Option<State> {
        match path {
            Ok(path) => Some(self.automaton.add_path(&path)),
            Err(error) => {
                errors.push(RuleError::new(rule, error.message, error.hint));
                None
            }
        }
    }

    /// Protects every member of this name, or the places of a path that begins with `$`.
    fn protect(&mut self, list: &str, entry: &str, keeps: Guards, errors: &mut Vec<RuleError>) {
        let places = if entry.starts_with('$') {
            self.add_path(list, Path::parse(entry), errors)
        } else {
            Some(self.automaton.add_member(Test::Name(entry.into())))
        };
        if let Some(places) = places {
            let guard = self.guard(list, entry, keeps);
            self.automaton.mark_below(places, Mark::Guard(guard));
        }
    }
}

/// The effect of a rule's action as written.
fn effect_of(spec: &RuleSpec) -> Result<Effect, (String, String)> {
    Ok(match &spec.action {
        Action::Zero => Effect::Zero,
        Action::ZeroTyped => Effect::ZeroTyped,
        Action::Constant(value) => Effect::Constant(value.clone()),
        Action::Identity(form) => Effect::Identity(Form::parse(form)?),
        Action::Scrub(text) => Effect::Scrub(Template::parse(text)?),
        Action::Sort => Effect::Sort(sorting(spec, &[])?),
        Action::SortBy(keys) if keys.by.is_empty() => {
            let hint =
                "name values of the elements, as by = [\"$.name\"], or write action = \"sort\"";
            return Err(("sorts by nothing".to_owned(), hint.to_owned()));
        }
        Action::SortBy(keys) => Effect::Sort(sorting(spec, &keys.by)?),
        Action::Round(digits) => Effect::Round(*digits),
        Action::Remove => Effect::Remove,
    })
}

/// What a rule sorts by these keys.
fn sorting(spec: &RuleSpec, by: &[String]) -> Result<Sorting, (String, String)> {
    let key = |text: &String| {
        let path = Path::parse(text).map_err(|error| (error.message, error.hint))?;
        path.single().ok_or_else(|| {
            let message = format!("sorts by {text:?}, which can choose more than one value");
            let hint = "name one value by names and indices, as $.place.line";
            (message, hint.to_owned())
        })
    };
    // Where the path does not parse, it is refused with the conditions.
    let part = spec.matcher.path.as_deref().map(ArrayPart::parse);
    Ok(Sorting {
        slice: part.and_then(Result::ok).and_then(|part| part.slice),
        by: by.iter().map(key).collect::<Result<_, _>>()?,
    })
}

/// The format a rule asks for, if it is known.
fn format_of(spec: &RuleSpec) -> Option<TextFormat> {
    spec.matcher.format.as_deref().and_then(TextFormat::named)
}
