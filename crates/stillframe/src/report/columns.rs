//! How wide the columns of a report are: as its contents need it, and as the terminal allows.

use stillframe_core::visible::visible;
use terminal::columns;

/// Texts up to this width share a column.
const WIDEST: usize = 48;
/// What stands beside two columns needs so much room at least; else it stands below.
const LEAST_BESIDE: usize = 28;
/// A column between two others.
pub(super) const GAP: usize = 2;

/// The widths of a column of words and one of subjects.
#[derive(Debug, Clone, Copy)]
pub(super) struct Columns {
    pub word: usize,
    pub subject: usize,
    /// Where the third column begins, if there is room for one.
    pub beside: Option<usize>,
}

impl Columns {
    /// The columns of rows that each have a word and a subject, the first of which is indented.
    pub fn of<'a>(
        rows: impl Iterator<Item = (&'a str, &'a str)> + Clone,
        indent: usize,
        width: Option<usize>,
    ) -> Columns {
        let widest = |lengths: &mut dyn Iterator<Item = usize>| {
            lengths
                .filter(|length| *length <= WIDEST)
                .max()
                .unwrap_or(0)
        };
        let word = widest(&mut rows.clone().map(|(word, _)| columns(word)));
        let subject = widest(&mut rows.map(|(_, subject)| columns(&visible(subject))));
        let third = indent + word + GAP + subject + GAP;
        let fits = width.is_none_or(|width| third + LEAST_BESIDE <= width);
        Columns {
            word,
            subject,
            beside: fits.then_some(third),
        }
    }
}

/// The blanks that follow a text, so that the next column begins where it should.
pub(super) fn blanks(text: &str, width: usize) -> String {
    " ".repeat(width.saturating_sub(columns(&visible(text))))
}
