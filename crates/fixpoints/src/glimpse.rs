//! What can be told about a file that cannot be read as a whole: its engine, and the parent it names; both may be wrong.

use std::path::Path;

use fixpoints_core::document::Origin;
use fixpoints_core::layout::is_plain;
use fixpoints_core::name::FixpointName;

use crate::{regular, source};

/// The engine that a file names, whatever else is wrong with it and whoever laid it out.
pub(crate) fn engine_of(path: &Path) -> Option<String> {
    let text = regular::begin(path).ok()?;
    let own = own_engine(&text).map(str::to_owned);
    own.or_else(|| {
        let document = source::read(&Origin::file(path)).ok()?;
        Some(document.header.engine)
    })
    .or_else(|| {
        let mut named = after_key(&text, "engine").map(word);
        named.find(|name| is_plain(name)).map(str::to_owned)
    })
}

/// In our own layout nothing else can stand there, and all of a large file need not be read.
fn own_engine(text: &str) -> Option<&str> {
    let mut lines = text.lines();
    lines.next()?.strip_prefix("format: ")?;
    let engine = lines.next()?.strip_prefix("engine: ")?;
    is_plain(engine).then_some(engine)
}

/// Whether the text of a file that cannot be read names a fixpoint as its parent.
pub(crate) fn names_parent(text: &[u8], name: &FixpointName) -> bool {
    let text = String::from_utf8_lossy(text);
    after_key(&text, "parent").any(|parent| {
        let end = parent.find('}').unwrap_or(parent.len());
        after_key(&parent[..end], "name").any(|named| word(named) == name.as_str())
    })
}

/// What follows each key of this name and its colon; comments are left out.
fn after_key<'a>(text: &'a str, key: &'a str) -> impl Iterator<Item = &'a str> {
    text.match_indices(key).filter_map(move |(at, _)| {
        let line = text[..at].rsplit('\n').next().unwrap_or_default();
        let is_comment = line.trim_start().starts_with('#');
        let before = line.chars().next_back();
        let is_begun = before.is_none_or(|c| c.is_whitespace() || "{,\"'".contains(c));
        let rest = text[at + key.len()..].trim_start_matches(['"', '\'']);
        let value = rest.trim_start_matches([' ', '\t']).strip_prefix(':')?;
        (is_begun && !is_comment).then(|| value.trim_start())
    })
}

fn word(value: &str) -> &str {
    let value = value.trim_start_matches(['"', '\'']);
    let is_end = |c: char| c.is_whitespace() || "\"',}".contains(c);
    &value[..value.find(is_end).unwrap_or(value.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parent_is_found_in_every_layout() {
        let name = FixpointName::parse("shop/base").unwrap();
        for (text, expected) in [
            (
                "parent: {\"name\": \"shop/base\", \"content\": \"0\"}",
                true,
            ),
            ("parent:\n  content: 0\n  name: shop/base\n", true),
            ("{'format': 2, 'parent': {'name': 'shop/base'}", true),
            (
                "<<<<<<< a\nparent: {name: x}\n=======\nparent: {name: shop/base}\n",
                true,
            ),
            ("parent: {\"name\": \"shop/base2\"}", false),
            (
                "parent: {\"name\": \"base\"}\n{\"name\": \"shop/base\"}",
                false,
            ),
            ("grandparent: {\"name\": \"shop/base\"}", false),
            ("", false),
        ] {
            assert_eq!(names_parent(text.as_bytes(), &name), expected, "{text}");
        }
    }
}
