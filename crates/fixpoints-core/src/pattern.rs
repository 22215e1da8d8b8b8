//! Names and patterns that people write for tables and columns; it looks nothing up.
//!
//! They mean the same for every engine, because one `fixpoints.toml` serves several databases; so the schema `public`,
//! which only PostgreSQL has, is left out here. The case of letters counts: an engine that finds names in any case hands
//! them over as they were given.
//!
//! A name has parts with dots between them, as in `SCHEMA.TABLE.COLUMN`. In a pattern `*` stands for any characters of
//! one part, and `?` for one of them. What is in double quotes stands for itself, dots too, and a quote in it twice.

use std::fmt;

use crate::quotes::unquoted;

/// A name, or a pattern of names, as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    text: String,
    parts: Vec<Vec<Sign>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    Own(char),
    /// `?`.
    One,
    /// `*`.
    Any,
}

impl Pattern {
    /// Reads a name or pattern; every text is one.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            parts: pattern_parts(text),
        }
    }

    /// What was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it is the name of a table, to the letter: those of PostgreSQL's schema `public` are called without it
    /// here, elsewhere with it.
    #[must_use]
    pub fn names(&self, table: &str) -> bool {
        let said = self.text.as_str();
        said == table || said.strip_prefix("public.") == Some(table)
    }

    /// Whether it means a table, by its name or as a pattern.
    #[must_use]
    pub fn means(&self, table: &str) -> bool {
        self.names(table) || fits(&self.parts, &name_parts(table))
    }

    /// Whether it means a column, as `COLUMN` in every table or as `TABLE.COLUMN`.
    #[must_use]
    pub fn means_column(&self, table: &str, column: &str) -> bool {
        let said = self.text.as_str();
        let inside = said.strip_suffix(column);
        let inside = inside.and_then(|table| table.strip_suffix('.'));
        if said == column || inside.is_some_and(|said| Self::new(said).names(table)) {
            return true;
        }
        let own = own(column);
        match self.parts.split_last() {
            Some((last, [])) => matches(last, &own),
            Some((last, table_parts)) => {
                matches(last, &own) && fits(table_parts, &name_parts(table))
            }
            None => false,
        }
    }

    /// The ones among `names` that it means: only the one that is called so to the letter, where there is one.
    #[must_use]
    pub fn among<'a>(&self, names: impl Iterator<Item = &'a str> + Clone) -> Vec<&'a str> {
        let exact: Vec<&str> = names.clone().filter(|name| self.names(name)).collect();
        if exact.is_empty() {
            names.filter(|name| self.means(name)).collect()
        } else {
            exact
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Whether the parts of a pattern fit those of a name, in which `public` may be left out.
fn fits(pattern: &[Vec<Sign>], name: &[Vec<Sign>]) -> bool {
    let all = |pattern: &[Vec<Sign>]| {
        let mut pairs = pattern.iter().zip(name);
        pattern.len() == name.len() && pairs.all(|(part, own)| matches(part, own))
    };
    let public = own("public");
    match pattern.split_first() {
        Some((first, rest)) if *first == public && !rest.is_empty() => all(rest) || all(pattern),
        _ => all(pattern),
    }
}

/// Whether one part of a pattern fits one of a name. After a mismatch the last `*` takes one character more, so that
/// the time is bounded by the product of the lengths.
fn matches(pattern: &[Sign], name: &[Sign]) -> bool {
    let (mut at, mut in_name, mut star) = (0, 0, None);
    while in_name < name.len() {
        match pattern.get(at) {
            Some(Sign::Any) => {
                star = Some((at, in_name));
                at += 1;
            }
            Some(sign) if *sign == Sign::One || *sign == name[in_name] => {
                at += 1;
                in_name += 1;
            }
            _ => {
                let Some((star_at, taken)) = star else {
                    return false;
                };
                star = Some((star_at, taken + 1));
                at = star_at + 1;
                in_name = taken + 1;
            }
        }
    }
    pattern[at..].iter().all(|sign| *sign == Sign::Any)
}

fn own(text: &str) -> Vec<Sign> {
    text.chars().map(Sign::Own).collect()
}

/// The parts of a name, in which no character stands for others.
fn name_parts(name: &str) -> Vec<Vec<Sign>> {
    split(name).iter().map(|part| own(&part.text)).collect()
}

fn pattern_parts(text: &str) -> Vec<Vec<Sign>> {
    let sign = |c| match c {
        '*' => Sign::Any,
        '?' => Sign::One,
        c => Sign::Own(c),
    };
    let signs = |part: &Part| {
        if part.is_quoted {
            own(&part.text)
        } else {
            part.text.chars().map(sign).collect()
        }
    };
    split(text).iter().map(signs).collect()
}

/// The last part of a name, without quotes.
#[must_use]
pub fn last_part(name: &str) -> String {
    let part = split(name).pop();
    part.map(|part| part.text).unwrap_or_default()
}

struct Part {
    text: String,
    is_quoted: bool,
}

/// Splits at dots that are not in quotes. A part that is not quoted as a whole is taken as it is.
fn split(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = Some(text);
    while let Some(text) = rest {
        let (part, after) = quoted(text).unwrap_or_else(|| {
            let (part, after) = match text.split_once('.') {
                Some((part, after)) => (part, Some(after)),
                None => (text, None),
            };
            let text = part.to_owned();
            (
                Part {
                    text,
                    is_quoted: false,
                },
                after,
            )
        });
        parts.push(part);
        rest = after;
    }
    parts
}

/// The quoted part that a text begins with, and what comes after its dot.
fn quoted(text: &str) -> Option<(Part, Option<&str>)> {
    let (inside, after) = unquoted(text, '"')?;
    let part = Part {
        text: inside,
        is_quoted: true,
    };
    match after.strip_prefix('.') {
        Some(next) => Some((part, Some(next))),
        None => after.is_empty().then_some((part, None)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_means_tables_by_their_parts() {
        for (pattern, means, others) in [
            ("users", &["users"][..], &["user", "app.users", "Users"][..]),
            ("public.users", &["users", "public.users"], &["app.users"]),
            ("public.tmp_*", &["tmp_a"], &["app.tmp_a"]),
            (
                "worker_2.*",
                &["worker_2.users", "worker_2.\"a.b\""],
                &["worker_2", "worker_20.users", "users"],
            ),
            (
                "tmp_*",
                &["tmp_", "tmp_a", "tmp_a_b"],
                &["tmp", "tmp_a.users", "a_tmp_"],
            ),
            ("*_log", &["a_log", "_log"], &["a_logs", "x.a_log"]),
            ("*.*_log", &["x.a_log"], &["a_log"]),
            ("t?", &["t1", "tä", "t?"], &["t", "t12"]),
            ("a*b*c", &["abc", "axbxbxc"], &["ab", "acb"]),
            ("\"t?\"", &["t?"], &["t1"]),
            ("\"a.b\".*", &["\"a.b\".c"], &["a.b.c"]),
            ("\"a*\".b", &["a*.b"], &["ab.b"]),
            (
                "\"say \"\"x\"\"\"",
                &["\"say \"\"x\"\"\"", "say \"x\""],
                &["say x"],
            ),
            ("*", &["a", "b"], &["x.a"]),
        ] {
            let read = Pattern::new(pattern);
            for table in means {
                assert!(read.means(table), "{pattern} means {table}");
            }
            for table in others {
                assert!(!read.means(table), "{pattern} does not mean {table}");
            }
        }
    }

    #[test]
    fn a_pattern_means_columns_in_every_table_or_in_one() {
        for (pattern, table, column, expected) in [
            ("price", "books", "price", true),
            ("books.price", "books", "price", true),
            ("public.books.price", "books", "price", true),
            ("books.price", "app.books", "price", false),
            ("app.books.price", "app.books", "price", true),
            ("app.books.price", "app.books", "prices", false),
            ("*_at", "books", "sold_at", true),
            ("books.*_at", "books", "sold_at", true),
            ("books.*_at", "authors", "sold_at", false),
            ("*.price", "books", "price", true),
            ("*.price", "app.books", "price", false),
            ("app.*.price", "app.books", "price", true),
            ("a.b", "books", "a.b", true),
            ("books.a.b", "books", "a.b", true),
        ] {
            let found = Pattern::new(pattern).means_column(table, column);
            assert_eq!(found, expected, "{pattern}: {table}, {column}");
        }
    }

    #[test]
    fn the_name_to_the_letter_comes_before_the_pattern() {
        let names = ["t*", "tx", "ty"];
        let among = |text: &str| Pattern::new(text).among(names.iter().copied());
        assert_eq!(among("t*"), ["t*"]);
        assert_eq!(among("t?"), ["t*", "tx", "ty"]);
        assert_eq!(among("\"t*\""), ["t*"]);
    }

    #[test]
    fn many_stars_take_no_time() {
        let pattern = Pattern::new(&"*a".repeat(60));
        let name = "aaab".repeat(500);
        assert!(!pattern.means(&name));
    }
}
