//! The normaliser as a filter of any size; it holds one array at most, and only when a rule sorts it.
//!
//! Identities are numbered when all of them are known, so a plan with identity rules writes its
//! text to a spool first; without such rules the text goes straight to the output.

use super::Change;
use super::found::Ambiguity;
use super::hole::{Piece, pieces};
use super::identity::Identities;
use super::layout::Layout;
use super::masks::Masks;
use super::plan::Plan;
use super::rewrite::{Explain, Findings, Rewriter};
use super::scrub::Scrub;
use crate::json::JsonError;
use crate::json::tokens::{Fail, Framing, Tokens};
use std::io::{self, Read, Seek, SeekFrom, Write};

/// Where text waits for its numbers: a temporary file.
pub trait Spool: Read + Write + Seek {}

impl<T: Read + Write + Seek> Spool for T {}

/// Why a filter stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FilterError {
    /// The input is not acceptable.
    #[error(transparent)]
    Json(Box<JsonError>),
    /// The input could not be read, or the output not written.
    #[error("reading the input or writing the output failed")]
    Io(#[from] io::Error),
}

impl From<Fail> for FilterError {
    fn from(fail: Fail) -> Self {
        match fail {
            Fail::Json(error) => Self::Json(error),
            Fail::Io(error) => Self::Io(error),
        }
    }
}

/// What a filter did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// How many documents passed.
    pub documents: u64,
    /// How often each rule matched, by the rule's id.
    pub hits: Vec<u64>,
    /// Sorted arrays in which the order of some elements is that of the input.
    pub ambiguities: Vec<Ambiguity>,
}

impl From<Findings> for Report {
    fn from(found: Findings) -> Self {
        let Findings {
            hits,
            ambiguities,
            documents,
            ..
        } = found;
        Self {
            documents,
            hits,
            ambiguities,
        }
    }
}

/// Normalises `reader` into `writer`; the input is one identity namespace.
///
/// `spool` is called at most once, when the plan has identity rules. Identities are explained
/// after everything else.
///
/// # Errors
/// For input that is not acceptable JSON, and when reading or writing fails. What was written
/// before stays written.
pub fn filter<S: Spool>(
    plan: &Plan,
    scrub: &Scrub,
    framing: Framing,
    reader: &mut dyn Read,
    writer: &mut dyn Write,
    spool: impl FnOnce() -> io::Result<S>,
    mut explain: Explain<'_>,
) -> Result<Report, FilterError> {
    let tokens = Tokens::new(reader, framing);
    let numbered = plan
        .compiled
        .rules
        .iter()
        .any(|rule| rule.effect.form().is_some());
    if !numbered {
        let rewriter = Rewriter::new(
            plan,
            scrub,
            tokens,
            framing,
            writer,
            Masks::unwanted(),
            explain,
        );
        return Ok(rewriter.run()?.into());
    }
    let reborrowed = explain
        .as_mut()
        .map(|explain| &mut **explain as &mut dyn FnMut(Change));
    let mut spool = spool()?;
    let rewriter = Rewriter::new(
        plan,
        scrub,
        tokens,
        framing,
        &mut spool,
        Masks::unwanted(),
        reborrowed,
    );
    let found = rewriter.run()?;
    spool.rewind()?;
    if !found.holes {
        io::copy(&mut spool, writer)?;
        writer.flush()?;
        return Ok(found.into());
    }
    number(plan, framing, &mut spool, writer, explain)?;
    Ok(found.into())
}

/// Reads the spool twice: to see which placeholders are taken, and to write.
fn number(
    plan: &Plan,
    framing: Framing,
    spool: &mut dyn Spool,
    writer: &mut dyn Write,
    mut explain: Explain<'_>,
) -> io::Result<()> {
    let layout = Layout::new(plan.format(), framing);
    let mut identities = Identities::new();
    each_piece(spool, |piece| {
        if let Piece::Hole(hole) = piece {
            identities.reserve_hole(&plan.compiled, hole);
        }
        Ok(())
    })?;
    spool.seek(SeekFrom::Start(0))?;
    let mut token = Vec::new();
    each_piece(spool, |piece| match piece {
        Piece::Text(text) | Piece::Open(text) => writer.write_all(text),
        Piece::Hole(hole) => {
            token.clear();
            let mut tell = |change| {
                if let Some(explain) = &mut explain {
                    explain(change);
                }
            };
            identities.fill(plan, &layout, hole, &mut tell, &mut token);
            writer.write_all(&token)
        }
    })?;
    writer.flush()
}

/// Cuts a stream into pieces; a hole is never cut in two.
fn each_piece(
    spool: &mut (impl Read + ?Sized),
    mut visit: impl FnMut(Piece<'_>) -> io::Result<()>,
) -> io::Result<()> {
    let mut buffer = vec![0; 256 << 10];
    let mut filled = 0;
    loop {
        let count = spool.read(&mut buffer[filled..])?;
        filled += count;
        let mut kept = 0;
        for piece in pieces(&buffer[..filled]) {
            match piece {
                Piece::Open(open) => kept = open.len(),
                piece => visit(piece)?,
            }
        }
        if count == 0 && kept == 0 {
            return Ok(());
        }
        if count == 0 {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof));
        }
        buffer.copy_within(filled - kept..filled, 0);
        filled = kept;
        if kept * 2 > buffer.len() {
            buffer.resize(buffer.len() * 2, 0);
        }
    }
}
