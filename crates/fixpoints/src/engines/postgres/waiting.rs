//! Finds rows that a deferrable unique or exclusion constraint forbids; it changes nothing.
//!
//! The server checks such a constraint by a trigger, which a restore has switched off, or at a commit that is the
//! caller's.

use std::collections::BTreeSet;

use postgres::SimpleQueryRow;

use super::copy::RowBuffer;
use super::name::quoted;
use super::relation::{Known, Relation};
use super::session::Session;
use super::spoken::refused;
use super::turning::Path;
use super::wire::results;
use fixpoints_core::error::{Error, Fault, Result};
use fixpoints_core::named::NamedRow;

/// Equality of numbers and places, whatever else is called so.
const EQUAL: &str = "OPERATOR(pg_catalog.=)";

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
    let wire = session.wire(Path::Caller).map_err(refused(ACT))?;
    let parts = wire.simple(&parts(&waiting)).map_err(refused(ACT))?;
    for part in results(parts).into_iter().flatten() {
        let on = part.get(0).and_then(|oid| oid.parse().ok());
        let Some(relation) = on.and_then(|oid: u32| known.relations.get(&oid)) else {
            continue;
        };
        let pair = wire.simple(&pair(relation, &part));
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
                fault: Fault::Row,
            });
        }
    }
    Ok(())
}

/// The query for what a constraint compares: its table and name, its expressions, how two rows clash, and its condition.
///
/// Expressions call functions that need the caller's path, and come out as that path has to read them. So this runs in
/// it, and names everything in full; [`super::equality`] says why operands are cast, or a function is called.
fn parts(oids: &[String]) -> String {
    format!(
        "SELECT c.conrelid, c.conname, s.expressions, s.clash, pg_catalog.pg_get_expr(i.indpred, i.indrelid)
         FROM pg_catalog.pg_constraint c JOIN pg_catalog.pg_index i ON i.indexrelid {EQUAL} c.conindid, LATERAL (
            SELECT pg_catalog.string_agg(pg_catalog.format('(%s) AS e%s', pg_catalog.pg_get_indexdef(i.indexrelid, k, false), k), ', ') AS expressions,
                pg_catalog.string_agg(pg_catalog.format(CASE WHEN (pg_catalog.to_jsonb(i) OPERATOR(pg_catalog.->>) 'indnullsnotdistinct') {EQUAL} 'true'
                    THEN '(%2$s OR a.e%1$s IS NULL AND b.e%1$s IS NULL)' ELSE '%2$s' END, k, CASE WHEN l.typtype {EQUAL} 'p' OR r.typtype {EQUAL} 'p'
                    THEN pg_catalog.format('%I.%I(a.e%s, b.e%s)', pn.nspname, p.proname, k, k)
                    ELSE pg_catalog.format('a.e%s::%I.%I OPERATOR(%I.%s) b.e%s::%I.%I', k, ln.nspname, l.typname, n.nspname, o.oprname, k, rn.nspname, r.typname)
                    END), ' AND ') AS clash
            FROM pg_catalog.generate_series(1, i.indnkeyatts::pg_catalog.int4) k
            JOIN pg_catalog.pg_operator o ON o.oid {EQUAL} coalesce(c.conexclop[k], (
                SELECT m.amopopr FROM pg_catalog.pg_opclass p JOIN pg_catalog.pg_amop m ON m.amopfamily {EQUAL} p.opcfamily
                    AND m.amopstrategy {EQUAL} 3::pg_catalog.int2
                    AND m.amoplefttype {EQUAL} p.opcintype AND m.amoprighttype {EQUAL} p.opcintype
                WHERE p.oid {EQUAL} i.indclass[k OPERATOR(pg_catalog.-) 1]))
            JOIN pg_catalog.pg_namespace n ON n.oid {EQUAL} o.oprnamespace
            JOIN pg_catalog.pg_proc p ON p.oid {EQUAL} o.oprcode JOIN pg_catalog.pg_namespace pn ON pn.oid {EQUAL} p.pronamespace
            JOIN pg_catalog.pg_type l ON l.oid {EQUAL} o.oprleft JOIN pg_catalog.pg_namespace ln ON ln.oid {EQUAL} l.typnamespace
            JOIN pg_catalog.pg_type r ON r.oid {EQUAL} o.oprright JOIN pg_catalog.pg_namespace rn ON rn.oid {EQUAL} r.typnamespace) s
         WHERE c.oid {EQUAL} ANY ('{{{}}}'::pg_catalog.oid[]) ORDER BY c.conrelid::pg_catalog.regclass::pg_catalog.text, c.conname",
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
            WHERE a.t OPERATOR(pg_catalog.<) b.t OR a.t {EQUAL} b.t AND a.r OPERATOR(pg_catalog.<) b.r LIMIT 1)
         SELECT {} FROM {from} x JOIN pair ON x.tableoid {EQUAL} t1 AND x.ctid {EQUAL} r1 OR x.tableoid {EQUAL} t2 AND x.ctid {EQUAL} r2
         ORDER BY x.tableoid, x.ctid",
        given(3),
        columns.collect::<Vec<_>>().join(", ")
    )
}

fn key(relation: &Relation, row: &SimpleQueryRow) -> Result<NamedRow> {
    let named = relation.naming();
    let mut buffer = RowBuffer::default();
    buffer.take(row).map_err(refused(ACT))?;
    let cells = buffer.cells(&relation.kinds(&named)?, &named)?;
    Ok(NamedRow::of(&named, &cells))
}
