//! What `show` prints for people.

use std::io::Write;

use anyhow::Result;
use stillframe::print::message;

use crate::commands::naming::count;
use crate::matrix::{Cell, JointCell, Matrix, Mention, Origin, Row};
use crate::name::{FixtureName, TestName};

/// How many consumers of a fixture the overview lists.
const LISTED: usize = 20;
/// How many lines of evidence are shown.
const EVIDENCE: usize = 4;

/// Each fixture with its consumers, without evidence.
pub(super) fn overview(matrix: &Matrix, out: &mut dyn Write) -> Result<()> {
    for row in &matrix.fixtures {
        heading(row, out)?;
        let alone = row
            .consumers
            .iter()
            .map(|cell| format!("  {:<9}  {}", cell.class.word(), cell.test));
        let joint = row
            .joint
            .iter()
            .map(|cell| format!("  {:<9}  {}  {}", "joint", cell.test, or(&cell.or)));
        for line in alone.chain(joint).take(LISTED) {
            message(out, &line)?;
        }
        let all = row.consumers.len() + row.joint.len();
        if all > LISTED {
            message(
                out,
                &format!(
                    "  … and {} more: `stillframe consumers show {}`",
                    all - LISTED,
                    row.name
                ),
            )?;
        }
    }
    unknown(matrix, out)?;
    let edges: usize = matrix.fixtures.iter().map(|row| row.consumers.len()).sum();
    let unused = matrix.fixtures.iter().filter(|row| is_unused(row)).count();
    let tests = match matrix.source {
        Origin::Lock => "the lock".to_owned(),
        _ => count(matrix.tests.len(), "test"),
    };
    message(
        out,
        &format!(
            "{tests}, {}: {}, {unused} without a consumer; {} unknown",
            count(matrix.fixtures.len(), "fixture"),
            count(edges, "use"),
            count(matrix.unknown.len(), "test"),
        ),
    )?;
    Ok(())
}

/// Fixtures with the evidence of each consumer.
pub(super) fn by_fixture(matrix: &Matrix, out: &mut dyn Write) -> Result<()> {
    for row in &matrix.fixtures {
        heading(row, out)?;
        for cell in &row.consumers {
            message(out, &format!("  {:<9}  {}", cell.class.word(), cell.test))?;
            proof(&cell.evidence, &cell.repeat, out)?;
        }
        for cell in &row.joint {
            message(
                out,
                &format!("  {:<9}  {}  {}", "joint", cell.test, or(&cell.or)),
            )?;
            proof(&cell.evidence, &cell.repeat, out)?;
        }
    }
    unknown(matrix, out)
}

/// A test with the fixtures it consumes.
pub(super) fn by_test(matrix: &Matrix, out: &mut dyn Write) -> Result<()> {
    for (test, uses) in &matrix.tests {
        if uses.is_empty() && !matrix.unknown.contains_key(test) {
            message(out, &format!("{test}: consumes nothing"))?;
        } else {
            message(out, &format!("{test}: {}", count(uses.len(), "fixture")))?;
        }
    }
    for row in &matrix.fixtures {
        for Cell {
            class,
            evidence,
            repeat,
            ..
        } in &row.consumers
        {
            message(out, &format!("  {:<9}  {}", class.word(), row.name))?;
            proof(evidence, repeat, out)?;
        }
        for JointCell {
            or: others,
            evidence,
            repeat,
            ..
        } in &row.joint
        {
            message(
                out,
                &format!("  {:<9}  {}  {}", "joint", row.name, or(others)),
            )?;
            proof(evidence, repeat, out)?;
        }
    }
    unknown(matrix, out)
}

