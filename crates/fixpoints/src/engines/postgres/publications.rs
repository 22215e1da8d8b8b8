//! Finds the tables in which a publication lets no row be deleted or updated; it reads no rows.

use postgres::SimpleQueryRow;

use super::relation::Known;
use super::wire::number;

/// Publications without which there are none of [`REFUSING`].
pub(super) const ANY: &str = "SELECT 1 FROM pg_publication WHERE pubdelete OR pubupdate";

/// Tables without anything that tells subscribers which row is meant, in a publication of deletes or updates: by
/// themselves, or with a table that they are a partition of.
pub(super) const REFUSING: &str = "SELECT c.oid FROM pg_class c JOIN (
        SELECT DISTINCT t.relid FROM pg_publication p, LATERAL pg_get_publication_tables(p.pubname) t WHERE p.pubdelete OR p.pubupdate) p
        ON p.relid = c.oid OR (c.relispartition AND p.relid IN (SELECT relid FROM pg_partition_ancestors(c.oid) relid))
    WHERE c.relkind = 'r' AND c.relreplident <> 'f' AND NOT EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = c.oid
        AND CASE c.relreplident WHEN 'd' THEN i.indisprimary AND i.indisvalid WHEN 'i' THEN i.indisreplident AND i.indisvalid ELSE false END)";

/// Notes them, each as the table whose rows are its own.
pub(super) fn mark<'r>(known: &mut Known, rows: impl Iterator<Item = &'r SimpleQueryRow>) {
    for row in rows {
        let root = known.root(number(row, 0)).map(|root| root.oid);
        if let Some(root) = root.and_then(|root| known.relations.get_mut(&root)) {
            root.is_append_only = true;
        }
    }
}
