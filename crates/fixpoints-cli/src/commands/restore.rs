//! The command `restore`.

use fixpoints::BrokenReference;
use fixpoints::{Action, Chain, Missing, Result};

use crate::args::RestoreArgs;
use crate::clock::milliseconds;
use crate::commands::parts::finding;
use crate::context::Context;
use crate::exit::Exit;
use crate::output::{
    FORMAT_VERSION, Finding, Output, RestoreOutput, RestoreStatus, RestoreWord, RestoredTable,
};

/// Brings the database back to a fixpoint.
pub(crate) fn restore(context: &Context, args: &RestoreArgs) -> Result<(Output, Exit)> {
    let name = context.folder.name(&args.name)?;
    let url = context.test_url()?;
    let chain = Chain::open(&context.folder, &name)?;
    let mut database = context.open_test(&url, Missing::Refuse)?;
    let report = context.restore(database.as_mut(), &chain)?;
    let tables: Vec<RestoredTable> = report.tables.iter().map(table).collect();
    let unchanged =
        report.sequences.is_empty() && tables.iter().all(|table| table.action == Action::Unchanged);
    let omitted = report.omissions.into_iter();
    let omitted = omitted.map(|omission| finding(context, &fixpoints::Finding::omission(omission)));
    let output = RestoreOutput {
        command: RestoreWord,
        format_version: FORMAT_VERSION,
        fixpoint: name.to_string(),
        ancestors: chain.ancestors().map(ToString::to_string).collect(),
        database: url.to_string(),
        status: if unchanged {
            RestoreStatus::Unchanged
        } else {
            RestoreStatus::Restored
        },
        rows_inserted: tables.iter().map(|table| table.inserted).sum(),
        rows_deleted: tables.iter().filter_map(|table| table.deleted).sum(),
        tables,
        sequences: report.sequences.iter().map(Into::into).collect(),
        skipped_tables: report.skipped,
        skipped_by: context.skipped_by(),
        warnings: report.broken.iter().map(warning).chain(omitted).collect(),
        run: context.started.run(),
    };
    Ok((Output::Restore(Box::new(output)), Exit::Success))
}

fn warning(broken: &BrokenReference) -> Finding {
    Finding {
        subject: Some(broken.table.clone()),
        message: broken.to_string(),
        hint: None,
    }
}

fn table(restored: &fixpoints::RestoredTable) -> RestoredTable {
    RestoredTable {
        name: restored.table.clone(),
        action: restored.action,
        inserted: restored.inserted,
        deleted: restored.deleted,
        duration_ms: milliseconds(restored.duration),
    }
}
