//! What doctor found as text: every check, then every finding with what to do.

use std::io::Result;

use super::page::Page;
use super::table::{Align, Columns};
use super::{finding, plural};
use crate::output::{CheckName, DoctorOutput, Health};

/// Writes what was examined, then every finding with its fix.
pub(crate) fn write(doctor: &DoctorOutput, out: &mut Page<'_>) -> Result<()> {
    let mut columns = Columns::new(&[Align::Left, Align::Left]);
    for check in &doctor.checks {
        let status = match check.status {
            Health::Ok => "ok",
            Health::Warning => "warning",
            Health::Critical => "critical",
            Health::Skipped => "skipped",
        };
        columns.row([check_name(check.check).to_owned(), status.to_owned()]);
    }
    columns.write("", out)?;
    for check in &doctor.checks {
        let word = if check.status == Health::Critical {
            "critical"
        } else {
            "warning"
        };
        check
            .findings
            .iter()
            .try_for_each(|found| finding(word, found, out))?;
    }
    let summary = &doctor.summary;
    let (fixpoints, tables) = (
        plural(summary.fixpoints, "fixpoint"),
        plural(summary.tables, "table"),
    );
    writeln!(
        out,
        "{fixpoints}, {tables}: {} critical, {}",
        summary.critical,
        plural(summary.warnings, "warning")
    )
}

fn check_name(check: CheckName) -> &'static str {
    match check {
        CheckName::Database => "database",
        CheckName::Files => "files",
        CheckName::Parents => "parents",
        CheckName::Schema => "schema",
        CheckName::Coverage => "coverage",
        CheckName::Keys => "keys",
        CheckName::Sequences => "sequences",
        CheckName::ForeignKeys => "foreign keys",
        CheckName::Configuration => "configuration",
        CheckName::Size => "size",
    }
}
