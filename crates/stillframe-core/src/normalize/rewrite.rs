//! The rewriter: takes tokens in, asks what becomes of each, and writes the fixture's layout; identities stay holes.

use super::decide::{Decision, Judge};
use super::effect::Effect;
use super::hole;
use super::layout::{Joint, Layout};
use super::output::Output;
use super::places::{FROZEN, PlaceId, Places, acts};
use super::plan::Plan;
use super::scrub::Scrub;
use super::sort::{self, Item};
use super::{Ambiguity, Change};
use crate::json::JsonErrorKind;
use crate::json::text;
use crate::json::tokens::{Fail, Framing, Token, Tokens};
use crate::rule::RuleId;
use crate::rule::predicate::Scalar;
use std::io::{Read, Write};

/// Who wants to know what changes.
pub type Explain<'e> = Option<&'e mut dyn FnMut(Change)>;

/// What a run found out besides the text.
#[derive(Debug, Default)]
pub struct Findings {
    pub hits: Vec<u64>,
    pub ambiguities: Vec<Ambiguity>,
    pub documents: u64,
    /// Whether the text has holes.
    pub holes: bool,
}

/// An open array or object.
#[derive(Debug, Clone, Copy)]
struct Frame {
    place: PlaceId,
    array: bool,
    /// Elements and members met.
    met: u64,
    /// Those that were written.
    kept: u64,
    /// Whether its items are held back.
    held: bool,
}

/// One run over one input.
pub struct Rewriter<'p, 'e, R, W> {
    judge: Judge<'p>,
    tokens: Tokens<R>,
    out: Output<W>,
    places: Places<'p>,
    layout: Layout,
    frames: Vec<Frame>,
    /// Held items of the frames that hold, innermost last.
    held: Vec<Vec<Item>>,
    /// Where the coming value lies.
    place: PlaceId,
    /// The value's name is written already, or waits in `waiting`.
    named: bool,
    /// A name that is written only if its value stays.
    waiting: Option<Vec<u8>>,
    /// The coming value cannot simply follow the input.
    careful: bool,
    root: PlaceId,
    explain: Explain<'e>,
    found: Findings,
    spare: Vec<u8>,
}

impl<'p, 'e, R: Read, W: Write> Rewriter<'p, 'e, R, W> {
    /// Prepares a run.
    pub fn new(
        plan: &'p Plan,
        paths: &'p Scrub,
        tokens: Tokens<R>,
        framing: Framing,
        sink: W,
        explain: Explain<'e>,
    ) -> Self {
        let plan = &*plan.0;
        // Paths are looked for in every string.
        let always = if paths.is_empty() {
            0
        } else {
            acts::TEXT | acts::NAME
        };
        let mut places = Places::new(plan, always);
        let root = places.root();
        Self {
            judge: Judge {
                plan,
                paths,
                hits: vec![0; plan.rules.len()],
                scratch: Vec::new(),
            },
            tokens,
            out: Output::new(sink),
            places,
            layout: Layout::new(&plan.format, framing),
            frames: Vec::with_capacity(crate::json::MAX_DEPTH),
            held: Vec::new(),
            place: root,
            named: false,
            waiting: None,
            careful: false,
            root,
            explain,
            found: Findings::default(),
            spare: Vec::new(),
        }
    }

    /// Runs to the end of the input.
    pub fn run(mut self) -> Result<(W, Findings), Fail> {
        loop {
            match self.tokens.next(&mut self.out)? {
                Token::Name => self.name()?,
                token @ (Token::String | Token::Number | Token::Bool | Token::Null) => {
                    self.scalar(token)?;
                }
                Token::ObjectStart => self.start(Scalar::Object)?,
                Token::ArrayStart => self.start(Scalar::Array)?,
                Token::ObjectEnd | Token::ArrayEnd => self.end()?,
                Token::EndOfDocument => {
                    let end = self.tokens.span().1;
                    self.out.replace(self.tokens.window(), b"\n", end)?;
                    self.place = self.root;
                }
                Token::EndOfInput => {
                    let sink = self.out.finish(self.tokens.window())?;
                    self.found.hits = self.judge.hits;
                    self.found.documents = self.tokens.documents();
                    return Ok((sink, self.found));
                }
            }
        }
    }

    #[inline]
    fn name(&mut self) -> Result<(), Fail> {
        let depth = self.frames.len();
        let Some(frame) = self.frames.last_mut() else {
            return Ok(());
        };
        self.place = self
            .places
            .member(frame.place, self.tokens.name(), self.tokens.name_hash());
        self.named = true;
        let acts = self.places.get(self.place).acts;
        self.careful = frame.held || self.layout.ascii || acts & (acts::NAME | acts::REMOVE) != 0;
        if self.careful {
            return self.careful_name(acts);
        }
        let joint = self.layout.before_item(frame.kept, depth);
        frame.kept += 1;
        self.out.emit(&self.tokens, joint)?;
        Ok(())
    }

