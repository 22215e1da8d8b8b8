//! What doctor found as text: every check, then every finding with what to do.

use std::io::Result;

use terminal::{Line, style};

use super::page::Page;
use super::table::{Align, Columns};
use super::{finding, left_out, plural};
use crate::output::{CheckName, DoctorOutput, Health};

/// Writes what was examined, then every finding with its fix.
pub(crate) fn write(doctor: &DoctorOutput, out: &mut Page<'_>) -> Result<()> {
    let mut columns = Columns::new(&[Align::Left, Align::Left]);
    for check in &doctor.checks {
        let (of_status, status) = match check.status {
            Health::Ok => (style::GOOD, "ok"),
            Health::Warning => (style::WARNING, "warning"),
            Health::Critical => (style::BAD, "critical"),
            Health::Skipped => (style::FAINT, "skipped"),
        };
        columns.styled_row([
            (style::PLAIN, check_name(check.check).to_owned()),
            (of_status, status.to_owned()),
        ]);
    }
    columns.write_aside("", out)?;
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
    left_out(&doctor.left_out, out)?;
    let summary = &doctor.summary;
    let (fixpoints, tables) = (
        plural(summary.fixpoints, "fixpoint"),
        plural(summary.tables, "table"),
    );
    let of_count = |count, bad| if count > 0 { bad } else { style::GOOD };
    let critical = format!("{} critical", summary.critical);
    let warnings = plural(summary.warnings, "warning");
    let line = Line::plain(format!("{fixpoints}, {tables}: "))
        .with(of_count(summary.critical, style::BAD), critical)
        .with(style::PLAIN, ", ")
        .with(of_count(summary.warnings, style::WARNING), warnings);
    out.line(&line)
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
        CheckName::Store => "store",
        CheckName::Restore => "restore",
        CheckName::Size => "size",
    }
}
