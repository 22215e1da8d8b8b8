//! Reads what RSpec's JSON formatter writes.

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::outcome::{Outcome, Phase};

/// A report.
#[derive(Debug, Deserialize)]
pub(super) struct Report {
    /// What RSpec says besides; errors outside of examples are among it.
    #[serde(default)]
    pub(super) messages: Vec<String>,
    pub(super) examples: Vec<Example>,
    pub(super) summary: Summary,
}

#[derive(Debug, Deserialize)]
pub(super) struct Summary {
    /// RSpec before 3.5 does not count them.
    #[serde(default)]
    pub(super) errors_outside_of_examples_count: u64,
}

/// A test.
#[derive(Debug, Deserialize)]
pub(super) struct Example {
    /// `./spec/a_spec.rb[1:2]`
    pub(super) id: String,
    #[serde(default)]
    pub(super) description: String,
    pub(super) full_description: String,
    status: String,
    exception: Option<Exception>,
}

#[derive(Debug, Deserialize)]
struct Exception {
    class: Option<String>,
    message: Option<String>,
}

/// Reads a report.
pub(super) fn read(text: &str) -> Result<Report> {
    serde_json::from_str(text).context("reading the report of RSpec")
}

impl Report {
    /// What went wrong outside of examples; nothing where nothing did.
    pub(super) fn errors_outside(&self) -> Option<String> {
        (self.summary.errors_outside_of_examples_count > 0).then(|| self.messages.join("\n"))
    }

    /// The files that could not be loaded.
    pub(super) fn not_loaded(&self) -> Vec<&str> {
        const BEFORE: &str = "An error occurred while loading ";
        let lines = self.messages.iter().flat_map(|message| message.lines());
        let files = lines.filter_map(|line| line.trim().strip_prefix(BEFORE));
        files
            .map(|file| plain(file.trim_end_matches('.')))
            .collect()
    }
}

impl Example {
    /// The file that it is run from. That of a shared example is the one that includes it.
    pub(super) fn file(&self) -> &str {
        let file = self
            .id
            .rsplit_once('[')
            .map_or(self.id.as_str(), |(file, _)| file);
        plain(file)
    }

    /// `1:2`
    pub(super) fn position(&self) -> &str {
        let position = self
            .id
            .rsplit_once('[')
            .map_or("", |(_, position)| position);
        position.trim_end_matches(']')
    }

    /// Whether RSpec makes its description while it runs.
    pub(super) fn is_without_description(&self) -> bool {
        let description = self.description.trim();
        description.is_empty() || description.starts_with("example at ")
    }

    pub(super) fn outcome(&self) -> Outcome {
        match (self.status.as_str(), &self.exception) {
            ("passed", _) => Outcome::Passed,
            ("pending", _) => Outcome::Skipped,
            (_, exception) => {
                let parts = exception.iter().flat_map(|one| [&one.class, &one.message]);
                let parts: Vec<&str> = parts.flatten().map(|part| part.trim()).collect();
                Outcome::failed(Phase::Body, &parts.join(": "))
            }
        }
    }
}

/// A path without the dot that RSpec writes before it.
pub(super) fn plain(file: &str) -> &str {
    file.strip_prefix("./").unwrap_or(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_and_errors_outside_of_them_are_read() {
        let report = read(
            r#"{"version":"3.12.0","messages":["\nAn error occurred while loading ./spec/c_spec.rb.\nFailure/Error: raise \"load\"\n"],"examples":[{"id":"./spec/a_spec.rb[1:2]","description":"fails","full_description":"A fails","status":"failed","file_path":"./spec/shared.rb","line_number":3,"exception":{"class":"RuntimeError","message":"boom","backtrace":null}},{"id":"./spec/a_spec.rb[1:3]","description":"","full_description":"A ","status":"pending"}],"summary":{"duration":1.0,"example_count":2,"errors_outside_of_examples_count":1},"summary_line":""}"#,
        )
        .unwrap();
        let [fails, pending] = &report.examples[..] else {
            panic!("{report:?}")
        };
        assert_eq!((fails.file(), fails.position()), ("spec/a_spec.rb", "1:2"));
        assert_eq!(
            fails.outcome(),
            Outcome::failed(Phase::Body, "RuntimeError: boom")
        );
        assert!(pending.is_without_description());
        assert_eq!(pending.outcome(), Outcome::Skipped);
        assert_eq!(report.not_loaded(), ["spec/c_spec.rb"]);
        assert!(report.errors_outside().unwrap().contains("raise"));
    }

    #[test]
    fn half_a_report_is_an_error() {
        assert!(read("{\"version\":\"3.12.0\",\"examples\":[{\"id\"").is_err());
        assert!(read("{\"version\":\"3.12.0\",\"examples\":[]}").is_err());
    }
}
