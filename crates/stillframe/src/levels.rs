//! How advisory findings count: the project's `[problems]`, then the command line.

use stillframe_core::config::{Config, Level};
use stillframe_core::problem::{Class, Problem};

/// What the command line says of advisory findings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Warnings {
    /// As `[problems]` has it.
    #[default]
    AsConfigured,
    /// Those that `[problems]` does not allow are denied.
    Deny,
}

/// Drops the findings that are allowed and hardens those that are denied.
pub fn apply(problems: Vec<Problem>, config: Option<&Config>, warnings: Warnings) -> Vec<Problem> {
    problems
        .into_iter()
        .filter_map(|mut problem| {
            if problem.class != Class::Advisory {
                return Some(problem);
            }
            let set = config.and_then(|config| config.problems.get(&problem.kind).copied());
            match (set, warnings) {
                (Some(Level::Allow), _) => return None,
                (Some(Level::Deny), _) | (_, Warnings::Deny) => problem.class = Class::Broken,
                (Some(Level::Warn) | None, Warnings::AsConfigured) => {}
            }
            Some(problem)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use stillframe_core::problem::Kind;

    fn classes(table: &str, warnings: Warnings) -> Vec<Class> {
        let text = format!("format-version = 1\n[target]\ncommand = \"x\"\n[problems]\n{table}");
        let config = Config::parse(&text).unwrap();
        let problems = vec![
            Problem::new(Kind::Duplicate, "a", ""),
            Problem::new(Kind::Stale, "b", ""),
        ];
        apply(problems, Some(&config), warnings)
            .iter()
            .map(|p| p.class)
            .collect()
    }

    #[test]
    fn only_advisory_findings_have_a_level() {
        assert_eq!(
            classes("", Warnings::AsConfigured),
            [Class::Advisory, Class::Stale]
        );
        assert_eq!(
            classes("duplicate = \"deny\"", Warnings::AsConfigured),
            [Class::Broken, Class::Stale]
        );
        assert_eq!(
            classes("duplicate = \"allow\"", Warnings::Deny),
            [Class::Stale]
        );
        assert_eq!(classes("", Warnings::Deny), [Class::Broken, Class::Stale]);
    }
}
