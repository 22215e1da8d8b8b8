//! Anything that a command of the suite's own can hide.

use std::collections::BTreeSet;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use stillframe::disk;
use stillframe::process::{End, cancelled};

use super::{Fixture, FixtureKind, Hidden, Hiding};
use crate::name::FixtureName;
use crate::place::Place;
use crate::suite::RunError;

/// What stands for the name of a fixture in the command.
const FIXTURE: &str = "${fixture}";
/// Set to 1 where the command is to show again what it has hidden.
const SHOW: &str = "STILLFRAME_SHOW";

/// Hides fixtures by a command, one after the other.
pub struct Hook {
    command: Vec<String>,
    fixtures: Vec<Fixture>,
    begun: Vec<FixtureName>,
}

impl Hook {
    /// Runs the command that lists the names.
    ///
    /// # Errors
    ///
    /// When it fails or names nothing, or the command names no fixture.
    pub fn new(command: &[String], list: &[String], place: &Place) -> Result<Hook> {
        if !command.iter().any(|word| word.contains(FIXTURE)) {
            bail!(
                "the hook `{}` does not name what it hides; write {FIXTURE} as one of its arguments",
                command.join(" ")
            );
        }
        let printed = output(list, place)?;
        let printed = String::from_utf8(printed)
            .with_context(|| format!("reading the names that `{}` prints", list.join(" ")))?;
        // Names that hold line breaks are told apart by NUL.
        let separator = if printed.contains('\0') { '\0' } else { '\n' };
        let names = printed
            .split(separator)
            .map(|name| match separator {
                '\n' => name.trim_end_matches('\r'),
                _ => name,
            })
            .filter(|name| !name.is_empty());
        let names: BTreeSet<&str> = names.collect();
        if names.is_empty() {
            bail!(
                "`{}` prints no name; it prints the name of each fixture of the hook, one a line",
                list.join(" ")
            );
        }
        let fixtures = names.into_iter().map(|name| Fixture {
            name: FixtureName::from(name),
            kind: FixtureKind::Hook,
        });
        Ok(Hook {
            command: command.to_vec(),
            fixtures: fixtures.collect(),
            begun: Vec::new(),
        })
    }

    fn words(&self, name: &FixtureName) -> Vec<String> {
        let words = self.command.iter();
        words
            .map(|word| word.replace(FIXTURE, name.as_str()))
            .collect()
    }

    /// Shows again what was hidden, the last one first. All are tried, and the first failure is reported.
    fn take_back(&mut self, place: &Place) -> Result<()> {
        let mut shown = Ok(());
        while let Some(name) = self.begun.pop() {
            shown = shown.and(show_again(&self.words(&name), place));
        }
        shown
    }
}

impl Hiding for Hook {
    fn fixtures(&self) -> &[Fixture] {
        &self.fixtures
    }

    fn title(&self) -> String {
        format!("the hook `{}`", self.command.join(" "))
    }

    fn hide(&mut self, hidden: &Hidden, place: &mut Place) -> Result<()> {
        for name in &hidden.from_all {
            let words = self.words(name);
            let mut begun = begun(place)?;
            begun.push(words.clone());
            keep_begun(&begun, place)?;
            if let Err(error) = output(&words, place) {
                // One that failed half-way may have hidden something; that there is nothing to show again is no news.
                let _shown = show_again(&words, place);
                if !cancelled() {
                    forget(&words, place)?;
                }
                let error = error.context(format!("hiding {name}"));
                return match self.take_back(place) {
                    Ok(()) => Err(error),
                    Err(left) => Err(error.context(format!("{left:#}"))),
                };
            }
            self.begun.push(name.clone());
        }
        Ok(())
    }

    fn show(&mut self, place: &Place) -> Result<()> {
        self.take_back(place)
    }
}

/// Shows again what a killed or interrupted run has hidden.
///
/// # Errors
///
/// When a hook fails.
pub fn show_what_is_left(place: &Place) -> Result<()> {
    for words in begun(place)?.iter().rev() {
        show_again(words, place).with_context(|| {
            format!(
                "a killed run has hidden something; show it, and remove {}",
                record(place).display()
            )
        })?;
    }
    Ok(())
}

fn show_again(words: &[String], place: &Place) -> Result<()> {
    let mut showing = place.clone();
    showing.set(SHOW, "1");
    output(words, &showing)
        .with_context(|| format!("running a hook with {SHOW}=1 to show a fixture again"))?;
    forget(words, place)
}

fn forget(words: &[String], place: &Place) -> Result<()> {
    let mut begun = begun(place)?;
    begun.retain(|other| other != words);
    keep_begun(&begun, place)
}

/// The commands that have hidden something and not shown it again. They lie beside the scratch folder, which every run
/// empties.
fn begun(place: &Place) -> Result<Vec<Vec<String>>> {
    let path = record(place);
    match disk::read_if_any(&path)? {
        Some(text) => serde_json::from_slice(&text).with_context(|| {
            format!(
                "reading {}; show what the hooks have hidden, and remove it",
                path.display()
            )
        }),
        None => Ok(Vec::new()),
    }
}

fn keep_begun(begun: &[Vec<String>], place: &Place) -> Result<()> {
    if begun.is_empty() {
        return disk::remove_file(&record(place));
    }
    disk::replace(&record(place), &serde_json::to_vec(begun)?)?;
    Ok(())
}

fn record(place: &Place) -> PathBuf {
    place.scratch.with_file_name("hidden-by-hooks.json")
}

/// Runs a command of the definition and returns what it prints.
fn output(command: &[String], place: &Place) -> Result<Vec<u8>> {
    let outcome = match place.run(command) {
        Ok(outcome) => outcome,
        Err(RunError::Failed(error)) => return Err(error),
        Err(RunError::Interrupted) => bail!(
            "`{}` was interrupted; what hooks have hidden is shown again by the next command",
            command.join(" ")
        ),
    };
    if outcome.end != End::Exited(0) {
        bail!(
            "`{}` failed: {}: {}",
            command.join(" "),
            outcome.end,
            String::from_utf8_lossy(&outcome.stderr).trim()
        );
    }
    Ok(outcome.stdout)
}
