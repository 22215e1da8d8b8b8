//! An import as text: what was written, then what was lost, changed or assumed.

use std::io::Result;

use super::page::Page;
use fixpoints::core::excerpt::visible;

use super::{hint, plural, stale_children, store_status};
use crate::invocation::Invocation;
use crate::output::{ImportNote, ImportOutput, ImportStatus, NoteKind};

/// Writes an import.
pub(crate) fn write(import: &ImportOutput, typed: &Invocation, out: &mut Page<'_>) -> Result<()> {
    for fixpoint in &import.fixpoints {
        let parent = fixpoint.parent.as_ref();
        let parent = parent
            .map(|parent| format!(" on top of {}", parent.name))
            .unwrap_or_default();
        let (status, rows) = (store_status(fixpoint.status), plural(fixpoint.rows, "row"));
        writeln!(
            out,
            "{status} {}{parent}: {rows}, from {}",
            fixpoint.path, fixpoint.source
        )?;
        stale_children(&fixpoint.name, &fixpoint.stale_children, typed, out)?;
    }
    import.notes.iter().try_for_each(|found| note(found, out))?;
    if import.status == ImportStatus::Complete {
        return Ok(());
    }
    writeln!(
        out,
        "not everything was carried over from {}",
        import.sources.join(", ")
    )?;
    hint(
        Some("correct the files or the schema and import them again, or commit what there is"),
        out,
    )
}

fn note(note: &ImportNote, out: &mut Page<'_>) -> Result<()> {
    let kind = match note.kind {
        NoteKind::Lost => "lost",
        NoteKind::Changed => "changed",
        NoteKind::Broken => "broken",
        NoteKind::Assumed => "assumed",
    };
    let line = note
        .line
        .map(|line| format!(", line {line}"))
        .unwrap_or_default();
    let count = if note.count > 1 {
        format!(" ({} times)", note.count)
    } else {
        String::new()
    };
    let table = note.table.as_deref();
    let table = table.filter(|table| !note.message.contains(table));
    let table = table.map(|table| format!("{table}: ")).unwrap_or_default();
    writeln!(
        out,
        "{kind}  {}{line}: {}{count}",
        visible(&note.file),
        visible(&format!("{table}{}", note.message))
    )
}
