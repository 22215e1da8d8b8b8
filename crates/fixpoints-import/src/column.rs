//! What kind of values a column takes, as far as its declared type tells; it knows no values.

/// A column that a value is meant for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column<'a> {
    pub name: &'a str,
    /// The type as the database spells it.
    pub declared: &'a str,
    pub takes: Takes,
    /// Whether a column takes values of other types than its own, as in SQLite.
    pub is_lax: bool,
}

/// What a column takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Takes {
    Text,
    Bytes,
    Integer,
    Number,
    Truth,
    /// A date, or a date and a time.
    Moment,
    /// A time of day.
    Clock,
    Json,
    Hstore,
    Uuid,
    /// A list of what the name before `[]` says.
    Array,
    /// Anything, or something that only the database knows.
    Other,
}

impl<'a> Column<'a> {
    pub fn new(engine: &str, name: &'a str, declared: &'a str) -> Self {
        let is_lax = engine == "sqlite";
        Self {
            name,
            declared,
            takes: if is_lax {
                by_words(declared)
            } else {
                by_name(declared)
            },
            is_lax,
        }
    }

    /// The column that the elements of an array would stand in.
    pub fn of_elements(self) -> Self {
        let declared = self.declared.strip_suffix("[]").unwrap_or(self.declared);
        Self {
            declared,
            takes: by_name(declared),
            ..self
        }
    }
}

/// A type of PostgreSQL, which may stand in a schema and have lengths.
fn by_name(declared: &str) -> Takes {
    if declared.ends_with("[]") {
        return Takes::Array;
    }
    let name = declared.split('(').next().unwrap_or_default().trim_end();
    let name = name.rsplit('.').next().unwrap_or_default();
    match name {
        "text" | "character varying" | "character" | "bpchar" | "citext" | "name" | "\"char\"" => {
            Takes::Text
        }
        "bytea" => Takes::Bytes,
        "smallint" | "integer" | "bigint" => Takes::Integer,
        "numeric" | "real" | "double precision" => Takes::Number,
        "boolean" => Takes::Truth,
        "json" | "jsonb" => Takes::Json,
        "hstore" => Takes::Hstore,
        "uuid" => Takes::Uuid,
        "date" => Takes::Moment,
        _ if name.starts_with("timestamp") => Takes::Moment,
        "time" | "time without time zone" | "time with time zone" => Takes::Clock,
        _ => Takes::Other,
    }
}

/// A type of SQLite, which is any words; these are the ones that it and ActiveRecord look for.
fn by_words(declared: &str) -> Takes {
    let declared = declared.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| declared.contains(word));
    if ["json", "jsonb"].contains(&declared.as_str()) {
        Takes::Json
    } else if declared.starts_with("uuid") {
        Takes::Uuid
    } else if has(&["int"]) && !has(&["interval", "point"]) {
        Takes::Integer
    } else if has(&["char", "clob", "text"]) {
        Takes::Text
    } else if has(&["blob", "binary"]) {
        Takes::Bytes
    } else if has(&["bool"]) {
        Takes::Truth
    } else if has(&["date", "timestamp"]) {
        Takes::Moment
    } else if declared.starts_with("time") {
        Takes::Clock
    } else if has(&["real", "floa", "doub", "dec", "num"]) {
        Takes::Number
    } else {
        Takes::Other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_known_by_the_words_of_its_database() {
        for (engine, declared, takes) in [
            ("sqlite", "VARCHAR(20)", Takes::Text),
            ("sqlite", "BIGINT UNSIGNED", Takes::Integer),
            ("sqlite", "VARBINARY(16)", Takes::Bytes),
            ("sqlite", "datetime(6)", Takes::Moment),
            ("sqlite", "DECIMAL(10, 2)", Takes::Number),
            ("sqlite", "", Takes::Other),
            ("postgres", "character varying(20)", Takes::Text),
            ("postgres", "interval", Takes::Other),
            ("postgres", "point", Takes::Other),
            ("postgres", "int4range", Takes::Other),
            ("postgres", "numeric(10,2)", Takes::Number),
            ("postgres", "timestamp(6) without time zone", Takes::Moment),
            ("postgres", "time(6) without time zone", Takes::Clock),
            ("postgres", "extensions.hstore", Takes::Hstore),
            ("postgres", "bytea[]", Takes::Array),
        ] {
            assert_eq!(
                Column::new(engine, "a", declared).takes,
                takes,
                "{declared}"
            );
        }
        let elements = Column::new("postgres", "a", "bytea[]").of_elements();
        assert_eq!(elements.takes, Takes::Bytes);
    }
}
