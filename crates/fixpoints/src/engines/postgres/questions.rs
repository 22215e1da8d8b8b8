//! The statements that ask for the schema, in one round trip, or two; what the answers mean is known elsewhere.
//!
//! The planner takes longer over a join of three tables than the server takes to read all of them. So most of these are
//! about one table, with the others in subqueries that are planned by themselves, and what few databases have is asked
//! for only where there is any.

use postgres::{Error, SimpleQueryRow};

use super::wire::{Wire, results, text};
use super::{code, omissions, publications};

/// Relations `c` of schemas in which somebody keeps rows; numbers below this one are the server's own.
pub(super) const OURS: &str = "c.relnamespace = ANY (ARRAY(SELECT oid FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema')) AND c.oid >= 16384";

/// The schema of a relation `c`.
pub(super) const SCHEMA: &str =
    "(SELECT n.nspname FROM pg_namespace n WHERE n.oid = c.relnamespace)";

/// The answers, statement by statement.
pub(super) struct Answers {
    /// Of what is asked of every database.
    pub always: Vec<Vec<SimpleQueryRow>>,
    /// Of what is asked only where there is any: code of others, code that runs, publications, constraints that wait,
    /// sequences, and checks that are not valid.
    pub rare: [Vec<Vec<SimpleQueryRow>>; 6],
    pub has_large_objects: bool,
}

/// What few databases have: a query for whether there is any, and the statements that ask for it then.
fn rare() -> [(String, Vec<String>); 6] {
    let deferrable =
        "SELECT 1 FROM pg_constraint WHERE oid >= 16384 AND condeferrable AND conparentid = 0";
    [
        (code::foreign(), vec![code::query()]),
        (code::ANY.to_owned(), vec![code::RUNS.to_owned()]),
        (
            publications::ANY.to_owned(),
            vec![publications::REFUSING.to_owned()],
        ),
        (deferrable.to_owned(), vec![DEFERRABLES.to_owned()]),
        ("SELECT 1 FROM pg_sequence".to_owned(), sequences()),
        (
            omissions::ANY.to_owned(),
            vec![omissions::NOT_VALID.to_owned()],
        ),
    ]
}

/// Asks for the schema, in the fixed search path.
pub(super) fn ask(wire: &mut dyn Wire) -> Result<Answers, Error> {
    let rare = rare();
    let exist = rare.each_ref().map(|(any, _)| format!("EXISTS ({any})"));
    let mut statements = vec![format!("SELECT {}", exist.join(", "))];
    statements.push(omissions::LARGE_OBJECTS.to_owned());
    statements.extend(always());
    let mut always = results(wire.simple(&statements.join("; "))?).into_iter();
    let exist = always.next().unwrap_or_default();
    let large_objects = always.next().unwrap_or_default();
    let exists = |at: usize| exist.first().is_some_and(|row| text(row, at) == "t");
    let mut at = 0;
    let wanted = rare.map(|(_, statements)| {
        at += 1;
        if exists(at - 1) {
            statements
        } else {
            Vec::new()
        }
    });
    Ok(Answers {
        always: always.collect(),
        rare: ask_each(wire, wanted)?,
        has_large_objects: omissions::are_there(&large_objects),
    })
}

/// Asks all of these in one round trip, or in none.
fn ask_each<const N: usize>(
    wire: &mut dyn Wire,
    wanted: [Vec<String>; N],
) -> Result<[Vec<Vec<SimpleQueryRow>>; N], Error> {
    let statements = wanted.concat();
    let mut answers = if statements.is_empty() {
        Vec::new()
    } else {
        results(wire.simple(&statements.join("; "))?)
    }
    .into_iter();
    Ok(wanted.map(|statements| answers.by_ref().take(statements.len()).collect()))
}

/// The equality of every class that a unique index uses; none for a class that has none.
const CLASSES: &str = "SELECT p.oid, (SELECT m.amopopr FROM pg_amop m WHERE m.amopfamily = p.opcfamily AND m.amopstrategy = 3
        AND m.amoplefttype = p.opcintype AND m.amoprighttype = p.opcintype) AS amopopr
    FROM pg_opclass p WHERE p.oid IN (SELECT unnest(indclass) FROM pg_index WHERE indexrelid >= 16384 AND indisunique)";

/// The type an operator takes on a side: its number and, where it is one type, its schema and name.
fn side(column: &str) -> String {
    format!(
        "{column}, (SELECT concat(t.typnamespace, ' ', t.typname) FROM pg_type t WHERE t.oid = {column} AND t.typtype <> 'p')"
    )
}

