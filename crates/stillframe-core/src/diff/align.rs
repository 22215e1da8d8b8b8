//! Which element of one array is which of another; it knows nothing about what the elements mean.

use serde_json::Value;

/// One row of an alignment, by index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Aligned {
    /// An old element and the new one it became.
    Pair(usize, usize),
    /// A new element.
    Added(usize),
    /// An old element that is gone.
    Removed(usize),
}

/// The largest table of either dynamic programme; larger arrays are paired in order.
const CELLS: usize = 4_000_000;

/// Aligns two arrays: equal elements first, then the most similar ones between them.
pub(super) fn align(old: &[Value], new: &[Value]) -> Vec<Aligned> {
    let start = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let (tail_old, tail_new) = (&old[start..], &new[start..]);
    let end = tail_old
        .iter()
        .rev()
        .zip(tail_new.iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    let middle_old = start..old.len() - end;
    let middle_new = start..new.len() - end;
    let mut rows: Vec<Aligned> = (0..start).map(|at| Aligned::Pair(at, at)).collect();
    let mut gap = (middle_old.start, middle_new.start);
    for (from, to) in equal_pairs(&old[middle_old.clone()], &new[middle_new.clone()]) {
        let anchor = (middle_old.start + from, middle_new.start + to);
        fill(old, new, gap, anchor, &mut rows);
        rows.push(Aligned::Pair(anchor.0, anchor.1));
        gap = (anchor.0 + 1, anchor.1 + 1);
    }
    fill(old, new, gap, (middle_old.end, middle_new.end), &mut rows);
    let after = (middle_old.end..old.len()).zip(middle_new.end..new.len());
    rows.extend(after.map(|(from, to)| Aligned::Pair(from, to)));
    rows
}

/// Whether both arrays hold the same elements, each as often.
pub(super) fn same_elements(old: &[Value], new: &[Value]) -> bool {
    if old.len() != new.len() {
        return false;
    }
    let sorted = |list: &[Value]| {
        let mut texts: Vec<String> = list.iter().map(Value::to_string).collect();
        texts.sort();
        texts
    };
    sorted(old) == sorted(new)
}

/// A longest common subsequence, as pairs of indices.
fn equal_pairs(old: &[Value], new: &[Value]) -> Vec<(usize, usize)> {
    if old.len().saturating_mul(new.len()) > CELLS {
        return Vec::new();
    }
    // Comparing numbers instead of documents: equal elements get equal numbers.
    let numbered = |list: &[Value]| -> Vec<String> { list.iter().map(Value::to_string).collect() };
    let (old, new) = (numbered(old), numbered(new));
    best_path(old.len(), new.len(), |i, j| u32::from(old[i] == new[j]))
}

/// Aligns the elements between two anchors, none of which has an equal partner there.
fn fill(
    old: &[Value],
    new: &[Value],
    from: (usize, usize),
    to: (usize, usize),
    rows: &mut Vec<Aligned>,
) {
    let (gone, come) = (to.0 - from.0, to.1 - from.1);
    let pairs = if gone == come || gone.saturating_mul(come) > CELLS / 64 {
        (0..gone.min(come)).map(|at| (at, at)).collect()
    } else {
        best_path(gone, come, |i, j| {
            similarity(&old[from.0 + i], &new[from.1 + j])
        })
    };
    let (mut i, mut j) = (0, 0);
    for (pair_i, pair_j) in pairs.into_iter().chain([(gone, come)]) {
        rows.extend((i..pair_i).map(|at| Aligned::Removed(from.0 + at)));
        rows.extend((j..pair_j).map(|at| Aligned::Added(from.1 + at)));
        if pair_i < gone && pair_j < come {
            rows.push(Aligned::Pair(from.0 + pair_i, from.1 + pair_j));
        }
        (i, j) = (pair_i + 1, pair_j + 1);
    }
}

/// How alike two different elements are: objects by their equal members, everything else not at all.
fn similarity(a: &Value, b: &Value) -> u32 {
    let (Value::Object(a), Value::Object(b)) = (a, b) else {
        return 0;
    };
    let naming = ["id", "name", "key", "path", "title"];
    a.iter()
        .filter(|(key, value)| b.get(*key) == Some(*value))
        .map(|(key, _)| {
            if naming.contains(&key.as_str()) {
                16
            } else {
                1
            }
        })
        .sum()
}

/// The order-keeping pairing with the largest total score; pairs with score 0 are not made.
fn best_path(
    rows: usize,
    columns: usize,
    score: impl Fn(usize, usize) -> u32,
) -> Vec<(usize, usize)> {
    let width = columns + 1;
    let mut best = vec![0u32; (rows + 1) * width];
    for i in (0..rows).rev() {
        for j in (0..columns).rev() {
            let gain = score(i, j);
            let paired = if gain > 0 {
                best[(i + 1) * width + j + 1] + gain
            } else {
                0
            };
            best[i * width + j] = paired
                .max(best[(i + 1) * width + j])
                .max(best[i * width + j + 1]);
        }
    }
    let mut pairs = Vec::new();
    let (mut i, mut j) = (0, 0);
    while i < rows && j < columns {
        let here = best[i * width + j];
        let gain = score(i, j);
        if gain > 0 && here == best[(i + 1) * width + j + 1] + gain {
            pairs.push((i, j));
            (i, j) = (i + 1, j + 1);
        } else if here == best[(i + 1) * width + j] {
            i += 1;
        } else {
            j += 1;
        }
    }
    pairs
}
