//! What to do about each fault of a database; where the cause is not known, nothing.

use super::Fault;
use crate::advice::Advice;

impl Fault {
    /// What tells to run `fixpoints`.
    pub(super) fn advice(self) -> Option<Advice> {
        Some(match self {
            Self::Damaged => {
                Advice::from("the file is damaged: remove it, make the database again with ")
                    .fixpoints("sql FILE")
                    .text(", and restore into it")
            }
            Self::NoAutoincrement => Advice::from(
                "give the table AUTOINCREMENT, or remove its `sequence` from the file of the fixpoint and sign that with ",
            )
            .fixpoints("accept NAME"),
            _ => return None,
        })
    }

    /// The exact edit that helps, where there is one.
    pub(super) fn in_words(self) -> Option<&'static str> {
        self.of_the_file().or_else(|| self.of_the_server())
    }

    fn of_the_file(self) -> Option<&'static str> {
        Some(match self {
            Self::Locked => "end the program that holds the database, then run the command again",
            Self::ReadOnly => {
                "make the file and its folder readable and writable, then run the command again"
            }
            Self::Full => "make room on the disk, then run the command again",
            Self::NotADatabase => "pass `--db sqlite:FILE` with a file that SQLite made",
            Self::Folder => "pass `--db sqlite:FILE` with a file, as in `sqlite:test.db`",
            Self::MissingFolder => {
                "create the folder, or correct the path, which begins at the current folder"
            }
            Self::StrangeJournal => {
                "remove it, if it is not the journal of this database, then run the command again"
            }
            Self::MissingExtension => {
                "the message names what the application adds to its own connections: run this on one that has it, as a test of the application does with the library, or leave the table out with `exclude` in fixpoints.toml"
            }
            Self::TornTable => {
                "name the virtual table itself in `exclude` of fixpoints.toml, which leaves out all of its tables, or none of them, and store the fixpoint again"
            }
            _ => return None,
        })
    }

    fn of_the_server(self) -> Option<&'static str> {
        Some(match self {
            Self::FailedTransaction => {
                "roll it back, or to a savepoint; the error of that statement says what was wrong"
            }
            Self::RowSecurity => {
                "leave that table out with `exclude` in fixpoints.toml, or connect as a role with BYPASSRLS"
            }
            Self::NotUtf8 => {
                "correct the row of that table that is not UTF-8, which a server with SQL_ASCII lets in, or leave the table out with `exclude` in fixpoints.toml"
            }
            Self::PsqlCommand => "run the script with psql, or remove that line",
            Self::Undecided => {
                "look into the database for which of the two; a restore may be run again in either case"
            }
            Self::Lost => {
                "look into the log of the server for what ended the connection, then run it again"
            }
            Self::ServerFull => "make room on the disk of the server, then run it again",
            Self::Cancelled => {
                "unless somebody cancelled it, end what slows the server down, as `SELECT * FROM pg_stat_activity` shows, and run it again"
            }
            Self::Conflict => "run it again",
            Self::Unreachable => "start the server, or correct the host and the port of the URL",
            Self::NoAnswer => {
                "look whether a PostgreSQL server listens there; one that is slow gets more time with `connect_timeout=SECONDS` in the URL, or with PGCONNECT_TIMEOUT"
            }
            Self::Starting => "run it again when the server has started",
            Self::TooManyConnections => {
                "end sessions that are not needed, as `SELECT * FROM pg_stat_activity` shows, and run it again"
            }
            Self::NotAdmitted => {
                "correct the user of the URL; where it is right, its role has to exist (`createuser`), and the pg_hba.conf of the server has to admit it"
            }
            Self::WrongPassword => {
                "correct the user of the URL, or its password, which PGPASSWORD holds too"
            }
            Self::MissingPassword => "set PGPASSWORD, or write the password into the URL",
            Self::LockTimeout => {
                "let the session that holds it end, or end it with `SELECT pg_terminate_backend(PROCESS)`, and run it again; `SELECT * FROM pg_stat_activity` shows them all"
            }
            Self::SuperuserOnly => {
                "restore as a superuser, or leave such rows out too: unset FIXPOINTS_SKIP_DEPENDENTS"
            }
            Self::Denied => {
                "connect as the owner of the tables, or as a superuser; where only rights are missing, let the owner run `GRANT ALL ON ALL TABLES IN SCHEMA public TO …`, and the same for ALL SEQUENCES"
            }
            Self::Reference => "correct the rows, then run the command again",
            Self::MissingObject => {
                "create what the message names, as the migration or the extension does that the database lacks, then run the command again; the rows need no change"
            }
            Self::MissingPartition => {
                "create the partition that the row belongs to, as in `CREATE TABLE … PARTITION OF …`, then run the command again; the row needs no change"
            }
            Self::MissingCollation => {
                "install the locale that the message names on the server (`locale-gen` on Debian) and restart it, or give the column another collation with `ALTER TABLE … ALTER COLUMN … TYPE … COLLATE …`; the rows need no change"
            }
            Self::ReplicaIdentity => {
                "run `ALTER TABLE … REPLICA IDENTITY FULL` for that table, or give it a primary key, then run the command again"
            }
            _ => return None,
        })
    }
}
