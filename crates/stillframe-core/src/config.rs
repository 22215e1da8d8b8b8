//! `stillframe.toml`, parsed once; it names files and programs but never looks whether they exist.

use std::collections::BTreeMap;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::binding::Bind;
use crate::normalize::{Format, Settings};
use crate::poc::Seconds;
use crate::problem::{Class, Kind};
use crate::toml_error;
use crate::variable;
use crate::visible::visible;
use crate::word;

/// The file that marks the root of a project.
pub const CONFIG_NAME: &str = "stillframe.toml";

const FORMAT_VERSION: u32 = 1;
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60);
const DEFAULT_OUTPUT_LIMIT_MIB: u64 = 64;

/// The configuration of one project.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(title = "stillframe.toml")]
pub struct Config {
    /// The version of this file's format: 1.
    pub format_version: u32,
    /// The program under capture; not needed where every step names one of `targets`.
    #[serde(default)]
    pub target: Option<Target>,
    /// Other programs under capture, by the name that a step gives as its `target`.
    #[serde(default)]
    pub targets: BTreeMap<String, Target>,
    /// Where things lie, from this file's folder.
    #[serde(default)]
    pub paths: Paths,
    /// The layout of fixtures.
    #[serde(default)]
    pub format: Format,
    /// The environment of every step.
    #[serde(default)]
    pub env: Env,
    /// What holds for steps that do not say otherwise.
    #[serde(default)]
    pub defaults: Defaults,
    /// The schemas of captures whose output does not name one.
    #[serde(default, rename = "bind")]
    pub binds: Vec<Bind>,
    /// Programs that must exist before anything runs.
    #[serde(default)]
    pub requires: Vec<Requirement>,
    /// Consumers that must still accept the corpus.
    #[serde(default)]
    pub verify: Vec<Verifier>,
    /// What varies between runs, and what it is replaced by.
    #[serde(default)]
    pub normalize: Settings,
    /// How advisory findings count.
    #[serde(default)]
    pub problems: BTreeMap<Kind, Level>,
}

/// The program under capture: either `cargo` or `command`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Target {
    /// A binary of a cargo workspace, built before every run.
    pub cargo: Option<CargoBinary>,
    /// A program: with a slash, from this file's folder; without, a name on PATH.
    #[serde(default, deserialize_with = "word::optional")]
    pub command: Option<String>,
    /// Builds `command`, from this file's folder.
    #[serde(default, deserialize_with = "word::list")]
    pub build: Vec<String>,
    /// Stands before the arguments of every run; `${root}` is this file's folder.
    #[serde(default, deserialize_with = "word::list")]
    pub args: Vec<String>,
    /// The target's arguments that make it write its JSON Schemas into `${dir}`.
    #[serde(default, deserialize_with = "word::optional_list")]
    pub schemas: Option<Vec<String>>,
    /// The target's arguments that make it print its version. The first line with a digit is recorded in `corpus.lock`
    /// together with what is published, is printed above drift, and is never judged.
    #[serde(default, deserialize_with = "word::optional_list")]
    pub version: Option<Vec<String>>,
}

/// A binary that cargo builds.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CargoBinary {
    /// The package that holds it.
    #[serde(deserialize_with = "word::one")]
    pub package: String,
    /// The binary's name; by default the package's.
    #[serde(default, deserialize_with = "word::optional")]
    pub bin: Option<String>,
    /// Cargo features to build with.
    #[serde(default, deserialize_with = "word::list")]
    pub features: Vec<String>,
    /// Other packages of the workspace that cargo selects in the same build, such as the `xtask` that runs Stillframe.
    /// Cargo unifies features over what is selected together: two selections build shared dependencies twice.
    #[serde(default, deserialize_with = "word::list")]
    pub with: Vec<String>,
}

/// Where things lie, below the configuration's folder, with forward slashes. Only `work` may lie elsewhere.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Paths {
    /// Holds the playground projects.
    pub pocs: String,
    /// Holds the corpus.
    pub fixtures: String,
    /// Holds the committed schemas.
    pub schemas: String,
    /// Holds the hand-written outputs.
    pub scenarios: String,
    /// Holds raw outputs, candidates and locks; never committed. It may be an absolute path, or lead out with `..`.
    pub work: String,
}

impl Default for Paths {
    fn default() -> Self {
        Paths {
            pocs: "pocs".into(),
            fixtures: "fixtures_generated".into(),
            schemas: "schemas".into(),
            scenarios: "scenarios".into(),
            work: "target/stillframe".into(),
        }
    }
}

