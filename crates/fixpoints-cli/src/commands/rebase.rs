//! The command `rebase`.

use fixpoints::core::advice::Advice;
use fixpoints::core::comparison::Counts;
use fixpoints::{
    Conflict, Constraints, Contested, FixpointName, Missing, Prefer, RebaseReport, Result, Written,
};

use super::parts::parent_ref;
use crate::args::{RebaseArgs, Side};
use crate::context::Context;
use crate::exit::Exit;
use crate::output::{
    CellMap, ContestedColumn, FORMAT_VERSION, Output, RebaseOutput, RebaseStatus, RebaseWord,
    RebasedTable, RowConflict, Versions,
};

/// Puts a fixpoint onto a changed parent, or another one.
pub(crate) fn rebase(context: &Context, args: &RebaseArgs) -> Result<(Output, Exit)> {
    let (name, onto) = (
        context.folder.name(&args.child)?,
        context.folder.name(&args.onto)?,
    );
    let prefer = match args.prefer {
        None => Prefer::Neither,
        Some(Side::Child) => Prefer::Child,
        Some(Side::Parent) => Prefer::Parent,
    };
    let report = checked(context, &name, &onto, prefer)?;
    let output = document(context, &name, prefer, &report);
    let exit = if output.status == RebaseStatus::Conflicts {
        Exit::Different
    } else {
        Exit::Success
    };
    Ok((Output::Rebase(Box::new(output)), exit))
}

/// Constraints are for the database to judge, where there is one that tests may use.
fn checked(
    context: &Context,
    name: &FixpointName,
    onto: &FixpointName,
    prefer: Prefer,
) -> Result<RebaseReport> {
    let url = context.test_url();
    match url.and_then(|url| context.open_test(&url, Missing::Refuse)) {
        Ok(mut database) => {
            let scope = context.config.scope(context.chosen());
            fixpoints::rebase_checked(
                database.as_mut(),
                &scope,
                &context.folder,
                name,
                onto,
                prefer,
            )
        }
        Err(error) => {
            let mut report = fixpoints::rebase(&context.folder, name, onto, prefer)?;
            report.constraints = Constraints::Unchecked {
                reason: Some(error.to_string()),
            };
            Ok(report)
        }
    }
}

fn document(
    context: &Context,
    name: &FixpointName,
    prefer: Prefer,
    report: &RebaseReport,
) -> RebaseOutput {
    let mut changes = Counts::default();
    for table in &report.tables {
        changes.inserted += table.counts.inserted;
        changes.updated += table.counts.updated;
        changes.deleted += table.counts.deleted;
    }
    let status = match report.finished.as_ref().map(|finished| finished.written) {
        None => RebaseStatus::Conflicts,
        Some(Written::Unchanged) => RebaseStatus::Unchanged,
        Some(Written::Created | Written::Replaced) => RebaseStatus::Rebased,
    };
    RebaseOutput {
        command: RebaseWord,
        format_version: FORMAT_VERSION,
        fixpoint: name.to_string(),
        path: report.path.clone(),
        status,
        before: report.before.as_ref().map(parent_ref),
        after: parent_ref(&report.after),
        changes,
        absorbed: report.tables.iter().map(|table| table.absorbed).sum(),
        conflicts: report.conflicts().count() as u64,
        resolved: report.tables.iter().map(|table| table.resolved).sum(),
        tables: report.tables.iter().map(table).collect(),
        added_tables: report.added.clone(),
        stale_children: report
            .stale_children
            .iter()
            .map(ToString::to_string)
            .collect(),
        constraints: report.constraints.clone(),
        hint: hint(name, prefer, report, status).map(|hint| context.typed.complete(&hint)),
        run: context.started.run(),
    }
}

fn hint(
    name: &FixpointName,
    prefer: Prefer,
    report: &RebaseReport,
    status: RebaseStatus,
) -> Option<Advice> {
    let onto = &report.after.name;
    if report.constraints == Constraints::Broken {
        let text = format!(
            "correct these rows in {} or in `{onto}`, then run ",
            report.path
        );
        let again = Advice::from(text).fixpoints(format!("rebase {name} --onto {onto}"));
        return Some(again.text(" again"));
    }
    if let (RebaseStatus::Conflicts, Prefer::Child, Some(before)) = (status, prefer, &report.before)
    {
        let before = &before.name;
        let file = |other: &str| {
            let own = format!("{name}.yaml");
            report.path.replace(&own, &format!("{other}.yaml"))
        };
        let text = format!(
            "the whole rows are known to `{before}` as it was: bring its former file back under another name, as in \
             `git show HEAD:./{} > {}`, and run it again; or run ",
            file(before),
            file(&format!("{before}-before"))
        );
        let parent = format!("rebase {name} --onto {onto} --prefer parent");
        return Some(Advice::from(text).fixpoints(parent));
    }
    if status == RebaseStatus::Conflicts {
        let child = format!("rebase {name} --onto {onto} --prefer child");
        let advice = Advice::from("run ").fixpoints(child);
        return Some(
            advice.text(" to keep its side of every conflict, or with `--prefer parent` the other"),
        );
    }
    let child = report.stale_children.first()?;
    Some(Advice::from("run ").fixpoints(format!("rebase {child} --onto {name}")))
}

fn table(rebased: &fixpoints::RebasedTable) -> RebasedTable {
    RebasedTable {
        name: rebased.table.name.clone(),
        key: rebased.table.key().to_vec(),
        changes: rebased.counts,
        absorbed: rebased.absorbed,
        resolved: rebased.resolved,
        conflicts: rebased.conflicts.iter().map(conflict).collect(),
    }
}

fn conflict(conflict: &Conflict) -> RowConflict {
    let key = conflict
        .row
        .0
        .iter()
        .map(|(column, cell)| (column.clone(), cell.into()));
    RowConflict {
        kind: conflict.kind,
        key: key.collect::<CellMap>(),
        columns: conflict.columns.iter().map(contested).collect(),
        reason: conflict.reason.clone(),
    }
}

fn contested(contested: &Contested) -> ContestedColumn {
    ContestedColumn {
        column: contested.column.clone(),
        versions: Versions {
            then: contested.then.as_ref().map(Into::into),
            now: contested.now.as_ref().map(Into::into),
            child: contested.child.as_ref().map(Into::into),
        },
    }
}
