//! A fixpoint together with the parents it stands on, read as one state; parents that moved are refused.

use std::cmp::Ordering;
use std::iter::Peekable;

use crate::folder::Folder;
use fixpoints_core::cell::{AsCell, Row};
use fixpoints_core::document::{Document, StoredRows};
use fixpoints_core::error::{Error, Result};
use fixpoints_core::header::Header;
use fixpoints_core::line::ChangeLine;
use fixpoints_core::merge::OldRows;
use fixpoints_core::name::FixpointName;
use fixpoints_core::table::Table;

/// A fixpoint and its ancestors.
#[derive(Debug)]
pub struct Chain {
    name: FixpointName,
    /// Where the files are, as messages show it.
    folder: String,
    /// The fixpoint itself first, the full one it stands on last.
    links: Vec<Link>,
}

#[derive(Debug)]
struct Link {
    name: FixpointName,
    document: Document,
}

/// The rows of one table.
pub enum Rows<'a> {
    /// A full file's.
    Stored(Box<StoredRows<'a>>),
    /// A parent's, with the changes of a child.
    Applied(Box<dyn Iterator<Item = Result<Row>> + 'a>),
    /// None.
    None,
}

impl Iterator for Rows<'_> {
    type Item = Result<Row>;

    fn next(&mut self) -> Option<Result<Row>> {
        match self {
            Self::Stored(rows) => rows.next(),
            Self::Applied(rows) => rows.next(),
            Self::None => None,
        }
    }
}

impl OldRows for Rows<'_> {
    fn has_text(&self) -> bool {
        matches!(self, Self::Stored(_))
    }

    fn take_text(&mut self, text: &[u8]) -> Result<bool> {
        match self {
            Self::Stored(rows) => rows.take_text(text),
            Self::Applied(_) | Self::None => Ok(false),
        }
    }
}

impl Chain {
    /// Opens a fixpoint and everything it stands on.
    ///
    /// # Errors
    /// [`Error::ParentMoved`], [`Error::ParentMissing`], [`Error::ParentCycle`], and those of [`Folder::open`].
    pub fn open(folder: &Folder, name: &FixpointName) -> Result<Self> {
        let mut chain = Self {
            name: name.clone(),
            folder: folder.shown(),
            links: Vec::new(),
        };
        let mut next = Some(chain.link(folder, name)?);
        while let Some(link) = next {
            next = chain.parent_of(folder, &link)?;
            chain.links.push(link);
        }
        chain
            .links
            .windows(2)
            .try_for_each(|pair| same_tables(&pair[0], &pair[1]))?;
        Ok(chain)
    }

    /// A file as it stands, without what it may stand on.
    pub(crate) fn alone(folder: &Folder, name: &FixpointName, document: Document) -> Self {
        let link = Link {
            name: name.clone(),
            document,
        };
        Self {
            name: name.clone(),
            folder: folder.shown(),
            links: vec![link],
        }
    }

    /// Reads every row, so that one that does not fit its parent is named.
    ///
    /// # Errors
    /// [`Error::Corrupt`] and [`Error::Io`].
    pub(crate) fn read_through(&self) -> Result<()> {
        let mut tables = self.header().tables.values();
        tables.try_for_each(|table| self.rows(table).try_for_each(|row| row.map(drop)))
    }

    /// A file that has no name yet, on top of this fixpoint.
    pub(crate) fn below(mut self, name: FixpointName, document: Document) -> Self {
        let link = Link {
            name: name.clone(),
            document,
        };
        self.links.insert(0, link);
        Self { name, ..self }
    }

    /// The fixpoint's name.
    #[must_use]
    pub fn name(&self) -> &FixpointName {
        &self.name
    }

    /// The folder of the files, as messages show it.
    pub(crate) fn folder(&self) -> &str {
        &self.folder
    }

