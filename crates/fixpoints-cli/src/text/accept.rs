//! What was signed, as text: what did not match, what changed since the committed version, and what is left to do.

use std::io::Result;

use fixpoints::core::excerpt::visible;

use super::compare::{counts, write_tables};
use super::diff::drift;
use super::page::Page;
use super::{hint, stale_children};
use crate::invocation::Invocation;
use crate::output::{AcceptOutput, AcceptStatus, SignedPart, Since, UnsignedPart};

/// Writes what was signed.
pub(crate) fn write(accept: &AcceptOutput, typed: &Invocation, out: &mut Page<'_>) -> Result<()> {
    for part in &accept.unsigned {
        writeln!(out, "{} {}", visible(&named(part)), part.difference)?;
    }
    if let Some(since) = &accept.since {
        write_since(since, typed, out)?;
    }
    let path = &accept.path;
    match accept.status {
        AcceptStatus::Sound => writeln!(out, "{path} is as it was signed"),
        AcceptStatus::Signed => writeln!(out, "signed {path}{}", summary(accept)),
        AcceptStatus::Merged => {
            writeln!(out, "settled the conflicts of {path}{}", summary(accept))
        }
        AcceptStatus::Rewritten => writeln!(out, "rewrote {path} in format 2{}", summary(accept)),
    }?;
    if !accept.rewritten.is_empty() {
        writeln!(out, "rewritten with it: {}", accept.rewritten.join(", "))?;
    }
    if let Some(parent) = accept.parent.as_ref().filter(|_| accept.parent_moved) {
        let (name, parent) = (&accept.fixpoint, &parent.name);
        writeln!(out, "warning: `{parent}` is not what `{name}` stands on")?;
        return hint(accept.hint.as_deref(), out);
    }
    stale_children(&accept.fixpoint, &accept.stale_children, typed, out)
}

fn named(part: &UnsignedPart) -> String {
    let name = part.name.as_deref().unwrap_or_default();
    match part.part {
        SignedPart::Header => "the header".to_owned(),
        SignedPart::Table => format!("table {name}"),
        SignedPart::Sequence => format!("sequence {name}"),
    }
}

fn write_since(since: &Since, typed: &Invocation, out: &mut Page<'_>) -> Result<()> {
    write_tables(&since.tables, &since.sequences, typed, out)?;
    since
        .drifts
        .iter()
        .try_for_each(|found| drift(found, out))?;
    for (what, tables) in [
        ("added", &since.added_tables),
        ("removed", &since.removed_tables),
    ] {
        if !tables.is_empty() {
            writeln!(out, "{what}: {}", visible(&tables.join(", ")))?;
        }
    }
    Ok(())
}

/// How much changed, and since when.
fn summary(accept: &AcceptOutput) -> String {
    match &accept.since {
        None => "; nothing sound is committed that it can be compared with".to_owned(),
        Some(since) => {
            let commit = since.commit.get(..10).unwrap_or(&since.commit);
            format!(": {} since {commit}", counts(since.changes))
        }
    }
}
