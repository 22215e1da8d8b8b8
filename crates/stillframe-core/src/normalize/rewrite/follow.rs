//! Values that need no decision, copied as they are while the input is laid out as wanted, and those about which their place decides alone; whatever is unusual is left to the others.

use super::{Part, Rewriter};
use crate::json::shapes::{END, Step};
use crate::json::tokens::{Fail, Gap, Token};
use crate::normalize::places::{Alone, Known, PlaceId, acts};
use crate::rule::moment::Moment;

/// Where members can no longer be copied one after the other.
enum Stop {
    /// At the end of the object.
    End(Step),
    /// After a name, before the colon; the value begins at `start`.
    Value { known: Known, start: usize },
    /// Before something that is not foreseen.
    Unusual,
}

impl Rewriter<'_, '_> {
    /// Takes as much of the input as is laid out as wanted.
    ///
    /// It may stop after a name, whose value is then the next token.
    #[inline]
    pub(super) fn follow(&mut self) -> Result<(), Fail> {
        if self.named
            || self.layout.ascii
            || self.layout.sort_keys
            || !self.out.follows(&self.tokens)
        {
            return Ok(());
        }
        while let Some(frame) = self.frames.last() {
            let goes_on = if frame.held {
                false
            } else if frame.array {
                self.follow_element()?
            } else {
                self.follow_members()?
            };
            if !goes_on {
                break;
            }
        }
        self.out.follow(&self.tokens);
        Ok(())
    }

    /// Takes members of the innermost object, up to its end or to where one of them begins an array or object; `false`
    /// where the input is not as foreseen.
    fn follow_members(&mut self) -> Result<bool, Fail> {
        loop {
            match self.walk() {
                Stop::End(usual) => return self.follow_end(usual),
                Stop::Unusual => return Ok(false),
                Stop::Value { known, start } => {
                    let place = known.place;
                    let taken = match self.tokens.bracket_at(start) {
                        Some(token) if self.is_free(place, token) => {
                            self.go_inside(place, start, token);
                            return Ok(true);
                        }
                        Some(_) => false,
                        None => self.mask(known, start)?,
                    };
                    if !taken {
                        (self.place, self.named, self.careful) = (place, true, false);
                        return Ok(false);
                    }
                }
            }
        }
    }

    /// Moves over members with scalars that no rule can change.
    fn walk(&mut self) -> Stop {
        let joint = self.layout.before_item(1, self.frames.len());
        let colon = self.layout.colon().text.len();
        let (Some(mut walk), Some(frame)) = (self.tokens.walk(), self.frames.last_mut()) else {
            return Stop::Unusual;
        };
        frame.renamed = false;
        let mut kept = frame.kept;
        let stop = loop {
            let Some(usual) = walk.usual() else {
                break Stop::Unusual;
            };
            if usual.next == END {
                break Stop::End(*usual);
            }
            let Some(known) = self.places.of_shape(usual.next) else {
                break Stop::Unusual;
            };
            let acts = known.acts;
            // The first member has no comma before it.
            let first = usize::from(kept == 0);
            let laid_out = usual.gap == joint.gap
                && usual.name + first == joint.text.len()
                && usual.value == usual.length + colon;
            if !laid_out || acts & (acts::NAME | acts::REMOVE | acts::CHOICE) != 0 {
                break Stop::Unusual;
            }
            kept += 1;
            let start = walk.at + usual.value;
            let simple = acts & (acts::TEXT | acts::NUMBER | acts::WORD) == 0;
            match simple.then(|| walk.scalar_end(start)).flatten() {
                Some(end) => walk.pass(usual, end),
                None => {
                    frame.kept = kept;
                    let (end, shape) = (walk.at + usual.length, usual.next);
                    self.tokens.resume_after_name(end, shape);
                    let known = *known;
                    return Stop::Value { known, start };
                }
            }
        };
        frame.kept = kept;
        let (at, shape) = (walk.at, walk.shape);
        self.tokens.resume_after_value(at, shape);
        stop
    }

    /// Takes the end of the innermost object.
    fn follow_end(&mut self, usual: Step) -> Result<bool, Fail> {
        let Some(frame) = self.frames.last() else {
            return Ok(false);
        };
        let (gap, length) = if frame.kept > 0 {
            let joint = self.layout.before_end(self.frames.len() - 1);
            (joint.gap, joint.text.len())
        } else {
            (Gap::NONE, 0)
        };
        if usual.gap != gap || usual.name != length {
            return Ok(false);
        }
        self.tokens.take_usual_end(usual);
        self.go_outside()
    }

