//! The order of held elements and members; it compares text as it will be written, without identities.

use super::hole::without_holes;
use std::cmp::Ordering;

/// An element or member that is held back until its array or object ends.
#[derive(Debug)]
pub struct Item {
    /// Where it begins in the output.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// The decoded name of a member; empty for an element.
    pub name: Vec<u8>,
}

/// How to sort, and how many elements could not be told apart although they differ.
#[derive(Debug)]
pub struct Order {
    /// Indices of the items in their new order.
    pub order: Vec<usize>,
    /// Elements whose order is that of the input because only their identities differ.
    pub ties: usize,
}

/// The order of elements: numbers by value, everything else by its bytes; equal ones stay as they are.
pub fn elements(out: &[u8], items: &[Item]) -> Order {
    let keys: Vec<Vec<u8>> = items
        .iter()
        .map(|item| without_holes(&out[item.start..item.end]))
        .collect();
    let mut order: Vec<usize> = (0..items.len()).collect();
    order.sort_by(|&a, &b| compare(&keys[a], &keys[b]));
    let text = |at: usize| &out[items[at].start..items[at].end];
    let same = |pair: &[usize]| {
        compare(&keys[pair[0]], &keys[pair[1]]) == Ordering::Equal && text(pair[0]) != text(pair[1])
    };
    let ties = order.windows(2).filter(|pair| same(pair)).count();
    Order { order, ties }
}

/// The order of members by name.
pub fn members(items: &[Item]) -> Order {
    let mut order: Vec<usize> = (0..items.len()).collect();
    order.sort_by(|&a, &b| items[a].name.cmp(&items[b].name));
    Order { order, ties: 0 }
}

/// The items of `out` from the first on, in another order; what separates them stays in between, and what
/// follows the last one at the end.
pub fn rearranged(out: &[u8], items: &[Item], order: &[usize]) -> Vec<u8> {
    let Some(first) = items.first() else {
        return Vec::new();
    };
    let mut text = Vec::with_capacity(out.len() - first.start);
    for (at, &from) in order.iter().enumerate() {
        if at > 0 {
            text.extend_from_slice(&out[items[at - 1].end..items[at].start]);
        }
        text.extend_from_slice(&out[items[from].start..items[from].end]);
    }
    text.extend_from_slice(&out[items[items.len() - 1].end..]);
    text
}

fn compare(left: &[u8], right: &[u8]) -> Ordering {
    match (number(left), number(right)) {
        (Some(a), Some(b)) => a.total_cmp(&b).then_with(|| left.cmp(right)),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => left.cmp(right),
    }
}

fn number(text: &[u8]) -> Option<f64> {
    if !matches!(text.first(), Some(b'-' | b'0'..=b'9')) {
        return None;
    }
    std::str::from_utf8(text).ok()?.parse().ok()
}
