//! Which tables cannot even be read without running code of somebody who may do less than we: the planner computes
//! what indexes, statistics and partition keys say, and a foreign key is compared through casts, with the rights of
//! whoever asks. It runs none of it.
//!
//! Code may do with our rights what its owner may not. Only an owner who could become each of the roles that we are, as
//! every superuser can, gains nothing by it.

use std::collections::BTreeMap;

use postgres::SimpleQueryRow;

use super::wire::{number, text};

/// Functions `p` that somebody made who cannot become what we are.
const MADE_BY_OTHERS: &str = "p.oid >= 16384 AND NOT (pg_has_role(p.proowner, current_user, 'MEMBER') AND pg_has_role(p.proowner, session_user, 'MEMBER'))";

/// What a row of `pg_depend` says of a function or of the function of an operator.
const CALLS: &str = "d.refclassid IN ('pg_proc'::regclass, 'pg_operator'::regclass)";

/// Whether writing rows or changing the schema can run code that is kept in the database, and not only that of
/// libraries: of checks, defaults, generated columns, indexes and domains, or of event triggers.
pub(super) const RUNS: &str = "SELECT EXISTS (SELECT 1 FROM pg_event_trigger WHERE evtenabled <> 'D') OR EXISTS (
    SELECT 1 FROM pg_depend d LEFT JOIN pg_operator o ON d.refclassid = 'pg_operator'::regclass AND o.oid = d.refobjid
    JOIN pg_proc p ON p.oid = coalesce(o.oprcode, d.refobjid) JOIN pg_language l ON l.oid = p.prolang
    WHERE d.classid IN ('pg_class'::regclass, 'pg_constraint'::regclass, 'pg_attrdef'::regclass)
    AND d.refclassid IN ('pg_proc'::regclass, 'pg_operator'::regclass) AND p.oid >= 16384 AND l.lanname NOT IN ('c', 'internal'))";

/// Functions or triggers without which [`RUNS`] is false; to find out what calls a function takes the planner longer.
pub(super) const ANY: &str = "SELECT 1 FROM pg_event_trigger WHERE evtenabled <> 'D' UNION ALL SELECT 1 FROM pg_proc
    WHERE oid >= 16384 AND prolang NOT IN (SELECT oid FROM pg_language WHERE lanname IN ('c', 'internal'))";

/// The functions without which [`query`] finds nothing.
pub(super) fn foreign() -> String {
    format!("SELECT 1 FROM pg_proc p WHERE {MADE_BY_OTHERS}")
}

/// Of each table that brings such code along: its number, its part, the function, whose it is, and who we are. A cast
/// for the elements of arrays is one for arrays too, and one for a type is one for the domains over it.
pub(super) fn query() -> String {
    format!(
        "SELECT r.relid, r.part, concat(n.nspname, '.', p.proname), pg_get_userbyid(p.proowner), current_user FROM (
            SELECT coalesce(i.indrelid, d.objid) AS relid, CASE WHEN i.indrelid IS NULL THEN 'partition key' ELSE concat('index ', c.relname) END AS part, d.refclassid, d.refobjid
            FROM pg_depend d JOIN pg_class c ON c.oid = d.objid LEFT JOIN pg_index i ON i.indexrelid = d.objid
            WHERE d.classid = 'pg_class'::regclass AND c.relkind IN ('r', 'p', 'i', 'I') AND {CALLS}
            UNION ALL
            SELECT s.stxrelid, concat('statistics ', s.stxname), d.refclassid, d.refobjid
            FROM pg_depend d JOIN pg_statistic_ext s ON s.oid = d.objid WHERE d.classid = 'pg_statistic_ext'::regclass AND {CALLS}
            UNION ALL
            SELECT k.conrelid, concat('foreign key ', k.conname), 'pg_proc'::regclass, c.castfunc
            FROM pg_cast c JOIN pg_type s ON s.oid = c.castsource JOIN pg_type t ON t.oid = c.casttarget
            JOIN pg_operator o ON o.oprright IN (t.oid, t.typarray)
            JOIN pg_constraint k ON k.contype = 'f' AND o.oid = ANY (k.conpfeqop)
            JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey)
            WHERE c.castfunc >= 16384 AND CASE o.oprright WHEN t.oid THEN s.oid ELSE s.typarray END IN (
                WITH RECURSIVE base AS (SELECT a.atttypid AS oid UNION ALL
                    SELECT b.typbasetype FROM base JOIN pg_type b ON b.oid = base.oid WHERE b.typbasetype <> 0) SELECT oid FROM base)
         ) r LEFT JOIN pg_operator o ON r.refclassid = 'pg_operator'::regclass AND o.oid = r.refobjid
         JOIN pg_proc p ON p.oid = coalesce(o.oprcode, r.refobjid) JOIN pg_namespace n ON n.oid = p.pronamespace
         WHERE {MADE_BY_OTHERS} ORDER BY 1, 2, 3"
    )
}

/// Why each of these tables is not read.
pub(super) fn reasons(answers: &[Vec<SimpleQueryRow>]) -> BTreeMap<u32, String> {
    let mut found = BTreeMap::new();
    for row in answers.iter().flatten() {
        let [part, function, owner, we] = [1, 2, 3, 4].map(|at| text(row, at));
        let reason =
            format!("its {part} calls {function}, a function of {owner}, with the rights of {we}");
        found.entry(number(row, 0)).or_insert(reason);
    }
    found
}
