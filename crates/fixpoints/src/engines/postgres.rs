//! PostgreSQL: rows in and out through one connection in its own text form; what a row means is decided elsewhere.
//!
//! * Tables of every schema are covered; those of `public` by their bare names, others as `schema.table`. A
//!   partitioned table is one table, whose partitions are not covered by themselves. Views, foreign and temporary
//!   tables, tables of extensions, and tables with a foreign partition are not covered; generated columns are neither
//!   stored nor written.
//! * `boolean`, integers, floats and `bytea` are values of their own in a file. Every other type is a string in
//!   PostgreSQL's text form under fixed settings (UTC, ISO dates, hexadecimal bytes, no locale), the only form that
//!   is exact for all of them: `1.10` keeps its zero, `json` its spaces, `jsonb 'null'` is not NULL.
//! * A sequence is recorded as the value it handed out last, so that the next one follows; it is set by
//!   `ALTER SEQUENCE … RESTART`, which a rollback undoes.
//! * During a restore the covered tables are locked against writers, triggers and rules are off, and foreign keys
//!   and deferrable constraints are checked before the commit. A superuser sets `session_replication_role`; anybody
//!   else must own the tables that are written: their triggers are disabled and the foreign keys at them are dropped,
//!   and both are made again before the commit, in the same transaction. That takes locks for which even readers have
//!   to end, where a superuser's restore waits for writers only.
//! * Our statements look names up in `pg_catalog` only, from the first one on. While rows are written, the path is the
//!   caller's, for whom the functions of checks and indexes were written, and our statements name everything in full.
//! * What functions and event triggers write during a restore is noticed before the commit, by the server's own counts
//!   of rows; where those are off, every covered table is read again.
//! * A row that differs in columns that need not be unique is updated in place; others are deleted and inserted.
//! * A table that a restore of [`Fixpoints`](crate::Fixpoints) found as it should be is remembered by the versions of
//!   its rows, and not read again before they change.
//! * A statement may wait 10 seconds for a lock and run for 5 minutes.
//! * A script may not name what leads out of the database: files and programs of the server, other servers, and other
//!   databases unless they are for tests. What a function hides is not found; a role that is not a superuser cannot do
//!   most of it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use ::postgres::Client;

use super::guard::TestDatabases;
use fixpoints_core::catalog::Catalog;
use fixpoints_core::cell::{CellRef, Row};
use fixpoints_core::database::{Access, Database, EachRow, Keeps, Mark, ScriptReport, Strays};
use fixpoints_core::error::{Error, Fault, Result};
use fixpoints_core::reference::BrokenReference;
use fixpoints_core::secret::redacted;
use fixpoints_core::table::Table;

mod ahead;
mod catalog;
mod code;
mod connect;
mod connection;
mod copy;
mod delete;
mod equality;
mod fault;
mod guard;
mod insert;
pub(crate) mod location;
mod lock;
mod mark;
mod name;
mod partitions;
mod references;
mod relation;
mod script;
mod sequences;
mod session;
mod settings;
mod spoken;
mod update;
mod waiting;
mod watch;
mod wire;

use ahead::Ahead;
use connect::Connected;
use guard::{Extent, Guard};
use mark::{Marking, Versions};
use relation::{Relation, Schema};
use session::{Path, Session, Silence, Waits};
use spoken::{Ending, not_put_back, refused, uncommitted};
use watch::{Watch, Written};
use wire::{Wire, results};

/// The word for PostgreSQL in a file's header.
pub const ENGINE: &str = "postgres";

/// Asks whether a transaction is open: one is as old as its first statement, and outside of one every statement is the
/// first. It is asked in the search path of others.
const IS_IN_TRANSACTION: &str =
    "SELECT pg_catalog.now() OPERATOR(pg_catalog.<>) pg_catalog.statement_timestamp()";

/// A connection to a PostgreSQL database: one of its own, or one that a test holds.
pub struct Postgres<'c> {
    session: Session<'c>,
    schema: Arc<Schema>,
    /// Where the sequences stand.
    standing: BTreeMap<String, i64>,
    ahead: Ahead,
    guard: Guard,
    watch: Watch,
    /// Whether everything was done that comes before the end of the transaction.
    is_settled: bool,
    /// In a transaction that is to be remembered.
    marking: Option<Marking>,
    /// The databases that a script may drop or change.
    tests: TestDatabases,
}

