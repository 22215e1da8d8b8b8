//! A transaction: the rows of each table in and out, and what has to be done around them; what a row means is decided
//! elsewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::Arc;

use super::ahead::{Ahead, Sizes};
use super::guard::{Extent, Guard};
use super::mark::{Marking, Versions};
use super::relation::{Relation, Schema};
use super::session::{Access, Session, Silence};
use super::spoken::{Ending, not_put_back, refused, uncommitted};
use super::turning::Path;
use super::watch::{Watch, Written};
use super::wire::{Wire, results};
use super::{
    ENGINE, catalog, copy, delete, insert, lock, omissions, partitions, references, sequences,
    update, waiting,
};
use fixpoints_core::catalog::Catalog;
use fixpoints_core::cell::{CellRef, Row};
use fixpoints_core::database::{
    EachRow, Finished, Keeps, Mark, Remember, Strays, Transaction, Writable, Write,
};
use fixpoints_core::error::{Error, Fault, Result};
use fixpoints_core::position::Positions;
use fixpoints_core::reference::BrokenReference;
use fixpoints_core::table::Table;

/// A transaction that was begun; it is undone where it is not committed.
pub(super) struct Begun<'a, 'c> {
    session: &'a mut Session<'c>,
    access: Access,
    schema: Arc<Schema>,
    /// The schema, and where the sequences stand.
    catalog: Arc<Catalog>,
    ahead: Ahead,
    guard: Guard,
    watch: Watch,
    /// Whether everything was done that comes before the end of the transaction.
    is_finished: bool,
    /// Where the transaction is to be remembered.
    marking: Option<Marking>,
    /// The locked tables that did not change since the last mark, each with the number of its rows.
    unchanged: Option<BTreeMap<String, u64>>,
    /// The bytes of the locked tables, where all of them are to be read.
    sizes: Option<Sizes>,
}

impl<'a, 'c> Begun<'a, 'c> {
    pub fn begin(
        session: &'a mut Session<'c>,
        access: Access,
        memory: Option<&dyn Remember>,
    ) -> Result<Self> {
        let begun = session.begin(access);
        begun.map_err(refused("cannot begin a transaction"))?;
        let marking = marking(session, access, memory);
        let mut begun = Self {
            session,
            access,
            schema: Arc::default(),
            catalog: Arc::default(),
            ahead: Ahead::default(),
            guard: Guard::default(),
            watch: Watch::default(),
            is_finished: false,
            marking,
            unchanged: None,
            sizes: None,
        };
        let read = begun.read();
        read.map_err(|error| lock::refused(begun.session, "cannot read the schema", &error))?;
        Ok(begun)
    }

    /// Reads the schema, and where the sequences stand.
    fn read(&mut self) -> Result<(), ::postgres::Error> {
        let (schema, has_large_objects) = self.schema()?;
        self.schema = schema;
        let known = &self.schema.known;
        let positions = sequences::read(self.session.wire(Path::Fixed)?, known)?;
        let mut catalog = self.schema.catalog.clone();
        if has_large_objects {
            catalog.omissions.push(omissions::large_objects(known));
        }
        self.catalog = Arc::new(catalog);
        self.standing(positions);
        Ok(())
    }

    fn standing(&mut self, positions: Positions) {
        let catalog = Arc::make_mut(&mut self.catalog);
        for (name, position) in positions {
            if let Some(sequence) = catalog.sequences.get_mut(&name) {
                sequence.position = position;
            }
        }
    }

    /// The schema, as it was remembered if it still is that, and whether there are large objects.
    fn schema(&mut self) -> Result<(Arc<Schema>, bool), ::postgres::Error> {
        let wire = self.session.wire(Path::Fixed)?;
        let remembered = match &mut self.marking {
            Some(marking) => marking.look(wire)?,
            None => None,
        };
        let (schema, has_large_objects) = match remembered {
            Some(remembered) => remembered,
            None => {
                let (schema, has_large_objects) = catalog::read(wire)?;
                (Arc::new(schema), has_large_objects)
            }
        };
        if let Some(marking) = &mut self.marking {
            marking.schema = Some(Arc::clone(&schema));
        }
        Ok((schema, has_large_objects))
    }

