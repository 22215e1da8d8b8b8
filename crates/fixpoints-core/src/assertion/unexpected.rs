//! Changes that a test did not expect, as it prints them, with the expectation that would be met.

use std::fmt;

use super::happened::Happened;
use super::text;
use super::verdict::Verdict;
use crate::comparison::{ComparedTable, Comparison};
use crate::excerpt::visible;

/// Changes that a test did not expect, or expected in vain.
#[derive(Clone)]
pub struct UnexpectedChanges {
    pub(super) before: String,
    pub(super) verdicts: Vec<Verdict>,
    /// Tables that the state before does not have, and that may have held anything.
    pub(super) unknown: Vec<String>,
    /// The expectation that would be met.
    pub(super) right: String,
}

impl UnexpectedChanges {
    /// Everything that a comparison holds, for tests of what is printed.
    #[cfg(test)]
    pub fn sample(comparison: &Comparison, before: &str) -> Self {
        let nothing = super::wanted::Expected::default();
        let tables = comparison.tables.iter();
        let verdicts = tables
            .clone()
            .filter_map(|table| Verdict::of(table, &nothing));
        Self {
            before: before.to_owned(),
            verdicts: verdicts.chain(tables.map(Verdict::of_newcomer)).collect(),
            unknown: comparison.uncovered.clone(),
            right: right(comparison, &comparison.tables),
        }
    }

    /// The tables that are not as expected.
    pub fn tables(&self) -> impl Iterator<Item = &str> {
        let unknown = self.unknown.iter().map(String::as_str);
        self.verdicts.iter().map(Verdict::table).chain(unknown)
    }
}

impl fmt::Display for UnexpectedChanges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let before = visible(&self.before);
        writeln!(f, "the changes since {before} are not those expected")?;
        for verdict in &self.verdicts {
            verdict.fmt(f)?;
        }
        for table in &self.unknown {
            let before = &self.before;
            let unknown = "does not have it, so that its changes are not known";
            text::line(f, &format!("{table}: {before} {unknown}"))?;
        }
        write!(f, "hint: ")?;
        if !self.verdicts.is_empty() {
            write!(f, "if this is right, expect `{}`", visible(&self.right))?;
        }
        if self.unknown.is_empty() {
            return Ok(());
        }
        let and = if self.verdicts.is_empty() {
            ""
        } else {
            ", and "
        };
        write!(
            f,
            "{and}restore {before} and store it again, so that it has these tables, or leave them out with `Fixpoints::excluding`"
        )
    }
}

/// The same as its display: this is what a failing test prints.
impl fmt::Debug for UnexpectedChanges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The code that expects exactly what happened.
pub(super) fn right(comparison: &Comparison, newcomers: &[ComparedTable]) -> String {
    let mut code = "|c| c".to_owned();
    for table in &comparison.tables {
        code.push_str(&right_of(table));
    }
    for table in newcomers {
        let code_of = right_of(table);
        if code_of.is_empty() {
            code.push_str(&format!(".unchanged({:?})", table.table.name));
        }
        code.push_str(&code_of);
    }
    code
}

fn right_of(table: &ComparedTable) -> String {
    let (Happened { counts, columns }, name) = (Happened::to(table), &table.table.name);
    let mut code = String::new();
    if counts.inserted > 0 {
        code.push_str(&format!(".inserted({name:?}, {})", counts.inserted));
    }
    if counts.updated > 0 {
        let columns: Vec<&String> = columns.iter().collect();
        code.push_str(&format!(".updated({name:?}, {columns:?})"));
    }
    if counts.deleted > 0 {
        code.push_str(&format!(".deleted({name:?}, {})", counts.deleted));
    }
    code
}