fn always() -> [String; 12] {
    [
        "SELECT current_setting('server_encoding')".to_owned(),
        "SELECT oid, nspname FROM pg_namespace".to_owned(),
        "SELECT d.objid, e.extname FROM pg_extension e
         JOIN pg_depend d ON d.refobjid = e.oid AND d.refclassid = 'pg_extension'::regclass
         WHERE d.classid = 'pg_class'::regclass AND d.deptype = 'e'"
            .to_owned(),
        "SELECT oid, relnamespace, relname, relkind,
            CASE WHEN relispartition THEN (SELECT inhparent FROM pg_inherits WHERE inhrelid = c.oid) END
         FROM pg_class c WHERE relkind IN ('r', 'p', 'f') AND relpersistence <> 't' AND oid >= 16384"
            .to_owned(),
        "SELECT attrelid, attnum, attname, format_type(atttypid, atttypmod), atttypid, attnotnull, attgenerated, attidentity
         FROM pg_attribute WHERE attrelid = ANY (ARRAY(
            SELECT oid FROM pg_class WHERE oid >= 16384 AND relkind IN ('r', 'p') AND relpersistence <> 't'))
         AND attnum > 0 AND NOT attisdropped"
            .to_owned(),
        "SELECT oid, typnamespace, typname FROM pg_type
         WHERE oid = ANY (ARRAY(SELECT DISTINCT atttypid FROM pg_attribute WHERE attrelid >= 16384 AND attnum > 0))"
            .to_owned(),
        "SELECT oid, typbasetype FROM pg_type WHERE oid >= 16384 AND typtype = 'd'".to_owned(),
        format!(
            "SELECT o.oid, o.oprnamespace, o.oprname, {}, {},
                (SELECT concat(p.pronamespace, ' ', p.proname) FROM pg_proc p WHERE p.oid = o.oprcode)
             FROM pg_operator o WHERE o.oid IN (SELECT unnest(conpfeqop) FROM pg_constraint WHERE oid >= 16384 AND contype = 'f' AND conparentid = 0
                UNION ALL SELECT amopopr FROM ({CLASSES}) c)",
            side("o.oprleft"),
            side("o.oprright")
        ),
        CLASSES.to_owned(),
        "SELECT indrelid, indisprimary, indnkeyatts, indkey::text, indpred IS NULL AND indexprs IS NULL, indisunique AND indisvalid, indclass::text
         FROM pg_index WHERE indexrelid >= 16384 AND (indisunique OR indisexclusion)"
            .to_owned(),
        "SELECT oid, conname, conrelid, confrelid, conkey::text, confkey::text, confmatchtype, conpfeqop::text FROM pg_constraint
         WHERE oid >= 16384 AND contype = 'f' AND conparentid = 0"
            .to_owned(),
        // A superuser can have the server's own triggers, those of foreign keys, act in the role of a replica too.
        "SELECT 'TRIGGER', tgrelid, tgname, tgenabled, tgisinternal FROM pg_trigger WHERE tgenabled <> 'D' AND (NOT tgisinternal OR tgenabled <> 'O')
         UNION ALL
         SELECT 'RULE', ev_class, rulename, ev_enabled, false FROM pg_rewrite WHERE oid >= 16384 AND ev_type <> '1' AND ev_enabled <> 'D' AND ev_class >= 16384
         ORDER BY 1, 2, 3"
            .to_owned(),
    ]
}

const DEFERRABLES: &str = "SELECT c.oid, conrelid, confrelid, contype, concat(quote_ident(nspname), '.', quote_ident(conname)),
        condeferred AND NOT EXISTS (SELECT 1 FROM pg_constraint o WHERE o.conname = c.conname AND o.connamespace = c.connamespace AND NOT o.condeferrable)
    FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace
    WHERE c.oid >= 16384 AND condeferrable AND conparentid = 0 ORDER BY c.oid";

/// The column that owns each sequence, then those whose defaults name it, then the sequences.
fn sequences() -> Vec<String> {
    vec![
        "SELECT objid, refobjid, refobjsubid FROM pg_depend
         WHERE classid = 'pg_class'::regclass AND refclassid = 'pg_class'::regclass AND objsubid = 0 AND refobjsubid > 0
         AND deptype IN ('a', 'i') AND objid IN (SELECT seqrelid FROM pg_sequence)"
            .to_owned(),
        "SELECT d.refobjid, a.adrelid, a.adnum FROM pg_depend d JOIN pg_attrdef a ON a.oid = d.objid
         WHERE d.classid = 'pg_attrdef'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype = 'n' AND d.refobjsubid = 0
         ORDER BY a.adrelid, a.adnum"
            .to_owned(),
        format!(
            "SELECT c.oid, {SCHEMA}, c.relname, s.seqincrement, s.seqmin, s.seqmax, s.seqstart
             FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid WHERE c.relpersistence <> 't' AND {OURS}"
        ),
    ]
}