impl Paths {
    /// Each path with the key it is set by.
    pub fn named(&self) -> [(&'static str, &str); 5] {
        [
            ("pocs", &self.pocs),
            ("fixtures", &self.fixtures),
            ("schemas", &self.schemas),
            ("scenarios", &self.scenarios),
            ("work", &self.work),
        ]
    }
}

/// The environment of every step.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Env {
    /// Variables handed on from the caller; they win over those that a sandbox sets, such as HOME.
    #[serde(deserialize_with = "word::names")]
    pub pass: Vec<String>,
    /// Variables set to a value; `${root}` is this file's folder, `${env.NAME}` a variable of the caller.
    #[serde(deserialize_with = "word::variables")]
    pub set: BTreeMap<String, String>,
}

impl Default for Env {
    fn default() -> Self {
        Env {
            pass: vec!["PATH".into()],
            set: BTreeMap::new(),
        }
    }
}

/// What holds for steps that do not say otherwise.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Defaults {
    /// Ends a step that takes longer; `"60s"` when not set.
    timeout: Option<Seconds>,
    /// The most that a step may print, in MiB for each of stdout and stderr; 64 when not set.
    output_limit_mib: Option<u64>,
}

impl Defaults {
    /// How long a step may take.
    pub fn timeout(&self) -> Duration {
        self.timeout.map_or(DEFAULT_TIMEOUT, |seconds| seconds.0)
    }

    /// How many bytes a step may print to each of its streams.
    pub fn output_limit(&self) -> u64 {
        self.output_limit_mib.unwrap_or(DEFAULT_OUTPUT_LIMIT_MIB) << 20
    }
}

/// A program that must exist before anything runs.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Requirement {
    /// A name on PATH, or a path from the configuration's folder.
    #[serde(deserialize_with = "word::one")]
    pub program: String,
    /// How to get it, such as `apt-get install sqlite3`.
    pub hint: Option<String>,
}

/// A consumer that must still accept the corpus; it exits 0 when it does.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Verifier {
    /// Names it in reports.
    pub name: String,
    /// Runs in the configuration's folder and sees STILLFRAME_CORPUS, the folder of candidates.
    #[serde(deserialize_with = "word::list")]
    pub command: Vec<String>,
    /// Ends it when it takes longer; `"10m"` when not set.
    timeout: Option<Seconds>,
}

impl Verifier {
    /// How long it may take.
    pub fn timeout(&self) -> Duration {
        self.timeout
            .map_or(Duration::from_secs(600), |seconds| seconds.0)
    }
}

/// How an advisory finding counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// As broken: exit code 1.
    Deny,
    /// Reported only.
    Warn,
    /// Not reported.
    Allow,
}

/// Where the target comes from.
#[derive(Debug, Clone, Copy)]
pub enum Source<'a> {
    /// Cargo builds and finds it.
    Cargo(&'a CargoBinary),
    /// A program by its name or path, built by a command if there is one.
    Command {
        /// With a slash: from the configuration's folder; without: a name on PATH.
        program: &'a str,
        /// Empty where nothing is to be built.
        build: &'a [String],
    },
}

impl Config {
    /// Reads the text of a `stillframe.toml`; each error is a whole message, in lines.
    pub fn parse(text: &str) -> Result<Config, Vec<String>> {
        let config: Config =
            toml::from_str(text).map_err(|error| vec![toml_error::text(&error, text)])?;
        let errors = config.errors();
        if errors.is_empty() {
            Ok(config)
        } else {
            Err(errors
                .iter()
                .map(|error| visible(error).into_owned())
                .collect())
        }
    }

    /// The programs under capture, each with the name that steps give it; the one of `[target]` has none.
    pub fn programs(&self) -> impl Iterator<Item = (Option<&str>, &Target)> {
        let default = self.target.iter().map(|target| (None, target));
        let named = self.targets.iter();
        default.chain(named.map(|(name, target)| (Some(name.as_str()), target)))
    }

    /// The program that a step's `target` names.
    pub fn program(&self, name: Option<&str>) -> Option<&Target> {
        match name {
            None => self.target.as_ref(),
            Some(name) => self.targets.get(name),
        }
    }

    /// Whether a target writes JSON Schemas.
    pub fn exports_schemas(&self) -> bool {
        self.programs().any(|(_, target)| target.schemas.is_some())
    }