    /// Takes one element of the innermost array, or its end.
    fn follow_element(&mut self) -> Result<bool, Fail> {
        let Some(&frame) = self.frames.last() else {
            return Ok(false);
        };
        // Before an element that was left out stands a comma that is not written.
        if frame.kept != frame.met {
            return Ok(false);
        }
        let joint = self.layout.before_item(frame.kept, self.frames.len());
        let Some(start) = self.tokens.after(joint.text) else {
            return self.follow_array_end();
        };
        let place = self.places.element(frame.place, frame.met);
        if let Some(token) = self.tokens.bracket_at(start) {
            if !self.is_free(place, token) {
                return Ok(false);
            }
            self.count_element();
            self.go_inside(place, start, token);
            return Ok(true);
        }
        match self.tokens.scalar_at(start) {
            Some(found) if self.is_free(place, found.token) => {
                self.count_element();
                self.tokens.take_element(found.end);
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    fn count_element(&mut self) {
        if let Some(frame) = self.frames.last_mut() {
            frame.kept += 1;
            frame.met += 1;
        }
    }

    /// Takes the end of the innermost array.
    fn follow_array_end(&mut self) -> Result<bool, Fail> {
        let Some(frame) = self.frames.last() else {
            return Ok(false);
        };
        let text = if frame.kept > 0 {
            self.layout.before_end(self.frames.len() - 1).text
        } else {
            b""
        };
        let bracket = self.tokens.after(text);
        let Some(at) = bracket.filter(|&at| self.tokens.window().get(at) == Some(&b']')) else {
            return Ok(false);
        };
        self.tokens.take_array_end(at + 1);
        self.go_outside()
    }

    /// Whether no rule can change a value that begins with a token, nor put its elements into order.
    #[inline(always)]
    fn is_free(&self, place: PlaceId, token: Token) -> bool {
        self.places.get(place).acts & bit(token) == 0
    }

    /// Goes inside the array or object that begins at `start`.
    fn go_inside(&mut self, place: PlaceId, start: usize, token: Token) {
        self.tokens.take_bracket(start, token);
        self.enter(place, token == Token::ArrayStart);
    }

    /// Leaves the array or object whose end was taken.
    fn go_outside(&mut self) -> Result<bool, Fail> {
        self.frames.pop();
        self.out.follow(&self.tokens);
        self.end_item()?;
        Ok(true)
    }

    /// Takes the value of a member about which its place decides alone.
    fn mask(&mut self, known: Known, start: usize) -> Result<bool, Fail> {
        let Some(found) = self.tokens.scalar_at(start) else {
            return Ok(false);
        };
        let window = self.tokens.window();
        let here = self.places.get(known.place);
        if here.acts & bit(found.token) != 0 {
            let rule = match (here.alone, found.token) {
                _ if self.explain.is_some() => return Ok(false),
                (Some(Alone::Zero(rule)), Token::Number) => {
                    self.out.put(window, start..found.end, &["0"])?;
                    rule
                }
                (Some(Alone::Moment(rule)), Token::String) if !found.escaped => {
                    // The quotes stay.
                    let text = start + 1..found.end - 1;
                    let Some(form) = Moment::of_bytes(&window[text.clone()]) else {
                        return Ok(false);
                    };
                    let parts = form.parts(&self.judge.plan.timestamp);
                    self.out.put(window, text, &parts)?;
                    rule
                }
                _ => return Ok(false),
            };
            self.judge.hits[rule] += 1;
            // One rule decides about all of these values, so it is noted once.
            if !known.noted {
                self.note_rule(rule, Part::Value);
                self.places.set_noted(self.tokens.shape());
            }
        }
        self.tokens.take_member(found.end);
        Ok(true)
    }
}

/// The bit of [`acts`] for values that begin with a token.
#[inline(always)]
fn bit(token: Token) -> u8 {
    acts::CHOICE
        | match token {
            Token::String => acts::TEXT,
            Token::Number => acts::NUMBER,
            Token::ObjectStart => acts::OBJECT,
            Token::ArrayStart => acts::ARRAY,
            _ => acts::WORD,
        }
}
