//! What becomes of one change of a child, given the parent's row as it is now: a pure function.

use serde::{Deserialize, Serialize};

use crate::cell::{AsCell, Cell, Row};
use crate::change::Change;
use crate::error::Result;
use crate::line::ChangeLine;
use crate::named::NamedRow;
use crate::table::Table;

/// Which side wins where both changed the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Prefer {
    /// Neither: the conflict is reported and nothing is written.
    #[default]
    Neither,
    /// The child's values are kept.
    Child,
    /// The parent's values are kept.
    Parent,
}

/// A row on which the child and its new parent disagree.
#[derive(Debug, Clone, PartialEq)]
pub struct Conflict {
    /// What happened.
    pub kind: ConflictKind,
    /// The row.
    pub row: NamedRow,
    /// The columns both sides changed; every differing one where the whole row is contested.
    pub columns: Vec<Contested>,
    /// The database's own words, where it refused the row.
    pub reason: Option<String>,
}

impl Conflict {
    fn new(kind: ConflictKind, row: NamedRow, columns: Vec<Contested>) -> Self {
        Self {
            kind,
            row,
            columns,
            reason: None,
        }
    }
}

/// How two sides can disagree on a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ConflictKind {
    /// Both inserted it, with other values.
    BothInserted,
    /// Both updated the same columns to other values.
    BothUpdated,
    /// The fixpoint updated it, and the parent no longer has it.
    DeletedInParent,
    /// The fixpoint deleted it, and the parent updated it.
    DeletedInChild,
    /// The fixpoint deleted one more of it than the parent has, where rows have no key.
    BothDeleted,
    /// The database does not take it beside the rows of the other side.
    Refused,
    /// It refers to a row that the other side deleted.
    BrokenReference,
}

/// One column in three versions; `None` where a version has no such row, or its value is not known.
#[derive(Debug, Clone, PartialEq)]
pub struct Contested {
    /// The column.
    pub column: String,
    /// In the parent the child was stored on.
    pub then: Option<Cell>,
    /// In the parent as it is now.
    pub now: Option<Cell>,
    /// In the child.
    pub child: Option<Cell>,
}

/// What becomes of a change.
#[derive(Debug)]
pub enum Decision {
    /// It is a change of the new parent's row.
    Keep(Change),
    /// The parent made it too.
    Absorbed,
    /// Both sides disagree; with what the preferred side makes of it.
    Conflict(Conflict, Resolution),
}

/// What the preferred side makes of a conflict.
#[derive(Debug)]
pub enum Resolution {
    /// Nothing; there is no preferred side, or nobody knows its row.
    Open,
    /// The parent's row stays as it is.
    Stay,
    /// The child changes the parent's row.
    Change(Change),
}

impl From<Option<Change>> for Resolution {
    fn from(change: Option<Change>) -> Self {
        change.map_or(Self::Stay, Self::Change)
    }
}

/// What is called with each decision.
pub type Decided<'a> = dyn FnMut(Decision) -> Result<()> + 'a;

/// The row of the parent that a change is about.
#[derive(Debug, Default)]
pub struct Counterpart {
    /// As it is now.
    pub now: Option<Row>,
    /// As it was where the child was stored on it, where that is looked for and known.
    pub then: Option<Row>,
}

/// Decides about one change.
pub fn decide(
    table: &Table,
    counterpart: Counterpart,
    change: ChangeLine,
    prefer: Prefer,
) -> Decision {
    let Counterpart { now, then } = counterpart;
    match (change, now) {
        (ChangeLine::Insert(row), None) => Decision::Keep(Change::Inserted(row)),
        (ChangeLine::Insert(row), Some(now)) => inserted(table, now, row, prefer),
        (ChangeLine::Delete(row), None) => gone_twice(table, &row, prefer),
        (ChangeLine::Delete(then), Some(now)) => deleted(table, now, &then, prefer),
        (ChangeLine::Update { key, old, new }, None) => {
            let row = Lost { key, old, new };
            row.conflict(table, then, prefer)
        }
        (ChangeLine::Update { old, new, .. }, Some(now)) => {
            updated(table, &now, &old, &new, prefer)
        }
    }
}

fn inserted(table: &Table, now: Row, row: Row, prefer: Prefer) -> Decision {
    if !table.is_identified(&row) {
        // One more of the same row is what the child meant.
        return Decision::Keep(Change::Inserted(row));
    }
    let differing = Change::changed_columns(table, &now, &row);
    if differing.is_empty() {
        return Decision::Absorbed;
    }
    let columns = differing.into_iter();
    let columns = columns.map(|at| contested(table, at, None, Some(&now[at]), Some(&row[at])));
    let named = NamedRow::of(table, &row);
    let conflict = Conflict::new(ConflictKind::BothInserted, named, columns.collect());
    let kept = Change::Updated { old: now, new: row };
    Decision::Conflict(conflict, resolve(prefer, Some(kept)))
}

