//! What is wrong with a TOML file, with its line: in lines of our own, and nothing of the file in them raw.

use crate::visible::visible;

/// The whole message, in lines.
pub fn text(error: &toml::de::Error) -> String {
    let whole = error.to_string();
    let whole = whole.trim_end();
    // The message quotes keys and values, which may hold line breaks; the lines above it show lines of the file.
    let message = error.message().trim_end();
    let Some(above) = whole.strip_suffix(message) else {
        return visible(whole).into_owned();
    };
    let mut lines: Vec<_> = above.lines().map(visible).collect();
    lines.push(visible(message));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_with_a_line_break_begins_no_line() {
        let error = toml::from_str::<crate::config::Config>("\"a\\n::error::\u{202e}\" = 1\n")
            .expect_err("there is no such key");
        let text = text(&error);
        assert!(
            text.contains("\n1 | \"a\\n::error::\\u202e\" = 1\n"),
            "{text}"
        );
        assert!(
            text.contains("\nunknown field `a\\n::error::\\u202e`"),
            "{text}"
        );
    }
}
