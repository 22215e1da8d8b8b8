//! What is not as expected in one table; other tables are not its business.

use std::collections::BTreeSet;
use std::fmt;

use super::text::{self, plural};
use super::{Expected, Happened, Updated};
use crate::compare::ComparedTable;
use crate::merge::Change;

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

    pub fn table(&self) -> &str {
        &self.compared.table.name
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Complaint { about, text } in &self.complaints {
            writeln!(f, "{}: {text}", self.table())?;
            text::write_changes(f, &self.compared, &|change| Kind::of(change) == *about)?;
        }
        Ok(())
    }
}

fn count(about: Kind, word: &str, found: u64, expected: u64) -> Option<Complaint> {
    let text = format!(
        "{} {word}, expected {}",
        plural(found, "row"),
        number(expected)
    );
    (found != expected).then_some(Complaint { about, text })
}

fn number(count: u64) -> String {
    if count == 0 {
        "none".to_owned()
    } else {
        count.to_string()
    }
}

fn updates(happened: &Happened, expected: Option<&Updated>) -> Option<Complaint> {
    let found = happened.counts.updated;
    let rows = plural(found, "row");
    let text = match expected {
        None if found == 0 => return None,
        None => format!(
            "{rows} updated in {}, expected none",
            list(&happened.columns)
        ),
        Some(expected) => {
            let right = expected.rows.map_or(found > 0, |rows| rows == found);
            if right && expected.columns == happened.columns {
                return None;
            }
            let wanted = expected
                .rows
                .map_or_else(String::new, |rows| format!("{rows} "));
            let wanted = format!("expected {wanted}in {}", list(&expected.columns));
            match found {
                0 => format!("no row updated, {wanted}"),
                _ => format!("{rows} updated in {}, {wanted}", list(&happened.columns)),
            }
        }
    };
    Some(Complaint {
        about: Kind::Updated,
        text,
    })
}

fn list(columns: &BTreeSet<String>) -> String {
    columns
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(", ")
}
