//! Names and literals of PostgreSQL, always quoted in SQL; it knows no table.

pub(super) use postgres_protocol::escape::{
    escape_identifier as quoted, escape_literal as literal,
};

/// What a table or sequence is called in files: bare in `public`, with its schema elsewhere. Names with a dot or a
/// quote of their own are quoted, so that no two are called alike.
pub(super) fn shown(schema: &str, name: &str) -> String {
    let part = |part: &str| {
        if part.contains(['.', '"']) {
            quoted(part)
        } else {
            part.to_owned()
        }
    };
    if schema == "public" {
        part(name)
    } else {
        format!("{}.{}", part(schema), part(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_tables_are_called_alike() {
        let names = [
            shown("public", "a.b"),
            shown("a", "b"),
            shown("public", "\"a.b\""),
            shown("a.b", "c"),
            shown("a", "b.c"),
            shown("public", "a"),
        ];
        let unique: std::collections::BTreeSet<&String> = names.iter().collect();
        assert_eq!(unique.len(), names.len(), "{names:?}");
        assert_eq!(names[1], "a.b");
        assert_eq!(names[5], "a");
    }
}
