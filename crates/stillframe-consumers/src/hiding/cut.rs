//! Cuts top-level keys out of the text of a map; every other byte stays, and the rest is read again to see that it says the same. A pure function.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::Path;

use anyhow::{Context, Result, bail};

mod json;
mod toml;
mod yaml;

/// A format of maps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// JSON
    Json,
    /// TOML
    Toml,
    /// YAML
    Yaml,
}

/// The text of a map, and where its top-level keys lie in it.
#[derive(Debug)]
pub struct Map {
    format: Format,
    text: String,
    parts: Vec<Part>,
}

/// A piece of text that belongs to one top-level key. In TOML, one key can have several.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Part {
    key: String,
    bytes: Range<usize>,
}

/// What each top-level key says, so that two texts can be compared.
type Said = BTreeMap<String, String>;

impl Format {
    /// By the ending of a file's name.
    ///
    /// # Errors
    ///
    /// When it is not one of the formats.
    pub fn of(name: &Path) -> Result<Format> {
        match name.extension().and_then(|ending| ending.to_str()) {
            Some("json") => Ok(Format::Json),
            Some("toml") => Ok(Format::Toml),
            Some("yml" | "yaml") => Ok(Format::Yaml),
            _ => bail!(
                "{} is neither .json nor .toml nor .yml; use a hook for other formats",
                name.display()
            ),
        }
    }
}

impl Map {
    /// Reads a text.
    ///
    /// # Errors
    ///
    /// When it is not a map of this format, or written in a way that cannot be cut.
    pub fn read(format: Format, text: String) -> Result<Map> {
        let parts = match format {
            Format::Json => json::parts(&text)?,
            Format::Toml => toml::parts(&text)?,
            Format::Yaml => yaml::parts(&text)?,
        };
        Ok(Map {
            format,
            text,
            parts,
        })
    }

    /// Its keys, in the text's order.
    pub fn keys(&self) -> Vec<&str> {
        let mut seen = BTreeSet::new();
        let keys = self.parts.iter().map(|part| part.key.as_str());
        keys.filter(|key| seen.insert(*key)).collect()
    }

    /// Keys that cannot be cut because others refer to what they hold, with the reason.
    ///
    /// # Errors
    ///
    /// When the text cannot be read.
    pub fn needed_by_others(&self) -> Result<BTreeMap<String, String>> {
        match self.format {
            Format::Yaml => yaml::needed_by_others(&self.text),
            Format::Json | Format::Toml => Ok(BTreeMap::new()),
        }
    }

    /// The text without these keys.
    ///
    /// # Errors
    ///
    /// When the rest would not say the same.
    pub fn without(&self, keys: &BTreeSet<&str>) -> Result<String> {
        let cut: Vec<bool> = self
            .parts
            .iter()
            .map(|part| keys.contains(part.key.as_str()))
            .collect();
        let ranges = match self.format {
            Format::Json => json::ranges(&self.parts, &cut),
            Format::Toml | Format::Yaml => {
                let cut = self.parts.iter().zip(&cut).filter(|(_, cut)| **cut);
                cut.map(|(part, _)| part.bytes.clone()).collect()
            }
        };
        let mut rest = String::new();
        let mut at = 0;
        for range in ranges {
            rest.push_str(&self.text[at..range.start]);
            at = range.end;
        }
        rest.push_str(&self.text[at..]);
        if self.format == Format::Yaml && cut.iter().all(|cut| *cut) {
            // Without a key, YAML is not an empty map but nothing.
            rest.push_str("{}\n");
        }
        let mut expected = self.said(&self.text)?;
        expected.retain(|key, _| !keys.contains(key.as_str()));
        let said = self.said(&rest).context(
            "the rest of the file cannot be read when a key is cut out; use a hook, or hide = \"VARIABLE\"",
        )?;
        if said != expected {
            let differs = |key: &&String| said.get(*key) != expected.get(*key);
            let key = said.keys().chain(expected.keys()).find(differs);
            bail!(
                "{} would not say the same when other keys are cut out; write each key on lines of its own, or use a hook",
                key.map_or("the file", String::as_str)
            );
        }
        Ok(rest)
    }

