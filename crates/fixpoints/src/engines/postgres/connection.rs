//! Connections that a test opened itself, as databases; what the test began on them, only the test ends.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use postgres::{Client, GenericClient, SimpleQueryMessage, Transaction};

use super::location::PostgresEngine;
use super::spoken::refused;
use super::{IS_IN_TRANSACTION, Postgres};
use crate::engines::engine::Location;
use crate::engines::engine::TestConnection;
use fixpoints_core::database::Database;
use fixpoints_core::error::Result;

/// What a URL cannot hold as it is, or might not.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');

impl TestConnection for Client {
    fn database(&mut self) -> Box<dyn Database + '_> {
        if is_in_transaction(self) {
            Box::new(Postgres::joining(self))
        } else {
            Box::new(Postgres::on(self))
        }
    }

    fn location(&mut self) -> Result<Option<Location>> {
        location(self)
    }
}

impl TestConnection for Transaction<'_> {
    fn database(&mut self) -> Box<dyn Database + '_> {
        Box::new(Postgres::within(self))
    }

    fn location(&mut self) -> Result<Option<Location>> {
        location(self)
    }
}

/// Whether a test sent `BEGIN`. A transaction that failed answers nothing.
fn is_in_transaction(client: &mut Client) -> bool {
    let asked = client.simple_query(IS_IN_TRANSACTION);
    let is_older = |message: &SimpleQueryMessage| matches!(message, SimpleQueryMessage::Row(row) if row.get(0) == Some("t"));
    asked.map_or(true, |answer| answer.iter().any(is_older))
}

fn location(client: &mut impl GenericClient) -> Result<Option<Location>> {
    // One round trip, where a statement with a plan of its own takes two.
    let answers = client.simple_query("SELECT pg_catalog.current_database()");
    let answers = answers.map_err(refused("cannot ask for the name of the database"))?;
    let name = answers.iter().find_map(|answer| match answer {
        SimpleQueryMessage::Row(row) => row.get(0),
        _ => None,
    });
    let name = utf8_percent_encode(name.unwrap_or_default(), ENCODED);
    let text = format!("postgres:///{name}");
    Ok(Some(Location::new(&PostgresEngine, text)))
}
