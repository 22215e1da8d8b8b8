//! The tables of a database whose rows can be hidden, and how many rows each has.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use fixpoints::postgres::Client;

use crate::name::FixtureName;

/// A table.
#[derive(Debug, Clone)]
pub(super) struct Table {
    /// As the server knows it.
    pub oid: u32,
    /// As SQL names it, with its schema and in quotes where it needs them.
    pub sql: String,
    /// The role that owns it.
    pub owner: String,
    /// Whether policies of its own are in force.
    pub has_policies: bool,
    /// Whether they are for its owner too.
    pub is_forced: bool,
}

impl Table {
    /// How many rows older than a transaction this connection sees.
    pub fn count(&self, client: &mut Client, before: &str) -> Result<i64> {
        let query = format!(
            "SELECT count(*) FROM {} WHERE {}",
            self.sql,
            is_older(&format!("'{before}'::xid"))
        );
        let row = client.query_one(&query, &[]);
        let row = row.with_context(|| format!("counting the rows of {}", self.sql))?;
        Ok(row.get(0))
    }
}

/// The condition that a row was there before a transaction.
pub(super) fn is_older(than: &str) -> String {
    format!("age(xmin) > age({than})")
}

/// Every table, or those that are named: by the name alone in the schemas of the search path, else with the schema.
pub(super) fn all(
    client: &mut Client,
    names: Option<&[String]>,
) -> Result<BTreeMap<FixtureName, Table>> {
    let query = "SELECT c.oid, format('%I.%I', n.nspname, c.relname), o.rolname::text,
            c.relrowsecurity, c.relforcerowsecurity,
            CASE WHEN n.nspname = ANY (current_schemas(false)) THEN c.relname::text
                 ELSE n.nspname || '.' || c.relname END
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_roles o ON o.oid = c.relowner
        WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence <> 't'
            AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
            AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
                AND d.objid = c.oid AND d.deptype = 'e')
        ORDER BY 6";
    let mut found = BTreeMap::new();
    for row in client.query(query, &[]).context("listing the tables")? {
        let table = Table {
            oid: row.get(0),
            sql: row.get(1),
            owner: row.get(2),
            has_policies: row.get(3),
            is_forced: row.get(4),
        };
        found.insert(FixtureName::from(row.get::<_, String>(5)), table);
    }
    let Some(names) = names else {
        return Ok(found);
    };
    let mut named = BTreeMap::new();
    for name in names {
        let name = FixtureName::from(name.as_str());
        match found.get(&name) {
            Some(table) => named.insert(name, table.clone()),
            None => {
                let known: Vec<&str> = found.keys().map(FixtureName::as_str).collect();
                bail!(
                    "the database has no table {name}; it has {}",
                    known.join(", ")
                )
            }
        };
    }
    Ok(named)
}