    fn errors(&self) -> Vec<String> {
        let mut errors = Vec::new();
        if self.format_version != FORMAT_VERSION {
            errors.push(format!(
                "format-version is {}; this stillframe reads {FORMAT_VERSION}",
                self.format_version
            ));
        }
        if self.programs().next().is_none() {
            errors.push(
                "[target] is missing; add it with `command = \"./tool\"` or `cargo = { package = \"…\" }`"
                    .into(),
            );
        }
        for (name, target) in self.programs() {
            target.errors(&table(name), &mut errors);
        }
        name_errors(&self.targets, &mut errors);
        env_errors(&self.env, &mut errors);
        path_errors(&self.paths, &mut errors);
        for verifier in self.verify.iter().filter(|v| v.command.is_empty()) {
            errors.push(format!(
                "the verifier `{}` has an empty `command`",
                verifier.name
            ));
        }
        if self.binds.iter().any(|bind| bind.captures.is_empty()) {
            errors.push(
                "a [[bind]] with `captures = []` names no capture; write a pattern such as \"lint/*\"".into(),
            );
        }
        let can_be_set = |kind: Kind| match kind {
            Kind::Unbound => !self.exports_schemas(),
            kind => kind.class() == Class::Advisory,
        };
        for kind in self.problems.keys().filter(|kind| !can_be_set(**kind)) {
            errors.push(format!(
                "[problems] `{}` is not advisory and cannot be set; remove the line",
                kind.word()
            ));
        }
        errors
    }
}

impl Target {
    /// Where the program comes from.
    pub fn source(&self) -> Source<'_> {
        match (&self.cargo, &self.command) {
            (Some(cargo), _) => Source::Cargo(cargo),
            (None, command) => Source::Command {
                program: command.as_deref().unwrap_or_default(),
                build: &self.build,
            },
        }
    }

    /// What is typed to run it.
    pub fn name(&self) -> &str {
        match self.source() {
            Source::Cargo(binary) => binary.bin.as_deref().unwrap_or(&binary.package),
            Source::Command { program, .. } => program,
        }
    }

    fn errors(&self, table: &str, errors: &mut Vec<String>) {
        match (&self.cargo, &self.command) {
            (Some(_), Some(_)) => errors.push(format!("{table} has both `cargo` and `command`; keep one")),
            (None, None) => errors.push(format!(
                "{table} names no program; add `command = \"./tool\"` or `cargo = {{ package = \"…\" }}`"
            )),
            (Some(_), None) if !self.build.is_empty() => {
                errors.push(format!("{table} `build` goes with `command`; cargo builds its own binary"));
            }
            _ => {}
        }
        for word in &self.args {
            let fault = variable::fault(word, |name| name == variable::ROOT, "`${root}`");
            errors.extend(fault.map(|fault| format!("{table} args: {fault}")));
        }
        if let Some(args) = &self.schemas
            && !args.iter().any(|arg| arg.contains("${dir}"))
        {
            errors.push(format!(
                "{table} `schemas` does not say where to write; add \"${{dir}}\""
            ));
        }
    }
}

/// The table of `stillframe.toml` that describes a target.
pub fn table(name: Option<&str>) -> String {
    match name {
        None => "[target]".into(),
        Some(name) => format!("[targets.{name}]"),
    }
}

fn name_errors(targets: &BTreeMap<String, Target>, errors: &mut Vec<String>) {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    for name in targets.keys() {
        if name.is_empty() || !name.chars().all(plain) {
            errors.push(format!(
                "[targets] {name:?} is not a target's name; use letters, digits, `_` and `-`"
            ));
        }
    }
    let mut builds: BTreeMap<(&str, &str), &CargoBinary> = BTreeMap::new();
    for target in targets.values() {
        let Some(cargo) = &target.cargo else { continue };
        let bin = cargo.bin.as_deref().unwrap_or(&cargo.package);
        let first = builds.entry((&cargo.package, bin)).or_insert(cargo);
        for (key, differs) in [
            ("features", first.features != cargo.features),
            ("with", first.with != cargo.with),
        ] {
            if differs {
                errors.push(format!(
                    "[targets] two of them are the binary `{bin}` of the package `{}` with different `{key}`; cargo writes both to one file, so give them one set",
                    cargo.package
                ));
            }
        }
    }
}

fn env_errors(env: &Env, errors: &mut Vec<String>) {
    for (name, value) in &env.set {
        let fault = variable::fault(value, variable::is_of_environment, variable::ENVIRONMENT);
        errors.extend(fault.map(|fault| format!("[env] set {name}: {fault}")));
    }
}

