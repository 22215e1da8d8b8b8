//! `stillframe consumers show`: who consumes what, as it was measured; it runs nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use anyhow::{Result, bail};
use stillframe::exit_code::ExitCode;
use stillframe::print;

use super::naming;
use super::recorded::{Recorded, Source};
use super::session::{Where, bare_place};
use crate::contents::Contents;
use crate::definition::DEFINITION_NAME;
use crate::lock_file::LOCK_NAME;
use crate::matrix::{Matrix, Mention, Origin, Row};
use crate::mentions;
use crate::name::{FixtureName, TestName};
use crate::revision;
use crate::runner::choice;

mod text;

/// What is to be shown.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// These fixtures only.
    pub fixtures: Vec<String>,
    /// This test only.
    pub test: Option<String>,
    /// What of it.
    pub part: Part,
    /// Whether to search for places that name fixtures.
    pub mentions: Mentions,
    /// For whom.
    pub form: Form,
}

/// What of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Part {
    /// The whole matrix.
    #[default]
    Matrix,
    /// Fixtures without a consumer.
    Unused,
    /// Tests that consume nothing and leave nothing behind.
    Independent,
    /// Tests that leave something behind.
    Polluters,
}

/// Whether to search for places that name fixtures.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mentions {
    /// They are listed apart from consumers.
    Searched,
    /// They are not.
    #[default]
    NotSearched,
}

/// For whom something is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Form {
    /// For people.
    #[default]
    Text,
    /// One versioned document.
    Json,
}

/// Shows it.
///
/// # Errors
///
/// When nothing was measured yet, or there is nothing of that name.
pub fn run(at: &Where, request: &Request, out: &mut dyn Write) -> Result<ExitCode> {
    let recorded = Recorded::find(at)?;
    let mut matrix = matrix_of(&recorded);
    narrow(&mut matrix, request)?;
    if request.mentions == Mentions::Searched {
        let mut found = mentions_of(&recorded)?;
        found.retain(|name, _| matrix.fixtures.iter().any(|row| row.name == *name));
        matrix.mentions = Some(found);
    }
    if request.form == Form::Json {
        print::json(out, &matrix)?;
        return Ok(ExitCode::Fresh);
    }
    print::note(&recorded.origin());
    match request.part {
        Part::Unused => text::unused(&matrix, out)?,
        Part::Independent => {
            let Some(tests) = &matrix.consume_nothing else {
                bail!(
                    "which tests consume nothing is not in consumers.lock; run `stillframe consumers detect` and ask again"
                );
            };
            text::independent(&matrix, tests, out)?;
        }
        Part::Polluters => text::polluters(&matrix, out)?,
        Part::Matrix if matrix.mentions.is_some() => text::mentions(&matrix, out)?,
        Part::Matrix => match &request.test {
            Some(_) => text::by_test(&matrix, out)?,
            None if request.fixtures.is_empty() => text::overview(&matrix, out)?,
            None => text::by_fixture(&matrix, out)?,
        },
    }
    Ok(ExitCode::Fresh)
}

/// What is recorded as a document.
pub(super) fn matrix_of(recorded: &Recorded) -> Matrix {
    let source = match recorded.source {
        Source::Journal(_) => Origin::Measured,
        Source::Unfinished(_) => Origin::MeasuredInPart,
        Source::Lock => Origin::Lock,
    };
    Matrix::of(
        &recorded.fixtures,
        &recorded.findings,
        source,
        |fixtures, test| naming::repeat(fixtures.iter().copied(), Some(test)),
    )
}

/// Searches every file of the suite but those of fixtures and tests, and what belongs to this program.
fn mentions_of(recorded: &Recorded) -> Result<BTreeMap<FixtureName, Vec<Mention>>> {
    let definition = &recorded.definition;
    let contents = Contents::of(definition, &recorded.fixtures);
    let files = revision::files(&definition.root, &bare_place(definition))?;
    let runner = choice::choose(&definition.written)?;
    let tests = recorded.findings.tests.iter();
    let mut left_out: BTreeSet<String> = tests
        .filter_map(|test| runner.file_of(test))
        .map(|file| file.to_string_lossy().replace('\\', "/"))
        .collect();
    left_out.extend([DEFINITION_NAME, LOCK_NAME].map(str::to_owned));
    mentions::search(&contents, &definition.root, &files, &left_out)
}

/// Leaves out what was not asked for.
fn narrow(matrix: &mut Matrix, request: &Request) -> Result<()> {
    if !request.fixtures.is_empty() {
        let mut names = Vec::new();
        for wanted in &request.fixtures {
            let all = matrix.fixtures.iter().map(|row| &row.name);
            names.push(naming::find("fixture", wanted, all)?.clone());
        }
        matrix.fixtures.retain(|row| names.contains(&row.name));
        matrix
            .tests
            .retain(|_, uses| names.iter().any(|name| uses.contains(name)));
    }
    if let Some(wanted) = &request.test {
        let test = naming::find("test", wanted, matrix.tests.keys())?.clone();
        matrix.tests.retain(|name, _| *name == test);
        matrix.unknown.retain(|name, _| *name == test);
        matrix.fixtures.retain_mut(|row| keep_only(row, &test));
    }
    Ok(())
}

fn keep_only(row: &mut Row, test: &TestName) -> bool {
    row.consumers.retain(|cell| cell.test == *test);
    row.joint.retain(|cell| cell.test == *test);
    !row.consumers.is_empty() || !row.joint.is_empty()
}