    /// The fixpoint's own header.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.links[0].document.header
    }

    /// The fixpoint's own file.
    #[must_use]
    pub fn document(&self) -> &Document {
        &self.links[0].document
    }

    /// The names of the ancestors, the parent first.
    pub fn ancestors(&self) -> impl Iterator<Item = &FixpointName> {
        self.links.iter().skip(1).map(|link| &link.name)
    }

    /// The rows of a table in the state this fixpoint stands for; none for a table it does not have.
    #[must_use]
    pub fn rows<'a>(&'a self, table: &'a Table) -> Rows<'a> {
        self.rows_at(0, table)
    }

    /// The digests of what makes up the rows of a table: equal ones, equal rows.
    pub(crate) fn digests_of(&self, table: &str) -> Vec<String> {
        let tells = |link: &&Link| {
            let document = &link.document;
            document.header.parent.is_none() || document.lines_of(table) > 0
        };
        let links = self.links.iter().filter(tells);
        links
            .filter_map(|link| link.document.digest_of(table).cloned())
            .collect()
    }

    fn rows_at<'a>(&'a self, level: usize, table: &'a Table) -> Rows<'a> {
        let Some(link) = self.links.get(level) else {
            return Rows::None;
        };
        if !link.document.header.tables.contains_key(&table.name) {
            return Rows::None;
        }
        if link.document.header.parent.is_none() {
            return Rows::Stored(Box::new(link.document.rows(table)));
        }
        let base = self.rows_at(level + 1, table);
        let changes = link.document.changes(table);
        Rows::Applied(Box::new(Applied {
            table,
            document: &link.document,
            base: base.peekable(),
            changes: changes.peekable(),
        }))
    }

    /// Refuses a fixpoint that cannot stand on this one, because it is this one or stands below it already.
    pub(crate) fn check_above(&self, name: &FixpointName) -> Result<()> {
        if self.links.iter().any(|link| link.name == *name) {
            return Err(cycle(name));
        }
        Ok(())
    }

    fn link(&self, folder: &Folder, name: &FixpointName) -> Result<Link> {
        self.check_above(name)?;
        Ok(Link {
            name: name.clone(),
            document: folder.open(name)?,
        })
    }

    fn parent_of(&self, folder: &Folder, child: &Link) -> Result<Option<Link>> {
        let Some(parent) = &child.document.header.parent else {
            return Ok(None);
        };
        let name = child.document.parent_name(parent)?;
        if name == child.name {
            return Err(cycle(&name));
        }
        if !folder.exists(&name)? {
            let (child, parent) = (child.name.to_string(), parent.name.clone());
            return Err(Error::ParentMissing {
                child,
                parent,
                folder: folder.shown(),
            });
        }
        let link = self.link(folder, &name)?;
        if link.document.content != parent.content {
            // No rebase helps there: each one of a ring moves with its parent.
            if is_own_ancestor(folder, &child.name, Some(&name)) {
                return Err(cycle(&child.name));
            }
            return Err(Error::ParentMoved {
                child: child.name.to_string(),
                parent: parent.name.clone(),
            });
        }
        Ok(Some(link))
    }
}

/// The error of a fixpoint that is its own ancestor.
pub(crate) fn cycle(name: &FixpointName) -> Error {
    let name = name.to_string();
    Error::ParentCycle { name }
}

/// Whether a fixpoint that has this parent stands on itself, as far as files can be read.
pub(crate) fn is_own_ancestor(
    folder: &Folder,
    name: &FixpointName,
    parent: Option<&FixpointName>,
) -> bool {
    let (mut next, mut seen) = (parent.cloned(), Vec::new());
    while let Some(ancestor) = next {
        if ancestor == *name {
            return true;
        }
        if seen.contains(&ancestor) {
            return false;
        }
        let document = folder.open(&ancestor).ok();
        let parent = document.and_then(|document| document.header.parent);
        seen.push(ancestor);
        next = parent.and_then(|parent| FixpointName::parse(&parent.name).ok());
    }
    false
}

/// A child's changes mean nothing on a parent with other columns.
fn same_tables(child: &Link, parent: &Link) -> Result<()> {
    let tables = child.document.header.tables.values();
    let differs = |table: &&Table| {
        parent
            .document
            .header
            .tables
            .get(&table.name)
            .is_some_and(|found| found != *table)
    };
    match tables.into_iter().find(differs) {
        Some(table) => {
            let reason = format!(
                "its table {} has other columns than in its parent {}",
                table.name, parent.name
            );
            Err(child.document.corrupt(1, reason))
        }
        None => Ok(()),
    }
}

