//! The answers of a measurement in a file that only grows, so that nothing is lost when it is interrupted.

use std::collections::BTreeSet;
use std::fmt;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use stillframe::disk;

use crate::hiding::Fixture;
use crate::memory::{Answers, Memory};
use crate::name::FixtureName;
use crate::record::Record;
use crate::revision::Files;

const VERSION: u32 = 1;

/// What the answers of a journal hold for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Header {
    /// The version of the format.
    pub version: u32,
    /// A hash of the definition, the tracked files of the suite, and what runs it.
    pub key: String,
    /// The fixtures, in the definition's order.
    pub fixtures: Vec<Fixture>,
    /// The commit that was checked out, where there was one. Its files may have been edited since.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub commit: Option<String>,
    /// The hash of each file, to know later what has changed.
    #[serde(default)]
    pub files: Files,
}

impl Header {
    /// Of this version.
    pub fn new(
        key: String,
        fixtures: Vec<Fixture>,
        commit: Option<String>,
        files: Files,
    ) -> Header {
        Header {
            version: VERSION,
            key,
            fixtures,
            commit,
            files,
        }
    }

    /// The names of the fixtures.
    pub fn names(&self) -> Vec<FixtureName> {
        let names = self.fixtures.iter().map(|fixture| fixture.name.clone());
        names.collect()
    }

    /// Whether both hold for the same files: the same files may have been committed since.
    fn is_of_the_same(&self, other: &Header) -> bool {
        self.key == other.key && self.fixtures == other.fixtures
    }
}

/// A journal that is open for more answers.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    answers: Answers,
    kept: usize,
}

impl Journal {
    /// Opens the journal of this key in a folder, or begins it. The answers of another key are in another file.
    ///
    /// # Errors
    ///
    /// When it is damaged: it says in which line, and how to begin again.
    pub fn open(folder: &Path, header: &Header) -> Result<Journal> {
        let path = path_of(folder, &header.key);
        let act = || format!("opening the journal {}", path.display());
        if !path.exists() {
            disk::replace(&path, line_of(header)?.as_bytes())?;
        }
        let read = read(&path)?;
        if !read.header.is_of_the_same(header) {
            bail!(
                "the journal {} is of another measurement; remove it to begin again",
                path.display()
            );
        }
        let file = File::options().append(true).open(&path).with_context(act)?;
        // A line that a killed run began is not an answer.
        file.set_len(read.sound).with_context(act)?;
        let mut answers = Answers::default();
        let kept = read.records.len();
        for record in read.records {
            answers.keep(record)?;
        }
        Ok(Journal {
            path,
            file,
            answers,
            kept,
        })
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How many answers it held when it was opened.
    pub fn kept(&self) -> usize {
        self.kept
    }
}

/// Where the journal of a key lies.
pub fn path_of(folder: &Path, key: &str) -> PathBuf {
    folder.join(format!("journal-{}.jsonl", &key[..key.len().min(16)]))
}

/// What a file holds.
#[derive(Debug)]
pub struct Read {
    /// What its answers hold for.
    pub header: Header,
    /// Its answers.
    pub records: Vec<Record>,
    /// The length of its whole lines in bytes.
    pub sound: u64,
}

/// Every sound journal of a folder, the newest first.
///
/// # Errors
///
/// When the folder cannot be read.
pub fn all(folder: &Path) -> Result<Vec<PathBuf>> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let mut journals = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("listing {}", folder.display()))? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with("journal-") && name.ends_with(".jsonl") {
            journals.push((entry.metadata()?.modified()?, entry.path()));
        }
    }
    journals.sort();
    Ok(journals.into_iter().rev().map(|(_, path)| path).collect())
}

/// Reads a journal.
///
/// # Errors
///
/// When a line of it, other than an unfinished last one, is damaged.
pub fn read(path: &Path) -> Result<Read> {
    let bytes = disk::read_regular(path).with_context(|| format!("reading {}", path.display()))?;
    let sound = bytes
        .iter()
        .rposition(|&byte| byte == b'\n')
        .map_or(0, |at| at + 1);
    let mut lines = bytes[..sound].split_inclusive(|&byte| byte == b'\n');
    let header = header_of(path, lines.next())?;
    let mut records = Vec::new();
    for (number, line) in lines.enumerate() {
        let record =
            serde_json::from_slice(line).map_err(|error| damaged(path, number + 2, error))?;
        records.push(record);
    }
    Ok(Read {
        header,
        records,
        sound: sound as u64,
    })
}

/// Reads what the answers of a journal hold for, and not the answers.
///
/// # Errors
///
/// When it is damaged.
pub fn header(path: &Path) -> Result<Header> {
    let act = || format!("reading {}", path.display());
    let file = disk::open_regular(path).with_context(act)?;
    let mut line = Vec::new();
    BufReader::new(file)
        .read_until(b'\n', &mut line)
        .with_context(act)?;
    header_of(path, line.ends_with(b"\n").then_some(line.as_slice()))
}

fn header_of(path: &Path, line: Option<&[u8]>) -> Result<Header> {
    let line = line.ok_or_else(|| damaged(path, 1, "there is none"))?;
    let header: Header = serde_json::from_slice(line).map_err(|error| damaged(path, 1, error))?;
    if header.version != VERSION {
        bail!(
            "the journal {} has version {}; this version of stillframe reads {VERSION}; remove it to begin again",
            path.display(),
            header.version
        );
    }
    Ok(header)
}

fn damaged(path: &Path, line: usize, why: impl fmt::Display) -> anyhow::Error {
    anyhow::anyhow!(
        "line {line} of the journal {} is damaged: {why}; remove the file to begin again",
        path.display()
    )
}

/// Puts the answers of several journals of the same measurement, such as those of shards, into one.
///
/// # Errors
///
/// When one is damaged, or they are not of the same measurement.
pub fn merge(parts: &[PathBuf], folder: &Path) -> Result<PathBuf> {
    let mut header: Option<(Header, &Path)> = None;
    let mut lines = Vec::new();
    let mut seen = BTreeSet::new();
    for part in parts {
        let read = read(part)?;
        match &header {
            Some((first, of)) if !first.is_of_the_same(&read.header) => bail!(
                "{} and {} are journals of different measurements; merge those of one revision and definition",
                of.display(),
                part.display()
            ),
            Some(_) => {}
            None => header = Some((read.header, part)),
        }
        for record in read.records {
            let line = line_of(&record)?;
            if seen.insert(line.clone()) {
                lines.push(line);
            }
        }
    }
    let Some((header, _)) = header else {
        bail!("there is nothing to merge; name the journals of the shards");
    };
    let path = path_of(folder, &header.key);
    let mut text = line_of(&header)?;
    text.extend(lines);
    fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
    disk::replace(&path, text.as_bytes())?;
    Ok(path)
}

fn line_of(value: &impl Serialize) -> Result<String> {
    let mut line = serde_json::to_string(value)?;
    line.push('\n');
    Ok(line)
}

impl Memory for Journal {
    fn keep(&mut self, record: Record) -> Result<()> {
        let line = line_of(&record)?;
        self.file
            .write_all(line.as_bytes())
            .with_context(|| format!("writing {}", self.path.display()))?;
        self.answers.keep(record)
    }

    fn answers(&self) -> &Answers {
        &self.answers
    }
}
