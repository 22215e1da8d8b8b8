//! Why a database refused something, as its codes tell; messages are for people and are never read for it.

/// Why a database refused something. Advice depends on this alone: names and values in a message may be any words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[non_exhaustive]
pub enum Fault {
    /// Nobody knows, so that there is no advice.
    #[default]
    Unknown,
    /// The row itself breaks a constraint, or one of its values does not fit its type.
    Row,
    /// The row refers to a row that is missing.
    Reference,
    /// The statement is wrong, or wrong for this schema.
    Statement,
    /// A function, a type or another object is missing that the row, or the table, needs.
    MissingObject,
    /// The table has no partition for the row.
    MissingPartition,
    /// The server lacks the collation of a column, or cannot tell which it is.
    MissingCollation,
    /// A publication would have to tell of a row that nothing identifies.
    ReplicaIdentity,
    /// A command of psql stands where a statement should.
    PsqlCommand,
    /// Another program holds the database file.
    Locked,
    /// Another session held a lock until the wait ended.
    LockTimeout,
    /// The server cancelled the statement after it ran too long, or because somebody asked it to.
    Cancelled,
    /// Another transaction came between, and this one may succeed when it is tried again.
    Conflict,
    /// An earlier statement of the caller's transaction failed.
    FailedTransaction,
    /// The database file may not be written.
    ReadOnly,
    /// The database file has no room to grow.
    Full,
    /// The disk of the server is full.
    ServerFull,
    /// There is no memory left.
    OutOfMemory,
    /// The database file is damaged.
    Damaged,
    /// The file is not a database.
    NotADatabase,
    /// A folder has the name of the database file.
    Folder,
    /// The folder of the database file does not exist.
    MissingFolder,
    /// A file beside the database file is not one that SQLite made there.
    StrangeJournal,
    /// The table has no `AUTOINCREMENT`, so that SQLite keeps no sequence for it.
    NoAutoincrement,
    /// The database needs a function, a collation or a module that this connection does not have.
    MissingExtension,
    /// Only some of the tables that hold the rows of a virtual table are covered.
    TornTable,
    /// No server answers at that place.
    Unreachable,
    /// Something took the connection, or may have, and did not answer in time.
    NoAnswer,
    /// The server is still starting, or stopping.
    Starting,
    /// The server has no connection to spare.
    TooManyConnections,
    /// The connection ended.
    Lost,
    /// The connection ended before the server confirmed a commit.
    Undecided,
    /// The server does not let this user in.
    NotAdmitted,
    /// The password is wrong.
    WrongPassword,
    /// The server asks for a password, and none was given.
    MissingPassword,
    /// The URL asks for TLS.
    Tls,
    /// The user lacks a privilege.
    Denied,
    /// A policy hides rows from the user.
    RowSecurity,
    /// Only a superuser may leave a row that breaks a foreign key.
    SuperuserOnly,
    /// The database holds text that is not UTF-8.
    NotUtf8,
}

impl Fault {
    /// Whether the row or the statement may be at fault, rather than what is around them.
    pub fn may_be_of_the_row(self) -> bool {
        matches!(
            self,
            Self::Unknown
                | Self::Row
                | Self::Reference
                | Self::Statement
                | Self::MissingObject
                | Self::MissingPartition
                | Self::MissingCollation
        )
    }
}
