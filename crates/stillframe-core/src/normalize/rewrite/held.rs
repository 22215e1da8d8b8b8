//! Items of arrays and objects, and those that are held back until they can be put into order.

use super::{Part, Rewriter};
use crate::json::tokens::Fail;
use crate::normalize::Ambiguity;
use crate::normalize::places::PlaceId;
use crate::normalize::sort::{self, Item};
use crate::rule::RuleId;
use std::io::{Read, Write};

/// What is held back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Elements of an array, or lines.
    Elements,
    /// Members of an object.
    Members,
}

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

    /// Holds back what is written from here on, until it is arranged.
    pub(super) fn hold(&mut self) {
        self.out.holds += 1;
        self.held.push(Vec::new());
    }

    /// A document begins, which may be a line that is held.
    pub(super) fn begin_line(&mut self) -> Result<(), Fail> {
        if self.holds_lines() {
            self.out.settle(self.tokens.window())?;
            let start = self.out.text.len();
            let name = Vec::new();
            let end = start;
            self.held[0].push(Item { start, end, name });
        }
        Ok(())
    }

    /// A document is complete.
    pub(super) fn end_line(&mut self) -> Result<(), Fail> {
        if self.holds_lines() {
            self.out.settle(self.tokens.window())?;
            if let Some(line) = self.held[0].last_mut() {
                line.end = self.out.text.len();
            }
        }
        Ok(())
    }

    /// Puts the lines into order, if they are held.
    pub(super) fn arrange_lines(&mut self) -> Result<(), Fail> {
        if self.holds_lines() {
            self.out.settle(self.tokens.window())?;
            let place = self.root;
            self.arrange(place, Kind::Elements);
            self.out.holds -= 1;
        }
        Ok(())
    }

    fn holds_lines(&self) -> bool {
        self.lines && self.frames.is_empty() && !self.held.is_empty()
    }

    /// Puts the held items of a complete array or object into order.
    pub(super) fn arrange(&mut self, place: PlaceId, kind: Kind) {
        let items = self.held.pop().unwrap_or_default();
        let out = &mut self.out.text;
        let (rule, order) = match kind {
            Kind::Elements => (self.places.get(place).sort, sort::elements(out, &items)),
            Kind::Members => (None, sort::members(&items)),
        };
        let moved = !order.order.is_sorted();
        if moved && let Some(first) = items.first() {
            let text = sort::rearranged(out, &items, &order.order);
            out.truncate(first.start);
            out.extend_from_slice(&text);
        }
        let Some(rule) = rule else { return };
        self.judge.hits[rule] += 1;
        self.judge.matched = vec![rule];
        self.note(Part::Value);
        if order.ties > 0 && self.found.ambiguities.len() < MOST_AMBIGUITIES {
            let (document, location) = (self.tokens.documents(), self.location());
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