    /// A name that may change, disappear or move.
    fn careful_name(&mut self, acts: u8) -> Result<(), Fail> {
        let mut written = Vec::new();
        let decision = if acts & acts::NAME != 0 && self.may_change_text() {
            let name = String::from_utf8_lossy(self.tokens.name()).into_owned();
            self.judge
                .decide(self.places.get(self.place), Scalar::Name(&name))
        } else {
            Decision::Keep
        };
        match decision {
            Decision::Write(rule) => {
                let name = text::decode(&self.judge.scratch).into_owned();
                if !self.tokens.add_name(&name) {
                    return Err(self.tokens.fault(JsonErrorKind::MergedKeys(name)));
                }
                self.layout.token(&self.judge.scratch, &mut written);
                self.report(rule, &written);
            }
            Decision::Number(rule) => self.hole(rule, &mut written),
            _ => self.layout.token(self.tokens.token(), &mut written),
        }
        if acts & acts::REMOVE != 0 {
            self.waiting = Some(written);
            return Ok(());
        }
        self.begin_item()?;
        self.write(&written)
    }

    /// Writes `text` in place of the current token.
    fn write(&mut self, text: &[u8]) -> Result<(), Fail> {
        Ok(self
            .out
            .replace(self.tokens.window(), text, self.tokens.span().1)?)
    }

