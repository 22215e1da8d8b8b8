//! One typed finding with its fix, and the classes that decide the exit code; it never prints and never decides what is stale.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::visible::layout;

/// What was found. The names are those of the report's `kind` field and of `[problems]`.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// `stillframe.toml`, a `poc.toml` or a command-line value cannot be used.
    Config,
    /// Something that must exist before a run is not there: the target, a seed file, a required program.
    Prerequisite,
    /// A step could not be started, ended by a signal, timed out, flooded, or exited with a code it may not have.
    StepFailed,
    /// A capture's stdout is not one lossless JSON document (or not NDJSON).
    Unreadable,
    /// A `save` selector found nothing, or more than one node.
    SaveFailed,
    /// A `nonempty` or `expect` that the step states does not hold.
    Expectation,
    /// A document does not satisfy its schema.
    Invalid,
    /// The raw document is valid, the normalised one is not.
    RuleBreaksSchema,
    /// Elements of a sorted array differ only in identities, so their order cannot be decided.
    AmbiguousSort,
    /// No schema belongs to the fixture. Advisory where people write the schemas: some captures may have none.
    Unbound,
    /// More than one schema claims the fixture.
    Ambiguous,
    /// A schema file cannot be used.
    BrokenSchema,
    /// Two runs of the same step printed different things.
    Varies,
    /// A verifier rejected the candidates.
    VerifierFailed,
    /// A file in the corpus folder that is not a fixture, or one in the place of an exported schema that Stillframe did not
    /// write; never replaced or deleted by the tool.
    Foreign,
    /// The corpus, the configuration, a POC, a schema, a scenario or the target was changed while the run went on.
    ChangedDuringRun,
    /// git could not merge a file that Stillframe writes, and left its marks in it.
    Conflict,
    /// A capture has no fixture in the corpus yet.
    Missing,
    /// The fixture differs from what the target prints now.
    Stale,
    /// No capture produces the file.
    Orphan,
    /// The fixture's bytes are not the ones that were published.
    HandEdited,
    /// The step's exit code is not the recorded one.
    ExitChanged,
    /// `corpus.lock` differs from what a run writes now.
    StaleLock,
    /// A committed schema differs from what the target exports now.
    StaleSchema,
    /// A publish was ended before it was complete.
    Interrupted,
    /// Two fixtures have the same bytes.
    Duplicate,
    /// All lists of a capture are empty and the step states no expectation.
    Vacuous,
    /// A built-in list masks a value that was the same in two runs.
    MaybeSetting,
    /// A configured rule matched nothing in the whole corpus.
    UnusedRule,
    /// No fixture and no scenario belongs to the schema.
    UnusedSchema,
    /// A pattern of a `[[bind]]` matches no capture.
    UnusedBind,
    /// A grandchild of a step kept its output open.
    Leaky,
    /// A schema accepts unknown properties, and its draft has no keyword to close it with.
    OpenSchema,
    /// A new or changed fixture names this machine or this day.
    MachineBound,
}

/// How a finding counts.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Usage, configuration or a prerequisite: nothing was run. Exit code 2.
    Setup,
    /// Regenerating cannot fix it. Exit code 1.
    Broken,
    /// Regenerating fixes it. Exit code 3.
    Stale,
    /// Said, and otherwise ignored unless denied.
    Advisory,
}

impl Kind {
    /// The class this kind has when `[problems]` says nothing about it.
    pub fn class(self) -> Class {
        use Kind::*;
        match self {
            Config | Prerequisite => Class::Setup,
            StepFailed | Unreadable | SaveFailed | Expectation | Invalid | RuleBreaksSchema
            | AmbiguousSort | Unbound | Ambiguous | BrokenSchema | Varies | VerifierFailed
            | Foreign | ChangedDuringRun => Class::Broken,
            Conflict | Missing | Stale | Orphan | HandEdited | ExitChanged | StaleLock
            | StaleSchema | Interrupted => Class::Stale,
            Duplicate | Vacuous | MaybeSetting | UnusedRule | UnusedSchema | UnusedBind | Leaky
            | OpenSchema | MachineBound => Class::Advisory,
        }
    }