fn gone_twice(table: &Table, row: &Row, prefer: Prefer) -> Decision {
    if table.is_identified(row) {
        return Decision::Absorbed;
    }
    let named = NamedRow::of(table, row);
    let conflict = Conflict::new(ConflictKind::BothDeleted, named, Vec::new());
    Decision::Conflict(conflict, resolve(prefer, None))
}

fn deleted(table: &Table, now: Row, then: &Row, prefer: Prefer) -> Decision {
    let differing = Change::changed_columns(table, then, &now);
    if differing.is_empty() {
        return Decision::Keep(Change::Deleted(now));
    }
    let columns = differing.into_iter();
    let columns = columns.map(|at| contested(table, at, Some(&then[at]), Some(&now[at]), None));
    let named = NamedRow::of(table, &now);
    let conflict = Conflict::new(ConflictKind::DeletedInChild, named, columns.collect());
    Decision::Conflict(conflict, resolve(prefer, Some(Change::Deleted(now))))
}

fn updated(
    table: &Table,
    now: &Row,
    old: &[(usize, Cell)],
    new: &[(usize, Cell)],
    prefer: Prefer,
) -> Decision {
    let (mut columns, mut merged, mut forced) = (Vec::new(), now.clone(), now.clone());
    for ((at, then), (_, child)) in old.iter().zip(new) {
        let at = *at;
        let is = now[at].cell();
        forced[at] = child.clone();
        if is.same(then.cell()) || is.same(child.cell()) {
            merged[at] = child.clone();
            continue;
        }
        columns.push(contested(
            table,
            at,
            Some(then),
            Some(&now[at]),
            Some(child),
        ));
    }
    let change = |new: Row| {
        let differs = !Change::changed_columns(table, now, &new).is_empty();
        differs.then(|| Change::Updated {
            old: now.clone(),
            new,
        })
    };
    if columns.is_empty() {
        return change(merged).map_or(Decision::Absorbed, Decision::Keep);
    }
    let resolution = match prefer {
        Prefer::Neither => Resolution::Open,
        Prefer::Child => change(forced).into(),
        Prefer::Parent => change(merged).into(),
    };
    let named = NamedRow::of(table, now);
    let conflict = Conflict::new(ConflictKind::BothUpdated, named, columns);
    Decision::Conflict(conflict, resolution)
}

/// An update of a row the parent no longer has.
struct Lost {
    key: Vec<Cell>,
    old: Vec<(usize, Cell)>,
    new: Vec<(usize, Cell)>,
}

impl Lost {
    /// The child wins with its whole row, where the columns that it did not change are known.
    fn conflict(self, table: &Table, then: Option<Row>, prefer: Prefer) -> Decision {
        let resolution = match prefer {
            Prefer::Neither => Resolution::Open,
            Prefer::Parent => Resolution::Stay,
            Prefer::Child => self.row(table, then).map_or(Resolution::Open, |row| {
                Resolution::Change(Change::Inserted(row))
            }),
        };
        let columns = self.old.iter().zip(&self.new);
        let columns = columns
            .map(|((at, then), (_, child))| contested(table, *at, Some(then), None, Some(child)));
        let columns = columns.collect();
        let named = NamedRow(table.key().iter().cloned().zip(self.key).collect());
        let conflict = Conflict::new(ConflictKind::DeletedInParent, named, columns);
        Decision::Conflict(conflict, resolution)
    }

    /// The row as the child has it.
    fn row(&self, table: &Table, then: Option<Row>) -> Option<Row> {
        let unknown = vec![None; table.columns().len()];
        let mut row = then.map_or(unknown, |row| row.into_iter().map(Some).collect());
        for (&at, cell) in table.key_positions().iter().zip(&self.key) {
            row[at] = Some(cell.clone());
        }
        for (at, cell) in &self.new {
            row[*at] = Some(cell.clone());
        }
        row.into_iter().collect()
    }
}

fn contested(
    table: &Table,
    at: usize,
    then: Option<&Cell>,
    now: Option<&Cell>,
    child: Option<&Cell>,
) -> Contested {
    Contested {
        column: table.column(at).to_owned(),
        then: then.cloned(),
        now: now.cloned(),
        child: child.cloned(),
    }
}

/// What the preferred side makes of a conflict about a whole row.
fn resolve(prefer: Prefer, child: Option<Change>) -> Resolution {
    match prefer {
        Prefer::Neither => Resolution::Open,
        Prefer::Child => child.into(),
        Prefer::Parent => Resolution::Stay,
    }
}