    fn relation(&self, table: &Table) -> Result<Relation> {
        let found = self.schema.known.relation(&table.name);
        found.cloned().ok_or_else(|| Error::Database {
            act: format!("cannot find table {}", table.name),
            message: "it was not there when the schema was read".to_owned(),
            fault: Fault::Unknown,
        })
    }

    /// Before a table is written: what would act on it by itself is switched off.
    fn prepare(&mut self, table: &Table, extent: Extent) -> Result<Relation> {
        let relation = self.relation(table)?;
        self.guard.note(relation.oid, extent);
        self.ahead.forget(&table.name);
        self.is_finished = false;
        let begun = self.watch();
        let prepared = begun.and_then(|()| {
            self.guard
                .prepare(self.session, &self.schema.known, &relation)
        });
        prepared.map_err(|error| {
            let act = format!("cannot prepare {} to be written", table.name);
            lock::refused(self.session, &act, &error)
        })?;
        Ok(relation)
    }

    /// Before anything is run that can run somebody's code.
    fn watch(&mut self) -> Result<(), ::postgres::Error> {
        if self.watch.has_begun() {
            return Ok(());
        }
        let wire = self.session.wire(Path::Fixed)?;
        self.watch.begin(wire, &self.schema.known)
    }

    /// The connection while rows are written.
    fn writing(&mut self, table: &Table) -> Result<&mut dyn Wire> {
        let wire = self.session.turned(Path::Caller);
        match wire {
            Ok(wire) => Ok(wire),
            Err(error) => Err(refused(format!("cannot write table {}", table.name))(error)),
        }
    }

    /// What was found of the state after everything that can run somebody's code.
    fn after(&mut self) -> Result<Strays, ::postgres::Error> {
        let wire = self.session.wire(Path::Fixed)?;
        let known = &self.schema.known;
        let altered = self.watch.altered(wire, known)?;
        // One of the sequences may have gone with its table.
        let sequences = if altered.is_empty() {
            Some(sequences::read(wire, known)?)
        } else {
            None
        };
        Ok(Strays {
            tables: self.watch.strays(wire, known)?,
            altered,
            sequences,
            rows: 0,
        })
    }

    /// Locks these tables, where a statement says how, and says which of them did not change since the last mark, and
    /// how many rows those have: one round trip for both. Where nothing can be known of that, it asks for their sizes.
    fn ask(&mut self, tables: &[&Table], lock: Option<String>) -> Result<BTreeMap<String, u64>> {
        let found = tables
            .iter()
            .map(|table| Ok((*table, self.relation(table)?)));
        let found = found.collect::<Result<Vec<_>>>()?;
        let marking = self.marking.as_ref();
        let question = marking.and_then(|marking| marking.question(&found));
        let asks = question.is_some();
        let sizes = || Sizes::question(found.iter().map(|(_, relation)| relation));
        let locks = usize::from(lock.is_some());
        let question = question.or_else(|| lock.is_some().then(sizes).flatten());
        let partitions = lock.as_ref().and_then(|_| partitions::question(&found));
        let has_partitions = partitions.is_some();
        let statements = lock.into_iter().chain(partitions).chain(question);
        let statements: Vec<String> = statements.collect();
        if found.is_empty() || statements.is_empty() {
            return Ok(BTreeMap::new());
        }
        let wire = self.session.wire(Path::Fixed);
        let answers = wire.and_then(|wire| wire.simple(&statements.join("; ")));
        let answers =
            answers.map_err(|error| lock::refused(self.session, "cannot lock the tables", &error));
        let answers = results(answers?);
        let mut answers = &answers[locks.min(answers.len())..];
        if let (true, Some((now, rest))) = (has_partitions, answers.split_first()) {
            partitions::check(&self.schema.known, now)?;
            answers = rest;
        }
        if !asks {
            self.sizes = Some(Sizes::of(answers));
            return Ok(BTreeMap::new());
        }
        let unchanged = marking.map(|marking| marking.untouched(&found, answers));
        Ok(unchanged.unwrap_or_default())
    }
}

/// What a transaction is remembered by; one that only reads has no use for it where nothing was kept.
fn marking(
    session: &Session<'_>,
    access: Access,
    memory: Option<&dyn Remember>,
) -> Option<Marking> {
    let last = memory?.recall(&session.place()?);
    if access == Access::Read && last.is_none() {
        return None;
    }
    let last = last.and_then(|mark| mark.0.downcast::<Versions>().ok());
    Some(Marking::new(last))
}

