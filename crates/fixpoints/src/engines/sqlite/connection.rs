//! Connections that a test opened itself, as databases; what the test began on them, only the test ends.

use rusqlite::{Connection, Savepoint, Transaction};

use super::Sqlite;
use super::location::SqliteEngine;
use crate::engines::engine::Location;
use crate::engines::engine::TestConnection;
use fixpoints_core::database::Database;
use fixpoints_core::error::Result;

impl TestConnection for Connection {
    fn database(&mut self) -> Box<dyn Database + '_> {
        Box::new(Sqlite::over(&*self))
    }

    fn location(&mut self) -> Result<Option<Location>> {
        Ok(location(self))
    }
}

impl TestConnection for &Connection {
    fn database(&mut self) -> Box<dyn Database + '_> {
        Box::new(Sqlite::over(*self))
    }

    fn location(&mut self) -> Result<Option<Location>> {
        Ok(location(self))
    }
}

impl TestConnection for Transaction<'_> {
    fn database(&mut self) -> Box<dyn Database + '_> {
        Box::new(Sqlite::over(&**self))
    }

    fn location(&mut self) -> Result<Option<Location>> {
        Ok(location(self))
    }
}

impl TestConnection for Savepoint<'_> {
    fn database(&mut self) -> Box<dyn Database + '_> {
        Box::new(Sqlite::over(&**self))
    }

    fn location(&mut self) -> Result<Option<Location>> {
        Ok(location(self))
    }
}

fn location(connection: &Connection) -> Option<Location> {
    let path = connection.path().filter(|path| !path.is_empty())?;
    Some(Location::new(&SqliteEngine, format!("sqlite:{path}")))
}
