//! The command `diff`.

use fixpoints::core::comparison::Counts;
use fixpoints::{Chain, CompareOptions, Result};

use super::compare::table;
use crate::args::DiffArgs;
use crate::context::Context;
use crate::exit::Exit;
use crate::output::{DiffOutput, DiffStatus, DiffWord, FORMAT_VERSION, Output, TableStatus};

/// Compares two fixpoints.
pub(crate) fn diff(context: &Context, args: &DiffArgs) -> Result<(Output, Exit)> {
    let open = |name: &str| Chain::open(&context.folder, &context.folder.name(name)?);
    let (old, new) = (open(&args.old)?, open(&args.new)?);
    let options = CompareOptions {
        ignore: args.ignore.clone(),
        ignore_configured: context.ignored(),
        tables: args.table.clone(),
        exclude: args.exclude_table.clone(),
    };
    let difference = fixpoints::diff(&old, &new, &options)?;
    let mut counts = Counts::default();
    let changes = difference.tables.iter().flat_map(|table| &table.changes);
    changes.for_each(|change| counts.add(change));
    let tables: Vec<_> = difference.tables.iter().map(table).collect();
    let (status, exit) = if difference.is_equal() {
        (DiffStatus::Equal, Exit::Success)
    } else {
        (DiffStatus::Different, Exit::Different)
    };
    let different = tables
        .iter()
        .filter(|table| table.status == TableStatus::Different);
    let output = DiffOutput {
        command: DiffWord,
        format_version: FORMAT_VERSION,
        old: old.name().to_string(),
        new: new.name().to_string(),
        status,
        tables_compared: tables.len() as u64,
        tables_different: different.count() as u64,
        changes: counts,
        tables,
        sequences: difference.sequences.iter().map(Into::into).collect(),
        drifts: difference.drifts.clone(),
        only_old: difference.only_old,
        only_new: difference.only_new,
        run: context.started.run(),
    };
    Ok((Output::Diff(Box::new(output)), exit))
}
