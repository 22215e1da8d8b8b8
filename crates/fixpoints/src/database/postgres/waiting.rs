//! Finds rows that a deferrable unique or exclusion constraint forbids; it changes nothing.
//!
//! The server checks such a constraint by a trigger, which a restore has switched off, or at a commit that is the
//! caller's.

use std::collections::BTreeSet;

use postgres::SimpleQueryRow;

use super::copy::RowBuffer;
use super::name::quoted;
use super::relation::{Known, Relation};
use super::session::{Path, Session};
use super::spoken::refused;
use super::wire::results;
use crate::error::{Error, Result};
use crate::line::RowEncoder;

const ACT: &str = "cannot check the deferrable constraints";

/// Refuses the first two rows that a constraint of a written table forbids beside each other.
pub(super) fn check(
    session: &mut Session<'_>,
    known: &Known,
    written: &BTreeSet<u32>,
) -> Result<()> {
    let on_written = |oid: u32| {
        known
            .root(oid)
            .is_some_and(|root| written.contains(&root.oid))
    };
    let waiting = known.deferrables.iter();
    let waiting = waiting.filter(|found| found.excludes && on_written(found.on));
    let waiting: Vec<String> = waiting.map(|found| found.oid.to_string()).collect();
    if waiting.is_empty() {
        return Ok(());
    }
    session.path(Path::Own).map_err(refused(ACT))?;
    let parts = session
        .wire
        .simple(&parts(&waiting))
        .map_err(refused(ACT))?;
    for part in results(parts).into_iter().flatten() {
        let on = part.get(0).and_then(|oid| oid.parse().ok());
        let Some(relation) = on.and_then(|oid: u32| known.relations.get(&oid)) else {
            continue;
        };
        let pair = session.wire.simple(&pair(relation, &part));
        let pair = results(pair.map_err(refused(ACT))?);
        let pair: Vec<SimpleQueryRow> = pair.into_iter().flatten().collect();
        if let [first, second] = pair.as_slice() {
            let root = known.root(relation.oid).unwrap_or(relation);
            let constraint = part.get(1).unwrap_or_default();
            let beside = key(relation, second)?;
            return Err(Error::Row {
                table: root.name.clone(),
                row: key(relation, first)?,
                message: format!("the constraint {constraint} forbids it beside {beside}"),
            });
        }
    }
    Ok(())
}

/// The query for what a constraint compares: its table and name, its expressions, how two rows clash, and its condition.
fn parts(oids: &[String]) -> String {
    format!(
        "SELECT c.conrelid, c.conname, s.expressions, s.clash, pg_get_expr(i.indpred, i.indrelid)
         FROM pg_constraint c JOIN pg_index i ON i.indexrelid = c.conindid, LATERAL (
            SELECT string_agg(format('(%s) AS e%s', pg_get_indexdef(i.indexrelid, k, false), k), ', ') AS expressions,
                string_agg(format(CASE WHEN to_jsonb(i) ->> 'indnullsnotdistinct' = 'true'
                    THEN '(a.e%1$s OPERATOR(%2$I.%3$s) b.e%1$s OR a.e%1$s IS NULL AND b.e%1$s IS NULL)'
                    ELSE 'a.e%1$s OPERATOR(%2$I.%3$s) b.e%1$s' END, k, n.nspname, o.oprname), ' AND ') AS clash
            FROM generate_series(1, i.indnkeyatts::int) k
            JOIN pg_operator o ON o.oid = coalesce(c.conexclop[k], (
                SELECT m.amopopr FROM pg_opclass p JOIN pg_amop m ON m.amopfamily = p.opcfamily AND m.amopstrategy = 3
                    AND m.amoplefttype = p.opcintype AND m.amoprighttype = p.opcintype
                WHERE p.oid = i.indclass[k - 1]))
            JOIN pg_namespace n ON n.oid = o.oprnamespace) s
         WHERE c.oid IN ({}) ORDER BY c.conrelid::regclass::text, c.conname",
        oids.join(", ")
    )
}

/// The query for two rows that clash, by the columns that name them.
fn pair(relation: &Relation, part: &SimpleQueryRow) -> String {
    let given = |at: usize| part.get(at).unwrap_or_default();
    let (from, condition) = (relation.only(), part.get(4).unwrap_or("true"));
    let rows = format!(
        "SELECT tableoid AS t, ctid AS r, {} FROM {from} WHERE {condition}",
        given(2)
    );
    let naming = relation.naming();
    let columns = naming
        .columns()
        .keys()
        .map(|name| format!("x.{}", quoted(name)));
    format!(
        "WITH pair AS (SELECT a.t AS t1, a.r AS r1, b.t AS t2, b.r AS r2 FROM ({rows}) a JOIN ({rows}) b ON {}
            WHERE a.t < b.t OR a.t = b.t AND a.r < b.r LIMIT 1)
         SELECT {} FROM {from} x JOIN pair ON x.tableoid = t1 AND x.ctid = r1 OR x.tableoid = t2 AND x.ctid = r2
         ORDER BY x.tableoid, x.ctid",
        given(3),
        columns.collect::<Vec<_>>().join(", ")
    )
}

fn key(relation: &Relation, row: &SimpleQueryRow) -> Result<String> {
    let named = relation.naming();
    let mut buffer = RowBuffer::default();
    buffer.take(row).map_err(refused(ACT))?;
    let mut text = Vec::new();
    let cells = buffer.cells(&relation.kinds(&named)?, &named)?;
    RowEncoder::new(&named).row(&mut text, &cells);
    Ok(String::from_utf8_lossy(&text).into_owned())
}