impl Drop for Begun<'_, '_> {
    fn drop(&mut self) {
        self.session.rollback();
    }
}

impl Transaction for Begun<'_, '_> {
    fn engine(&self) -> &'static str {
        ENGINE
    }

    fn catalog(&self) -> Arc<Catalog> {
        Arc::clone(&self.catalog)
    }

    fn unchanged(&mut self, tables: &[&Table]) -> Result<BTreeMap<String, u64>> {
        match self.unchanged.take() {
            Some(unchanged) => Ok(unchanged),
            None => self.ask(tables, None),
        }
    }

    fn read_ahead(&mut self, tables: &[&Table]) -> Result<()> {
        let relations = tables.iter().map(|table| self.relation(table));
        let relations = relations.collect::<Result<Vec<_>>>()?;
        if !self.schema.known.is_utf8 {
            return Ok(());
        }
        let sizes = match self.sizes.take() {
            Some(sizes) => sizes,
            None => {
                let wire = self.session.wire(Path::Fixed);
                let sizes = wire.and_then(|wire| Sizes::read(wire, &relations));
                sizes.map_err(|error| {
                    lock::refused(self.session, "cannot ask for the sizes of tables", &error)
                })?
            }
        };
        self.ahead = Ahead::new(&sizes, tables, relations);
        Ok(())
    }

    fn scan(&mut self, table: &Table, each: &mut EachRow<'_>) -> Result<()> {
        let relation = self.relation(table)?;
        let kinds = relation.kinds(table)?;
        let mut ended = ControlFlow::Continue(());
        let mut each = |row: &[CellRef<'_>]| {
            ended = each(row)?;
            Ok(ended)
        };
        if self
            .ahead
            .scan(self.session, &self.schema.known, table, &kinds, &mut each)?
        {
            return Ok(());
        }
        let select = relation.select(table, &self.schema.known)?;
        let wire = self.session.wire(Path::Fixed);
        let wire = wire.map_err(refused(format!("cannot read table {}", table.name)))?;
        copy::scan(wire, &select, &kinds, table, &mut each)
    }

    fn broken_references(&mut self) -> Result<Vec<BrokenReference>> {
        let written = match self.access {
            Access::Write => Some(&self.guard),
            Access::Read => None,
        };
        if let (Some(written), Silence::Role) = (written, self.session.silence()) {
            references::refuse_uncheckable(&self.schema.known, written)?;
        }
        let wire = self.session.wire(Path::Fixed);
        let wire = wire.map_err(refused("cannot check the foreign keys"))?;
        references::broken(wire, &self.schema.known, written)
    }

    fn references(&mut self) -> Result<BTreeMap<String, BTreeSet<String>>> {
        Ok(references::between_tables(&self.schema.known))
    }

    fn commit(mut self: Box<Self>) -> Result<()> {
        self.finish()?;
        let ending = match self.access {
            Access::Write => Ending::Commit,
            Access::Read => Ending::Reading,
        };
        self.session.commit().map_err(uncommitted(ending))
    }
}

impl Writable for Begun<'_, '_> {
    fn lock(&mut self, tables: &[&Table]) -> Result<&mut dyn Write> {
        let found = tables.iter().map(|table| self.relation(table));
        let found = found.collect::<Result<Vec<_>>>()?;
        let names: Vec<String> = found.iter().map(Relation::only).collect();
        let lock = format!(
            "LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE",
            names.join(", ")
        );
        self.unchanged = Some(self.ask(tables, Some(lock))?);
        Ok(self)
    }
}

impl Write for Begun<'_, '_> {
    fn keeps(&self, table: &Table) -> Result<Keeps> {
        let kinds = self.relation(table)?.kinds(table)?;
        Ok(Box::new(move |at, cell| kinds[at].keeps(cell)))
    }

