//! A walk over what is complete in the window and begins as foreseen; whatever is unusual or wrong is left to the reader, which goes on where the walk ended.

use super::{Expect, Open, Tokens};
use crate::json::names::Names;
use crate::json::scan::{self, Scan};
use crate::json::shapes::{ShapeId, Step};
use crate::json::token::{MAX_DEPTH, MAX_TOKEN, Token};

/// A place in the window inside an object; the reader knows nothing of it until it is told.
#[derive(Debug, Clone, Copy)]
pub struct Walk<'t> {
    window: &'t [u8],
    names: &'t Names,
    /// Where the walk is in the window.
    pub at: usize,
    /// The names of the object so far.
    pub shape: ShapeId,
}

/// A scalar that is complete in the window.
#[derive(Debug, Clone, Copy)]
pub struct Found {
    /// What it is; [`Token::Bool`] stands for `null` as well.
    pub token: Token,
    /// Where it ends.
    pub end: usize,
    /// Whether it is a string with escapes.
    pub escaped: bool,
}

impl<'t> Walk<'t> {
    /// How the next member begins, if that is how it began after the same names before.
    #[inline(always)]
    pub fn usual(&self) -> Option<&'t Step> {
        let usual = self.names.usual_after(self.shape)?;
        let rest = self.window.get(self.at..)?;
        usual.begins(rest).then_some(&usual.step)
    }

    /// Where the scalar ends that begins at `start`, if it is one and has no fault.
    #[inline(always)]
    pub fn scalar_end(&self, start: usize) -> Option<usize> {
        scalar(self.window, start).map(|found| found.end)
    }

    /// Moves over a member that begins so and ends there.
    #[inline(always)]
    pub fn pass(&mut self, usual: &Step, end: usize) {
        self.at = end;
        self.shape = usual.next;
    }
}

#[inline(always)]
fn scalar(window: &[u8], start: usize) -> Option<Found> {
    let (token, end, escaped) = match *window.get(start)? {
        b'"' => match scan::string(window, start + 1) {
            Scan::Done(end, escaped) => (Token::String, end, escaped),
            _ => return None,
        },
        b'-' | b'0'..=b'9' => match scan::number(window, start) {
            Scan::Done(end, _) => (Token::Number, end, false),
            _ => return None,
        },
        _ => (Token::Bool, scan::word(window, start)?, false),
    };
    Some(Found {
        token,
        end,
        escaped,
    })
}

impl Tokens<'_> {
    /// A walk from here on, if this is inside an object, before a member or its end.
    #[inline(always)]
    pub fn walk(&self) -> Option<Walk<'_>> {
        let here = matches!(self.expect, Expect::MoreMembers | Expect::FirstName);
        let window = self.window();
        // The window is larger only where a token may be too large.
        (here && window.len() <= MAX_TOKEN).then(|| Walk {
            window,
            names: &self.names,
            at: self.at,
            shape: self.names.shape(),
        })
    }

    /// Goes on where a walk is, after the name that the shape ends with.
    #[inline(always)]
    pub fn resume_after_name(&mut self, at: usize, shape: ShapeId) {
        self.at = at;
        self.names.add_usual(shape);
        self.expect = Expect::Colon;
    }

    /// Goes on where a walk is, after the value of the name that the shape ends with, or where it began.
    #[inline(always)]
    pub fn resume_after_value(&mut self, at: usize, shape: ShapeId) {
        if at != self.at {
            self.names.add_usual(shape);
            self.take_member(at);
        }
    }

    /// Takes the value of the current member, up to its end.
    #[inline(always)]
    pub fn take_member(&mut self, end: usize) {
        self.at = end;
        self.expect = Expect::MoreMembers;
    }

    /// Takes the end of the object that a walk came to.
    #[inline(always)]
    pub fn take_usual_end(&mut self, usual: Step) {
        self.at += usual.length;
        self.names.close();
        self.ascend(Token::ObjectEnd);
    }

    /// Where the input goes on after this text, if that is what follows.
    #[inline(always)]
    pub fn after(&self, text: &[u8]) -> Option<usize> {
        let rest = self.window().get(self.at..)?;
        rest.starts_with(text).then_some(self.at + text.len())
    }

    /// The scalar that begins at `start`, if it is one and has no fault.
    #[inline(always)]
    pub fn scalar_at(&self, start: usize) -> Option<Found> {
        scalar(self.window(), start).filter(|found| found.end - start <= MAX_TOKEN)
    }

    /// Whether an array or object begins at `start` that may be gone into.
    #[inline(always)]
    pub fn bracket_at(&self, start: usize) -> Option<Token> {
        let token = match self.window().get(start)? {
            b'{' => Token::ObjectStart,
            b'[' => Token::ArrayStart,
            _ => return None,
        };
        (self.open.len() < MAX_DEPTH).then_some(token)
    }

    /// Takes the bracket at `start`, with what stands before it.
    #[inline(always)]
    pub fn take_bracket(&mut self, start: usize, token: Token) {
        self.next_element();
        self.at = start + 1;
        self.go_inside(token);
    }

    /// Takes a scalar that is an element, up to its end, with what stands before it.
    #[inline(always)]
    pub fn take_element(&mut self, end: usize) {
        self.next_element();
        self.at = end;
        self.expect = Expect::MoreElements;
    }

    /// Takes a bracket that ends an array, which is the last byte before `end`.
    #[inline(always)]
    pub fn take_array_end(&mut self, end: usize) {
        self.at = end;
        self.ascend(Token::ArrayEnd);
    }

    #[inline(always)]
    fn next_element(&mut self) {
        if self.expect == Expect::MoreElements
            && let Some(Open::Array(index)) = self.open.last_mut()
        {
            *index += 1;
        }
    }
}