impl Postgres<'static> {
    /// Connects to the database a URL names.
    ///
    /// # Errors
    /// [`Error::MissingDatabase`] where the server has none of that name, and [`Error::Database`].
    pub fn open(url: &str) -> Result<Self> {
        connect::connect(url).map(|connected| Self::own(connected.client))
    }

    /// Connects to a database whose rows may be replaced. The server is asked what the database is called: what stands
    /// between it and us may give it another name.
    ///
    /// # Errors
    /// [`Error::NotATestDatabase`], and those of [`Postgres::open`].
    pub(crate) fn open_test(url: &str, tests: TestDatabases) -> Result<Self> {
        let Connected { client, name } = connect::connect(url)?;
        let shown = format!("{}, whose server calls it `{name}`,", redacted(url));
        tests.allow_name(&shown, &name)?;
        Ok(Self {
            tests,
            ..Self::own(client)
        })
    }

    fn own(client: Client) -> Self {
        Self::over(Session::new(Box::new(client)))
    }
}

impl<'c> Postgres<'c> {
    /// Uses a connection that somebody else holds; its settings are as before after every operation.
    pub fn on(client: &'c mut Client) -> Self {
        Self::over(Session::new(Box::new(client)))
    }

    /// Uses a transaction that somebody else holds: every operation is a savepoint in it, and lasts only if it does.
    pub fn within<'t: 'c>(transaction: &'c mut ::postgres::Transaction<'t>) -> Self {
        Self::over(Session::nested(Box::new(transaction)))
    }

    /// Uses a connection on which somebody else began a transaction by a statement of SQL; like [`Self::within`].
    pub fn joining(client: &'c mut Client) -> Self {
        Self::over(Session::nested(Box::new(client)))
    }

    /// Waits so long for a lock and so long for a statement, instead of 10 seconds and 5 minutes.
    #[must_use]
    pub fn waiting(mut self, lock: Duration, statement: Duration) -> Self {
        self.session.waits = Waits { lock, statement };
        self
    }

    fn over(session: Session<'c>) -> Self {
        Self {
            session,
            schema: Arc::default(),
            standing: BTreeMap::new(),
            ahead: Ahead::default(),
            guard: Guard::default(),
            watch: Watch::default(),
            is_settled: false,
            marking: None,
            tests: TestDatabases::default(),
        }
    }

    /// Reads the schema, and where the sequences stand.
    fn read(&mut self) -> Result<(), ::postgres::Error> {
        self.schema = self.schema()?;
        let wire = self.session.wire(Path::Fixed)?;
        self.standing = sequences::read(wire, &self.schema.known)?;
        Ok(())
    }

    /// The schema, as it was remembered if it still is that.
    fn schema(&mut self) -> Result<Arc<Schema>, ::postgres::Error> {
        let wire = self.session.wire(Path::Fixed)?;
        let remembered = match &mut self.marking {
            Some(marking) => marking.look(wire)?,
            None => None,
        };
        let schema = match remembered {
            Some(schema) => schema,
            None => Arc::new(catalog::read(wire)?),
        };
        if let Some(marking) = &mut self.marking {
            marking.schema = Some(Arc::clone(&schema));
        }
        Ok(schema)
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
        self.is_settled = false;
        let begun = self.watch();
        let prepared = begun.and_then(|()| {
            self.guard
                .prepare(&mut self.session, &self.schema.known, &relation)
        });
        prepared.map_err(|error| {
            let act = format!("cannot prepare {} to be written", table.name);
            lock::refused(&mut self.session, &act, &error)
        })?;
        Ok(relation)
    }

    /// Before anything is run that can run somebody's code.
    fn watch(&mut self) -> Result<(), ::postgres::Error> {
        if self.watch.has_begun() {
            return Ok(());
        }
        self.watch.begin(self.session.wire(Path::Fixed)?)
    }

