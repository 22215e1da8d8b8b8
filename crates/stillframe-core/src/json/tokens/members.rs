//! Members that begin as others did before, taken in one step; it takes nothing that is not complete in the window.

use super::{Expect, Tokens};
use crate::json::scan::{self, Scan};
use crate::json::shapes::Step;
use crate::json::token::{Gap, MAX_TOKEN};
use std::io::Read;

impl<R: Read> Tokens<R> {
    /// How the next member begins, if that is how it began after the same names before.
    #[inline(always)]
    pub fn usual_member(&self) -> Option<Step> {
        if !matches!(self.expect, Expect::MoreMembers | Expect::FirstName) {
            return None;
        }
        let usual = self.names.usual()?;
        let rest = self.input.bytes().get(self.at..)?;
        usual.begins(rest).then_some(usual.step)
    }

    /// Takes the name that [`usual_member`](Self::usual_member) foresaw, with the separator before it.
    #[inline(always)]
    pub fn take_usual_name(&mut self, usual: Step) {
        self.take_usual(usual);
        self.expect = Expect::Colon;
        self.names.add_usual(usual.next);
    }

    /// Moves over the text that [`usual_member`](Self::usual_member) foresaw.
    #[inline(always)]
    pub(super) fn take_usual(&mut self, usual: Step) {
        self.previous = self.at;
        self.start = self.at + usual.name;
        self.at += usual.length;
        self.gap = usual.gap;
        self.traits.escaped = false;
    }

    /// Takes a colon, one space and a scalar, if they are what follows a name.
    #[inline(always)]
    pub fn take_scalar(&mut self) -> bool {
        let window = self.input.bytes();
        let Some(&[b':', b' ', first]) = window.get(self.at..).and_then(|rest| rest.first_chunk())
        else {
            return false;
        };
        let start = self.at + 2;
        let end = match first {
            b'"' => match scan::string(window, start + 1) {
                Scan::Done(end, _) => end,
                _ => return false,
            },
            b'-' | b'0'..=b'9' => match scan::number(window, start) {
                Scan::Done(end, _) => end,
                _ => return false,
            },
            _ => match scan::word(window, start) {
                Some(end) => end,
                None => return false,
            },
        };
        if end - start > MAX_TOKEN {
            return false;
        }
        self.previous = self.at;
        (self.start, self.at) = (start, end);
        self.gap = Gap::SPACE;
        self.expect = Expect::MoreMembers;
        true
    }
}
