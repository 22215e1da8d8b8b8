//! Members that begin as others did before, taken in one step; it takes nothing that is not complete in the window.

use super::{Expect, Tokens};
use crate::json::shapes::Step;

impl Tokens<'_> {
    /// How the next member begins, if that is how it began after the same names before.
    #[inline(always)]
    pub(super) fn usual_member(&self) -> Option<Step> {
        if !matches!(self.expect, Expect::MoreMembers | Expect::FirstName) {
            return None;
        }
        let usual = self.names.usual()?;
        let rest = self.input.bytes().get(self.at..)?;
        usual.begins(rest).then_some(usual.step)
    }

    /// Moves over the text that [`usual_member`](Self::usual_member) foresaw.
    #[inline(always)]
    pub(super) fn take_usual(&mut self, usual: Step) {
        self.previous = self.at;
        self.start = self.at + usual.name;
        self.at += usual.length;
        self.gap = usual.gap;
        self.escaped = false;
    }
}