    /// The connection while rows are written.
    fn writing(&mut self, table: &Table) -> Result<&mut dyn Wire> {
        let wire = self.session.wire(Path::Caller);
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
}

impl Database for Postgres<'_> {
    fn engine(&self) -> &'static str {
        ENGINE
    }

    fn begin(&mut self, access: Access) -> Result<()> {
        self.ahead = Ahead::default();
        self.guard = Guard::default();
        self.watch = Watch::default();
        self.is_settled = false;
        self.marking = None;
        self.session
            .begin(access)
            .map_err(refused("cannot begin a transaction"))
    }

    fn settle(&mut self) -> Result<()> {
        if self.session.access() != Some(Access::Write) || self.is_settled {
            return Ok(());
        }
        // Nothing was begun that would have to be put back, or that anything waits for.
        if !self.watch.has_begun() {
            return Ok(());
        }
        waiting::check(&mut self.session, &self.schema.known, self.guard.written())?;
        let undo = self.guard.undo(&self.schema.known);
        let settled = self.session.settle(&undo);
        settled.map_err(|error| not_put_back(&error))?;
        self.is_settled = true;
        Ok(())
    }

    fn strays(&mut self) -> Result<Strays> {
        if !self.watch.has_begun() {
            return Ok(Strays::default());
        }
        // What was read ahead is older than what is asked here.
        self.ahead = Ahead::default();
        let found = self.after();
        found.map_err(refused("cannot ask what was written"))
    }

    fn commit(&mut self) -> Result<()> {
        self.settle()?;
        let ending = match self.session.access() {
            Some(Access::Write) => Ending::Commit,
            _ => Ending::Reading,
        };
        self.session.commit().map_err(uncommitted(ending))
    }

    fn rollback(&mut self) {
        self.session.rollback();
    }

    fn catalog(&mut self) -> Result<Catalog> {
        let read = self.read();
        read.map_err(|error| lock::refused(&mut self.session, "cannot read the schema", &error))?;
        let mut catalog = self.schema.catalog.clone();
        for (name, position) in &self.standing {
            if let Some(sequence) = catalog.sequences.get_mut(name) {
                sequence.position = *position;
            }
        }
        Ok(catalog)
    }

    fn place(&mut self) -> Option<String> {
        self.session.place()
    }

    fn recall(&mut self, mark: Option<&Mark>) {
        let last = mark.and_then(|mark| Arc::clone(&mark.0).downcast::<Versions>().ok());
        self.marking = Some(Marking::new(last));
    }

    fn hold(&mut self, tables: &[&Table]) -> Result<BTreeMap<String, u64>> {
        let found = tables
            .iter()
            .map(|table| Ok((*table, self.relation(table)?)));
        let found = found.collect::<Result<Vec<_>>>()?;
        if found.is_empty() {
            return Ok(BTreeMap::new());
        }
        let names: Vec<String> = found.iter().map(|(_, found)| found.only()).collect();
        let lock = format!(
            "LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE",
            names.join(", ")
        );
        // A reader's view stands still by itself.
        let is_writer = self.session.access() == Some(Access::Write);
        let marking = self.marking.as_ref();
        let question = marking.and_then(|marking| marking.question(&found));
        let asked = question.is_some();
        let statements: Vec<String> = is_writer
            .then_some(lock)
            .into_iter()
            .chain(question)
            .collect();
        let wire = self.session.wire(Path::Fixed);
        let answers = wire.and_then(|wire| wire.simple(&statements.join("; ")));
        let answers = answers
            .map_err(|error| lock::refused(&mut self.session, "cannot lock the tables", &error));
        let answers = results(answers?);
        let answers = &answers[usize::from(is_writer).min(answers.len())..];
        let untouched = marking
            .filter(|_| asked)
            .map(|marking| marking.untouched(&found, answers));
        Ok(untouched.unwrap_or_default())
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

    fn expect(&mut self, tables: &[&Table]) -> Result<()> {
        let relations = tables.iter().map(|table| self.relation(table));
        let relations = relations.collect::<Result<Vec<_>>>()?;
        if self.schema.known.is_utf8 {
            let wire = self.session.wire(Path::Fixed);
            let ahead = wire.and_then(|wire| Ahead::new(wire, tables, relations));
            self.ahead = ahead.map_err(|error| {
                lock::refused(
                    &mut self.session,
                    "cannot ask for the sizes of tables",
                    &error,
                )
            })?;
        }
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
        if self.ahead.scan(
            &mut self.session,
            &self.schema.known,
            table,
            &kinds,
            &mut each,
        )? {
            return Ok(());
        }
        let select = relation.select(table, &self.schema.known)?;
        let wire = self.session.wire(Path::Fixed);
        let wire = wire.map_err(refused(format!("cannot read table {}", table.name)))?;
        copy::scan(wire, &select, &kinds, table, &mut each)
    }

    fn keeps(&self, table: &Table) -> Result<Keeps> {
        let kinds = self.relation(table)?.kinds(table)?;
        Ok(Box::new(move |at, cell| kinds[at].keeps(cell)))
    }

    fn clear(&mut self, table: &Table) -> Result<()> {
        let relation = self.prepare(table, Extent::Rows)?;
        let sql = format!("DELETE FROM {}", relation.only());
        let messages = self.writing(table)?.simple(&sql);
        let messages = messages.map_err(refused(format!("cannot empty table {}", table.name)))?;
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

    fn set_sequences(&mut self, names: &[String], wanted: &BTreeMap<String, i64>) -> Result<()> {
        self.is_settled = false;
        self.watch()
            .map_err(refused("cannot ask what was written"))?;
        sequences::set(
            &mut self.session,
            &self.schema.known,
            &self.standing,
            names,
            wanted,
        )
    }

    fn broken_references(&mut self) -> Result<Vec<BrokenReference>> {
        let written = match self.session.access() {
            Some(Access::Write) => Some(&self.guard),
            _ => None,
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

    fn run_script(&mut self, name: &str, script: &str) -> Result<ScriptReport> {
        script::run(self.session.untouched(), &self.tests, name, script)
    }
}
