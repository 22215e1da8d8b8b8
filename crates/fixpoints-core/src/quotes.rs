//! Text in quotes, in which a quote stands twice for itself, as in SQL; what it is for is the caller's business.

/// A name in double quotes, whatever is in it.
#[must_use]
pub fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// What stands in the quotes that a text begins with, and what comes after them.
#[must_use]
pub fn unquoted(text: &str, quote: char) -> Option<(String, &str)> {
    let (mut inside, mut rest) = (String::new(), text.strip_prefix(quote)?);
    loop {
        let (part, after) = rest.split_once(quote)?;
        inside.push_str(part);
        let Some(second) = after.strip_prefix(quote) else {
            return Some((inside, after));
        };
        inside.push(quote);
        rest = second;
    }
}