    /// The word a report line starts with.
    pub fn word(self) -> &'static str {
        use Kind::*;
        match self {
            Config => "config",
            Prerequisite => "prerequisite",
            StepFailed => "failed",
            Unreadable => "unreadable",
            SaveFailed => "unsaved",
            Expectation => "unmet",
            Invalid => "invalid",
            RuleBreaksSchema => "rule-breaks-schema",
            AmbiguousSort => "ambiguous-sort",
            Unbound => "unbound",
            Ambiguous => "ambiguous",
            BrokenSchema => "broken-schema",
            Varies => "varies",
            VerifierFailed => "rejected",
            Foreign => "foreign",
            ChangedDuringRun => "changed-during-run",
            Conflict => "conflict",
            Missing => "missing",
            Stale => "stale",
            Orphan => "orphan",
            HandEdited => "hand-edited",
            ExitChanged => "exit-changed",
            StaleLock => "stale-lock",
            StaleSchema => "stale-schema",
            Interrupted => "interrupted",
            Duplicate => "duplicate",
            Vacuous => "vacuous",
            MaybeSetting => "maybe-setting",
            UnusedRule => "unused-rule",
            UnusedSchema => "unused-schema",
            UnusedBind => "unused-bind",
            Leaky => "leaky",
            OpenSchema => "open-schema",
            MachineBound => "machine-bound",
        }
    }
}

/// Whether nothing stands against publishing: no finding is of the setup or broken.
pub fn sound(problems: &[Problem]) -> bool {
    !problems
        .iter()
        .any(|problem| matches!(problem.class, Class::Setup | Class::Broken))
}

/// Where in the POCs a finding belongs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The POC's folder below `pocs`, with forward slashes.
    pub poc: String,
    /// The step's number, counted from 1; absent where the whole POC is meant.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub step: Option<usize>,
}

/// One finding, with what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Problem {
    /// How it counts in this run.
    pub class: Class,
    /// What was found.
    pub kind: Kind,
    /// The thing it was found in: a fixture's path, a schema, a rule, a file.
    pub subject: String,
    /// The POC and step that it comes from.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub place: Option<Place>,
    /// What exactly was found, one line each.
    pub details: Vec<String>,
    /// The command or edit that fixes it; empty where the cause is not known.
    pub fix: String,
    /// A rule that would cover what varies, as TOML for `stillframe.toml`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rule: Option<String>,
    /// A unified diff from the committed to the current text.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub diff: Option<String>,
}

impl Problem {
    /// A finding of its kind's own class.
    pub fn new(kind: Kind, subject: impl Into<String>, fix: impl Into<String>) -> Self {
        Problem {
            class: kind.class(),
            kind,
            subject: subject.into(),
            place: None,
            details: Vec::new(),
            fix: fix.into(),
            rule: None,
            diff: None,
        }
    }

    /// The same finding, located at a POC or at one of its steps.
    #[must_use]
    pub fn at(mut self, poc: &str, step: Option<usize>) -> Self {
        self.place = Some(Place {
            poc: poc.to_owned(),
            step,
        });
        self
    }

    /// The same finding with another fix.
    #[must_use]
    pub fn fixed_by(mut self, fix: impl Into<String>) -> Self {
        self.fix = fix.into();
        self
    }

    /// The same finding with one more line of detail. A line break in it belongs to something that it quotes.
    #[must_use]
    pub fn detail(mut self, text: impl AsRef<str>) -> Self {
        self.details.push(text.as_ref().trim_end().to_owned());
        self
    }

    /// The same finding with a text of several lines: a program's output, or a message that we laid out ourselves.
    #[must_use]
    pub fn lines(mut self, text: impl AsRef<str>) -> Self {
        self.details.extend(text.as_ref().lines().map(layout));
        self
    }
}
