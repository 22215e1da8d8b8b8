//! Values and rows as documents show them: the same JSON as in a fixpoint file.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A value of one column. Whole numbers have no point, floats always do; what JSON cannot hold is an object with one key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Cell {
    /// SQL's NULL.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number, exact to 64 bits.
    Integer(i64),
    /// A floating-point number.
    Real(f64),
    /// Text.
    Text(String),
    /// A value JSON has no spelling for.
    Tagged(Tagged),
}

/// A value JSON has no spelling for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Tagged {
    /// Bytes, in base64.
    #[serde(rename = "$bytes")]
    Bytes(String),
    /// Text that is not UTF-8, in base64.
    #[serde(rename = "$text")]
    Text(String),
    /// `nan`, `inf` or `-inf`.
    #[serde(rename = "$real")]
    Real(String),
}

/// Values by the name of their column, in the table's order.
pub type CellMap = IndexMap<String, Cell>;

impl From<&fixpoints::Cell> for Cell {
    fn from(cell: &fixpoints::Cell) -> Self {
        serde_json::from_value(cell.to_json()).expect("every cell has a JSON spelling")
    }
}
