//! The command `doctor`.

use fixpoints::{Check, Diagnosis, Project, Result};

use super::parts::finding;
use crate::context::Context;
use crate::exit::Exit;
use crate::output::{
    CheckResult, DoctorOutput, DoctorStatus, DoctorWord, FORMAT_VERSION, Finding, Health, Output,
    Summary,
};

/// Looks for what is wrong or could be better.
pub(crate) fn doctor(context: &Context) -> Result<(Output, Exit)> {
    let url = context.url()?;
    let project = Project {
        config: &context.config,
        folder: &context.folder,
        url: &url,
        chosen: context.chosen(),
    };
    let diagnosis = fixpoints::doctor(&project)?;
    let critical = diagnosis
        .findings
        .iter()
        .filter(|finding| finding.check.is_critical())
        .count() as u64;
    let warnings = diagnosis.findings.len() as u64 - critical;
    let (status, exit) = match (critical, warnings) {
        (0, 0) => (DoctorStatus::Healthy, Exit::Success),
        (0, _) => (DoctorStatus::Warnings, Exit::Different),
        _ => (DoctorStatus::Critical, Exit::Critical),
    };
    let (fixpoints, tables) = (
        diagnosis.fixpoints.len() as u64,
        diagnosis.tables.len() as u64,
    );
    let output = DoctorOutput {
        command: DoctorWord,
        format_version: FORMAT_VERSION,
        database: url.to_string(),
        folder: context.folder.shown(),
        status,
        summary: Summary {
            fixpoints,
            tables,
            warnings,
            critical,
        },
        checks: Check::ALL
            .iter()
            .map(|check| result(context, *check, &diagnosis))
            .collect(),
        left_out: diagnosis.left_out,
        run: context.started.run(),
    };
    Ok((Output::Doctor(Box::new(output)), exit))
}

fn result(context: &Context, check: Check, diagnosis: &Diagnosis) -> CheckResult {
    let findings = diagnosis
        .findings
        .iter()
        .filter(|finding| finding.check == check);
    let findings: Vec<Finding> = findings.map(|found| finding(context, found)).collect();
    let unreadable = diagnosis
        .findings
        .iter()
        .any(|finding| finding.check == Check::Database);
    let needs_database = !matches!(
        check,
        Check::Database | Check::Files | Check::Parents | Check::Size
    );
    let status = match (findings.is_empty(), check.is_critical()) {
        (true, _) if unreadable && needs_database => Health::Skipped,
        (true, _) => Health::Ok,
        (false, true) => Health::Critical,
        (false, false) => Health::Warning,
    };
    CheckResult {
        check,
        status,
        findings,
    }
}
