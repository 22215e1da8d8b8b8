//! Keeps triggers and foreign keys silent while rows are replaced, and puts back what was there; it replaces no rows.

use rusqlite::config::DbConfig;
use rusqlite::{Connection, Result};

use super::quoted;

/// What a connection did before it was silenced.
///
/// `SQLITE_DBCONFIG_ENABLE_FKEY`, unlike the pragma, takes effect inside a transaction too.
/// `SQLITE_DBCONFIG_ENABLE_TRIGGER` is for all triggers but temporary ones, which SQLite runs all the same: they are
/// dropped inside the transaction and made again at its end, or come back when it is rolled back.
#[derive(Debug)]
pub(super) struct Quiet {
    foreign_keys: bool,
    triggers: bool,
    /// Whether shadow tables are guarded against being written to.
    defensive: bool,
    temporary: Vec<Trigger>,
}

#[derive(Debug)]
struct Trigger {
    name: String,
    sql: String,
}

impl Quiet {
    /// Silences what is a setting of the connection; before the transaction.
    pub fn begin(connection: &Connection) -> Result<Self> {
        let before = Self {
            foreign_keys: connection.db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY)?,
            triggers: connection.db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER)?,
            defensive: connection.db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE)?,
            temporary: Vec::new(),
        };
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY, false)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, false)?;
        Ok(before)
    }

    /// Silences temporary triggers; in the transaction.
    pub fn silence(&mut self, connection: &Connection) -> Result<()> {
        let sql = "SELECT name, sql FROM temp.sqlite_schema WHERE type = 'trigger' ORDER BY rowid";
        let mut statement = connection.prepare(sql)?;
        let triggers = statement.query_map([], |row| {
            let (name, sql) = (row.get(0)?, row.get(1)?);
            Ok(Trigger { name, sql })
        })?;
        self.temporary = triggers.collect::<Result<_>>()?;
        drop(statement);
        for Trigger { name, .. } in &self.temporary {
            connection.execute_batch(&format!("DROP TRIGGER temp.{}", quoted(name)))?;
        }
        Ok(())
    }

    /// Makes the temporary triggers again, in the order they were made in; at the end of the transaction.
    pub fn restore_triggers(&self, connection: &Connection) -> Result<()> {
        for Trigger { sql, .. } in &self.temporary {
            // SQLite keeps the definition without the word TEMP, but with a schema where one was written.
            let temporary = sql.replacen("CREATE TRIGGER", "CREATE TEMP TRIGGER", 1);
            if connection.execute_batch(&temporary).is_err() {
                connection.execute_batch(sql)?;
            }
        }
        Ok(())
    }

    /// Puts the settings back; after the transaction.
    pub fn end(self, connection: &Connection) -> Result<()> {
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY, self.foreign_keys)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, self.triggers)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, self.defensive)?;
        Ok(())
    }
}
