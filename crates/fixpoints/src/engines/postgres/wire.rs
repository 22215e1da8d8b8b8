//! The few things that are asked of a connection, whether it is our own, a test's, or in a test's transaction.

use postgres::{
    Client, CopyInWriter, CopyOutReader, Error, SimpleQueryMessage, SimpleQueryRow, Transaction,
};

/// A connection to a server.
pub(super) trait Wire {
    /// Runs statements in one round trip.
    fn batch(&mut self, sql: &str) -> Result<(), Error>;
    /// Runs statements in one round trip and returns what they give, as text.
    fn simple(&mut self, sql: &str) -> Result<Vec<SimpleQueryMessage>, Error>;
    /// Begins a `COPY … TO STDOUT`.
    fn copy_out(&mut self, sql: &str) -> Result<CopyOutReader<'_>, Error>;
    /// Begins a `COPY … FROM STDIN`.
    fn copy_in(&mut self, sql: &str) -> Result<CopyInWriter<'_>, Error>;
}

macro_rules! wire {
    ($holder:ty) => {
        impl Wire for $holder {
            fn batch(&mut self, sql: &str) -> Result<(), Error> {
                self.batch_execute(sql)
            }

            fn simple(&mut self, sql: &str) -> Result<Vec<SimpleQueryMessage>, Error> {
                self.simple_query(sql)
            }

            fn copy_out(&mut self, sql: &str) -> Result<CopyOutReader<'_>, Error> {
                (**self).copy_out(sql)
            }

            fn copy_in(&mut self, sql: &str) -> Result<CopyInWriter<'_>, Error> {
                (**self).copy_in(sql)
            }
        }
    };
}

wire!(&mut Client);
wire!(&mut Transaction<'_>);

impl Wire for Client {
    fn batch(&mut self, sql: &str) -> Result<(), Error> {
        self.batch_execute(sql)
    }

    fn simple(&mut self, sql: &str) -> Result<Vec<SimpleQueryMessage>, Error> {
        self.simple_query(sql)
    }

    fn copy_out(&mut self, sql: &str) -> Result<CopyOutReader<'_>, Error> {
        Self::copy_out(self, sql)
    }

    fn copy_in(&mut self, sql: &str) -> Result<CopyInWriter<'_>, Error> {
        Self::copy_in(self, sql)
    }
}

/// What the server calls the database.
pub(super) fn database_name(wire: &mut dyn Wire) -> Result<String, Error> {
    let answer = results(wire.simple("SELECT pg_catalog.current_database()")?);
    let name = answer.iter().flatten().find_map(|row| row.get(0));
    Ok(name.unwrap_or_default().to_owned())
}

/// The rows each statement of a batch gave, statement by statement.
pub(super) fn results(messages: Vec<SimpleQueryMessage>) -> Vec<Vec<SimpleQueryRow>> {
    let (mut all, mut rows) = (Vec::new(), Vec::new());
    for message in messages {
        match message {
            SimpleQueryMessage::Row(row) => rows.push(row),
            SimpleQueryMessage::CommandComplete(_) => all.push(std::mem::take(&mut rows)),
            _ => {}
        }
    }
    all
}

/// A column of a row, as text; empty where it is NULL.
pub(super) fn text(row: &SimpleQueryRow, at: usize) -> &str {
    row.try_get(at).ok().flatten().unwrap_or_default()
}

/// A column of a row that holds an object's number; 0 where it is NULL.
pub(super) fn number(row: &SimpleQueryRow, at: usize) -> u32 {
    text(row, at).parse().unwrap_or_default()
}
