//! Small tables are read many at a time, one round trip for all; large ones are left to be streamed.

use std::collections::{BTreeMap, VecDeque};

use postgres::SimpleQueryRow;

use super::copy::hand_on;
use super::relation::{Kind, Known, Relation};
use super::session::Session;
use super::spoken::unread;
use super::turning::Path;
use super::wire::{Wire, results};
use fixpoints_core::database::EachRow;
use fixpoints_core::error::Result;
use fixpoints_core::table::Table;

/// A table of more bytes than this is not read ahead.
const SMALL: u64 = 256 * 1024;
/// All that is read ahead at once.
const ROOM: u64 = 4 * 1024 * 1024;

/// Rows that were read before they were asked for, and tables to read next.
#[derive(Default)]
pub(super) struct Ahead {
    rows: BTreeMap<String, Vec<SimpleQueryRow>>,
    next: VecDeque<Next>,
}

struct Next {
    table: Table,
    relation: Relation,
    /// Bytes on disk.
    size: u64,
}

impl Ahead {
    pub fn new(sizes: &Sizes, tables: &[&Table], relations: Vec<Relation>) -> Self {
        let next = tables
            .iter()
            .zip(relations)
            .filter_map(|(&table, relation)| {
                let size = *sizes.0.get(&relation.oid)?;
                let table = table.clone();
                (size <= SMALL).then_some(Next {
                    table,
                    relation,
                    size,
                })
            });
        Self {
            rows: BTreeMap::new(),
            next: next.collect(),
        }
    }

    /// What was read of a table that is written now is no longer so.
    pub fn forget(&mut self, table: &str) {
        self.rows.remove(table);
        self.next.retain(|next| next.table.name != table);
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
            if !self.next.iter().any(|next| next.table == *table) {
                return Ok(false);
            }
            self.read(session, known)?;
        }
        let Some(rows) = self.rows.remove(&table.name) else {
            return Ok(false);
        };
        hand_on(&rows, kinds, table, each)?;
        Ok(true)
    }

    fn read(&mut self, session: &mut Session<'_>, known: &Known) -> Result<()> {
        let (mut names, mut selects, mut size) = (Vec::new(), Vec::new(), 0);
        while let Some(next) = self.next.pop_front() {
            size += next.size;
            if size > ROOM && !names.is_empty() {
                self.next.push_front(next);
                break;
            }
            selects.push(next.relation.select(&next.table, known)?);
            names.push(next.table.name);
        }
        let act = match names.as_slice() {
            [name] => format!("cannot read table {name}"),
            names => format!("cannot read one of {} tables", names.len()),
        };
        let failed = || unread(act.clone());
        let wire = session.wire(Path::Fixed).map_err(failed())?;
        let messages = wire.simple(&selects.join("; ")).map_err(failed())?;
        self.rows.extend(names.into_iter().zip(results(messages)));
        Ok(())
    }
}

/// The bytes on disk of each table; none for a partitioned one, which has none itself.
#[derive(Debug, Default)]
pub(super) struct Sizes(BTreeMap<u32, u64>);

impl Sizes {
    /// `None` where no table has a size.
    pub fn question<'r>(relations: impl IntoIterator<Item = &'r Relation>) -> Option<String> {
        let whole = relations.into_iter();
        let whole = whole.filter(|relation| !relation.is_partitioned);
        let oids: Vec<String> = whole.map(|relation| relation.oid.to_string()).collect();
        (!oids.is_empty()).then(|| {
            format!(
                "SELECT oid, pg_relation_size(oid) + CASE reltoastrelid WHEN 0 THEN 0 ELSE pg_relation_size(reltoastrelid) END
                 FROM pg_class WHERE oid IN ({})",
                oids.join(", ")
            )
        })
    }

    pub fn of(answers: &[Vec<SimpleQueryRow>]) -> Self {
        let rows = answers.iter().flatten();
        let sized =
            rows.filter_map(|row| Some((row.get(0)?.parse().ok()?, row.get(1)?.parse().ok()?)));
        Self(sized.collect())
    }

    pub fn read(wire: &mut dyn Wire, relations: &[Relation]) -> Result<Self, postgres::Error> {
        let Some(question) = Self::question(relations) else {
            return Ok(Self::default());
        };
        Ok(Self::of(&results(wire.simple(&question)?)))
    }
}
