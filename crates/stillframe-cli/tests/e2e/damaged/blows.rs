//! What can be done to a folder of candidates: bytes, files, links, and entries of its lock.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use stillframe_core::lock::hash;

use crate::project::Project;

/// What is larger was made so by a blow, and is not read again.
const LARGE: u64 = 1 << 20;

/// Names that a download may hold and that no publish may write.
const NAMES: &[&str] = &[
    "../evil.json",
    "../../evil.json",
    "/tmp/evil.json",
    "first/../../evil.json",
    "first\\..\\evil.json",
    "C:evil.json",
    "FIRST/one.json",
    "first/ONE.JSON",
    "first/one.json/x.json",
    "first",
    "nul.json",
    "com1.txt.json",
    ".git/hooks/x.json",
    ".one.json.stillframe-new",
    "corpus.lock",
    "corpus.lock.journal",
    "corpus.lock/x.json",
    "bin/run.sh",
    "first/extra.json",
    "first/one.json ",
    "first/one\n.json",
    "first//two.json",
    "",
    "x.schema.json",
];

/// Texts that are not what a step printed.
const TEXTS: &[&str] = &[
    "",
    "{",
    "{}\n",
    "null\n",
    "not json",
    "{\n  \"command\": \"greet\",\n  \"rows\": 1\n}\n",
    "{\n  \"command\": \"line\"\n}\n",
    "{\"command\":\"greet\",\"rows\":[]}\n",
    "{\n  \"rows\": [],\n  \"rows\": []\n}\n",
    "{\n  \"command\": \"greet\",\n  \"name\": \"\\ud800\",\n  \"rows\": []\n}\n",
    "{\n  \"command\": \"greet\",\n  \"extra\": 1,\n  \"rows\": []\n}\n",
    "{\n  \"command\": \"greet\",\n  \"name\": \"sound\",\n  \"rows\": []\n}\n",
    "#!/bin/sh\n",
    "\u{feff}{}\n",
];

