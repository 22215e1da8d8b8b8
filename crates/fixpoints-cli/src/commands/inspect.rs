//! The commands `list` and `show`, which look into files and open no database.

use fixpoints::core::names::shown as shown_path;
use fixpoints::{Chain, Error, FixpointName, Folder, Result, Table};

use super::parts::{count, kind, parent_ref, path, row_map};
use crate::args::ShowArgs;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure;
use crate::output::{
    FORMAT_VERSION, ListOutput, ListWord, ListedFixpoint, Output, ShowOutput, ShowWord,
    ShownColumn, ShownTable, positions,
};

/// Lists the fixpoints, those that cannot be read too.
pub(crate) fn list(context: &Context) -> Result<(Output, Exit)> {
    let names = context.folder.own_names()?;
    let mut fixpoints: Vec<ListedFixpoint> =
        names.iter().map(|name| listed(context, name)).collect();
    let links = context.folder.links()?.into_iter();
    fixpoints.extend(links.map(|(name, path)| ListedFixpoint::Unreadable {
        name,
        path: shown_path(&path),
        problem: failure::problem(&Folder::linked(&path), &context.typed),
    }));
    let output = ListOutput {
        command: ListWord,
        format_version: FORMAT_VERSION,
        folder: context.folder.shown(),
        fixpoints,
        run: context.started.run(),
    };
    Ok((Output::List(output), Exit::Success))
}

fn listed(context: &Context, name: &FixpointName) -> ListedFixpoint {
    let path = path(context, name);
    match context.folder.open(name) {
        Ok(document) => ListedFixpoint::Readable {
            name: name.to_string(),
            path,
            kind: kind(document.header.parent.as_ref()),
            parent: document.header.parent.as_ref().map(parent_ref),
            engine: document.header.engine.clone(),
            tables: document.header.tables.len() as u64,
            lines: document.all_lines(),
            bytes: document.bytes,
            content: document.content,
        },
        Err(error) => ListedFixpoint::Unreadable {
            name: name.to_string(),
            path,
            problem: failure::problem(&error, &context.typed),
        },
    }
}

/// Shows one fixpoint.
pub(crate) fn show(context: &Context, args: &ShowArgs) -> Result<(Output, Exit)> {
    let name = context.folder.name(&args.name)?;
    let chain = Chain::open(&context.folder, &name)?;
    let (header, document) = (chain.header(), chain.document());
    if let Some(table) = args
        .table
        .iter()
        .find(|said| !header.tables.values().any(|table| table.is_called(said)))
    {
        return Err(Error::UnknownTable {
            table: table.clone(),
            known: header.tables.keys().cloned().collect(),
        });
    }
    let wanted = |table: &&Table| {
        args.table.is_empty() || args.table.iter().any(|said| table.is_called(said))
    };
    let tables = header
        .tables
        .values()
        .filter(wanted)
        .map(|table| shown(&chain, table, args));
    let tables = tables.collect::<Result<Vec<_>>>()?;
    let output = ShowOutput {
        command: ShowWord,
        format_version: FORMAT_VERSION,
        fixpoint: name.to_string(),
        path: path(context, &name),
        engine: header.engine.clone(),
        kind: kind(document.header.parent.as_ref()),
        parent: header.parent.as_ref().map(parent_ref),
        ancestors: chain.ancestors().map(ToString::to_string).collect(),
        bytes: document.bytes,
        content: document.content.clone(),
        sequences: positions(&header.sequences),
        tables,
        run: context.started.run(),
    };
    Ok((Output::Show(Box::new(output)), Exit::Success))
}

fn shown(chain: &Chain, table: &Table, args: &ShowArgs) -> Result<ShownTable> {
    let (rows, changes) = count(chain, table)?;
    let data = if args.rows {
        Some(
            chain
                .rows(table)
                .map(|row| row.map(|row| row_map(table, &row)))
                .collect::<Result<Vec<_>>>()?,
        )
    } else {
        None
    };
    Ok(ShownTable {
        name: table.name.clone(),
        key: table.key().to_vec(),
        columns: table
            .columns()
            .iter()
            .map(|(name, kind)| ShownColumn {
                name: name.clone(),
                kind: kind.clone(),
            })
            .collect(),
        rows,
        changes: chain.header().parent.is_some().then_some(changes),
        data,
    })
}
