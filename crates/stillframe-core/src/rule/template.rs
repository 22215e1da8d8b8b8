//! The text that a scrub writes, with groups of its pattern; it refuses a group that the pattern does not have.

use regex::{Captures, Regex};

/// A text in which `${name}`, `${1}` and `$1` are groups, and `$$` is a dollar.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Template {
    /// As the regex crate expands it.
    expansion: String,
    groups: Vec<String>,
}

impl Template {
    /// Reads a text; the error is a message and the edit that helps.
    ///
    /// # Errors
    /// When a `${` is not closed.
    pub fn parse(text: &str) -> Result<Self, (String, String)> {
        let mut template = Self::default();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('$') {
            template.expansion.push_str(before);
            rest = template.reference(text, after)?;
        }
        template.expansion.push_str(rest);
        Ok(template)
    }

    /// Reads what follows a dollar, and returns what follows that.
    fn reference<'t>(&mut self, text: &str, after: &'t str) -> Result<&'t str, (String, String)> {
        if let Some(inner) = after.strip_prefix('{') {
            let Some((name, rest)) = inner.split_once('}') else {
                let message = format!("writes {text:?}, where a ${{ is not closed");
                return Err((message, "close it, or write $$ for a dollar".to_owned()));
            };
            self.group(name);
            return Ok(rest);
        }
        let digits = after.bytes().take_while(u8::is_ascii_digit).count();
        if digits > 0 {
            self.group(&after[..digits]);
            return Ok(&after[digits..]);
        }
        self.expansion.push_str("$$");
        Ok(after.strip_prefix('$').unwrap_or(after))
    }

    fn group(&mut self, name: &str) {
        self.expansion.push_str(&format!("${{{name}}}"));
        self.groups.push(name.to_owned());
    }

    /// Whether it names groups.
    #[must_use]
    pub fn has_groups(&self) -> bool {
        !self.groups.is_empty()
    }

    /// The first group that the pattern does not have.
    #[must_use]
    pub fn unknown_group(&self, regex: &Regex) -> Option<&str> {
        let known = |name: &&String| match name.parse::<usize>() {
            Ok(at) => at < regex.captures_len(),
            Err(_) => regex.capture_names().flatten().any(|group| group == **name),
        };
        self.groups
            .iter()
            .find(|name| !known(name))
            .map(String::as_str)
    }

    /// The text for a match.
    #[must_use]
    pub fn expand(&self, found: &Captures<'_>) -> String {
        let mut written = String::new();
        found.expand(&self.expansion, &mut written);
        written
    }
}
