//! Which element of one array is which of another; it knows nothing about what the elements mean.

use std::collections::BTreeMap;

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

/// The largest table of a dynamic programme.
const CELLS: usize = 4_000_000;
/// The largest one in which documents are compared instead of their keys.
const CELLS_OF_DOCUMENTS: usize = CELLS / 4;

/// Two runs of elements, one of each array: `(from, to)` of the old one and of the new one.
type Gap = ((usize, usize), (usize, usize));

/// Aligns two arrays, given by a key for each element: equal elements first, then the most similar ones between them.
///
/// None where so many elements differ that an alignment would be a guess.
pub(super) fn align(
    old: &[String],
    new: &[String],
    alike: impl Fn(usize, usize) -> u32,
) -> Option<Vec<Aligned>> {
    let start = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let after = old[start..].iter().rev().zip(new[start..].iter().rev());
    let end = after.take_while(|(a, b)| a == b).count();
    let (old_end, new_end) = (old.len() - end, new.len() - end);
    let mut rows: Vec<Aligned> = (0..start).map(|at| Aligned::Pair(at, at)).collect();
    let mut done = (start, start);
    for (from, to) in equal_pairs(&old[start..old_end], &new[start..new_end]) {
        let anchor = (start + from, start + to);
        fill(((done.0, anchor.0), (done.1, anchor.1)), &alike, &mut rows)?;
        rows.push(Aligned::Pair(anchor.0, anchor.1));
        done = (anchor.0 + 1, anchor.1 + 1);
    }
    fill(((done.0, old_end), (done.1, new_end)), &alike, &mut rows)?;
    let rest = (old_end..old.len()).zip(new_end..new.len());
    rows.extend(rest.map(|(from, to)| Aligned::Pair(from, to)));
    Some(rows)
}

/// Whether both arrays hold the same elements, each as often.
pub(super) fn same_elements(old: &[String], new: &[String]) -> bool {
    let sorted = |list: &[String]| {
        let mut keys = list.to_vec();
        keys.sort();
        keys
    };
    old.len() == new.len() && sorted(old) == sorted(new)
}

/// A common subsequence, as pairs of indices: the longest one, or in large arrays one around elements that are unique.
fn equal_pairs(old: &[String], new: &[String]) -> Vec<(usize, usize)> {
    if old.len().saturating_mul(new.len()) <= CELLS {
        return best_path(old.len(), new.len(), |i, j| u32::from(old[i] == new[j]));
    }
    let anchors = rising(&unique_pairs(old, new));
    if anchors.is_empty() {
        return Vec::new();
    }
    let mut pairs = Vec::new();
    let (mut from, mut to) = (0, 0);
    for anchor in anchors.into_iter().chain([(old.len(), new.len())]) {
        let between = equal_pairs(&old[from..anchor.0], &new[to..anchor.1]);
        pairs.extend(between.into_iter().map(|(i, j)| (from + i, to + j)));
        if anchor.0 < old.len() {
            pairs.push(anchor);
        }
        (from, to) = (anchor.0 + 1, anchor.1 + 1);
        if anchor.0 >= old.len() {
            break;
        }
    }
    pairs
}

/// The elements that both arrays hold exactly once, in the order of the old one.
fn unique_pairs(old: &[String], new: &[String]) -> Vec<(usize, usize)> {
    fn once(list: &[String]) -> BTreeMap<&str, Option<usize>> {
        let mut found = BTreeMap::new();
        for (index, key) in list.iter().enumerate() {
            found
                .entry(key.as_str())
                .and_modify(|at| *at = None)
                .or_insert(Some(index));
        }
        found
    }
    let (old, new) = (once(old), once(new));
    let mut pairs: Vec<(usize, usize)> = old
        .into_iter()
        .filter_map(|(key, from)| Some((from?, (*new.get(key)?)?)))
        .collect();
    pairs.sort_unstable();
    pairs
}

/// The longest part of some pairs in which the second of each rises too.
fn rising(pairs: &[(usize, usize)]) -> Vec<(usize, usize)> {
    // For each length, the pair that ends such a part with the smallest second, and for each pair the one before it.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(pairs.len());
    for (index, (_, to)) in pairs.iter().enumerate() {
        let length = ends.partition_point(|end| pairs[*end].1 < *to);
        before.push(length.checked_sub(1).map(|shorter| ends[shorter]));
        ends.truncate(ends.len().max(length));
        match ends.get_mut(length) {
            Some(end) => *end = index,
            None => ends.push(index),
        }
    }
    let mut found = Vec::with_capacity(ends.len());
    let mut at = ends.last().copied();
    while let Some(index) = at {
        found.push(pairs[index]);
        at = before[index];
    }
    found.reverse();
    found
}

/// Aligns the elements between two anchors, none of which has an equal partner there.
fn fill(
    ((old_start, old_end), (new_start, new_end)): Gap,
    alike: impl Fn(usize, usize) -> u32,
    rows: &mut Vec<Aligned>,
) -> Option<()> {
    let (gone, come) = (old_end - old_start, new_end - new_start);
    let pairs = if gone.saturating_mul(come) <= CELLS_OF_DOCUMENTS {
        best_path(gone, come, |i, j| alike(old_start + i, new_start + j))
    } else if gone == come {
        Vec::new()
    } else {
        return None;
    };
    let (mut i, mut j) = (0, 0);
    for (pair_i, pair_j) in pairs.into_iter().chain([(gone, come)]) {
        if pair_i - i == pair_j - j {
            // As many as before: each became the one in its place.
            let both = (i..pair_i).zip(j..pair_j);
            rows.extend(both.map(|(i, j)| Aligned::Pair(old_start + i, new_start + j)));
        } else {
            rows.extend((i..pair_i).map(|at| Aligned::Removed(old_start + at)));
            rows.extend((j..pair_j).map(|at| Aligned::Added(new_start + at)));
        }
        if pair_i < gone && pair_j < come {
            rows.push(Aligned::Pair(old_start + pair_i, new_start + pair_j));
        }
        (i, j) = (pair_i + 1, pair_j + 1);
    }
    Some(())
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
