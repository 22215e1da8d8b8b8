//! One value of one row, with an order every engine can be asked for; it knows nothing of text formats.

use std::cmp::Ordering;

/// A value as a database gave it.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// SQL's NULL.
    Null,
    /// A truth value, for engines that have one.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A floating-point number; NaN and the infinities included.
    Real(f64),
    /// Text, which a database may hold without it being UTF-8.
    Text(Vec<u8>),
    /// Bytes.
    Bytes(Vec<u8>),
}

/// A borrowed [`Cell`].
#[derive(Debug, Clone, Copy, PartialEq)]
#[expect(
    missing_docs,
    reason = "each is described at the variant of `Cell` with its name"
)]
pub enum CellRef<'a> {
    Null,
    Bool(bool),
    Integer(i64),
    Real(f64),
    Text(&'a [u8]),
    Bytes(&'a [u8]),
}

/// The values of a row, in the order of its table's columns.
pub type Row = Vec<Cell>;

/// What can be looked at as a cell.
pub trait AsCell {
    /// The borrowed form.
    fn cell(&self) -> CellRef<'_>;
}

impl AsCell for Cell {
    fn cell(&self) -> CellRef<'_> {
        match self {
            Self::Null => CellRef::Null,
            Self::Bool(value) => CellRef::Bool(*value),
            Self::Integer(value) => CellRef::Integer(*value),
            Self::Real(value) => CellRef::Real(*value),
            Self::Text(value) => CellRef::Text(value),
            Self::Bytes(value) => CellRef::Bytes(value),
        }
    }
}

impl AsCell for CellRef<'_> {
    fn cell(&self) -> CellRef<'_> {
        *self
    }
}

impl CellRef<'_> {
    /// An owned copy.
    #[must_use]
    pub fn to_cell(self) -> Cell {
        match self {
            Self::Null => Cell::Null,
            Self::Bool(value) => Cell::Bool(value),
            Self::Integer(value) => Cell::Integer(value),
            Self::Real(value) => Cell::Real(value),
            Self::Text(value) => Cell::Text(value.to_vec()),
            Self::Bytes(value) => Cell::Bytes(value.to_vec()),
        }
    }

    /// Whether this is SQL's NULL.
    #[must_use]
    pub fn is_null(self) -> bool {
        matches!(self, Self::Null)
    }

    /// The order of values, in which `1` and `1.0` are the same: NULL, booleans, numbers, text by its bytes, bytes.
    #[must_use]
    pub fn order(self, other: CellRef<'_>) -> Ordering {
        match (self, other) {
            (CellRef::Bool(a), CellRef::Bool(b)) => a.cmp(&b),
            (CellRef::Integer(a), CellRef::Integer(b)) => a.cmp(&b),
            (CellRef::Real(a), CellRef::Real(b)) => real_order(a, b),
            (CellRef::Integer(a), CellRef::Real(b)) => integer_to_real(a, b),
            (CellRef::Real(a), CellRef::Integer(b)) => integer_to_real(b, a).reverse(),
            (CellRef::Text(a), CellRef::Text(b)) | (CellRef::Bytes(a), CellRef::Bytes(b)) => {
                a.cmp(b)
            }
            (a, b) => a.class().cmp(&b.class()),
        }
    }

    /// Splits what [`CellRef::order`] calls the same by type: whole numbers before floats.
    #[must_use]
    pub fn type_order(self, other: CellRef<'_>) -> Ordering {
        match (self, other) {
            (CellRef::Integer(_), CellRef::Real(_)) => Ordering::Less,
            (CellRef::Real(_), CellRef::Integer(_)) => Ordering::Greater,
            _ => Ordering::Equal,
        }
    }

    /// Splits what is left the same: `-0.0` before `0.0`.
    #[must_use]
    pub fn sign_order(self, other: CellRef<'_>) -> Ordering {
        match (self, other) {
            (CellRef::Real(a), CellRef::Real(b)) => b.is_sign_negative().cmp(&a.is_sign_negative()),
            _ => Ordering::Equal,
        }
    }

    /// Whether both are the same value of the same type, `-0.0` and `0.0` being two.
    #[must_use]
    pub fn same(self, other: CellRef<'_>) -> bool {
        self.order(other).is_eq()
            && self.type_order(other).is_eq()
            && (self.sign_order(other).is_eq() || self.is_nan())
    }

    /// NaNs are all one, whatever their sign.
    fn is_nan(self) -> bool {
        matches!(self, Self::Real(value) if value.is_nan())
    }

    fn class(self) -> u8 {
        match self {
            CellRef::Null => 0,
            CellRef::Bool(_) => 1,
            CellRef::Integer(_) | CellRef::Real(_) => 2,
            CellRef::Text(_) => 3,
            CellRef::Bytes(_) => 4,
        }
    }
}

/// NaN after every number, as PostgreSQL sorts it; SQLite has none.
fn real_order(a: f64, b: f64) -> Ordering {
    a.partial_cmp(&b)
        .unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
}

/// Exact, where a cast of the integer would round.
#[expect(
    clippy::cast_possible_truncation,
    reason = "only reached where the float fits into an i64"
)]
fn integer_to_real(a: i64, b: f64) -> Ordering {
    const TWO_TO_63: f64 = 9_223_372_036_854_775_808.0;
    if b.is_nan() || b >= TWO_TO_63 {
        return Ordering::Less;
    }
    if b < -TWO_TO_63 {
        return Ordering::Greater;
    }
    let whole = b.trunc();
    a.cmp(&(whole as i64)).then_with(|| {
        let rest = b - whole;
        if rest > 0.0 {
            Ordering::Less
        } else if rest < 0.0 {
            Ordering::Greater
        } else {
            Ordering::Equal
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_and_floats_compare_exactly_at_the_edges() {
        let max = CellRef::Integer(i64::MAX);
        assert_eq!(
            max.order(CellRef::Real(9_223_372_036_854_775_808.0)),
            Ordering::Less
        );
        assert_eq!(
            CellRef::Integer(i64::MIN).order(CellRef::Real(-9_223_372_036_854_775_808.0)),
            Ordering::Equal
        );
        assert_eq!(
            CellRef::Integer(9_007_199_254_740_993).order(CellRef::Real(9_007_199_254_740_992.0)),
            Ordering::Greater
        );
        assert_eq!(
            CellRef::Integer(-1).order(CellRef::Real(-1.5)),
            Ordering::Greater
        );
        assert_eq!(CellRef::Real(f64::INFINITY).order(max), Ordering::Greater);
    }

    #[test]
    fn equal_values_of_two_types_are_not_the_same_cell() {
        assert!(!CellRef::Integer(1).same(CellRef::Real(1.0)));
        assert!(!CellRef::Real(0.0).same(CellRef::Real(-0.0)));
        assert!(!CellRef::Text(b"a").same(CellRef::Bytes(b"a")));
        assert!(CellRef::Real(f64::NAN).same(CellRef::Real(f64::NAN)));
    }
}
