//! The ratchet as JUnit XML: one test case a retiring fixture.

use std::io::Write;

use anyhow::{Context, Result};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::{how_to_fix, summary};
use crate::ratchet::{Ratchet, Retired};

/// Writes it.
pub(super) fn write(ratchet: &Ratchet, out: &mut dyn Write) -> Result<()> {
    let mut bytes = Vec::new();
    let mut writer = Writer::new_with_indent(&mut bytes, b' ', 2);
    document(ratchet, &mut writer).context("writing JUnit XML")?;
    bytes.push(b'\n');
    out.write_all(&bytes)?;
    Ok(())
}

fn document(ratchet: &Ratchet, writer: &mut Writer<&mut Vec<u8>>) -> std::io::Result<()> {
    let gained = |retired: &&Retired| !retired.gained.is_empty();
    let failures = ratchet.retiring.iter().filter(gained).count().to_string();
    let tests = ratchet.retiring.len().to_string();
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    writer
        .create_element("testsuites")
        .write_inner_content(|writer| {
            writer
                .create_element("testsuite")
                .with_attribute(("name", "stillframe consumers check"))
                .with_attribute(("tests", tests.as_str()))
                .with_attribute(("failures", failures.as_str()))
                .write_inner_content(|writer| {
                    for retired in &ratchet.retiring {
                        case(retired, writer)?;
                    }
                    Ok(())
                })?;
            Ok(())
        })?;
    Ok(())
}

fn case(retired: &Retired, writer: &mut Writer<&mut Vec<u8>>) -> std::io::Result<()> {
    let name = plain(retired.name.as_str());
    let element = writer
        .create_element("testcase")
        .with_attribute(("classname", "retiring"))
        .with_attribute(("name", name.as_str()));
    if retired.gained.is_empty() {
        element.write_empty()?;
        return Ok(());
    }
    element.write_inner_content(|writer| {
        let summary = plain(&summary(retired));
        writer
            .create_element("failure")
            .with_attribute(("type", "stale"))
            .with_attribute(("message", summary.as_str()))
            .write_text_content(BytesText::new(&plain(&body(retired))))?;
        Ok(())
    })?;
    Ok(())
}

fn body(retired: &Retired) -> String {
    let mut lines = Vec::new();
    for gained in &retired.gained {
        let class = gained.class.map_or("joint", |class| class.word());
        lines.push(format!("{} ({class})", gained.test));
        lines.extend(gained.evidence.iter().map(|line| format!("  | {line}")));
        lines.push(format!("  repeat: {}", gained.repeat));
    }
    lines.push(how_to_fix());
    redact::message(&lines.join("\n")).into_owned()
}

/// XML 1.0 has no place for most control characters, escaped or not.
fn plain(text: &str) -> String {
    let allowed = |letter: char| match letter {
        '\n' | '\t' => letter,
        letter if letter.is_control() || matches!(letter, '\u{fffe}' | '\u{ffff}') => '\u{fffd}',
        letter => letter,
    };
    text.chars().map(allowed).collect()
}