    fn said(&self, text: &str) -> Result<Said> {
        match self.format {
            Format::Json => json::said(text),
            Format::Toml => toml::said(text),
            Format::Yaml => yaml::said(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cutting keys leaves exactly this.
    fn check(format: Format, text: &str, keys: &[&str], expected: &str) {
        let map = Map::read(format, text.to_owned()).unwrap();
        let keys = keys.iter().copied().collect();
        assert_eq!(map.without(&keys).unwrap(), expected, "{text}");
    }

    fn keys(format: Format, text: &str) -> Vec<String> {
        let map = Map::read(format, text.to_owned()).unwrap();
        map.keys().into_iter().map(str::to_owned).collect()
    }

    fn refusal(format: Format, text: &str) -> String {
        format!("{:#}", Map::read(format, text.to_owned()).unwrap_err())
    }

    #[test]
    fn json_loses_a_member_and_one_comma_and_nothing_else() {
        let text = "{\n  \"a,\\n\\\"}\": [1.50, {\"b\": 1}],\n  \"b\" : 2,\n\"c\":\"}\"\n}\n";
        assert_eq!(keys(Format::Json, text), ["a,\n\"}", "b", "c"]);
        let check = |cut: &[&str], expected: &str| check(Format::Json, text, cut, expected);
        check(
            &["b"],
            "{\n  \"a,\\n\\\"}\": [1.50, {\"b\": 1}],\n\"c\":\"}\"\n}\n",
        );
        check(&["a,\n\"}"], "{\n  \"b\" : 2,\n\"c\":\"}\"\n}\n");
        check(
            &["c"],
            "{\n  \"a,\\n\\\"}\": [1.50, {\"b\": 1}],\n  \"b\" : 2\n}\n",
        );
        check(&["a,\n\"}", "c"], "{\n  \"b\" : 2\n}\n");
        check(&["b", "c"], "{\n  \"a,\\n\\\"}\": [1.50, {\"b\": 1}]\n}\n");
        check(&["a,\n\"}", "b", "c"], "{\n  \n}\n");
    }

    #[test]
    fn toml_loses_every_line_of_a_key_wherever_it_stands() {
        let text = "# top\na = 1 # one\nb.c = \"\"\"\n[x]\nd = 1\n\"\"\"\n\n# of t\n[t]\nx = [\n  1,\n]\n\n[u]\ny = 1\n[t.v]\nz = 2\n[[\"w w\"]]\n[[\"w w\"]]\n";
        assert_eq!(keys(Format::Toml, text), ["a", "b", "t", "u", "w w"]);
        let check = |cut: &[&str], expected: &str| check(Format::Toml, text, cut, expected);
        check(&["a"], &text.replace("a = 1 # one\n", ""));
        check(
            &["b"],
            &text.replace("b.c = \"\"\"\n[x]\nd = 1\n\"\"\"\n", ""),
        );
        check(
            &["t"],
            &text
                .replace("[t]\nx = [\n  1,\n]\n", "")
                .replace("[t.v]\nz = 2\n", ""),
        );
        check(
            &["w w", "u"],
            &text
                .replace("[[\"w w\"]]\n", "")
                .replace("[u]\ny = 1\n", ""),
        );
    }

    #[test]
    fn yaml_loses_the_lines_of_a_key_and_keeps_comments_of_others() {
        let text = "# top\n---\na: 1\n# of b\n\"b: c\":\n  - x: |\n      text\n\n      # not a comment\n\n# of c\nc: {y: 1,\n  z: 2}\nd: *e\n";
        let text = text.replace("*e", "\"last\"");
        assert_eq!(keys(Format::Yaml, &text), ["a", "b: c", "c", "d"]);
        let check = |cut: &[&str], expected: &str| check(Format::Yaml, &text, cut, expected);
        check(&["a"], &text.replace("a: 1\n", ""));
        check(
            &["b: c"],
            &text.replace(
                "\"b: c\":\n  - x: |\n      text\n\n      # not a comment\n",
                "",
            ),
        );
        check(&["c"], &text.replace("c: {y: 1,\n  z: 2}\n", ""));
        check(&["d"], &text.replace("d: \"last\"\n", ""));
        check(
            &["a", "b: c", "c", "d"],
            "# top\n---\n# of b\n\n# of c\n{}\n",
        );
    }

    #[test]
    fn anchors_that_others_use_are_not_cut() {
        let text = "base: &base\n  x: 1\nown: &own [1, *base]\nother:\n  <<: *base\n";
        let map = Map::read(Format::Yaml, text.to_owned()).unwrap();
        let needed = map.needed_by_others().unwrap();
        assert_eq!(needed.keys().collect::<Vec<_>>(), ["base"]);
        assert!(needed["base"].contains("anchor"), "{needed:?}");
        assert!(map.without(&BTreeSet::from(["base"])).is_err());
        check(
            Format::Yaml,
            text,
            &["own"],
            "base: &base\n  x: 1\nother:\n  <<: *base\n",
        );
    }

    #[test]
    fn what_is_not_a_map_or_cannot_be_cut_is_refused() {
        for (format, text, word) in [
            (Format::Json, "[1]", "is not an object"),
            (Format::Json, "{\"a\": 1, \"a\": 2}", "twice"),
            (Format::Json, "{\"a\": 1", "EOF"),
            (Format::Toml, "a = ", "TOML"),
            (Format::Yaml, "- a\n", "is not a map"),
            (Format::Yaml, "{a: 1, b: 2}\n", "lines of its own"),
            (Format::Yaml, "a: 1\n---\nb: 2\n", "one document"),
            (Format::Yaml, "a: 1\na: 2\n", "twice"),
            (Format::Yaml, "[a]: 1\n", "not a text"),
            (Format::Yaml, "a: [\n", "reading YAML"),
        ] {
            let text = refusal(format, text);
            assert!(text.contains(word), "{word}: {text}");
        }
    }
}