    fn clear(&mut self, table: &Table) -> Result<()> {
        let act = format!("cannot empty table {}", table.name);
        if self.relation(table)?.is_append_only {
            let relation = self.prepare(table, Extent::Whole)?;
            let sql = format!("TRUNCATE {}", relation.only());
            let emptied = self.writing(table)?.batch(&sql);
            return emptied.map_err(|error| lock::refused(self.session, &act, &error));
        }
        let relation = self.prepare(table, Extent::Rows)?;
        let sql = format!("DELETE FROM {}", relation.only());
        let messages = self.writing(table)?.simple(&sql);
        let messages = messages.map_err(refused(act))?;
        self.watch
            .note(relation.oid, Written::deleted(delete::reached(&messages)));
        Ok(())
    }

    fn delete(&mut self, table: &Table, rows: &[Row]) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let relation = self.prepare(table, Extent::Rows)?;
        delete::delete(self.writing(table)?, &relation, table, rows)?;
        self.watch
            .note(relation.oid, Written::deleted(rows.len() as u64));
        Ok(())
    }

    fn update(&mut self, table: &Table, rows: Vec<(Row, Row)>) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let relation = self.relation(table)?;
        if let Some(columns) = update::columns(&relation, table, &rows) {
            let names = columns.iter().map(|&at| table.column(at).to_owned());
            let relation = self.prepare(table, Extent::Columns(names.collect()))?;
            update::update(self.writing(table)?, &relation, table, &columns, &rows)?;
            self.watch
                .note(relation.oid, Written::updated(rows.len() as u64));
            return Ok(());
        }
        let (old, new): (Vec<Row>, Vec<Row>) = rows.into_iter().unzip();
        self.delete(table, &old)?;
        self.insert(table, &mut new.into_iter().map(Ok)).map(drop)
    }

    fn insert(
        &mut self,
        table: &Table,
        rows: &mut dyn Iterator<Item = Result<Row>>,
    ) -> Result<u64> {
        let mut rows = rows.peekable();
        if rows.peek().is_none() {
            return Ok(0);
        }
        let relation = self.prepare(table, Extent::Rows)?;
        let inserted = insert::insert(self.writing(table)?, &relation, table, &mut rows)?;
        self.watch.note(relation.oid, Written::inserted(inserted));
        Ok(inserted)
    }

    fn set_sequences(&mut self, names: &[String], wanted: &Positions) -> Result<()> {
        self.is_finished = false;
        self.watch()
            .map_err(refused("cannot ask what was written"))?;
        sequences::set(
            self.session,
            &self.schema.known,
            &self.catalog.positions(),
            names,
            wanted,
        )?;
        let set = names
            .iter()
            .filter_map(|name| Some((name.clone(), *wanted.get(name)?)));
        self.standing(set.collect());
        Ok(())
    }

    fn refresh(&mut self) -> Result<()> {
        let read = self.read();
        read.map_err(|error| lock::refused(self.session, "cannot read the schema", &error))
    }

    fn finish(&mut self) -> Result<&mut dyn Finished> {
        if self.access == Access::Read || self.is_finished {
            return Ok(self);
        }
        // Nothing was begun that would have to be put back, or that anything waits for.
        if !self.watch.has_begun() {
            return Ok(self);
        }
        waiting::check(self.session, &self.schema.known, self.guard.written())?;
        let undo = self.guard.undo(&self.schema.known);
        let settled = self.session.settle(&undo);
        settled.map_err(|error| not_put_back(&error))?;
        self.is_finished = true;
        Ok(self)
    }
}

impl Finished for Begun<'_, '_> {
    fn strays(&mut self) -> Result<Strays> {
        if !self.watch.has_begun() {
            return Ok(Strays::default());
        }
        // What was read ahead is older than what is asked here.
        self.ahead = Ahead::default();
        let found = self.after();
        found.map_err(refused("cannot ask what was written"))
    }

    fn mark(&mut self, rows: &BTreeMap<String, u64>) -> Result<Option<Mark>> {
        let Some(marking) = self.marking.as_mut().filter(|_| !self.session.is_nested()) else {
            return Ok(None);
        };
        if self.guard.has_dropped() {
            marking.schema = None;
        }
        let wire = self.session.wire(Path::Fixed);
        let versions = wire.and_then(|wire| marking.mark(wire, rows));
        let versions = versions.map_err(refused("cannot mark the tables"))?;
        Ok(versions.map(|versions| Mark(Arc::new(versions))))
    }
}
