//! Blocks of configuration and JSON in documents: each is accepted by the code that reads such files.

use stillframe_consumers::definition::Written;
use stillframe_core::config::Config;
use stillframe_core::normalize::Plan;
use stillframe_core::poc::Poc;

use crate::markdown::Fence;

/// What is wrong with a block, if anything.
pub fn check(fence: &Fence) -> Option<String> {
    let text = fence.body.join("\n");
    match fence.info.as_str() {
        "toml" => toml(&text).err(),
        "json" => serde_json::from_str::<serde_json::Value>(&text)
            .err()
            .map(|error| error.to_string()),
        _ => None,
    }
}

/// A whole file, or a part of one that is told by its first table.
fn toml(text: &str) -> Result<(), String> {
    let has = |start: &str| text.lines().any(|line| line.starts_with(start));
    if has("# fixpoints.toml") {
        return fixpoints::Config::parse(text)
            .map(drop)
            .map_err(|error| error.to_string());
    }
    if has("[suite]") || has("[[fixtures]]") {
        return consumers(text);
    }
    if has("[[step]]") {
        let summary = if has("summary") {
            ""
        } else {
            "summary = \"x\"\n"
        };
        return Poc::parse("01-x", &format!("{summary}{text}"))
            .map(drop)
            .map_err(|errors| format!("{errors:?}"));
    }
    if has("[[fixture]]") {
        return stillframe_core::lock::Lock::parse(text)
            .map(drop)
            .map_err(|error| error.to_string());
    }
    let version = if has("format-version") {
        ""
    } else {
        "format-version = 1\n"
    };
    let target = if has("[target]") {
        ""
    } else {
        "\n[target]\ncommand = \"./tool\"\n"
    };
    let config =
        Config::parse(&format!("{version}{text}{target}")).map_err(|errors| errors.join("\n"))?;
    Plan::compile(&config.normalize, &config.format)
        .map(drop)
        .map_err(|errors| format!("{errors:?}"))
}

/// A `consumers.toml`, completed by what every one has.
fn consumers(text: &str) -> Result<(), String> {
    let has = |start: &str| text.lines().any(|line| line.starts_with(start));
    let mut whole = String::new();
    if !has("format-version") {
        whole.push_str("format-version = 1\n");
    }
    whole.push_str(text);
    if !has("[suite]") {
        whole.push_str("\n[suite]\nrunner = \"pytest\"\ncommand = [\"pytest\"]\n");
    }
    if !has("[[fixtures]]") {
        whole.push_str("\n[[fixtures]]\nfiles = [\"a.json\"]\n");
    }
    Written::parse(&whole)
        .map(drop)
        .map_err(|error| format!("{error:#}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_that_would_be_refused_is_found() {
        for text in [
            "format-version = 2\n[target]\ncommand = \"x\"",
            "[normalise]",
            "[[normalize.rule]]\nname = \"x\"\nmatch = { pattern = \"a*\" }\naction = \"zero\"",
            "[[step]]\nrun = \"store base\"",
            "# fixpoints.toml\nexcluded = []",
            "[[fixtures]]\nfile = [\"a\"]",
            "[suite]\nrunner = \"nextests\"\ncommand = [\"x\"]",
        ] {
            assert!(toml(text).is_err(), "{text}");
        }
    }

    #[test]
    fn parts_are_completed() {
        for text in [
            "[problems]\nduplicate = \"deny\"",
            "[target]\ncommand = \"x\"",
            "[[step]]\nrun = []",
            "# fixpoints.toml\ndb = \"sqlite:test.db\"",
        ] {
            assert_eq!(toml(text), Ok(()), "{text}");
        }
    }
}
