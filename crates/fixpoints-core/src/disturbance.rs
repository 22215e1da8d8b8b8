//! What a database's own code changed besides what it was told; finding it is a restore's work.

use std::fmt;

use crate::position::Position;

/// Something that came out otherwise than it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Disturbance {
    /// Rows of a covered table.
    Rows {
        /// The table.
        table: String,
        /// Some of the rows, by their keys, each with what is wrong with it.
        rows: Vec<String>,
    },
    /// Rows were written of a table that was not to be written.
    Uncovered {
        /// The table.
        table: String,
    },
    /// So many rows were written elsewhere.
    Elsewhere {
        /// How many.
        rows: u64,
    },
    /// A table came, went, or has other columns, keys or triggers.
    Altered {
        /// The table.
        table: String,
    },
    /// A sequence moved on.
    Sequence {
        /// The sequence.
        sequence: String,
        /// Where it was put.
        wanted: Position,
        /// Where it stands.
        stands: Option<Position>,
    },
}

impl fmt::Display for Disturbance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rows { table, rows } => write!(f, "{table} {}", rows.join(", ")),
            Self::Uncovered { table } => write!(f, "rows of {table} were written"),
            Self::Altered { table } => write!(f, "the schema of {table} was changed"),
            Self::Elsewhere { rows: 1 } => write!(f, "1 row was written besides"),
            Self::Elsewhere { rows } => write!(f, "{rows} rows were written besides"),
            Self::Sequence {
                sequence,
                wanted,
                stands,
            } => {
                let stands = stands.map_or_else(|| "nowhere".to_owned(), |at| format!("at {at}"));
                write!(
                    f,
                    "sequence {sequence} stands {stands} instead of at {wanted}"
                )
            }
        }
    }
}
