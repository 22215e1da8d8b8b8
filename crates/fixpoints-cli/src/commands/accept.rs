//! The command `accept`.

use fixpoints::core::advice::Advice;
use fixpoints::core::comparison::Counts;
use fixpoints::core::document::Damage;
use fixpoints::{AcceptReport, FixpointName, Result, StateDiff};

use super::compare::table;
use super::parts::parent_ref;
use crate::args::AcceptArgs;
use crate::context::Context;
use crate::exit::Exit;
use crate::output::{
    AcceptOutput, AcceptWord, ComparedTable, FORMAT_VERSION, Output, SignedPart, Since,
    TableStatus, UnsignedPart,
};

/// Signs a fixpoint that a person or a merge changed. It is done by name, as `store` is, so that a build server may.
pub(crate) fn accept(context: &Context, args: &AcceptArgs) -> Result<(Output, Exit)> {
    let name = context.folder.name(&args.name)?;
    let report = fixpoints::accept(&context.folder, &name)?;
    let output = document(context, &name, &report);
    Ok((Output::Accept(Box::new(output)), Exit::Success))
}

fn document(context: &Context, name: &FixpointName, report: &AcceptReport) -> AcceptOutput {
    let changes = report.since.as_ref().zip(report.changes.as_ref());
    AcceptOutput {
        command: AcceptWord,
        format_version: FORMAT_VERSION,
        fixpoint: name.to_string(),
        path: report.path.clone(),
        status: report.outcome,
        unsigned: report.damages.iter().map(unsigned).collect(),
        since: changes.map(|(commit, changes)| since(commit, changes)),
        bytes: report.recorded.bytes,
        content: report.recorded.content.clone(),
        parent: report.parent.as_ref().map(parent_ref),
        parent_moved: report.parent_moved,
        rewritten: report.rewritten.iter().map(ToString::to_string).collect(),
        stale_children: report
            .stale_children
            .iter()
            .map(ToString::to_string)
            .collect(),
        hint: hint(name, report).map(|hint| context.typed.complete(&hint)),
        run: context.started.run(),
    }
}

fn unsigned(damage: &Damage) -> UnsignedPart {
    let (part, name) = match &damage.part {
        fixpoints::core::document::SignedPart::Header => (SignedPart::Header, None),
        fixpoints::core::document::SignedPart::Table(name) => {
            (SignedPart::Table, Some(name.clone()))
        }
        fixpoints::core::document::SignedPart::Sequence(name) => {
            (SignedPart::Sequence, Some(name.clone()))
        }
    };
    UnsignedPart {
        part,
        name,
        difference: damage.difference.clone(),
    }
}

fn since(commit: &str, found: &StateDiff) -> Since {
    let mut counts = Counts::default();
    let changes = found.tables.iter().flat_map(|table| &table.changes);
    changes.for_each(|change| counts.add(change));
    let tables = found.tables.iter().map(table);
    let is_different = |table: &ComparedTable| table.status == TableStatus::Different;
    Since {
        commit: commit.to_owned(),
        changes: counts,
        tables: tables.filter(is_different).collect(),
        sequences: found.sequences.iter().map(Into::into).collect(),
        drifts: found.drifts.clone(),
        added_tables: found.only_new.clone(),
        removed_tables: found.only_old.clone(),
    }
}

/// What the changes left to do.
fn hint(name: &FixpointName, report: &AcceptReport) -> Option<Advice> {
    if let Some(parent) = report.parent.as_ref().filter(|_| report.parent_moved) {
        let parent = &parent.name;
        return Some(Advice::from("run ").fixpoints(format!("rebase {name} --onto {parent}")));
    }
    let child = report.stale_children.first()?;
    Some(Advice::from("run ").fixpoints(format!("rebase {child} --onto {name}")))
}
