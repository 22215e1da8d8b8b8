//! Virtual tables: which tables of the database hold the rows of which, and which hold none here; it reads no rows.
//!
//! SQLite calls every table a shadow whose name looks like one. Whether it is one depends on how the virtual table was
//! declared: `chunks_content` is an ordinary table of the user where `chunks` says `content='chunks_content'`.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, Result};

use super::lex::{Token, tokens};

/// A virtual table as it was declared.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Virtual {
    pub name: String,
    /// The module, in lower case.
    pub module: String,
    /// What stands as `key = value` among its arguments, with the keys in lower case.
    options: Vec<(String, String)>,
}

/// What a rowid is called, unless a column is.
pub(super) const ROWID: [&str; 3] = ["rowid", "_rowid_", "oid"];

/// Where a full-text index has the text it was built from.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Content<'a> {
    /// In the table `NAME_content`, which is a shadow.
    Own,
    /// In a table or view of the user.
    Outer(&'a str),
    /// Nowhere.
    Nowhere,
}

/// Every virtual table of the database.
pub(super) fn all(connection: &Connection) -> Result<Vec<Virtual>> {
    let sql = "SELECT name, sql FROM main.sqlite_schema WHERE type = 'table' AND ifnull(rootpage, 0) = 0 ORDER BY name";
    let mut statement = connection.prepare(sql)?;
    let found = statement.query_map([], |row| {
        let sql: Option<String> = row.get(1)?;
        Ok(Virtual::declared(row.get(0)?, &sql.unwrap_or_default()))
    })?;
    found.collect()
}

/// The modules that this connection has.
pub(super) fn modules(connection: &Connection) -> Result<BTreeSet<String>> {
    let mut statement = connection.prepare("PRAGMA module_list")?;
    let names = statement.query_map([], |row| row.get::<_, String>(0))?;
    names
        .map(|name| name.map(|name| name.to_ascii_lowercase()))
        .collect()
}

/// The virtual table whose rows each table holds; `tables` says of each one whether SQLite calls it a shadow.
pub(super) fn owners<'a>(
    virtuals: &[Virtual],
    tables: impl IntoIterator<Item = (&'a str, bool)>,
) -> BTreeMap<String, String> {
    let mut owners = BTreeMap::new();
    for (table, is_called_shadow) in tables {
        let owner = virtuals
            .iter()
            .filter(|one| one.holds(table, is_called_shadow))
            .max_by_key(|one| one.name.len());
        if let Some(owner) = owner {
            owners.insert(table.to_owned(), owner.name.clone());
        }
    }
    owners
}

impl Virtual {
    /// Reads what SQLite keeps of the statement, which always begins with `CREATE VIRTUAL TABLE` and a bare name.
    fn declared(name: String, sql: &str) -> Self {
        let mut tokens = tokens(sql);
        let is_using = |token: &Token<'_>| matches!(token, Token::Word(word) if word.eq_ignore_ascii_case("using"));
        // The name itself may be `using`.
        let module = match (tokens.by_ref().skip(4).find(is_using), tokens.next()) {
            (Some(_), Some(Token::Word(name))) => name.to_owned(),
            (Some(_), Some(Token::Quoted(name))) => name,
            _ => String::new(),
        };
        tokens.next();
        Self {
            name,
            module: module.to_ascii_lowercase(),
            options: options(tokens),
        }
    }

    /// Whether this is a full-text index.
    pub fn is_search(&self) -> bool {
        matches!(self.module.as_str(), "fts3" | "fts4" | "fts5")
    }

    /// Where a full-text index has its text.
    pub fn content(&self) -> Content<'_> {
        match self.option("content") {
            None => Content::Own,
            Some("") if self.is_on("contentless_unindexed") => Content::Own,
            Some("") => Content::Nowhere,
            Some(table) => Content::Outer(table),
        }
    }

    /// The table whose rows a full-text index finds by their rowids, which need not be a column of it.
    pub fn finds_by_rowid(&self) -> Option<&str> {
        let is_rowid = |name: &str| ROWID.iter().any(|own| own.eq_ignore_ascii_case(name));
        match self.content() {
            Content::Outer(table) if self.option("content_rowid").is_none_or(is_rowid) => {
                Some(table)
            }
            _ => None,
        }
    }

    /// Whether a table holds rows of this one.
    fn holds(&self, table: &str, is_called_shadow: bool) -> bool {
        let Some((start, rest)) = table.split_at_checked(self.name.len()) else {
            return false;
        };
        let Some(suffix) = rest.strip_prefix('_') else {
            return false;
        };
        let suffix = suffix.to_ascii_lowercase();
        start.eq_ignore_ascii_case(&self.name)
            && match (self.module.as_str(), suffix.as_str()) {
                ("fts5", "data" | "idx" | "config") => true,
                ("fts5" | "fts4", "content") => self.content() == Content::Own,
                ("fts5", "docsize") => self.option("columnsize") != Some("0"),
                ("fts3", "content" | "segments" | "segdir") => true,
                ("fts4", "segments" | "segdir" | "stat") => true,
                ("fts4", "docsize") => {
                    let info = self.option("matchinfo");
                    !info.is_some_and(|info| info.eq_ignore_ascii_case("fts3"))
                }
                // Made by the first merge that the user asks for.
                ("fts3", "stat") => true,
                ("rtree" | "rtree_i32" | "geopoly", "node" | "rowid" | "parent") => true,
                ("fts3" | "fts4" | "fts5" | "rtree" | "rtree_i32" | "geopoly", _) => false,
                _ => is_called_shadow,
            }
    }

    /// The value of an option. FTS5 takes the beginning of a key for the key.
    fn option(&self, name: &str) -> Option<&str> {
        let is_meant = |key: &str| match self.module.as_str() {
            "fts5" => !key.is_empty() && name.starts_with(key) && key.len() > shared(name),
            "fts4" => key == name,
            _ => false,
        };
        let found = self.options.iter().rev().find(|(key, _)| is_meant(key));
        found.map(|(_, value)| value.as_str())
    }

    fn is_on(&self, name: &str) -> bool {
        self.option(name).is_some_and(|value| value != "0")
    }
}

