//! Names as commands print and read them: quoted for a shell, looked up among those that exist.

use anyhow::{Result, bail};

use crate::name::{FixtureName, TestName};

/// How many names are suggested.
const SUGGESTIONS: usize = 5;

/// The command that repeats what was found about a test and some fixtures.
pub(super) fn repeat<'a>(
    fixtures: impl IntoIterator<Item = &'a FixtureName>,
    test: Option<&TestName>,
) -> String {
    let mut command = "stillframe consumers confirm".to_owned();
    for fixture in fixtures {
        command.push(' ');
        command.push_str(&shell(fixture.as_str()));
    }
    if let Some(test) = test {
        command.push_str(" --test ");
        command.push_str(&shell(test.as_str()));
    }
    command
}

/// A word as a POSIX shell reads it back.
fn shell(word: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "_-./:=@%+,".contains(letter);
    if !word.is_empty() && word.chars().all(plain) && !word.starts_with('-') {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

/// The one of these names that is meant.
pub(super) fn find<'a, N: AsRef<str>>(
    what: &str,
    wanted: &str,
    names: impl IntoIterator<Item = &'a N>,
) -> Result<&'a N> {
    let names: Vec<&N> = names.into_iter().collect();
    if let Some(found) = names.iter().find(|name| text_of(**name) == wanted) {
        return Ok(*found);
    }
    let mut containing: Vec<&&N> = names
        .iter()
        .filter(|name| text_of(**name).contains(wanted))
        .collect();
    if let [only] = containing[..] {
        return Ok(*only);
    }
    containing.truncate(SUGGESTIONS);
    let similar: Vec<&str> = containing.iter().map(|name| text_of(**name)).collect();
    if similar.is_empty() {
        bail!("there is no {what} {wanted:?}; `stillframe consumers show` lists what there is");
    }
    bail!(
        "there is no {what} {wanted:?}, and several contain that: {}; name one of them in full",
        similar.join(", ")
    );
}

fn text_of<N: AsRef<str>>(name: &N) -> &str {
    name.as_ref()
}

/// `1 test`, `2 tests`.
pub(super) fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_read_back_by_a_shell_as_it_was_meant() {
        let fixtures = ["users", "it's, here"].map(FixtureName::from);
        let test = TestName::from("a::b c[\"d\"]");
        assert_eq!(
            repeat(&fixtures, Some(&test)),
            r#"stillframe consumers confirm users 'it'\''s, here' --test 'a::b c["d"]'"#
        );
    }

    #[test]
    fn a_part_of_one_name_is_that_name_and_a_part_of_several_is_none() {
        let names = ["users", "user_roles", "themes"].map(FixtureName::from);
        let found = |wanted| find("fixture", wanted, &names);
        assert_eq!(found("them").unwrap().as_str(), "themes");
        let several = format!("{:#}", found("user").unwrap_err());
        assert!(several.contains("users, user_roles"), "{several}");
        assert!(found("x").is_err());
    }
}
