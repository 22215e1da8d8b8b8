//! Whether a file may take the place of another one that is likely to be needed; it writes nothing.

use crate::chain::Chain;
use crate::folder::Folder;
use crate::glimpse::engine_of;
use fixpoints_core::advice::Command;
use fixpoints_core::error::{Error, Result};
use fixpoints_core::name::FixpointName;

/// The file that would be replaced, and the command that does so on purpose.
#[derive(Debug)]
pub struct Replaced<'a> {
    /// The folder of both.
    pub folder: &'a Folder,
    /// The name of both.
    pub name: &'a FixpointName,
    /// The command that replaces it on purpose.
    pub command: Command,
}

impl Replaced<'_> {
    /// Refuses a state of another kind of database, and an empty one in the place of one that has rows.
    ///
    /// # Errors
    /// [`Error::WouldReplaceEngine`] and [`Error::WouldEmpty`].
    pub fn check(self, engine: &str, rows: u64) -> Result<()> {
        let path = self.folder.file_of(self.name);
        if !self.folder.exists(self.name)? {
            return Ok(());
        }
        let (fixpoint, command) = (self.name.to_string(), self.command);
        match engine_of(&path) {
            Some(stored) if stored != engine => Err(Error::WouldReplaceEngine {
                fixpoint,
                stored,
                found: engine.to_owned(),
                command,
            }),
            _ if rows == 0 && may_have_rows(self.folder, self.name) => {
                Err(Error::WouldEmpty { fixpoint, command })
            }
            _ => Ok(()),
        }
    }
}

/// Of a file that cannot be read nobody knows.
fn may_have_rows(folder: &Folder, name: &FixpointName) -> bool {
    let Ok(chain) = Chain::open(folder, name) else {
        return true;
    };
    let mut tables = chain.header().tables.values();
    tables.any(|table| chain.rows(table).next().is_some())
}
