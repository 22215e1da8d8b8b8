//! Items of arrays and objects, and those that are held back until they can be put into order.

use super::careful::steps;
use super::{Part, Rewriter};
use crate::json::tokens::Fail;
use crate::location::Slice;
use crate::normalize::effect::Effect;
use crate::normalize::found::{Ambiguity, Change};
use crate::normalize::masks::Step;
use crate::normalize::places::PlaceId;
use crate::normalize::sort::{self, Item, Order, Sorted};
use crate::rule::RuleId;

/// What is held back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Lines, which are the elements of the whole input.
    Lines,
    /// Elements of an array.
    Elements,
    /// Members of an object.
    Members,
}

/// How many ambiguous arrays are remembered; nobody reads more.
const MOST_AMBIGUITIES: usize = 1000;

impl Rewriter<'_, '_> {
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
            self.arrange(place, Kind::Lines);
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
        let order = match kind {
            Kind::Members => sort::members(&items),
            Kind::Elements | Kind::Lines => self.sort(place, kind, &items),
        };
        if order.is_sorted() {
            return;
        }
        if let Some(first) = items.first() {
            let out = &mut self.out.text;
            let text = sort::rearranged(out, &items, &order);
            out.truncate(first.start);
            out.extend_from_slice(&text);
        }
        if kind == Kind::Lines {
            self.found.lines = order;
        }
    }

    /// The order of elements by the rules of their array.
    fn sort(&mut self, place: PlaceId, kind: Kind, items: &[Item]) -> Vec<usize> {
        let plan = self.judge.plan;
        let mut order = Order::of(items);
        for rule in self.places.get(place).sort.clone() {
            let Effect::Sort(sorting) = &plan.rules[rule].effect else {
                continue;
            };
            let sorted = order.sort(&self.out.text, items, sorting);
            self.note_sort(rule, kind, sorting.slice);
            // A slice that chooses nothing may be a mistake, and an empty array is none.
            if sorting.slice.is_none() || sorted.chosen > 0 {
                self.judge.hits[rule] += 1;
            }
            for (by, met) in sorted.met.iter().enumerate().filter(|_| sorted.chosen > 0) {
                *self.found.keys.entry((rule, by)).or_default() |= met;
            }
            self.report_sort(rule, kind, sorting.slice, &sorted);
        }
        order.order
    }

    /// Notes what a rule sorts.
    fn note_sort(&mut self, rule: usize, kind: Kind, slice: Option<Slice>) {
        if kind == Kind::Elements && slice.is_none() {
            self.judge.matched = vec![rule];
            return self.note(Part::Value);
        }
        let mut steps: Vec<Step<'_>> = match kind {
            Kind::Lines => Vec::new(),
            _ => {
                let within = steps(&self.tokens, &self.frames);
                self.line().into_iter().chain(within).collect()
            }
        };
        steps.extend(slice.map(Step::Slice));
        self.masks.add(rule, steps);
    }

    /// Tells what a rule moved, and what it could not decide.
    fn report_sort(&mut self, rule: usize, kind: Kind, slice: Option<Slice>, sorted: &Sorted) {
        let undecided = sorted.ties > 0 && self.found.ambiguities.len() < MOST_AMBIGUITIES;
        let told = sorted.moved && self.explain.is_some();
        if !undecided && !told {
            return;
        }
        let mut location = match kind {
            Kind::Lines => "$".to_owned(),
            _ => self.location(),
        };
        location.extend(slice.map(|slice| slice.to_string()));
        let (document, rule) = (self.tokens.documents(), RuleId(rule));
        if undecided {
            self.found.ambiguities.push(Ambiguity {
                document,
                location: location.clone(),
                rule,
                ties: sorted.ties,
            });
        }
        if let Some(explain) = self.explain.as_mut().filter(|_| sorted.moved) {
            explain(Change {
                document,
                location,
                rule,
                before: "[…]".to_owned(),
                after: "[…]".to_owned(),
            });
        }
    }
}
