//! The command `import`.

use fixpoints::core::names::shown as shown_path;
use fixpoints::{Missing, Result};
use fixpoints_import::ImportOptions;

use super::parts::{kind, parent_ref};
use super::store::{status, table};
use crate::args::ImportArgs;
use crate::context::Context;
use crate::exit::Exit;
use crate::output::{
    FORMAT_VERSION, ImportNote, ImportOutput, ImportStatus, ImportWord, ImportedFixpoint, NoteKind,
    Output,
};

/// Takes over files of another tool.
pub(crate) fn import(context: &Context, args: &ImportArgs) -> Result<(Output, Exit)> {
    let url = context.test_url()?;
    let name = args.name.as_deref();
    let options = ImportOptions {
        name: name.map(|name| context.folder.name(name)).transpose()?,
        mapping: args.mapping.clone(),
    };
    let mut database = context.open_test(&url, Missing::Refuse)?;
    let scope = context.scope()?;
    let report = fixpoints_import::import_all(
        database.as_mut(),
        &context.folder,
        &scope,
        &args.sources,
        &options,
    )?;
    let notes: Vec<ImportNote> = report.notes.iter().map(note).collect();
    let complete = notes.iter().all(|note| note.kind == NoteKind::Assumed);
    let (status, exit) = if complete {
        (ImportStatus::Complete, Exit::Success)
    } else {
        (ImportStatus::Incomplete, Exit::Different)
    };
    let output = ImportOutput {
        command: ImportWord,
        format_version: FORMAT_VERSION,
        sources: args
            .sources
            .iter()
            .map(|source| shown_path(source))
            .collect(),
        database: url.to_string(),
        status,
        fixpoints: report.fixpoints.iter().map(imported).collect(),
        notes,
        run: context.started.run(),
    };
    Ok((Output::Import(Box::new(output)), exit))
}

fn note(note: &fixpoints_import::Note) -> ImportNote {
    ImportNote {
        kind: note.kind,
        file: note.file.clone(),
        line: note.line.map(|line| line as u64),
        table: note.table.clone(),
        column: note.column.clone(),
        message: note.message.clone(),
        count: note.count,
    }
}

fn imported(imported: &fixpoints_import::ImportedFixpoint) -> ImportedFixpoint {
    let report = &imported.report;
    let tables: Vec<_> = report.tables.iter().map(table).collect();
    let children = report.orphaned_children.iter();
    ImportedFixpoint {
        name: imported.name.to_string(),
        source: imported.source.clone(),
        path: report.path.clone(),
        kind: kind(report.parent.as_ref()),
        status: status(report.written),
        parent: report.parent.as_ref().map(parent_ref),
        bytes: report.bytes,
        content: report.content.clone(),
        rows: tables.iter().map(|table| table.rows).sum(),
        tables,
        stale_children: children.map(ToString::to_string).collect(),
    }
}
