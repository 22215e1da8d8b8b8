//! Finds a value inside an element that is held back, which is JSON as it will be written, with holes for identities; it reads no text that was not checked.

use crate::json::text::decode;
use crate::location::Child;
use crate::normalize::hole;

/// The text of the value at the end of a path.
pub fn find<'t>(text: &'t [u8], path: &[Child]) -> Option<&'t [u8]> {
    let mut cursor = Cursor { text, at: 0 };
    for child in path {
        match child {
            Child::Name(name) => cursor.member(name)?,
            Child::Index(index) => cursor.element(*index)?,
        }
    }
    cursor.space();
    let start = cursor.at;
    cursor.value();
    Some(&text[start..cursor.at])
}

struct Cursor<'t> {
    text: &'t [u8],
    at: usize,
}

impl Cursor<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn space(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    /// Goes on after one of these, which only space may precede.
    fn take(&mut self, bytes: &[u8]) -> Option<()> {
        self.space();
        bytes.contains(&self.peek()?).then(|| self.at += 1)
    }

    /// Goes to the value of a member, if this is an object that has it.
    fn member(&mut self, wanted: &str) -> Option<()> {
        self.take(b"{")?;
        loop {
            self.space();
            let start = self.at;
            self.value();
            let name = &self.text[start..self.at];
            self.take(b":")?;
            // A name that is an identity has no text yet.
            if !name.contains(&hole::OPEN) && decode(name) == wanted {
                return Some(());
            }
            self.space();
            self.value();
            self.take(b",")?;
        }
    }

    /// Goes to an element, if this is an array that has it.
    fn element(&mut self, index: u64) -> Option<()> {
        self.take(b"[")?;
        self.space();
        if self.peek() == Some(b']') {
            return None;
        }
        for _ in 0..index {
            self.space();
            self.value();
            self.take(b",")?;
        }
        Some(())
    }

    /// Goes on after a value or a name.
    fn value(&mut self) {
        let mut depth = 0;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => self.string(),
                hole::OPEN => self.hole(),
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                }
                b'}' | b']' if depth > 0 => {
                    depth -= 1;
                    self.at += 1;
                }
                b',' | b':' | b'}' | b']' if depth == 0 => return,
                _ if depth > 0 => self.at += 1,
                _ => self.word(),
            }
            if depth == 0 {
                return;
            }
        }
    }

    /// Goes on after a number, `true`, `false` or `null`.
    fn word(&mut self) {
        let ends = |byte: u8| byte.is_ascii_whitespace() || b",]}".contains(&byte);
        while self.peek().is_some_and(|byte| !ends(byte)) {
            self.at += 1;
        }
    }

    fn string(&mut self) {
        self.at += 1;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => {
                    self.at += 1;
                    return;
                }
                b'\\' => self.at += 2,
                hole::OPEN => self.hole(),
                _ => self.at += 1,
            }
        }
    }

    fn hole(&mut self) {
        while self.peek().is_some_and(|byte| byte != hole::CLOSE) {
            self.at += 1;
        }
        self.at += 1;
    }
}
