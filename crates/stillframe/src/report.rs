//! Printing what a command found: one list of findings, in a text for people or a document for machines.

mod columns;
mod detail;
mod diff;
mod secrets;
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

/// How much of an outcome is printed as text, and how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Look {
    /// How much.
    pub amount: Amount,
    /// The columns of the terminal; none where lines may have any length.
    pub width: Option<usize>,
}

/// How much is printed as text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Amount {
    /// Everything.
    #[default]
    Everything,
    /// Findings and the verdict.
    Findings,
}

/// The outcome of a command with the lines that only people want.
#[derive(Debug)]
pub struct Outcome {
    /// The document.
    pub report: Report,
    /// Which programs are of another version, above what they print differently; shown in the text form only.
    pub versions: Vec<String>,
    /// What was done, one line each; shown in the text form only.
    pub news: Vec<String>,
    /// What was published, or what else a command that found nothing ends with.
    pub conclusion: Conclusion,
    /// What to run next.
    pub hint: Option<String>,
}

/// What a command did, in one line and then in detail.
#[derive(Debug, Clone, Default)]
pub struct Conclusion {
    /// The first one sums it up; none where nothing was done.
    pub lines: Vec<String>,
    /// One for each file of which something is to be told.
    pub entries: Vec<Entry>,
    /// How many more there are.
    pub more: usize,
}

impl Conclusion {
    /// One line.
    pub fn line(text: String) -> Conclusion {
        Conclusion {
            lines: vec![text],
            ..Conclusion::default()
        }
    }
}

/// What became of a file.
#[derive(Debug, Clone)]
pub struct Entry {
    /// In one word: new, changed, removed.
    pub word: &'static str,
    /// The file.
    pub path: String,
    /// What exactly, one line each.
    pub details: Vec<String>,
}

impl Outcome {
    /// Sorts the findings, leaves out what may be a password in them, and draws the verdict.
    pub fn new(command: &str, problems: Vec<Problem>, summary: Summary) -> Outcome {
        let mut problems: Vec<Problem> = problems.into_iter().map(secrets::left_out).collect();
        problems.sort();
        Outcome {
            report: Report {
                format_version: FORMAT_VERSION,
                command: command.to_owned(),
                verdict: Verdict::of(&problems),
                summary,
                problems,
                notes: Vec::new(),
            },
            versions: Vec::new(),
            news: Vec::new(),
            conclusion: Conclusion::default(),
            hint: None,
        }
    }

    /// Prints it.
    pub fn print(&self, form: Form, look: Look, out: &mut dyn Write) -> Result<()> {
        match form {
            Form::Text => text::print(self, look, out)?,
            Form::Json => print::json(out, &self.report)?,
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