/// One thing done to a candidates folder.
#[derive(Debug, Clone)]
pub enum Blow {
    /// A byte of a file is another one.
    Byte(Index, Index, u8),
    /// A file ends earlier.
    Cut(Index, Index),
    /// Two files change places.
    Swap(Index, Index),
    /// A file is gone.
    Remove(Index),
    /// A file that nothing lists.
    Add(Half, &'static str, &'static str),
    /// A link, a named pipe or an empty folder in the place of a file.
    Replace(Index, Stand),
    /// A linked folder.
    LinkFolder(Half),
    /// A file too large to be read.
    Huge(Index),
    /// Other content, with its hash in the lock.
    Signed(Index, &'static str),
    /// A byte of a file is another one, and the lock has its hash.
    SignedByte(Index, Index, u8),
    /// An entry of the lock with its file, under another name.
    Rename(Index, &'static str),
    /// An entry of the lock once more, under another name, with a file.
    Copy(Index, &'static str),
    /// An entry of the lock and its file are gone.
    Drop(Index),
    /// A line of the lock has another value.
    Field(Index, &'static str),
}

#[derive(Debug, Clone, Copy)]
pub enum Half {
    Top,
    Fixtures,
    Schemas,
}

impl Half {
    fn name(self) -> &'static str {
        match self {
            Half::Top => "",
            Half::Fixtures => "fixtures",
            Half::Schemas => "schemas",
        }
    }
}

#[derive(Debug, Clone, Copy)]
pub enum Stand {
    LinkOutside,
    LinkToSame,
    Dangling,
    Pipe,
    Folder,
}

/// Any one blow.
pub fn blow() -> impl Strategy<Value = Blow> {
    let at = any::<Index>;
    let name = || select(NAMES);
    let text = || select(TEXTS);
    let half = || select(&[Half::Top, Half::Fixtures, Half::Schemas][..]);
    let stand = select(
        &[
            Stand::LinkOutside,
            Stand::LinkToSame,
            Stand::Dangling,
            Stand::Pipe,
            Stand::Folder,
        ][..],
    );
    prop_oneof![
        (at(), at(), any::<u8>()).prop_map(|(file, at, byte)| Blow::Byte(file, at, byte)),
        (at(), at()).prop_map(|(file, at)| Blow::Cut(file, at)),
        (at(), at()).prop_map(|(one, other)| Blow::Swap(one, other)),
        at().prop_map(Blow::Remove),
        (half(), name(), text()).prop_map(|(half, name, text)| Blow::Add(half, name, text)),
        (at(), stand).prop_map(|(file, stand)| Blow::Replace(file, stand)),
        half().prop_map(Blow::LinkFolder),
        at().prop_map(Blow::Huge),
        (at(), text()).prop_map(|(file, text)| Blow::Signed(file, text)),
        (at(), at(), any::<u8>()).prop_map(|(file, at, byte)| Blow::SignedByte(file, at, byte)),
        (at(), name()).prop_map(|(entry, name)| Blow::Rename(entry, name)),
        (at(), name()).prop_map(|(entry, name)| Blow::Copy(entry, name)),
        at().prop_map(Blow::Drop),
        (
            at(),
            select(&["\"\"", "\"../x\"", "7", "-1", "\"line\"", "\"greet\"", "[]"][..])
        )
            .prop_map(|(line, value)| Blow::Field(line, value)),
    ]
}

/// A copy of the candidates, to be damaged.
pub struct Download {
    pub folder: PathBuf,
}

impl Download {
    fn files(&self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        walk(&self.folder, &mut files);
        files
    }

    fn lock(&self) -> String {
        let path = self.folder.join("fixtures/corpus.lock");
        let meta = path.symlink_metadata();
        if meta.is_ok_and(|meta| meta.is_file() && meta.len() < LARGE) {
            String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned()
        } else {
            String::new()
        }
    }

    fn write_lock(&self, text: &str) {
        put(&self.folder.join("fixtures/corpus.lock"), text.as_bytes());
    }

    /// The tables of the lock, without what stands before the first.
    fn entries(&self) -> Vec<String> {
        let lock = self.lock();
        let mut starts: Vec<usize> = lock.match_indices("[[").map(|(at, _)| at).collect();
        starts.push(lock.len());
        starts
            .windows(2)
            .map(|pair| lock[pair[0]..pair[1]].to_owned())
            .collect()
    }

    /// Does one thing to the download, as far as what was done before allows it.
    pub fn strike(&self, blow: &Blow, outside: &Project) {
        match blow {
            Blow::Byte(..) | Blow::Cut(..) | Blow::Swap(..) | Blow::Remove(_) | Blow::Huge(_) => {
                self.strike_file(blow);
            }
            Blow::Add(half, name, text) => put(&self.inside(half.name(), name), text.as_bytes()),
            Blow::Replace(index, stand) => {
                if let Some(file) = pick(&self.files(), index) {
                    self.replace(file, *stand, outside);
                }
            }
            Blow::LinkFolder(half) => self.link_folder(*half, outside),
            Blow::Field(index, value) => self.set_field(index, value),
            Blow::Signed(index, _)
            | Blow::SignedByte(index, ..)
            | Blow::Rename(index, _)
            | Blow::Copy(index, _)
            | Blow::Drop(index) => {
                if let Some(entry) = pick(&self.entries(), index) {
                    self.strike_entry(blow, entry);
                }
            }
        }
    }

    fn strike_file(&self, blow: &Blow) {
        let files = self.files();
        match blow {
            Blow::Byte(index, at, byte) => {
                if let Some(file) = pick(&files, index) {
                    flip(file, at, *byte);
                }
            }
            Blow::Cut(index, at) => {
                if let Some(file) = pick(&files, index) {
                    let bytes = get(file);
                    put(file, &bytes[..at.index(bytes.len() + 1)]);
                }
            }
            Blow::Swap(one, other) => {
                if let Some((one, other)) = pick(&files, one).zip(pick(&files, other)) {
                    let (first, second) = (get(one), get(other));
                    put(one, &second);
                    put(other, &first);
                }
            }
            Blow::Huge(index) => {
                if let Some(file) = pick(&files, index) {
                    let file = fs::File::options().write(true).open(file).unwrap();
                    file.set_len(1 << 40).unwrap_or_default();
                }
            }
            Blow::Remove(index) => {
                if let Some(file) = pick(&files, index) {
                    fs::remove_file(file).unwrap();
                }
            }
            _ => {}
        }
    }

    fn strike_entry(&self, blow: &Blow, entry: &str) {
        let file = self.file_of(entry);
        match blow {
            Blow::Signed(_, text) => {
                put(&file, text.as_bytes());
                self.sign(entry);
            }
            Blow::SignedByte(_, at, byte) => {
                flip(&file, at, *byte);
                self.sign(entry);
            }
            Blow::Rename(_, name) => {
                let bytes = get(&file);
                fs::remove_file(&file).ok();
                self.write_lock(&self.lock().replace(entry, &renamed(entry, name)));
                put(&self.inside("fixtures", name), &bytes);
            }
            Blow::Copy(_, name) => {
                let bytes = get(&file);
                self.write_lock(&format!("{}\n{}", self.lock(), renamed(entry, name)));
                put(&self.inside("fixtures", name), &bytes);
            }
            Blow::Drop(_) => {
                fs::remove_file(&file).ok();
                self.write_lock(&self.lock().replace(entry, ""));
            }
            _ => {}
        }
    }

    fn link_folder(&self, half: Half, outside: &Project) {
        let name = match half {
            Half::Top => "more",
            Half::Fixtures => "fixtures/first",
            Half::Schemas => "schemas",
        };
        fs::remove_dir_all(self.folder.join(name)).ok();
        symlink(outside.root(), self.folder.join(name)).ok();
    }

    fn set_field(&self, index: &Index, value: &str) {
        let lock = self.lock();
        let lines: Vec<&str> = lock.lines().filter(|line| line.contains(" = ")).collect();
        if let Some(line) = pick(&lines, index) {
            let key = line.split(" = ").next().unwrap();
            self.write_lock(&lock.replacen(line, &format!("{key} = {value}"), 1));
        }
    }

    /// A path that a hostile name leads to, as far as the test may write there.
    fn inside(&self, half: &str, name: &str) -> PathBuf {
        let path = self.folder.join(half).join(name.trim_start_matches('/'));
        if name.contains("..") || path.is_dir() {
            self.folder.join(half).join("harmless.json")
        } else {
            path
        }
    }

    /// The file of an entry of the lock.
    fn file_of(&self, entry: &str) -> PathBuf {
        let half = if entry.starts_with("[[schema") {
            "schemas"
        } else {
            "fixtures"
        };
        self.inside(half, &path_of(entry))
    }

    fn replace(&self, file: &Path, stand: Stand, outside: &Project) {
        let bytes = get(file);
        fs::remove_file(file).unwrap();
        match stand {
            Stand::LinkOutside => symlink(outside.path("kept.json"), file).unwrap(),
            Stand::LinkToSame => {
                let same = self.folder.with_file_name("same");
                put(&same, &bytes);
                symlink(same, file).unwrap();
            }
            Stand::Dangling => symlink(outside.path("new.json"), file).unwrap(),
            Stand::Folder => fs::create_dir(file).unwrap(),
            Stand::Pipe => {
                let made = Command::new("mkfifo").arg(file).status().unwrap();
                assert!(made.success());
            }
        }
    }

    /// Gives an entry of the lock the hash of its file.
    fn sign(&self, entry: &str) {
        let bytes = get(&self.file_of(entry));
        let Some(at) = entry.find("blake3 = \"") else {
            return;
        };
        let hash = hash(&bytes);
        let signed = format!("{}blake3 = \"{hash}\"\n\n", &entry[..at]);
        self.write_lock(&self.lock().replace(entry, &signed));
    }
}

fn pick<'a, T>(list: &'a [T], index: &Index) -> Option<&'a T> {
    (!list.is_empty()).then(|| index.get(list))
}

fn path_of(entry: &str) -> String {
    let path = entry.lines().find_map(|line| line.strip_prefix("path = "));
    path.unwrap_or_default().trim_matches('"').to_owned()
}

fn renamed(entry: &str, name: &str) -> String {
    let line = format!("path = {name:?}");
    entry.replace(&format!("path = {:?}", path_of(entry)), &line)
}

fn flip(file: &Path, at: &Index, byte: u8) {
    let mut bytes = get(file);
    if !bytes.is_empty() {
        let at = at.index(bytes.len());
        bytes[at] = byte;
        put(file, &bytes);
    }
}

/// What a file of the download holds; nothing for a pipe, which nobody writes to, and for what was made huge.
fn get(path: &Path) -> Vec<u8> {
    let meta = path.symlink_metadata();
    if meta.is_ok_and(|meta| meta.is_file() && meta.len() < LARGE) {
        return fs::read(path).unwrap();
    }
    Vec::new()
}

/// Writes a file of the download, if the folders above it allow that, and never through a link.
fn put(path: &Path, bytes: &[u8]) {
    if path.symlink_metadata().is_ok_and(|meta| !meta.is_file()) {
        return;
    }
    let above = path.parent().unwrap();
    let linked = above.ancestors().any(|path| path.is_symlink());
    if !linked && fs::create_dir_all(above).is_ok() {
        fs::write(path, bytes).ok();
    }
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    for path in paths {
        let meta = path.symlink_metadata().unwrap();
        if meta.is_dir() {
            walk(&path, files);
        } else if meta.is_file() && meta.len() < LARGE {
            files.push(path);
        }
    }
}
