//! Policies while they stand: how they are made, and how tables become again what they were.

use anyhow::{Context, Result, bail};
use fixpoints::postgres::Client;

use super::tables::{Table, is_older};

/// The setting with the OIDs of what is hidden.
pub(super) const HIDDEN: &str = "stillframe.hidden";
/// The setting with the transaction that hidden rows are older than.
pub(super) const BEFORE: &str = "stillframe.before";
/// What every policy of ours is called, before what it does.
const MARK: &str = "stillframe_hidden_";

/// Policies that hide tables.
pub(super) struct Standing {
    /// The transaction that hidden rows are older than.
    pub before: String,
}

impl Standing {
    /// Makes them all, or none. A policy hides nothing until a connection has the settings.
    pub fn raise(client: &mut Client, tables: &[&Table], role: Option<&str>) -> Result<Standing> {
        let mut transaction = client.transaction()?;
        let row = transaction.query_one(
            "SELECT pg_current_xact_id()::xid::text, coalesce($1::text, current_user::text)",
            &[&role],
        )?;
        let (before, suite): (String, String) = (row.get(0), row.get(1));
        for table in tables {
            transaction
                .batch_execute(&statements(table, &suite)?)
                .with_context(|| format!("hiding {}", table.sql))?;
        }
        transaction.commit()?;
        Ok(Standing { before })
    }

    /// Removes them.
    pub fn fall(self, client: &mut Client) -> Result<()> {
        remove_left(client)
    }
}

/// What makes the policies of one table. The comment says what the table was before.
fn statements(table: &Table, suite: &str) -> Result<String> {
    let (sql, oid) = (&table.sql, table.oid);
    let is_owner = table.owner == suite;
    if is_owner && table.has_policies && !table.is_forced {
        bail!(
            "{sql} has policies of its own that are not for its owner, {suite}; name a role that does not own it, as role = \"…\""
        );
    }
    let mut statements = Vec::new();
    let (mut enabled, mut forced) = ("", "");
    if !table.has_policies {
        enabled = " enabled";
        statements.push(format!(
            "CREATE POLICY {MARK}all ON {sql} USING (true) WITH CHECK (true)"
        ));
        statements.push(format!(
            "COMMENT ON POLICY {MARK}all ON {sql} IS 'stillframe'"
        ));
        statements.push(format!("ALTER TABLE {sql} ENABLE ROW LEVEL SECURITY"));
    }
    if is_owner && !table.is_forced {
        forced = " forced";
        statements.push(format!("ALTER TABLE {sql} FORCE ROW LEVEL SECURITY"));
    }
    // Both settings are missing on other connections, which see everything. A statement that reads nothing, as an
    // `UPDATE` without a condition, asks only the policies of its own kind.
    let older = is_older(&format!("current_setting('{BEFORE}', true)::xid"));
    let shows = format!(
        "CASE WHEN position(',{oid},' IN coalesce(current_setting('{HIDDEN}', true), '')) > 0
            THEN NOT ({older}) ELSE true END"
    );
    for (command, check, state) in [
        ("select", "", format!("{enabled}{forced}")),
        ("update", " WITH CHECK (true)", String::new()),
        ("delete", "", String::new()),
    ] {
        statements.push(format!(
            "CREATE POLICY {MARK}{command} ON {sql} AS RESTRICTIVE FOR {command} USING ({shows}){check}"
        ));
        statements.push(format!(
            "COMMENT ON POLICY {MARK}{command} ON {sql} IS 'stillframe{state}'"
        ));
    }
    Ok(statements.join(";\n"))
}

/// Removes every policy with our mark, also of a run that was killed, and makes its table what it was.
pub(super) fn remove_left(client: &mut Client) -> Result<()> {
    let query = format!(
        "SELECT format('%I.%I', n.nspname, c.relname), p.polname::text,
            coalesce(obj_description(p.oid, 'pg_policy'), '')
        FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE starts_with(p.polname::text, '{MARK}') ORDER BY 1, 2"
    );
    let mut transaction = client.transaction()?;
    for row in transaction
        .query(&query, &[])
        .context("looking for policies")?
    {
        let (table, policy, comment): (String, String, String) =
            (row.get(0), row.get(1), row.get(2));
        let mut words = comment.split(' ');
        if words.next() != Some("stillframe") {
            bail!(
                "the policy {policy} of {table} has the name of one of ours and not its comment; remove it: DROP POLICY {policy} ON {table}"
            );
        }
        let mut statements = format!("DROP POLICY {policy} ON {table}");
        for word in words {
            statements.push_str(&match word {
                "enabled" => format!("; ALTER TABLE {table} DISABLE ROW LEVEL SECURITY"),
                "forced" => format!("; ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY"),
                _ => String::new(),
            });
        }
        transaction
            .batch_execute(&statements)
            .with_context(|| format!("removing the policy {policy} of {table}"))?;
    }
    transaction.commit()?;
    Ok(())
}
