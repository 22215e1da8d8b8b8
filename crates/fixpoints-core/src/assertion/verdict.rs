//! What is not as expected in one table; other tables are not its business.

use std::collections::BTreeSet;
use std::fmt;

use super::happened::Happened;
use super::text::{self, plural};
use super::wanted::{Expected, Updated};
use crate::change::Change;
use crate::comparison::ComparedTable;

/// A table that did not change as expected.
#[derive(Clone)]
pub(super) struct Verdict {
    compared: ComparedTable,
    complaints: Vec<Complaint>,
}

#[derive(Debug, Clone)]
struct Complaint {
    about: Kind,
    text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Inserted,
    Updated,
    Deleted,
}

impl Kind {
    fn of(change: &Change) -> Self {
        match change {
            Change::Inserted(_) => Self::Inserted,
            Change::Updated { .. } => Self::Updated,
            Change::Deleted(_) => Self::Deleted,
        }
    }
}

impl Verdict {
    /// Compares one table with what is expected of it; `None` where nothing is wrong.
    pub fn of(compared: &ComparedTable, expected: &Expected) -> Option<Self> {
        let happened = Happened::to(compared);
        let counts = happened.counts;
        let complaints = [
            count(
                Kind::Inserted,
                "inserted",
                counts.inserted,
                expected.inserted,
            ),
            updates(&happened, expected.updated.as_ref()),
            count(Kind::Deleted, "deleted", counts.deleted, expected.deleted),
        ];
        let complaints: Vec<Complaint> = complaints.into_iter().flatten().collect();
        (!complaints.is_empty()).then(|| Self {
            compared: compared.clone(),
            complaints,
        })
    }

    /// A table that came after the state before, and that nobody expects.
    pub fn of_newcomer(compared: &ComparedTable) -> Self {
        let rows = match compared.rows {
            0 => "without rows".to_owned(),
            rows => format!("with {}", plural(rows, "row")),
        };
        Self {
            compared: compared.clone(),
            complaints: vec![Complaint {
                about: Kind::Inserted,
                text: format!("the table is new, {rows}"),
            }],
        }
    }

    pub fn table(&self) -> &str {
        &self.compared.table.name
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Complaint { about, text } in &self.complaints {
            text::line(f, &format!("{}: {text}", self.table()))?;
            text::write_changes(f, &self.compared, &|change| Kind::of(change) == *about)?;
        }
        Ok(())
    }
}

fn count(about: Kind, word: &str, found: u64, expected: u64) -> Option<Complaint> {
    let text = format!("{} {word}, expected {}", rows(found), number(expected));
    (found != expected).then_some(Complaint { about, text })
}

fn rows(count: u64) -> String {
    match count {
        0 => "no row".to_owned(),
        _ => plural(count, "row"),
    }
}

fn number(count: u64) -> String {
    match count {
        0 => "none".to_owned(),
        _ => count.to_string(),
    }
}

fn updates(happened: &Happened, expected: Option<&Updated>) -> Option<Complaint> {
    let found = happened.counts.updated;
    let wanted = match expected {
        None if found == 0 => return None,
        None => number(0),
        Some(expected) => {
            let is_right = expected.rows.map_or(found > 0, |rows| rows == found);
            if is_right && expected.columns == happened.columns {
                return None;
            }
            let rows = expected.rows.map_or_else(|| "some".to_owned(), number);
            format!("{rows}{}", list(&expected.columns))
        }
    };
    let text = format!(
        "{} updated{}, expected {wanted}",
        rows(found),
        list(&happened.columns)
    );
    Some(Complaint {
        about: Kind::Updated,
        text,
    })
}

/// The columns in parentheses, where there are any.
fn list(columns: &BTreeSet<String>) -> String {
    if columns.is_empty() {
        return String::new();
    }
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    format!(" ({})", columns.join(", "))
}
