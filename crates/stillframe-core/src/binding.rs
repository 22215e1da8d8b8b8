//! Which schema a capture is given before its output is asked: by its step, then by `[[bind]]`.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::pattern::FixturePattern;
use crate::poc::{Capture, Poc, SchemaChoice};

/// The schema of many captures.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Bind {
    /// The schema's name; `false` where such outputs have none.
    pub schema: SchemaChoice,
    /// Fixtures that it holds for, such as `lint/*`, by their path in the corpus. A step's own `schema` comes first.
    pub captures: Vec<FixturePattern>,
}

/// Binds every capture whose step does not name a schema; gives what contradicts itself.
pub fn bind(binds: &[Bind], pocs: &mut [Poc]) -> Vec<String> {
    let steps = pocs.iter_mut().flat_map(|poc| &mut poc.steps);
    let captures = steps.filter_map(|step| step.capture.as_mut());
    captures
        .filter(|capture| capture.schema == SchemaChoice::Output)
        .filter_map(|capture| bind_one(binds, capture).err())
        .collect()
}

fn bind_one(binds: &[Bind], capture: &mut Capture) -> Result<(), String> {
    let path = capture.path.as_str();
    let given: BTreeSet<&SchemaChoice> = binds
        .iter()
        .filter(|bind| bind.captures.iter().any(|pattern| pattern.matches(path)))
        .map(|bind| &bind.schema)
        .collect();
    let mut given = given.into_iter();
    match (given.next(), given.next()) {
        (Some(one), Some(other)) => Err(format!(
            "[[bind]] gives `{path}` both the schema {one} and {other}; narrow the patterns, or name the schema in the step"
        )),
        (Some(one), None) => {
            capture.schema = one.clone();
            Ok(())
        }
        (None, _) => Ok(()),
    }
}

/// The patterns that match no capture of any POC.
pub fn unused<'a>(binds: &'a [Bind], pocs: &[Poc]) -> Vec<&'a FixturePattern> {
    let paths: Vec<&str> = pocs
        .iter()
        .flat_map(Poc::captures)
        .map(|(_, capture)| capture.path.as_str())
        .collect();
    binds
        .iter()
        .flat_map(|bind| &bind.captures)
        .filter(|pattern| !paths.iter().any(|path| pattern.matches(path)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn binds(text: &str) -> Result<Vec<Bind>, String> {
        let text = format!("format-version = 1\n[target]\ncommand = \"./tool\"\n{text}");
        let config = Config::parse(&text).map_err(|errors| errors.join("\n"))?;
        Ok(config.binds)
    }

    fn poc() -> Poc {
        Poc::parse(
            "01-lint",
            "summary = \"x\"\n[[step]]\nrun = []\ncapture = \"a\"\n[[step]]\nrun = []\ncapture = \"deep/b\"\nschema = \"own\"\n[[step]]\nrun = []\ncapture = \"c\"\nschema = false\n",
        )
        .unwrap()
    }

    fn bound(text: &str) -> Result<Vec<String>, Vec<String>> {
        let mut pocs = [poc()];
        let errors = bind(&binds(text).unwrap(), &mut pocs);
        if !errors.is_empty() {
            return Err(errors);
        }
        let schemas = pocs[0]
            .captures()
            .map(|(_, capture)| capture.schema.to_string());
        Ok(schemas.collect())
    }

    #[test]
    fn the_step_comes_first_then_a_pattern_then_the_output() {
        let output = "what the output names";
        for (text, first) in [
            ("", output),
            (
                "[[bind]]\nschema = \"s\"\ncaptures = [\"other/*\", \"lint/*\"]\n",
                "\"s\"",
            ),
            ("[[bind]]\nschema = false\ncaptures = [\"**\"]\n", "false"),
            ("[[bind]]\nschema = \"s\"\ncaptures = [\"*\"]\n", output),
            (
                "[[bind]]\nschema = \"s\"\ncaptures = [\"lint/[!a].json\"]\n",
                output,
            ),
            (
                "[[bind]]\nschema = \"s\"\ncaptures = [\"lint/a.json\"]\n[[bind]]\nschema = \"s\"\ncaptures = [\"lint/?.json\"]\n",
                "\"s\"",
            ),
        ] {
            assert_eq!(bound(text).unwrap(), [first, "\"own\"", "false"], "{text}");
        }
    }

    #[test]
    fn binds_that_disagree_are_an_error_where_the_step_does_not_decide() {
        let two = |a: &str, b: &str| {
            format!(
                "[[bind]]\nschema = \"s\"\ncaptures = [\"{a}\"]\n[[bind]]\nschema = false\ncaptures = [\"{b}\"]\n"
            )
        };
        let errors = bound(&two("lint/*", "lint/a.*")).unwrap_err();
        assert_eq!(errors.len(), 1);
        assert!(
            errors[0].contains("`lint/a.json` both the schema \"s\" and false"),
            "{errors:?}"
        );
        assert!(bound(&two("lint/c.json", "lint/*.json")).is_ok());
    }

    #[test]
    fn patterns_that_match_nothing_are_found_and_what_is_no_pattern_is_refused() {
        let binds = |text: &str| binds(&format!("[[bind]]\n{text}"));
        let found = binds("schema = \"s\"\ncaptures = [\"lint/*\", \"lnit/*\", \"lint/*/b.json\"]")
            .unwrap();
        let unused: Vec<&str> = unused(&found, &[poc()])
            .iter()
            .map(|one| one.as_str())
            .collect();
        assert_eq!(unused, ["lnit/*"]);
        for (text, expected) in [
            ("schema = \"s\"\ncaptures = []\n", "names no capture"),
            ("schema = \"s\"\ncaptures = [\"a/[\"]\n", "is not a pattern"),
            (
                "schema = \"s\"\ncaptures = [\"/lint/*\"]\n",
                "begins with `/`",
            ),
            (
                "schema = true\ncaptures = [\"a\"]\n",
                "does not say which one",
            ),
            ("schema = \"\"\ncaptures = [\"a\"]\n", "names no schema"),
            (
                "schema = 1\ncaptures = [\"a\"]\n",
                "the name of a schema, or `false`",
            ),
            ("captures = [\"a\"]\n", "missing field `schema`"),
        ] {
            let error = binds(text).unwrap_err();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}
