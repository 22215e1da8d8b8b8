//! Says who holds what a statement waited for in vain; it locks nothing itself.

use postgres::error::SqlState;

use super::fault;
use super::session::Session;
use super::spoken::spoken;
use super::wire::results;
use fixpoints_core::error::Error;

/// An [`Error::Database`]. Where a lock was not to be had, the transaction is undone first: one that failed answers
/// nothing, and the others are asked for.
pub(super) fn refused(session: &mut Session<'_>, act: &str, error: &postgres::Error) -> Error {
    let mut words = vec![spoken(error)];
    if error.code() == Some(&SqlState::LOCK_NOT_AVAILABLE) {
        session.rollback();
        words.extend(holders(session));
    }
    Error::Database {
        act: act.to_owned(),
        message: words.join("; "),
        fault: fault::of(error),
    }
}

/// Sessions that keep others from tables or sequences of this database, each with what it holds.
const HOLDERS: &str = "SELECT format('process %s (%s) holds %s', l.pid,
        concat_ws(', ', nullif(a.application_name, ''), a.usename, a.state), string_agg(DISTINCT CASE n.nspname WHEN 'public' THEN c.relname ELSE concat(n.nspname, '.', c.relname) END, ', '))
    FROM pg_locks l JOIN pg_stat_activity a USING (pid) JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE l.granted AND l.pid <> pg_backend_pid() AND c.oid >= 16384 AND c.relkind IN ('r', 'p', 'S')
    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND l.mode NOT IN ('AccessShareLock', 'RowShareLock')
    GROUP BY l.pid, a.application_name, a.usename, a.state ORDER BY l.pid LIMIT 5";

fn holders(session: &mut Session<'_>) -> Vec<String> {
    // Whoever it was may be gone, or may not be asked for.
    let answers = session.ask(HOLDERS).map(results);
    let rows = answers.into_iter().flatten().flatten();
    rows.filter_map(|row| row.get(0).map(str::to_owned))
        .collect()
}