/// Fixtures without a consumer.
pub(super) fn unused(matrix: &Matrix, out: &mut dyn Write) -> Result<()> {
    let rows: Vec<&Row> = matrix
        .fixtures
        .iter()
        .filter(|row| is_unused(row))
        .collect();
    for row in &rows {
        message(out, &format!("{} ({})", row.name, row.kind.word()))?;
    }
    let of = format!(
        "{} of {} without a consumer",
        rows.len(),
        count(matrix.fixtures.len(), "fixture")
    );
    let but = if matrix.unused.is_none() {
        "; this is not certain, as something is left to measure: run `stillframe consumers detect`"
            .to_owned()
    } else if !matrix.unknown.is_empty() {
        format!(
            "; what {} that could not be measured may need is not known: `stillframe consumers show` names them",
            count(matrix.unknown.len(), "test")
        )
    } else {
        String::new()
    };
    message(out, &format!("{of}{but}"))?;
    for row in matrix.fixtures.iter().filter(|row| row.unhidden.is_some()) {
        let reason = row.unhidden.as_deref().unwrap_or_default();
        message(
            out,
            &format!("{}: not known, it could not be hidden: {reason}", row.name),
        )?;
    }
    Ok(())
}

/// Tests that consume nothing.
pub(super) fn independent(matrix: &Matrix, tests: &[TestName], out: &mut dyn Write) -> Result<()> {
    let leaves = |test: &TestName| {
        let polluters = matrix.polluters.as_ref();
        polluters.is_some_and(|polluters| polluters.contains_key(test))
    };
    let tests: Vec<&TestName> = tests.iter().filter(|test| !leaves(test)).collect();
    for test in &tests {
        message(out, test.as_str())?;
    }
    let (number, all) = (tests.len(), count(matrix.tests.len(), "test"));
    let line = match matrix.polluters {
        Some(_) => format!("{number} of {all} consume nothing and leave nothing behind"),
        None => format!(
            "{number} of {all} consume nothing; whether they leave rows or files behind was not measured"
        ),
    };
    message(out, &line)?;
    Ok(())
}

/// Tests that leave something behind.
pub(super) fn polluters(matrix: &Matrix, out: &mut dyn Write) -> Result<()> {
    let Some(polluters) = &matrix.polluters else {
        message(
            out,
            "not measured: no observer has recorded what tests leave behind in tables or files",
        )?;
        return Ok(());
    };
    for (test, left) in polluters {
        message(out, &format!("{test}: {}", left.join(", ")))?;
    }
    let number = count(polluters.len(), "test");
    message(out, &format!("{number} left something behind"))?;
    Ok(())
}

/// Places that name fixtures.
pub(super) fn mentions(matrix: &Matrix, out: &mut dyn Write) -> Result<()> {
    let Some(mentions) = &matrix.mentions else {
        return Ok(());
    };
    for (fixture, places) in mentions {
        message(
            out,
            &format!("{fixture}: {}", count(places.len(), "mention")),
        )?;
        for Mention { file, line, text } in places {
            if text == fixture.as_str() {
                message(out, &format!("  {file}:{line}"))?;
            } else {
                message(out, &format!("  {file}:{line}  {text}"))?;
            }
        }
    }
    Ok(())
}

fn is_unused(row: &Row) -> bool {
    row.unhidden.is_none() && row.consumers.is_empty() && row.joint.is_empty()
}

fn heading(row: &Row, out: &mut dyn Write) -> Result<()> {
    let consumers = match (&row.unhidden, row.tests().len()) {
        (Some(reason), _) => format!("not known, it could not be hidden: {reason}"),
        (None, 0) => "no consumer".to_owned(),
        (None, number) => count(number, "consumer"),
    };
    message(
        out,
        &format!("{} ({}): {consumers}", row.name, row.kind.word()),
    )?;
    Ok(())
}

fn or(others: &[FixtureName]) -> String {
    let names: Vec<&str> = others.iter().map(FixtureName::as_str).collect();
    format!("(it or {})", names.join(" or "))
}

fn proof(evidence: &[String], repeat: &str, out: &mut dyn Write) -> Result<()> {
    for line in evidence.iter().take(EVIDENCE) {
        message(out, &format!("             | {line}"))?;
    }
    message(out, &format!("             repeat: {repeat}"))?;
    Ok(())
}

fn unknown(matrix: &Matrix, out: &mut dyn Write) -> Result<()> {
    for (test, reason) in &matrix.unknown {
        message(out, &format!("unknown: {test}: {reason}"))?;
    }
    Ok(())
}
