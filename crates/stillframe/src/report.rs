//! Printing what a command found: one list of findings, in a text for people or a document for machines.

mod text;

use std::io::Write;

use anyhow::Result;
use stillframe_core::problem::Problem;
use stillframe_core::report::{FORMAT_VERSION, Report, Summary, Verdict};

use crate::print;

/// The form in which findings are printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Form {
    /// For people.
    #[default]
    Text,
    /// One document, described by its own schema.
    Json,
}

/// The outcome of a command with the lines that only people want.
#[derive(Debug)]
pub struct Outcome {
    /// The document.
    pub report: Report,
    /// What was done, one line each; shown in the text form only.
    pub news: Vec<String>,
    /// What was published, or what else is the verdict of a command that found nothing; the first line sums it up.
    pub verdict: Vec<String>,
    /// What to run next.
    pub hint: Option<String>,
}

impl Outcome {
    /// Sorts the findings and draws the verdict.
    pub fn new(command: &str, mut problems: Vec<Problem>, summary: Summary) -> Outcome {
        problems.sort();
        Outcome {
            report: Report {
                format_version: FORMAT_VERSION,
                command: command.to_owned(),
                verdict: Verdict::of(&problems),
                summary,
                problems,
            },
            news: Vec::new(),
            verdict: Vec::new(),
            hint: None,
        }
    }

    /// Prints it.
    pub fn print(&self, form: Form, out: &mut dyn Write) -> Result<()> {
        match form {
            Form::Text => text::print(self, out)?,
            Form::Json => print::json(out, &self.report)?,
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
