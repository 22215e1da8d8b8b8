//! What to do about a problem: a sentence whose commands stay apart, so that whoever prints it can add flags to them.

use std::fmt;

use crate::secret::without_secrets;

/// What to do, in words and commands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Advice {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Text(String),
    Command(Command),
}

/// A command that helps.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Command {
    /// The program `fixpoints` with these words.
    Fixpoints(String),
    /// Any other, as a shell takes it.
    Shell(String),
}

impl Command {
    /// The program `fixpoints` with these words.
    pub fn fixpoints(words: impl Into<String>) -> Self {
        Self::Fixpoints(words.into())
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixpoints(words) => write!(f, "fixpoints {words}"),
            Self::Shell(command) => f.write_str(command),
        }
    }
}

impl From<String> for Advice {
    fn from(text: String) -> Self {
        Self {
            parts: vec![Part::Text(text)],
        }
    }
}

impl From<&str> for Advice {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

impl Advice {
    /// A sentence that begins with `run` and a command.
    #[must_use]
    pub fn run(command: Command) -> Self {
        Self::from("run `").command(command).text("`")
    }

    /// Goes on with a command of `fixpoints`, in backticks.
    #[must_use]
    pub fn fixpoints(self, words: impl Into<String>) -> Self {
        self.text("`").command(Command::fixpoints(words)).text("`")
    }

    /// Goes on with a command as it is.
    #[must_use]
    pub fn command(mut self, command: Command) -> Self {
        self.parts.push(Part::Command(command));
        self
    }

    /// Goes on with text.
    #[must_use]
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.parts.push(Part::Text(text.into()));
        self
    }

    /// The same, after some text.
    #[must_use]
    pub fn after(mut self, text: impl Into<String>) -> Self {
        self.parts.insert(0, Part::Text(text.into()));
        self
    }

    /// The sentence, with flags for each command of `fixpoints`; `flags` is given its words, and ends in a blank.
    #[must_use]
    pub fn with_flags(&self, flags: impl Fn(&str) -> String) -> String {
        let shown = |part: &Part| match part {
            Part::Text(text) => without_secrets(text).into_owned(),
            Part::Command(Command::Fixpoints(words)) => {
                format!("fixpoints {}{}", flags(words), without_secrets(words))
            }
            Part::Command(Command::Shell(command)) => without_secrets(command).into_owned(),
        };
        self.parts.iter().map(shown).collect()
    }
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.with_flags(|_| String::new()))
    }
}