/// Committed paths stay below the configuration's folder, and none lies inside another. The work folder may lie anywhere;
/// where it lies is looked at before it is used.
fn path_errors(paths: &Paths, errors: &mut Vec<String>) {
    let named = paths.named();
    for (key, path) in named {
        let plain = path.split('/').all(|part| !matches!(part, "" | "." | ".."));
        if key == "work" {
            if path.is_empty() || path.contains('\0') {
                errors.push(format!(
                    "[paths] work = \"{path}\" is not a folder; write its path, absolute or from the configuration's folder"
                ));
            }
        } else if !plain || path.contains(['\\', ':', '\0']) {
            errors.push(format!(
                "[paths] {key} = \"{path}\" is not a folder below the configuration's; write it like \"a/b\""
            ));
        }
    }
    for (index, (key, path)) in named.iter().enumerate() {
        for (other_key, other) in &named[index + 1..] {
            if overlap(path, other) {
                errors.push(format!(
                    "[paths] {key} = \"{path}\" and {other_key} = \"{other}\" overlap; keep them apart"
                ));
            }
        }
    }
}

fn overlap(a: &str, b: &str) -> bool {
    let inside = |inner: &str, outer: &str| {
        inner
            .strip_prefix(outer)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    inside(a, b) || inside(b, a)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINIMAL: &str = "format-version = 1\n[target]\ncommand = \"./tool\"\n";

    fn said(extra: &str) -> String {
        match Config::parse(&format!("{MINIMAL}{extra}")) {
            Ok(_) => "accepted".into(),
            Err(errors) => errors.join("\n"),
        }
    }

    #[test]
    fn the_minimum_is_a_version_and_a_target() {
        let config = Config::parse(MINIMAL).unwrap();
        assert_eq!(config.paths.fixtures, "fixtures_generated");
        assert_eq!(config.defaults.output_limit(), 64 << 20);
        assert_eq!(config.defaults.timeout(), Duration::from_secs(60));
    }

    #[test]
    fn a_configuration_needs_a_target_and_its_name_is_of_no_matter() {
        let only = |table: &str| Config::parse(&format!("format-version = 1\n{table}"));
        assert!(only("[targets.admin]\ncommand = \"./admin\"\n").is_ok());
        assert!(only("").unwrap_err()[0].contains("[target] is missing"));
        let config = Config::parse(&format!("{MINIMAL}[targets.a]\ncommand = \"a\"\n")).unwrap();
        let names: Vec<_> = config.programs().map(|(name, _)| name).collect();
        assert_eq!(names, [None, Some("a")]);
    }

    #[test]
    fn each_mistake_is_named_with_its_line_or_its_edit() {
        for (extra, expected) in [
            ("[pathz]\n", "unknown field `pathz`"),
            ("[paths]\nwork = \"pocs/w\"\n", "overlap"),
            ("[paths]\nwork = \"../w\"\n", "accepted"),
            ("[paths]\nwork = \"/tmp/w\"\n", "accepted"),
            ("[paths]\nwork = \"\"\n", "not a folder"),
            ("[paths]\npocs = \"../p\"\n", "not a folder below"),
            ("[problems]\nstale = \"allow\"\n", "`stale` is not advisory"),
            (
                "[[verify]]\nname = \"x\"\ncommand = []\n",
                "empty `command`",
            ),
            ("schemas = [\"export\"]\n", "add \"${dir}\""),
            ("cargo = { package = \"p\" }\n", "keep one"),
            ("[targets.a]\n", "[targets.a] names no program"),
            (
                "[targets.\"a b\"]\ncommand = \"a\"\n",
                "not a target's name",
            ),
            (
                "[targets.a]\ncargo = { package = \"p\" }\n[targets.b]\ncargo = { package = \"p\", features = [\"x\"] }\n",
                "different `features`",
            ),
            (
                "[targets.a]\ncargo = { package = \"p\" }\n[targets.b]\ncargo = { package = \"p\", with = [\"x\"] }\n",
                "different `with`",
            ),
            (
                "args = [\"${home}\"]\n",
                "[target] args: unknown variable `${home}`",
            ),
            (
                "[env]\nset = { A = \"${PWD}\" }\n",
                "unknown variable `${PWD}`",
            ),
            ("x y\n", "line 4"),
            ("args = [\"a\", \"b\\u0000\"]\n", "line 4, column 8"),
            ("schemas = [\"${dir}\\u0000\"]\n", "the character NUL"),
            ("[env]\nset = { A = \"\\u0000\" }\n", "the character NUL"),
            ("[env]\npass = [\"A=B\"]\n", "cannot name a variable"),
            (
                "[[verify]]\nname = \"x\"\ncommand = [\"a\\u0000\"]\n",
                "the character NUL",
            ),
            ("[paths]\nwork = \"a\\u0000\"\n", "not a folder"),
        ] {
            assert!(
                said(extra).contains(expected),
                "{extra}\nsaid: {}",
                said(extra)
            );
        }
    }
}
