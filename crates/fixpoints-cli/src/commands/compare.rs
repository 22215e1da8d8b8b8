//! The command `compare`.

use std::collections::BTreeSet;

use fixpoints::core::advice::Advice;
use fixpoints::core::comparison::Counts;
use fixpoints::core::names::shell_word;
use fixpoints::{
    Chain, Change, CompareOptions, Comparison, FixpointName, Missing, Result, StoreOptions, Table,
};

use super::parts::{row_map, some};
use super::store::{refuse_in_ci, write};
use crate::args::CompareArgs;
use crate::clock::milliseconds;
use crate::context::Context;
use crate::exit::Exit;
use crate::output::{
    ChangedColumn, CompareOutput, CompareStatus, CompareWord, ComparedTable, FORMAT_VERSION,
    Output, RowChange, StoreOutput, TableStatus,
};

/// Compares the database with a fixpoint.
pub(crate) fn compare(context: &Context, args: &CompareArgs) -> Result<(Output, Exit)> {
    let name = context.folder.name(&args.name)?;
    let url = context.url()?;
    let mut hint = None;
    let (comparison, stored) = if args.or_store && !context.folder.exists(&name)? {
        (None, Some(store_instead(context, &name, args)?))
    } else {
        let chain = Chain::open(&context.folder, &name)?;
        let mut database = fixpoints::open(&url, Missing::Refuse)?;
        let options = options(context, args);
        let compared = fixpoints::compare(database.as_mut(), &chain, &context.scope()?, &options)?;
        hint = Some(context.typed.complete(&again(&chain, &compared, args)));
        (Some(compared), None)
    };
    let mut output = document(context, &name, url.to_string(), comparison.as_ref(), stored);
    if output.status == CompareStatus::Different {
        output.hint = hint;
    }
    let exit = if output.status == CompareStatus::Equal {
        Exit::Success
    } else {
        Exit::Different
    };
    Ok((Output::Compare(Box::new(output)), exit))
}

/// The command that stores the same tables again.
fn again(chain: &Chain, compared: &Comparison, args: &CompareArgs) -> Advice {
    let mut command = format!("store {}", chain.name());
    if let Some(parent) = chain.ancestors().next() {
        command.push_str(&format!(" --parent {parent}"));
    }
    let tables = &chain.header().tables;
    let left_out = args.exclude_table.iter().chain(&compared.uncovered);
    let left_out: BTreeSet<&String> = left_out
        .filter(|said| !tables.values().any(|table| table.is_called(said)))
        .collect();
    for table in left_out {
        command.push_str(&format!(" --exclude-table {}", shell_word(table)));
    }
    let is_partial =
        !(args.ignore.is_empty() && args.table.is_empty() && args.exclude_table.is_empty());
    let all = if is_partial {
        ", which stores what was not compared too"
    } else {
        ""
    };
    Advice::from("if this is right, run ")
        .fixpoints(command)
        .text(all)
}

fn options(context: &Context, args: &CompareArgs) -> CompareOptions {
    CompareOptions {
        ignore: args.ignore.clone(),
        ignore_configured: context.ignored(),
        tables: args.table.clone(),
        exclude: args.exclude_table.clone(),
    }
}

fn store_instead(
    context: &Context,
    name: &FixpointName,
    args: &CompareArgs,
) -> Result<StoreOutput> {
    let parent = args
        .parent
        .as_deref()
        .map(|parent| context.folder.name(parent))
        .transpose()?;
    let options = StoreOptions {
        parent,
        exclude: args.exclude_table.clone(),
        ..StoreOptions::default()
    };
    refuse_in_ci(context, name, &options)?;
    write(context, name, &options)
}

fn document(
    context: &Context,
    name: &FixpointName,
    database: String,
    comparison: Option<&Comparison>,
    stored: Option<StoreOutput>,
) -> CompareOutput {
    let mut counts = Counts::default();
    let compared = comparison
        .map(|comparison| comparison.tables.as_slice())
        .unwrap_or_default();
    compared
        .iter()
        .flat_map(|table| &table.changes)
        .for_each(|change| counts.add(change));
    let tables: Vec<ComparedTable> = compared.iter().map(table).collect();
    CompareOutput {
        command: CompareWord,
        format_version: FORMAT_VERSION,
        fixpoint: name.to_string(),
        database,
        status: match comparison {
            None => CompareStatus::Stored,
            Some(comparison) if comparison.is_equal() => CompareStatus::Equal,
            Some(_) => CompareStatus::Different,
        },
        tables_compared: tables.len() as u64,
        tables_different: tables
            .iter()
            .filter(|table| table.status == TableStatus::Different)
            .count() as u64,
        changes: counts,
        tables,
        sequences: comparison
            .iter()
            .flat_map(|comparison| &comparison.sequences)
            .map(Into::into)
            .collect(),
        uncovered_tables: comparison
            .map(|comparison| comparison.uncovered.clone())
            .unwrap_or_default(),
        skipped_tables: comparison
            .map(|comparison| comparison.skipped.clone())
            .unwrap_or_default(),
        skipped_by: context.skipped_by(),
        left_out: comparison
            .iter()
            .flat_map(|comparison| comparison.left_out.clone())
            .collect(),
        warnings: comparison
            .iter()
            .flat_map(|comparison| &comparison.omissions)
            .map(|omission| {
                let found = fixpoints::Finding::omission(omission.clone());
                super::parts::finding(context, &found)
            })
            .collect(),
        stored,
        hint: None,
        run: context.started.run(),
    }
}

/// A compared table as documents show it.
pub(crate) fn table(compared: &fixpoints::ComparedTable) -> ComparedTable {
    let view = &compared.table;
    ComparedTable {
        name: view.name.clone(),
        status: if compared.changes.is_empty() {
            TableStatus::Equal
        } else {
            TableStatus::Different
        },
        key: view.key().to_vec(),
        ignored: compared.ignored.clone(),
        rows: compared.rows,
        changes: compared
            .changes
            .iter()
            .map(|change| row_change(view, change))
            .collect(),
        duration_ms: milliseconds(compared.duration),
    }
}

fn row_change(table: &Table, change: &Change) -> RowChange {
    match change {
        Change::Inserted(row) => RowChange::Inserted {
            data: row_map(table, row),
        },
        Change::Deleted(row) => RowChange::Deleted {
            data: row_map(table, row),
        },
        Change::Updated { old, new } => RowChange::Updated {
            key: some(table, old, table.key_positions()),
            columns: Change::changed_columns(table, old, new)
                .into_iter()
                .map(|at| ChangedColumn {
                    column: table.column(at).to_owned(),
                    old: (&old[at]).into(),
                    new: (&new[at]).into(),
                })
                .collect(),
        },
    }
}
