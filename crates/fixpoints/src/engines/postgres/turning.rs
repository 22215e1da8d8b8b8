//! A connection that turns to another search path together with its next statements, which saves a round trip; whose path
//! that is, it does not know.

use postgres::{CopyInWriter, CopyOutReader, Error, SimpleQueryMessage};

use super::wire::Wire;

/// Where unqualified names are looked for: functions, operators and types as well as tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Path {
    /// Among what came with the server, so that nobody who may create an operator or a function somewhere can have
    /// our statements call it, and so that names of all else come out qualified, the same for everybody.
    Fixed,
    /// Where the caller has them looked for. Functions that checks, defaults and event triggers call are written for
    /// this path, so rows are written in it. Statements in it qualify every function, operator and type they name.
    Caller,
}

/// A connection, and the search path it is to have.
pub(super) struct Turning<'c> {
    wire: Box<dyn Wire + 'c>,
    /// Where the server is.
    path: Path,
    /// Where it is to be next, and the statement for that.
    next: Option<(Path, String)>,
}

impl<'c> Turning<'c> {
    pub fn new(wire: Box<dyn Wire + 'c>) -> Self {
        Self {
            wire,
            path: Path::Caller,
            next: None,
        }
    }

    /// Notes where the server is.
    pub fn is_at(&mut self, path: Path) {
        self.path = path;
        self.next = None;
    }

    /// Has the next statements run in a path that this statement turns to.
    pub fn turn(&mut self, path: Path, sql: String) {
        self.next = (path != self.path).then_some((path, sql));
    }

    /// Turns now.
    pub fn flush(&mut self) -> Result<(), Error> {
        let Some((path, sql)) = self.next.take() else {
            return Ok(());
        };
        self.wire.batch(&sql)?;
        self.path = path;
        Ok(())
    }

    /// The connection for statements that do not depend on the path, such as those that end a transaction.
    pub fn untouched(&mut self) -> &mut (dyn Wire + 'c) {
        self.next = None;
        &mut *self.wire
    }

    /// The statements, after the one that turns, and whether there is such a one. Where they fail, the transaction is to
    /// be undone, and its paths with it.
    fn turning(&mut self, sql: &str) -> Option<String> {
        let (path, turn) = self.next.take()?;
        self.path = path;
        Some(format!("{turn}; {sql}"))
    }
}

impl Wire for Turning<'_> {
    fn batch(&mut self, sql: &str) -> Result<(), Error> {
        match self.turning(sql) {
            Some(sql) => self.wire.batch(&sql),
            None => self.wire.batch(sql),
        }
    }

    fn simple(&mut self, sql: &str) -> Result<Vec<SimpleQueryMessage>, Error> {
        let Some(sql) = self.turning(sql) else {
            return self.wire.simple(sql);
        };
        let mut messages = self.wire.simple(&sql)?;
        let is_end = |message: &_| matches!(message, SimpleQueryMessage::CommandComplete(_));
        let turned = messages.iter().position(is_end).map_or(0, |at| at + 1);
        messages.drain(..turned);
        Ok(messages)
    }

    fn copy_out(&mut self, sql: &str) -> Result<CopyOutReader<'_>, Error> {
        self.flush()?;
        self.wire.copy_out(sql)
    }

    fn copy_in(&mut self, sql: &str) -> Result<CopyInWriter<'_>, Error> {
        self.flush()?;
        self.wire.copy_in(sql)
    }
}