    /// Writes what separates an item from the one before, and notes its beginning if it is held.
    fn begin_item(&mut self) -> Result<(), Fail> {
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
    fn end_item(&mut self) -> Result<(), Fail> {
        if self.frames.last().is_some_and(|frame| frame.held) {
            self.out.settle(self.tokens.window())?;
            if let Some(item) = self.held.last_mut().and_then(|items| items.last_mut()) {
                item.end = self.out.text.len();
            }
        }
        Ok(())
    }

    /// Finds the place of the value that begins, unless its name told it already.
    #[inline]
    fn locate(&mut self) {
        if self.named {
            return;
        }
        match self.frames.last_mut() {
            Some(frame) => {
                self.place = self.places.element(frame.place, frame.met);
                frame.met += 1;
                self.careful = frame.held || self.layout.ascii;
            }
            None => {
                self.place = self.root;
                self.careful = self.layout.ascii;
            }
        }
    }

    /// Writes the current token as it is, with what stands before it.
    #[inline]
    fn plain(&mut self) -> Result<(), Fail> {
        let depth = self.frames.len();
        let joint = if self.named {
            self.layout.colon()
        } else if let Some(frame) = self.frames.last_mut() {
            frame.kept += 1;
            self.layout.before_item(frame.kept - 1, depth)
        } else {
            Joint::NONE
        };
        self.named = false;
        self.out.emit(&self.tokens, joint)?;
        Ok(())
    }

    /// Writes what stands before a value that does not follow the input.
    fn begin_value(&mut self) -> Result<(), Fail> {
        let waiting = self.waiting.take();
        if waiting.is_some() || !self.named {
            self.begin_item()?;
        }
        if let Some(name) = waiting {
            self.write(&name)?;
        }
        if std::mem::take(&mut self.named) {
            self.out.replace(
                self.tokens.window(),
                self.layout.colon().text,
                self.tokens.span().1,
            )?;
        }
        Ok(())
    }

    #[inline]
    fn scalar(&mut self, token: Token) -> Result<(), Fail> {
        self.locate();
        let bit = match token {
            Token::String => acts::TEXT,
            Token::Number => acts::NUMBER,
            _ => acts::WORD,
        };
        if self.careful || self.places.get(self.place).acts & bit != 0 {
            return self.careful_scalar(token, bit);
        }
        self.plain()
    }

    /// A scalar that may change, disappear or move.
    fn careful_scalar(&mut self, token: Token, bit: u8) -> Result<(), Fail> {
        let acting = self.places.get(self.place).acts & bit != 0;
        let decision = if !acting || bit == acts::TEXT && !self.may_change_text() {
            Decision::Keep
        } else {
            let place = self.places.get(self.place);
            let printed = self.tokens.token();
            match token {
                Token::String => self
                    .judge
                    .decide(place, Scalar::Text(&text::decode(printed))),
                Token::Number => {
                    let float = self.tokens.is_float();
                    let token = std::str::from_utf8(printed).unwrap_or_default();
                    self.judge.decide(place, Scalar::Number { token, float })
                }
                Token::Bool => self.judge.decide(place, Scalar::Bool),
                _ => self.judge.decide(place, Scalar::Null),
            }
        };
        match decision {
            Decision::Keep | Decision::Same(_) if !self.careful => return self.plain(),
            Decision::Remove(rule) if !self.frames.is_empty() => {
                self.report(rule, b"");
                self.leave_out();
                return Ok(());
            }
            _ => {}
        }
        let mut written = std::mem::take(&mut self.spare);
        written.clear();
        match decision {
            Decision::Write(rule) => {
                self.layout.token(&self.judge.scratch, &mut written);
                self.report(rule, &written);
            }
            Decision::Number(rule) => self.hole(rule, &mut written),
            Decision::Constant(rule) => self.constant(rule, &mut written),
            _ => self.layout.token(self.tokens.token(), &mut written),
        }
        self.begin_value()?;
        self.write(&written)?;
        self.spare = written;
        self.end_item()
    }

    fn start(&mut self, kind: Scalar<'static>) -> Result<(), Fail> {
        self.locate();
        let array = kind == Scalar::Array;
        let place = self.places.get(self.place);
        let bit = if array { acts::ARRAY } else { acts::OBJECT };
        if place.acts & bit != 0 {
            match self.judge.decide(place, kind) {
                Decision::Constant(rule) => {
                    let mut written = Vec::new();
                    self.constant(rule, &mut written);
                    self.begin_value()?;
                    self.skip()?;
                    self.write(&written)?;
                    return self.end_item();
                }
                Decision::Remove(rule) if !self.frames.is_empty() => {
                    self.report(rule, b"");
                    self.leave_out();
                    return self.skip();
                }
                _ => {}
            }
        }
        self.open(array)
    }

    /// Writes the opening bracket and goes inside.
    fn open(&mut self, array: bool) -> Result<(), Fail> {
        if self.careful {
            self.begin_value()?;
            let bracket: &[u8] = if array { b"[" } else { b"{" };
            self.write(bracket)?;
        } else {
            self.plain()?;
        }
        let sorted = self.places.get(self.place).sort.is_some();
        let by_name = self.layout.sort_keys && self.place != FROZEN;
        let held = if array { sorted } else { by_name };
        if held {
            self.out.settle(self.tokens.window())?;
            self.out.holds += 1;
            self.held.push(Vec::new());
        }
        self.frames.push(Frame {
            place: self.place,
            array,
            met: 0,
            kept: 0,
            held,
        });
        Ok(())
    }

    fn end(&mut self) -> Result<(), Fail> {
        let Some(frame) = self.frames.pop() else {
            return Ok(());
        };
        if frame.held {
            self.out.settle(self.tokens.window())?;
            self.arrange(&frame);
            self.out.holds -= 1;
        }
        let joint = if frame.kept > 0 {
            self.layout.before_end(self.frames.len())
        } else {
            Joint::NONE
        };
        self.out.emit(&self.tokens, joint)?;
        self.named = false;
        self.end_item()
    }

    /// Puts the held items of a complete array or object into order.
    fn arrange(&mut self, frame: &Frame) {
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
        if order.ties > 0 {
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

    /// Forgets the value that begins, with its name.
    fn leave_out(&mut self) {
        self.waiting = None;
        self.named = false;
    }

    /// Reads to the end of the array or object that has just begun, without writing it.
    fn skip(&mut self) -> Result<(), Fail> {
        let mut depth = 1;
        while depth > 0 {
            match self.tokens.next(&mut self.out)? {
                Token::ObjectStart | Token::ArrayStart => depth += 1,
                Token::ObjectEnd | Token::ArrayEnd => depth -= 1,
                _ => {}
            }
        }
        Ok(())
    }

    /// Whether rules or paths could change the text of the current token.
    fn may_change_text(&self) -> bool {
        let place = self.places.get(self.place);
        !place.whole.is_empty()
            || !place.scrub.is_empty()
            || self.judge.paths.may_match(self.tokens.token())
    }

    fn constant(&mut self, rule: usize, written: &mut Vec<u8>) {
        if let Effect::Constant(value) = &self.judge.plan.rules[rule].effect {
            self.layout.value(value, self.frames.len(), written);
        }
        self.report(rule, written);
    }

    fn hole(&mut self, rule: usize, written: &mut Vec<u8>) {
        self.found.holes = true;
        let mut location = Vec::new();
        if self.explain.is_some() {
            text::encode(&self.tokens.path(), &mut location);
        }
        let place = self
            .explain
            .is_some()
            .then(|| (self.tokens.documents(), &location[..]));
        hole::write(
            rule,
            hole::Mark {
                token: self.tokens.token(),
                place,
            },
            written,
        );
    }

    /// Tells whoever asked what the current token becomes.
    fn report(&mut self, rule: usize, after: &[u8]) {
        let Some(explain) = &mut self.explain else {
            return;
        };
        let after = String::from_utf8_lossy(after);
        let token = self.tokens.token();
        let before = match token {
            b"{" | b"}" => "{…}".into(),
            b"[" | b"]" => "[…]".into(),
            _ => String::from_utf8_lossy(token),
        };
        if before != after || before == "[…]" {
            explain(Change {
                document: self.tokens.documents(),
                location: self.tokens.path(),
                rule: RuleId(rule),
                before: before.into_owned(),
                after: after.into_owned(),
            });
        }
    }
}
