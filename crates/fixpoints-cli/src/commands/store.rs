//! The command `store`.

use fixpoints::core::names::shell_word;
use fixpoints::{
    Error, FixpointName, Missing, Replace, Result, StoreOptions, StoreReport, Written,
};

use super::parts::{count, finding, kind, parent_ref, path};
use crate::args::StoreArgs;
use crate::clock::milliseconds;
use crate::context::Context;
use crate::exit::Exit;
use crate::output::{
    FORMAT_VERSION, Output, StoreOutput, StoreStatus, StoreWord, StoredTable, positions,
};
use fixpoints::Operator;

/// Stores the state of the database.
pub(crate) fn store(context: &Context, args: &StoreArgs) -> Result<(Output, Exit)> {
    let name = context.folder.name(&args.name)?;
    let parent = args
        .parent
        .as_deref()
        .map(|parent| context.folder.name(parent))
        .transpose()?;
    if args.if_missing && context.folder.exists(&name)? {
        return Ok((
            Output::Store(Box::new(present(context, &name)?)),
            Exit::Success,
        ));
    }
    let options = StoreOptions {
        parent,
        exclude: args.exclude_table.clone(),
        replace: if args.force {
            Replace::Anything
        } else {
            Replace::Likely
        },
    };
    if args.if_missing {
        refuse_in_ci(context, &name, &options)?;
    }
    Ok((
        Output::Store(Box::new(write(context, &name, &options)?)),
        Exit::Success,
    ))
}

/// Stores a state that nobody asked for by name of the command `store`, which a build server must not.
pub(crate) fn refuse_in_ci(
    context: &Context,
    name: &FixpointName,
    options: &StoreOptions,
) -> Result<()> {
    if context.operator == Operator::Person {
        return Ok(());
    }
    let mut command = format!("store {name}");
    if let Some(parent) = &options.parent {
        command.push_str(&format!(" --parent {parent}"));
    }
    for table in &options.exclude {
        command.push_str(&format!(" --exclude-table {}", shell_word(table)));
    }
    Err(Error::ImplicitWrite {
        name: name.to_string(),
        command: fixpoints::core::advice::Command::fixpoints(command),
    })
}

/// Stores and describes what was stored.
pub(crate) fn write(
    context: &Context,
    name: &FixpointName,
    options: &StoreOptions,
) -> Result<StoreOutput> {
    let mut database = context.open_test(&context.test_url()?, Missing::Refuse)?;
    let report = fixpoints::store(
        database.as_mut(),
        &context.folder,
        name,
        &context.scope()?,
        options,
    )?;
    Ok(document(context, name, &report))
}

fn document(context: &Context, name: &FixpointName, report: &StoreReport) -> StoreOutput {
    let tables: Vec<StoredTable> = report.tables.iter().map(table).collect();
    StoreOutput {
        command: StoreWord,
        format_version: FORMAT_VERSION,
        fixpoint: name.to_string(),
        path: report.path.clone(),
        kind: kind(report.parent.as_ref()),
        status: status(report.written),
        parent: report.parent.as_ref().map(parent_ref),
        bytes: report.bytes,
        content: report.content.clone(),
        tables_stored: tables.len() as u64,
        rows_stored: tables.iter().map(|table| table.rows).sum(),
        tables,
        sequences: positions(&report.sequences),
        left_out: report.left_out.clone(),
        stale_children: report
            .orphaned_children
            .iter()
            .map(ToString::to_string)
            .collect(),
        warnings: report
            .findings
            .iter()
            .map(|found| finding(context, found))
            .collect(),
        run: context.started.run(),
    }
}

/// What a write means for a fixpoint.
pub(crate) fn status(written: Written) -> StoreStatus {
    match written {
        Written::Created => StoreStatus::Created,
        Written::Replaced => StoreStatus::Replaced,
        Written::Unchanged => StoreStatus::Unchanged,
    }
}

/// A stored table as documents show it.
pub(crate) fn table(stored: &fixpoints::StoredTable) -> StoredTable {
    StoredTable {
        name: stored.table.name.clone(),
        key: stored.table.key().to_vec(),
        rows: stored.rows,
        changes: stored.counts,
        duration_ms: milliseconds(stored.duration),
    }
}

/// What `--if-missing` says of a fixpoint it leaves alone.
fn present(context: &Context, name: &FixpointName) -> Result<StoreOutput> {
    let chain = fixpoints::Chain::open(&context.folder, name)?;
    let (header, document) = (chain.header(), chain.document());
    let tables = header.tables.values().map(|table| {
        let (rows, changes) = count(&chain, table)?;
        let key = table.key().to_vec();
        Ok(StoredTable {
            name: table.name.clone(),
            key,
            rows,
            changes,
            duration_ms: 0,
        })
    });
    let tables = tables.collect::<Result<Vec<_>>>()?;
    Ok(StoreOutput {
        command: StoreWord,
        format_version: FORMAT_VERSION,
        fixpoint: name.to_string(),
        path: path(context, name),
        kind: kind(header.parent.as_ref()),
        status: StoreStatus::Present,
        parent: header.parent.as_ref().map(parent_ref),
        bytes: document.bytes,
        content: document.content.clone(),
        tables_stored: tables.len() as u64,
        rows_stored: tables.iter().map(|table| table.rows).sum(),
        tables,
        sequences: positions(&header.sequences),
        left_out: Vec::new(),
        stale_children: Vec::new(),
        warnings: Vec::new(),
        run: context.started.run(),
    })
}
