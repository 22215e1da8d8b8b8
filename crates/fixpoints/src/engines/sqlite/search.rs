//! Full-text indexes over the rows of other tables: their triggers sleep during a restore, so they are built anew before the commit.

use rusqlite::{Connection, Result};

use super::quoted;

/// Builds every FTS4 and FTS5 index again that has its content in another table; all others hold their own rows.
pub fn rebuild(connection: &Connection) -> Result<()> {
    let mut statement = connection.prepare(
        "SELECT name, sql FROM main.sqlite_schema WHERE type = 'table' AND lower(sql) LIKE 'create virtual table%'",
    )?;
    let tables: Vec<(String, String)> = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_>>()?;
    for (name, _) in tables.iter().filter(|(_, sql)| has_outer_content(sql)) {
        let name = quoted(name);
        connection.execute_batch(&format!(
            "INSERT INTO main.{name} ({name}) VALUES ('rebuild')"
        ))?;
    }
    Ok(())
}

/// Whether a definition such as `USING fts5(body, content='docs')` names a table; an empty name means no content at all.
fn has_outer_content(sql: &str) -> bool {
    let sql: String = sql.to_lowercase().split_whitespace().collect();
    let is_index = ["usingfts4(", "usingfts5("]
        .iter()
        .any(|using| sql.contains(using));
    let content = sql
        .split(['(', ','])
        .find_map(|argument| argument.strip_prefix("content="));
    is_index
        && content.is_some_and(|name| {
            !name
                .trim_matches(['\'', '"', '`', '[', ']', ')', ';'])
                .is_empty()
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_index_with_its_content_elsewhere_is_built_anew() {
        for (sql, expected) in [
            (
                "CREATE VIRTUAL TABLE f USING fts5(body, content='docs', content_rowid='id')",
                true,
            ),
            (
                "CREATE VIRTUAL TABLE f USING FTS4 (content = \"docs\", body)",
                true,
            ),
            ("CREATE VIRTUAL TABLE f USING fts5(body)", false),
            ("CREATE VIRTUAL TABLE f USING fts5(body, content='')", false),
            ("CREATE VIRTUAL TABLE f USING rtree(id, a, b)", false),
        ] {
            assert_eq!(has_outer_content(sql), expected, "{sql}");
        }
    }
}
