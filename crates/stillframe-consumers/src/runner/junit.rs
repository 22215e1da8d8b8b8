//! Reads JUnit XML as runners write it: leniently in what is there, strictly in that it is whole.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use crate::outcome::{Outcome, Phase};

/// One test of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// The name of the innermost suite around it.
    pub suite: String,
    /// Its class, where the report has one.
    pub class: String,
    /// Its name.
    pub name: String,
    /// The file that it is written in, where the report has it.
    pub file: Option<String>,
    /// How it ended.
    pub outcome: Outcome,
}

/// Every test of a report, in its order.
///
/// # Errors
///
/// When it is not XML, or ends too early.
pub fn read(text: &str) -> Result<Vec<Case>> {
    let mut cases = Vec::new();
    read_into(text, &mut cases)?;
    Ok(cases)
}

/// The tests of a report as far as it can be read, and what is wrong after them.
pub fn read_part(text: &str) -> (Vec<Case>, Option<anyhow::Error>) {
    let mut cases = Vec::new();
    let problem = read_into(text, &mut cases).err();
    (cases, problem)
}

fn read_into(text: &str, cases: &mut Vec<Case>) -> Result<()> {
    let mut reader = Reader::from_str(text);
    let mut suites: Vec<String> = Vec::new();
    let mut open: Option<Open> = None;
    let mut depth = 0_usize;
    let mut elements = 0_usize;
    loop {
        let event = reader
            .read_event()
            .with_context(|| format!("at byte {}", reader.error_position()))?;
        match event {
            Event::Start(tag) => {
                depth += 1;
                elements += 1;
                start(&tag, &mut suites, &mut open)?;
            }
            Event::Empty(tag) => {
                elements += 1;
                start(&tag, &mut suites, &mut open)?;
                end(tag.name().as_ref(), &mut suites, &mut open, cases);
            }
            Event::End(tag) => {
                depth -= 1;
                end(tag.name().as_ref(), &mut suites, &mut open, cases);
            }
            Event::Text(piece) => add(&mut open, &piece.decode()?),
            Event::CData(piece) => add(&mut open, &piece.decode()?),
            Event::GeneralRef(name) => {
                let name = name.decode()?;
                add(&mut open, &resolve(&name));
            }
            Event::Eof if depth > 0 => bail!("the report ends before it is closed"),
            Event::Eof if elements == 0 => bail!("the report is empty"),
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

/// A test that is being read.
struct Open {
    suite: String,
    attributes: BTreeMap<String, String>,
    /// The element that says how it ended, and the text in it so far.
    ended: Option<(Ended, String)>,
    /// Whether text belongs to that element now.
    inside: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Ended {
    Failure,
    Error,
    Skipped,
}

fn start(tag: &BytesStart<'_>, suites: &mut Vec<String>, open: &mut Option<Open>) -> Result<()> {
    let attributes = attributes(tag)?;
    let ended = match tag.name().as_ref() {
        b"testsuite" => {
            suites.push(attributes.get("name").cloned().unwrap_or_default());
            return Ok(());
        }
        b"testcase" => {
            *open = Some(Open {
                suite: suites.last().cloned().unwrap_or_default(),
                attributes,
                ended: None,
                inside: false,
            });
            return Ok(());
        }
        b"failure" => Ended::Failure,
        b"error" => Ended::Error,
        b"skipped" => Ended::Skipped,
        _ => return Ok(()),
    };
    if let Some(open) = open
        && open.ended.is_none()
    {
        let said = ["type", "message"].map(|key| attributes.get(key).cloned().unwrap_or_default());
        let mut text = said.join(": ").trim_matches([':', ' ']).to_owned();
        text.push('\n');
        open.ended = Some((ended, text));
        open.inside = true;
    }
    Ok(())
}

fn end(tag: &[u8], suites: &mut Vec<String>, open: &mut Option<Open>, cases: &mut Vec<Case>) {
    match tag {
        b"testsuite" => {
            suites.pop();
        }
        b"testcase" => cases.extend(open.take().map(Open::close)),
        b"failure" | b"error" | b"skipped" => {
            if let Some(open) = open {
                open.inside = false;
            }
        }
        _ => {}
    }
}

fn add(open: &mut Option<Open>, piece: &str) {
    if let Some(Open {
        ended: Some((_, text)),
        inside: true,
        ..
    }) = open
    {
        text.push_str(piece);
    }
}

impl Open {
    fn close(mut self) -> Case {
        let outcome = match &self.ended {
            None => Outcome::Passed,
            Some((Ended::Skipped, _)) => Outcome::Skipped,
            Some((_, text)) if text.to_lowercase().contains("test timeout") => Outcome::TimedOut,
            Some((Ended::Failure, text)) => Outcome::failed(Phase::Body, text),
            Some((Ended::Error, text)) => Outcome::failed(Phase::Setup, text),
        };
        let mut take = |key| self.attributes.remove(key);
        Case {
            class: take("classname").unwrap_or_default(),
            name: take("name").unwrap_or_default(),
            file: take("file"),
            suite: self.suite,
            outcome,
        }
    }
}

fn attributes(tag: &BytesStart<'_>) -> Result<BTreeMap<String, String>> {
    let mut attributes = BTreeMap::new();
    for attribute in tag.attributes() {
        let attribute = attribute?;
        let key = String::from_utf8_lossy(attribute.key.as_ref()).into_owned();
        let value = attribute
            .decoded_and_normalized_value(quick_xml::XmlVersion::Implicit1_0, tag.decoder())?;
        attributes.insert(key, value.into_owned());
    }
    Ok(attributes)
}

/// The character that `&name;` stands for; one that XML does not know stays as it is written.
fn resolve(name: &str) -> String {
    let escaped = format!("&{name};");
    match quick_xml::escape::unescape(&escaped) {
        Ok(text) => text.into_owned(),
        Err(_) => escaped,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_errors_and_skipped_tests_are_told_apart() {
        let report = r#"<?xml version="1.0"?>
<testsuites><testsuite name="a">
<testcase classname="c" name="x &amp; y" time="0.1"/>
<testcase name="f"><failure message="m" type="T">line &lt;1&gt;
<![CDATA[line <2>]]></failure><system-out>printed</system-out></testcase>
<testcase name="e"><error type="Err"/></testcase>
<testcase name="s"><skipped/></testcase>
<testcase name="t"><failure type="test timeout"/></testcase>
</testsuite></testsuites>"#;
        let cases = read(report).unwrap();
        let ends: Vec<_> = cases
            .iter()
            .map(|case| (case.name.as_str(), case.outcome.clone()))
            .collect();
        assert_eq!(
            ends,
            [
                ("x & y", Outcome::Passed),
                (
                    "f",
                    Outcome::failed(Phase::Body, "T: m\nline <1>\nline <2>")
                ),
                ("e", Outcome::failed(Phase::Setup, "Err")),
                ("s", Outcome::Skipped),
                ("t", Outcome::TimedOut),
            ]
        );
        assert_eq!(cases[0].class, "c");
        assert_eq!(cases[0].suite, "a");
    }

    #[test]
    fn half_a_report_is_an_error() {
        for report in [
            "<testsuites><testsuite name=\"a\"><testcase name=\"b\"/>",
            "<testsuites><testcase name=\"b\"><failure>",
            "<testsuites><testsuite na",
            "",
            "Error: no tests",
        ] {
            assert!(read(report).is_err(), "{report}");
        }
        let (cases, problem) = read_part("<testsuite><testcase name=\"b\"/><testcase name=\"c\">");
        assert_eq!(cases.len(), 1);
        assert!(problem.is_some());
    }
}