/// How long a key may be and still mean an option that FTS5 looks for before this one.
fn shared(name: &str) -> usize {
    match name {
        "contentless_unindexed" => "contentless_".len(),
        "content_rowid" => "content".len(),
        "columnsize" => "co".len(),
        _ => 0,
    }
}

/// The arguments that are `key = value`, up to the bracket that ends them.
fn options<'a>(tokens: impl Iterator<Item = Token<'a>>) -> Vec<(String, String)> {
    let (mut options, mut argument, mut depth) = (Vec::new(), Vec::new(), 0_usize);
    for token in tokens {
        match token {
            Token::Sign(')') if depth == 0 => break,
            Token::Sign(',') if depth == 0 => options.extend(option(std::mem::take(&mut argument))),
            token => {
                match token {
                    Token::Sign('(') => depth += 1,
                    Token::Sign(')') => depth -= 1,
                    _ => {}
                }
                argument.push(token);
            }
        }
    }
    options.extend(option(argument));
    options
}

fn option(argument: Vec<Token<'_>>) -> Option<(String, String)> {
    let mut tokens = argument.into_iter();
    let (Some(Token::Word(key)), Some(Token::Sign('='))) = (tokens.next(), tokens.next()) else {
        return None;
    };
    let value = match tokens.next() {
        Some(Token::Word(value)) => value.to_owned(),
        Some(Token::Quoted(value)) => value,
        _ => String::new(),
    };
    Some((key.to_ascii_lowercase(), value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(sql: &str) -> Virtual {
        Virtual::declared("f".to_owned(), sql)
    }

    #[test]
    fn where_an_index_has_its_text_is_read_from_its_declaration() {
        use Content::{Nowhere, Outer, Own};
        for (sql, content) in [
            (
                "f USING fts5(body, content='docs', content_rowid='id')",
                Outer("docs"),
            ),
            (
                "\"using\" USING FTS4 (content = \"my docs\", body)",
                Outer("my docs"),
            ),
            (
                "f USING fts5(body /* content='no' */, content=[docs])",
                Outer("docs"),
            ),
            (
                "f USING fts5(body, -- content='no'\n cont='docs')",
                Outer("docs"),
            ),
            (
                "f USING fts5(body, content='it''s, (here)')",
                Outer("it's, (here)"),
            ),
            (
                "f USING fts5(body, CONTENT=docs, tokenize='porter')",
                Outer("docs"),
            ),
            ("f USING fts5(body)", Own),
            ("f USING fts5(content)", Own),
            ("f USING fts5(body, columnsize=0)", Own),
            ("f USING fts3(body, content='docs')", Own),
            ("f USING fts5(body, content='')", Nowhere),
            ("f USING fts4(body, content='')", Nowhere),
            (
                "f USING fts5(body, content='', contentless_delete=1)",
                Nowhere,
            ),
            (
                "f USING fts5(body UNINDEXED, content='', contentless_unindexed=1)",
                Own,
            ),
        ] {
            let sql = format!("CREATE VIRTUAL TABLE {sql}");
            assert_eq!(one(&sql).content(), content, "{sql}");
        }
    }

    #[test]
    fn only_what_the_declaration_makes_is_a_shadow() {
        for (using, table, expected) in [
            ("fts5(body)", "f_content", true),
            ("fts5(body)", "F_Data", true),
            ("fts5(body)", "f_segments", false),
            ("fts5(body)", "g_content", false),
            ("fts5(body)", "f__content", false),
            ("fts5(body)", "f", false),
            ("fts5(body, columnsize=0)", "f_docsize", false),
            ("fts5(body, content='')", "f_content", false),
            ("fts5(body, content='f_content')", "f_content", false),
            ("fts5(body, content='f_content')", "f_docsize", true),
            ("fts4(body, content='f_content')", "f_content", false),
            ("fts4(body, matchinfo=fts3)", "f_docsize", false),
            ("fts3(body)", "f_docsize", false),
            ("fts3(body)", "f_segdir", true),
            ("rtree(id, a, b)", "f_node", true),
            ("rtree(id, a, b)", "f_content", false),
            ("\"rtree\"", "f_rowid", true),
            ("vec0(v)", "f_chunks", true),
        ] {
            let sql = format!("CREATE VIRTUAL TABLE f USING {using}");
            assert_eq!(one(&sql).holds(table, true), expected, "{sql}: {table}");
        }
        assert!(!one("CREATE VIRTUAL TABLE f USING vec0(v)").holds("f_chunks", false));
    }

    #[test]
    fn the_longest_name_owns_a_table() {
        let named =
            |name: &str| Virtual::declared(name.to_owned(), "CREATE VIRTUAL TABLE f USING vec0(v)");
        let owners = owners(
            &[named("a"), named("a_b")],
            [("a_b_c", true), ("a_c", true)],
        );
        assert_eq!(owners["a_b_c"], "a_b");
        assert_eq!(owners["a_c"], "a");
    }
}
