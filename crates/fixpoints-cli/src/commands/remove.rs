//! The commands `remove` and `sequences reset`.

use fixpoints::{Missing, Result};

use crate::args::{RemoveArgs, ResetArgs};
use crate::context::Context;
use crate::exit::Exit;
use crate::output::{
    FORMAT_VERSION, Output, RemoveOutput, RemoveWord, ResetSequence, SequencesOutput, SequencesWord,
};

/// Removes a fixpoint.
pub(crate) fn remove(context: &Context, args: &RemoveArgs) -> Result<(Output, Exit)> {
    let name = context.folder.name(&args.name)?;
    let removed = fixpoints::remove(&context.folder, &name)?;
    let output = RemoveOutput {
        command: RemoveWord,
        format_version: FORMAT_VERSION,
        fixpoint: name.to_string(),
        path: removed.path,
        bytes: removed.bytes,
        run: context.started.run(),
    };
    Ok((Output::Remove(output), Exit::Success))
}

/// Puts sequences right behind their tables.
pub(crate) fn reset(context: &Context, args: &ResetArgs) -> Result<(Output, Exit)> {
    let url = context.test_url()?;
    let mut database = context.open_test(&url, Missing::Refuse)?;
    let report = fixpoints::reset_sequences(database.as_mut(), &context.scope()?, &args.table)?;
    let sequences = report.sequences.iter().map(|reset| ResetSequence {
        name: reset.standing.sequence.clone(),
        table: reset.standing.table.clone(),
        column: reset.standing.column.clone(),
        highest: reset.standing.highest,
        old: reset.standing.stands.into(),
        new: reset.now.map(Into::into),
    });
    let output = SequencesOutput {
        command: SequencesWord,
        format_version: FORMAT_VERSION,
        database: url.to_string(),
        moved: report
            .sequences
            .iter()
            .filter(|reset| reset.is_moved())
            .count() as u64,
        sequences: sequences.collect(),
        free: report.free,
        run: context.started.run(),
    };
    Ok((Output::Sequences(output), Exit::Success))
}
