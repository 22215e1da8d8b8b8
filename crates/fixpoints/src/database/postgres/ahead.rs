//! Small tables are read many at a time, one round trip for all; large ones are left to be streamed.

use std::collections::{BTreeMap, VecDeque};

use postgres::SimpleQueryRow;

use super::copy::{RowBuffer, hand_on};
use super::relation::{Kind, Known, Relation};
use super::session::Session;
use super::spoken::refused;
use super::wire::results;
use crate::database::EachRow;
use crate::error::Result;
use crate::table::Table;

/// A table of more bytes than this is not read ahead.
const SMALL: u64 = 256 * 1024;
/// All that is read ahead at once.
const ROOM: u64 = 4 * 1024 * 1024;

/// Rows that were read before they were asked for, and tables to read next.
#[derive(Default)]
pub(super) struct Ahead {
    rows: BTreeMap<String, Vec<SimpleQueryRow>>,
    next: VecDeque<(Table, Relation)>,
}

impl Ahead {
    pub fn new(tables: &[&Table], relations: Vec<Relation>) -> Self {
        let tables = tables.iter().map(|&table| table.clone());
        let small = tables
            .zip(relations)
            .filter(|(_, relation)| relation.size <= SMALL);
        Self {
            rows: BTreeMap::new(),
            next: small.collect(),
        }
    }

    /// What was read of a table that is written now is no longer so.
    pub fn forget(&mut self, table: &str) {
        self.rows.remove(table);
        self.next.retain(|(next, _)| next.name != table);
    }

    /// Calls `each` with the rows of a small table; false for a table that is to be streamed.
    pub fn scan(
        &mut self,
        session: &mut Session<'_>,
        known: &Known,
        table: &Table,
        kinds: &[Kind],
        each: &mut EachRow<'_>,
    ) -> Result<bool> {
        if !self.rows.contains_key(&table.name) {
            if !self.next.iter().any(|(next, _)| next == table) {
                return Ok(false);
            }
            self.read(session, known)?;
        }
        let Some(rows) = self.rows.remove(&table.name) else {
            return Ok(false);
        };
        let mut buffer = RowBuffer::default();
        for row in &rows {
            if hand_on(row, &mut buffer, kinds, table, each)?.is_break() {
                break;
            }
        }
        Ok(true)
    }

    fn read(&mut self, session: &mut Session<'_>, known: &Known) -> Result<()> {
        let (mut names, mut selects, mut size) = (Vec::new(), Vec::new(), 0);
        while let Some((table, relation)) = self.next.pop_front() {
            size += relation.size;
            if size > ROOM && !names.is_empty() {
                self.next.push_front((table, relation));
                break;
            }
            selects.push(relation.select(&table, known)?);
            names.push(table.name);
        }
        let act = format!("cannot read {}", names.join(", "));
        let messages = session
            .wire
            .simple(&selects.join("; "))
            .map_err(refused(act))?;
        self.rows.extend(names.into_iter().zip(results(messages)));
        Ok(())
    }
}
