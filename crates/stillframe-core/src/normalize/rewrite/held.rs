//! Items of arrays and objects, and those that are held back until they can be put into order.

use super::{Frame, Rewriter};
use crate::json::tokens::Fail;
use crate::normalize::Ambiguity;
use crate::normalize::sort::{self, Item};
use crate::rule::RuleId;
use std::io::{Read, Write};

/// How many ambiguous arrays are remembered; nobody reads more.
const MOST_AMBIGUITIES: usize = 1000;

impl<R: Read, W: Write> Rewriter<'_, '_, R, W> {
    /// Writes what separates an item from the one before, and notes its beginning if it is held.
    pub(super) fn begin_item(&mut self) -> Result<(), Fail> {
        let depth = self.frames.len();
        let Some(frame) = self.frames.last_mut() else {
            return Ok(());
        };
        let joint = self.layout.before_item(frame.kept, depth);
        frame.kept += 1;
        self.out
            .replace(self.tokens.window(), joint.text, self.tokens.span().1)?;
        if frame.held
            && let Some(items) = self.held.last_mut()
        {
            let start = self.out.text.len();
            let name = if frame.array {
                Vec::new()
            } else {
                self.tokens.current_name().to_vec()
            };
            items.push(Item {
                start,
                end: start,
                name,
            });
        }
        Ok(())
    }

    /// A value is complete; notes the end of its item if that is held.
    #[inline]
    pub(super) fn end_item(&mut self) -> Result<(), Fail> {
        if self.frames.last().is_some_and(|frame| frame.held) {
            self.out.settle(self.tokens.window())?;
            if let Some(item) = self.held.last_mut().and_then(|items| items.last_mut()) {
                item.end = self.out.text.len();
            }
        }
        Ok(())
    }

    /// Puts the held items of a complete array or object into order.
    pub(super) fn arrange(&mut self, frame: &Frame) {
        let items = self.held.pop().unwrap_or_default();
        let out = &mut self.out.text;
        let rule = self.places.get(frame.place).sort.filter(|_| frame.array);
        let order = if frame.array {
            sort::elements(out, &items)
        } else {
            sort::members(&items)
        };
        let moved = !order.order.is_sorted();
        if moved && let Some(first) = items.first() {
            let text = sort::rearranged(out, &items, &order.order);
            out.truncate(first.start);
            out.extend_from_slice(&text);
        }
        let Some(rule) = rule else { return };
        self.judge.hits[rule] += 1;
        if order.ties > 0 && self.found.ambiguities.len() < MOST_AMBIGUITIES {
            let (document, location) = (self.tokens.documents(), self.tokens.path());
            let ties = order.ties;
            self.found.ambiguities.push(Ambiguity {
                document,
                location,
                rule: RuleId(rule),
                ties,
            });
        }
        if moved {
            self.report(rule, "[…]".as_bytes());
        }
    }
}
