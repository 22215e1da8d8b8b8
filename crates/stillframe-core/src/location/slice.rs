//! A slice of an array: which elements it chooses, and how it is written; it looks at no element.

use std::fmt;

/// Elements from `start`, before `end`, every `step`; a bound below 0 counts from the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slice {
    /// The first index.
    pub start: i64,
    /// The index after the last; none for all up to the end.
    pub end: Option<i64>,
    /// At least 1.
    pub step: u64,
}

impl Slice {
    /// Every element.
    pub const ALL: Slice = Slice {
        start: 0,
        end: None,
        step: 1,
    };

    /// The element at this index alone.
    #[must_use]
    pub fn one(index: i64) -> Self {
        Self {
            start: index,
            end: Some(index.saturating_add(1)),
            step: 1,
        }
    }

    /// Whether the number of elements has to be known.
    #[must_use]
    pub fn counts_from_the_end(&self) -> bool {
        self.start < 0 || self.end.is_some_and(|end| end < 0)
    }

    /// Whether it chooses the element at `index`. Bounds that count from the end choose nothing here.
    #[must_use]
    pub fn holds(&self, index: u64) -> bool {
        let below_end = |end: i64| u64::try_from(end).is_ok_and(|end| index < end);
        u64::try_from(self.start).is_ok_and(|start| {
            index >= start
                && self.end.is_none_or(below_end)
                && (index - start).is_multiple_of(self.step)
        })
    }

    /// The chosen indices of an array with so many elements, in order.
    pub fn indices(&self, elements: usize) -> impl Iterator<Item = usize> {
        let index = |bound: i64| {
            let distance = usize::try_from(bound.unsigned_abs()).unwrap_or(usize::MAX);
            if bound < 0 {
                elements.saturating_sub(distance)
            } else {
                distance.min(elements)
            }
        };
        let end = self.end.map_or(elements, index);
        let step = usize::try_from(self.step).unwrap_or(usize::MAX);
        (index(self.start)..end).step_by(step)
    }
}

impl fmt::Display for Slice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[")?;
        if self.start != 0 {
            write!(f, "{}", self.start)?;
        }
        f.write_str(":")?;
        if let Some(end) = self.end {
            write!(f, "{end}")?;
        }
        if self.step != 1 {
            write!(f, ":{}", self.step)?;
        }
        f.write_str("]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_those_of_rfc_9535() {
        for (start, end, step, written, chosen) in [
            (0, None, 1, "[:]", &[0, 1, 2, 3, 4][..]),
            (1, None, 1, "[1:]", &[1, 2, 3, 4]),
            (1, Some(-1), 1, "[1:-1]", &[1, 2, 3]),
            (-2, None, 1, "[-2:]", &[3, 4]),
            (-9, Some(9), 2, "[-9:9:2]", &[0, 2, 4]),
            (3, Some(1), 1, "[3:1]", &[]),
            (7, None, 1, "[7:]", &[]),
            (
                i64::MIN,
                Some(i64::MAX),
                1,
                "[-9223372036854775808:9223372036854775807]",
                &[0, 1, 2, 3, 4],
            ),
        ] {
            let slice = Slice { start, end, step };
            assert_eq!(slice.to_string(), written);
            assert_eq!(slice.indices(5).collect::<Vec<_>>(), chosen, "{written}");
            if !slice.counts_from_the_end() {
                let held: Vec<usize> = (0..5).filter(|at| slice.holds(*at as u64)).collect();
                assert_eq!(held, chosen, "{written}");
            }
        }
    }
}
