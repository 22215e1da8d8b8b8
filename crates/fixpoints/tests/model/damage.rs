//! Files that a disk, a merge or a slip of the hand damaged: each is refused, or holds exactly what was stored.

use std::io::Write as _;
use std::path::PathBuf;

use fixpoints::{Chain, FixpointName, Folder};
use proptest::prelude::*;

/// One damaged byte of a file; which one is counted from its end over and over.
#[derive(Debug, Clone, Copy)]
pub enum Damage {
    Replaced(usize, u8),
    Inserted(usize, u8),
    Removed(usize),
}

pub fn damages() -> impl Strategy<Value = Damage> {
    // Bytes that mean something in YAML or JSON are as likely as all others together.
    let byte = prop_oneof![
        any::<u8>(),
        prop::sample::select(b" \n\t\r#-+.:,'\"{}[]()|>&*!%@`~0123456789eEx_/\\<=?nul".to_vec()),
    ];
    let at = any::<usize>();
    prop_oneof![
        3 => (at, byte.clone()).prop_map(|(at, byte)| Damage::Replaced(at, byte)),
        1 => (at, byte).prop_map(|(at, byte)| Damage::Inserted(at, byte)),
        1 => at.prop_map(Damage::Removed),
    ]
}

impl Damage {
    fn done_to(self, text: &[u8]) -> Vec<u8> {
        let mut text = text.to_vec();
        match self {
            Self::Replaced(at, byte) => {
                let at = at % text.len();
                text[at] = byte;
            }
            Self::Inserted(at, byte) => text.insert(at % (text.len() + 1), byte),
            Self::Removed(at) => drop(text.remove(at % text.len())),
        }
        text
    }
}

/// Files in a folder of their own, that may be damaged.
pub struct Ward {
    folder: tempfile::TempDir,
    texts: Vec<(String, Vec<u8>, String)>,
}

impl Ward {
    /// A full file and its child, as they were stored.
    pub fn new(base: &str, child: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut ward = Self {
            folder,
            texts: Vec::new(),
        };
        let texts = [("base", base), ("child", child)];
        for (name, text) in texts {
            ward.write(name, text.as_bytes());
        }
        ward.texts = texts
            .map(|(name, text)| (name.to_owned(), text.into(), ward.state(name).unwrap()))
            .into();
        ward
    }

    fn folder(&self) -> Folder {
        Folder::new(self.folder.path())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(format!("{name}.yaml"))
    }

    /// Thousands of times, so that it cannot wait for the disk.
    fn write(&self, name: &str, text: &[u8]) {
        let mut file = std::fs::File::create(self.path(name)).unwrap();
        file.write_all(text).unwrap();
    }

    /// All that a restore would write.
    fn state(&self, name: &str) -> fixpoints::Result<String> {
        let chain = Chain::open(&self.folder(), &FixpointName::parse(name).unwrap())?;
        let header = chain.header();
        let tables = header.tables.values();
        let rows = tables
            .map(|table| chain.rows(table).collect::<fixpoints::Result<Vec<_>>>())
            .collect::<fixpoints::Result<Vec<_>>>()?;
        Ok(format!(
            "{} {:?} {:?} {:?} {rows:?}",
            header.engine, header.parent, header.tables, header.sequences
        ))
    }

    /// Refused, or the same state.
    fn check(&self, name: &str, damaged: &[u8], before: &str) -> Result<(), TestCaseError> {
        self.write(name, damaged);
        if let Ok(state) = self.state(name) {
            prop_assert_eq!(&state, before, "{}", String::from_utf8_lossy(damaged));
        }
        Ok(())
    }

    pub fn truncations(&self) -> usize {
        let mut count = 0;
        for (name, text, before) in &self.texts {
            for length in 0..text.len() {
                self.check(name, &text[..length], before).unwrap();
                count += 1;
            }
            self.write(name, text);
        }
        count
    }

    pub fn damaged(&self, damage: Damage) -> Result<(), TestCaseError> {
        for (name, text, before) in &self.texts {
            self.check(name, &damage.done_to(text), before)?;
            self.write(name, text);
        }
        Ok(())
    }
}
