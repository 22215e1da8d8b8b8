//! The marks of an unfinished merge: where they are, and the text of each side; it decides nothing.

use std::ops::RangeInclusive;

use crate::layout::chomp;

/// Both sides of a file that git could not merge.
#[derive(Debug, Default)]
pub struct Sides {
    /// The text with our lines.
    pub ours: Vec<u8>,
    /// The text with their lines.
    pub theirs: Vec<u8>,
    /// The numbers of the lines of each conflict, its marks included.
    pub conflicts: Vec<RangeInclusive<usize>>,
}

#[derive(Clone, Copy, PartialEq)]
enum Within {
    Both,
    Ours,
    Before,
    Theirs,
}

/// The number of the first mark.
pub fn first(text: &[u8]) -> Option<usize> {
    let mut lines = text.split(|byte| *byte == b'\n');
    lines.position(|line| is_mark(line, b'<')).map(|at| at + 1)
}

/// The text of both sides; `None` where there are no marks, or not in their order.
pub fn sides(text: &[u8]) -> Option<Sides> {
    let (mut sides, mut within, mut begin) = (Sides::default(), Within::Both, 0);
    for (at, line) in text.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let mark = chomp(line);
        let next = match within {
            Within::Both if is_mark(mark, b'<') => {
                begin = at + 1;
                Within::Ours
            }
            Within::Ours if is_mark(mark, b'|') => Within::Before,
            Within::Ours | Within::Before if is_mark(mark, b'=') => Within::Theirs,
            Within::Theirs if is_mark(mark, b'>') => {
                sides.conflicts.push(begin..=at + 1);
                Within::Both
            }
            _ => {
                if matches!(within, Within::Both | Within::Ours) {
                    sides.ours.extend_from_slice(line);
                }
                if matches!(within, Within::Both | Within::Theirs) {
                    sides.theirs.extend_from_slice(line);
                }
                continue;
            }
        };
        within = next;
    }
    (within == Within::Both && !sides.conflicts.is_empty()).then_some(sides)
}

/// Seven of the same character, and then nothing, or a blank and a name.
fn is_mark(line: &[u8], mark: u8) -> bool {
    let rest = line.strip_prefix(&[mark; 7]);
    rest.is_some_and(|rest| matches!(rest.first(), None | Some(b' ' | b'\r')))
}