/// Rows of a parent with the changes of a child applied, in order.
struct Applied<'a, B: Iterator<Item = Result<Row>>, C: Iterator<Item = Result<(usize, ChangeLine)>>>
{
    table: &'a Table,
    document: &'a Document,
    base: Peekable<B>,
    changes: Peekable<C>,
}

impl<B: Iterator<Item = Result<Row>>, C: Iterator<Item = Result<(usize, ChangeLine)>>> Iterator
    for Applied<'_, B, C>
{
    type Item = Result<Row>;

    fn next(&mut self) -> Option<Result<Row>> {
        loop {
            let order = match (self.changes.peek(), self.base.peek()) {
                (None, _) | (Some(Ok(_)), Some(Err(_))) => return self.base.next(),
                (Some(Err(_)), _) => Ordering::Less,
                (Some(Ok(_)), None) => Ordering::Less,
                (Some(Ok((_, change))), Some(Ok(row))) => change_order(self.table, change, row),
            };
            if order.is_gt() {
                return self.base.next();
            }
            let (line, change) = match self.changes.next()? {
                Ok(change) => change,
                Err(error) => return Some(Err(error)),
            };
            let applied = if order.is_lt() {
                insert_only(change)
            } else {
                self.apply(change)
            };
            match applied {
                Ok(Some(row)) => return Some(Ok(row)),
                Ok(None) => {}
                Err(Misfit::Reason(reason)) => {
                    return Some(Err(self.document.corrupt(line, reason)));
                }
                Err(Misfit::Error(error)) => return Some(Err(error)),
            }
        }
    }
}

enum Misfit {
    Reason(&'static str),
    Error(Error),
}

impl<B: Iterator<Item = Result<Row>>, C: Iterator<Item = Result<(usize, ChangeLine)>>>
    Applied<'_, B, C>
{
    /// Applies a change to the row of the parent that has the same identity.
    fn apply(&mut self, change: ChangeLine) -> Result<Option<Row>, Misfit> {
        if let ChangeLine::Insert(row) = change {
            if self.table.is_identified(&row) {
                return Err(Misfit::Reason("it inserts a row that its parent has"));
            }
            return Ok(Some(row));
        }
        let mut base = match self.base.next() {
            Some(Ok(row)) => row,
            Some(Err(error)) => return Err(Misfit::Error(error)),
            None => return Err(Misfit::Reason("it changes a row that its parent lacks")),
        };
        match change {
            ChangeLine::Insert(row) => Ok(Some(row)),
            ChangeLine::Delete(row) if same(&row, &base) => Ok(None),
            ChangeLine::Delete(_) => Err(Misfit::Reason(
                "it deletes a row that its parent has with other values",
            )),
            ChangeLine::Update { old, .. }
                if !old
                    .iter()
                    .all(|(at, cell)| base[*at].cell().same(cell.cell())) =>
            {
                Err(Misfit::Reason(
                    "it updates a row that its parent has with other values",
                ))
            }
            ChangeLine::Update { new, .. } => {
                for (at, cell) in new {
                    base[at] = cell;
                }
                Ok(Some(base))
            }
        }
    }
}

fn insert_only(change: ChangeLine) -> Result<Option<Row>, Misfit> {
    match change {
        ChangeLine::Insert(row) => Ok(Some(row)),
        ChangeLine::Update { .. } | ChangeLine::Delete(_) => {
            Err(Misfit::Reason("it changes a row that its parent lacks"))
        }
    }
}

/// How the row that a change is about compares to another one.
pub(crate) fn change_order(table: &Table, change: &ChangeLine, row: &Row) -> Ordering {
    match change {
        ChangeLine::Insert(changed) | ChangeLine::Delete(changed) => table.order(changed, row),
        ChangeLine::Update { key, .. } => {
            let pairs = key.iter().zip(table.key_positions());
            pairs
                .map(|(cell, &at)| cell.cell().order(row[at].cell()))
                .find(|order| order.is_ne())
                .unwrap_or(Ordering::Equal)
        }
    }
}

fn same(a: &Row, b: &Row) -> bool {
    a.iter().zip(b).all(|(a, b)| a.cell().same(b.cell()))
}
