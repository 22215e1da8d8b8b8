//! `${name}`, the one interpolation: which names a text uses, and the text with their values; it does not know the values.

use std::collections::BTreeMap;

/// The variable that stands for the folder of `stillframe.toml`.
pub const ROOT: &str = "root";
/// What the variables begin with that stand for one of the caller's environment.
pub const CALLERS: &str = "env.";
/// What can be used where no step has run, for messages.
pub const ENVIRONMENT: &str = "`${root}` and `${env.NAME}`";

/// Whether a name can be used where no step has run.
pub fn is_of_environment(name: &str) -> bool {
    name == ROOT
        || name
            .strip_prefix(CALLERS)
            .is_some_and(|name| !name.is_empty())
}

/// The names of the `${name}`s in a text.
pub fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split("${")
        .skip(1)
        .filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
}

/// What is wrong with the first `${name}` that is not known, with what can be used instead.
pub fn fault(text: &str, known: impl Fn(&str) -> bool, instead: &str) -> Option<String> {
    let unknown = names(text).find(|name| !known(name))?;
    Some(format!(
        "unknown variable `${{{unknown}}}`; it can use {instead}"
    ))
}

/// The text with each `${name}` replaced by its value; values are never looked into again.
pub fn expand(text: &str, values: &BTreeMap<String, String>) -> String {
    let mut parts = text.split("${");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once('}') {
            Some((name, rest)) if values.contains_key(name) => {
                out.push_str(&values[name]);
                out.push_str(rest);
            }
            _ => {
                out.push_str("${");
                out.push_str(part);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expanding_never_looks_into_a_value() {
        let values = [
            ("a".to_owned(), "${b}".to_owned()),
            ("b".to_owned(), "2".to_owned()),
        ]
        .into();
        assert_eq!(expand("x${a}-${b}-${c}", &values), "x${b}-2-${c}");
    }

    #[test]
    fn a_variable_of_the_caller_has_a_name() {
        assert!(is_of_environment("env.HOME") && is_of_environment("root"));
        assert!(!is_of_environment("env.") && !is_of_environment("HOME"));
    }
}
