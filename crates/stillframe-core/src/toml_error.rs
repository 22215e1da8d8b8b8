//! What is wrong with a TOML file, with its line: in lines of our own, and nothing of the file in them raw.

use crate::visible::visible;

/// The whole message, in lines. Of an environment no value is shown: any of them may be a password.
pub fn text(error: &toml::de::Error, source: &str) -> String {
    let whole = error.to_string();
    let whole = whole.trim_end();
    // The message quotes keys and values, which may hold line breaks; the lines above it show lines of the file.
    let message = error.message().trim_end();
    let above = whole.strip_suffix(message);
    let start = error.span().map(|span| span.start);
    if start.is_some_and(|start| is_of_an_environment(source, start)) {
        let place = above.and_then(|above| above.lines().next());
        let message = without_values(message);
        return [place.map(visible), Some(visible(&message))]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join("\n");
    }
    let Some(above) = above else {
        return visible(whole).into_owned();
    };
    let mut lines: Vec<_> = above.lines().map(visible).collect();
    lines.push(visible(message));
    lines.join("\n")
}

/// Whether a place lies in a table or a value called `env`, as far as that can be told of a file that is not TOML.
fn is_of_an_environment(source: &str, at: usize) -> bool {
    let rest = source.get(at..).unwrap_or_default();
    let end = at + rest.find('\n').unwrap_or(rest.len());
    let is_env = |name: &str| {
        let rest = name.trim_start().strip_prefix("env");
        rest.is_some_and(|rest| {
            !rest.starts_with(|c: char| c.is_alphanumeric() || "_-".contains(c))
        })
    };
    let (mut table, mut value) = (false, false);
    for line in source.get(..end).unwrap_or(source).lines() {
        let line = line.trim_start();
        if line.starts_with('[') {
            table = is_env(line.trim_start_matches('['));
            value = false;
        } else if is_env(line) {
            value = true;
        } else if line.split_once('=').is_some_and(|(key, _)| is_key(key)) {
            value = false;
        }
    }
    table || value
}

fn is_key(text: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    !text.is_empty() && text.trim_end().chars().all(is_plain)
}

/// A message without the string that it quotes.
fn without_values(message: &str) -> String {
    match (message.find('"'), message.rfind('"')) {
        (Some(first), Some(last)) if first < last => {
            format!("{}…{}", &message[..=first], &message[last..])
        }
        _ => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_with_a_line_break_begins_no_line() {
        let source = "\"a\\n::error::\u{202e}\" = 1\n";
        let error =
            toml::from_str::<crate::config::Config>(source).expect_err("there is no such key");
        let text = text(&error, source);
        assert!(
            text.contains("\n1 | \"a\\n::error::\\u202e\" = 1\n"),
            "{text}"
        );
        assert!(
            text.contains("\nunknown field `a\\n::error::\\u202e`"),
            "{text}"
        );
    }

    #[test]
    fn no_value_of_an_environment_is_quoted() {
        let config = |text: &str| {
            let error = toml::from_str::<crate::config::Config>(text).expect_err("a mistake");
            super::text(&error, text)
        };
        let poc = |text: &str| {
            let error = toml::from_str::<crate::poc::Manifest>(text).expect_err("a mistake");
            super::text(&error, text)
        };
        for text in [
            config("[env]\nset = { A = \"s3cret\"\n"),
            config("[env]\nset = \"s3cret\"\n"),
            config("[env.set]\nA = s3cret\n"),
            config("[env]\nset = { A = \"s3cret\", A = \"s3cret\" }\n"),
            config("env.set = \"s3cret\"\n"),
            poc("summary = \"x\"\nenv = { A = \"s3cret\", B = 1 }\n"),
            poc("[env]\nA = \"\"\"\ns3cret\n\\q\"\"\"\n"),
        ] {
            assert!(text.contains("line ") && !text.contains("s3cret"), "{text}");
        }
        let elsewhere = poc("env = { A = \"x\" }\nsumary = \"y\"\n");
        assert!(elsewhere.contains("sumary = \"y\""), "{elsewhere}");
    }
}
