//! Finds where a sign may stand: one pass over a fixture for a few short texts, and a look around each that is found; it judges no sign.

use regex::bytes::Regex;

/// A text that stands wherever some form of a sign does, in JSON as printed, and the part of it that is looked for first.
///
/// Many texts share their part: a search for up to 32 of them takes half as long as one for more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    text: String,
    /// Where the part begins.
    at: usize,
    part: String,
}

impl Hint {
    /// A text with its part; without such a part, the whole text is looked for.
    pub fn new(text: String, part: &str) -> Self {
        match text.find(part) {
            Some(at) => Self {
                at,
                part: part.to_owned(),
                text,
            },
            None => Self::whole(text),
        }
    }

    /// A text that is looked for as a whole.
    pub fn whole(text: String) -> Self {
        Self {
            at: 0,
            part: text.clone(),
            text,
        }
    }
}

/// Finds the texts of hints.
#[derive(Debug)]
pub struct Quick {
    parts: Regex,
    /// Each part, and the texts that hold it with how many bytes stand before it; no part holds another one.
    around: Vec<(String, Vec<(usize, String)>)>,
}

impl Quick {
    /// Prepares to look for these.
    pub fn new(mut hints: Vec<Hint>) -> Self {
        // The shortest first: a part that holds another one gives way to it.
        hints.sort_by(|one, other| {
            let key = |hint: &Hint| (hint.part.len(), hint.part.clone(), hint.text.clone());
            key(one).cmp(&key(other))
        });
        hints.dedup();
        let mut around: Vec<(String, Vec<(usize, String)>)> = Vec::new();
        for Hint { text, at, part } in hints {
            let held = around
                .iter_mut()
                .find_map(|(known, texts)| Some((part.find(&**known)?, texts)));
            match held {
                Some((inside, texts)) => texts.push((at + inside, text)),
                None => around.push((part, vec![(at, text)])),
            }
        }
        let escaped: Vec<String> = around.iter().map(|(part, _)| regex::escape(part)).collect();
        let parts = Regex::new(&escaped.join("|"));
        Self {
            parts: parts.expect("escaped texts are a regular expression"),
            around,
        }
    }

    /// Where one of the texts begins, at `from` or later.
    pub fn find(&self, fixture: &[u8], from: usize) -> Option<usize> {
        let mut at = from;
        while let Some(found) = self.parts.find_at(fixture, at) {
            let is_found = |(part, _): &&(String, _)| part.as_bytes() == found.as_bytes();
            let texts = self.around.iter().find(is_found).map(|(_, texts)| texts);
            let begins = |(before, text): &(usize, String)| {
                let start = found.start().checked_sub(*before)?;
                let stands = start >= from && fixture[start..].starts_with(text.as_bytes());
                stands.then_some(start)
            };
            if let Some(start) = texts.into_iter().flatten().find_map(begins) {
                return Some(start);
            }
            at = found.start() + 1;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_found_by_its_part_and_nothing_else_is() {
        let hints = [
            ("2026-11", "2026"),
            ("27 Nov 2026", "2026"),
            ("\"root\"", "root"),
        ];
        let mut hints: Vec<Hint> = hints
            .iter()
            .map(|(text, part)| Hint::new((*text).to_owned(), part))
            .collect();
        hints.push(Hint::whole("the root of".to_owned()));
        let quick = Quick::new(hints);
        for (fixture, expected) in [
            ("x 2026-12 2026-11", Some(10)),
            ("27 Nov 2026", Some(0)),
            ("2026", None),
            ("2026-1", None),
            ("{\"root\": \"root/\"}", Some(1)),
            ("roots", None),
            ("at the root of it", Some(3)),
        ] {
            assert_eq!(quick.find(fixture.as_bytes(), 0), expected, "{fixture}");
        }
        assert_eq!(quick.find(b"2026-11", 1), None);
    }
}
