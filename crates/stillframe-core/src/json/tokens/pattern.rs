//! The place of the current value as a pattern, in which elements have no index; it decides nothing.

use super::{Expect, Open, Tokens};
use crate::normalize::{Spot, Step};

impl Tokens<'_> {
    /// The steps to the current value; the name of a member is left out where `hidden` says so of the object's depth.
    pub fn pattern(&self, hidden: impl Fn(usize) -> bool) -> Vec<Step<'_>> {
        let mut steps = Vec::with_capacity(self.open.len());
        let mut objects = 0;
        for (depth, open) in self.open.iter().enumerate() {
            match open {
                Open::Array(_) if self.enters(open) => {}
                Open::Array(_) => steps.push(Step::Element),
                Open::Object => {
                    let innermost = objects + 1 == self.names.depth();
                    let begins = innermost && self.expect == Expect::FirstName;
                    if let Some(name) = self.names.current(objects).filter(|_| !begins) {
                        steps.push(if hidden(depth) {
                            Step::Member
                        } else {
                            Step::Named(name)
                        });
                    }
                    objects += 1;
                }
            }
        }
        steps
    }

    /// Where the current value lies, as far as patterns go.
    #[inline]
    pub fn spot(&self, name: bool) -> Spot {
        Spot {
            shape: self.names.shape(),
            depth: self.open.len(),
            name,
        }
    }
}
