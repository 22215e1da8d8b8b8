//! A whole value in the window, before it is read token by token; it judges nothing.

use super::{BeforeMove, Fail, Tokens};
use crate::json::scan::{self, Scan};

impl Tokens<'_> {
    /// The text of the value whose first token was read last, however long it is; what is there, where the input ends
    /// before it does.
    pub fn whole_value(&mut self, holder: &mut impl BeforeMove) -> Result<&[u8], Fail> {
        loop {
            if let Some(end) = end_of_value(&self.window()[self.start..]) {
                return Ok(&self.window()[self.start..self.start + end]);
            }
            if self.input.ended() {
                return Ok(&self.window()[self.start..]);
            }
            let read = self.at - self.start;
            self.refill(self.start, holder)?;
            (self.start, self.at) = (0, read);
        }
    }
}

/// Where the value at the beginning of a text ends, if the text holds all of it and something after it.
fn end_of_value(text: &[u8]) -> Option<usize> {
    let mut depth = 0;
    let mut at = 0;
    loop {
        match text.get(at)? {
            b'"' => match scan::string(text, at + 1) {
                Scan::Done(end, _) => at = end,
                Scan::Incomplete => return None,
                Scan::Wrong(..) => return Some(text.len()),
            },
            b'{' | b'[' => {
                depth += 1;
                at += 1;
            }
            b'}' | b']' => {
                depth -= 1;
                at += 1;
            }
            _ => at += 1,
        }
        let scalar_goes_on = depth == 0
            && text
                .get(at)
                .is_some_and(|byte| !b",]} \n\r\t".contains(byte))
            && !matches!(text[at - 1], b'"' | b'}' | b']');
        if depth == 0 && !scalar_goes_on {
            return Some(at);
        }
    }
}
