//! The rewriter: takes tokens in, asks what becomes of each, and writes the fixture's layout; identities stay holes.

mod careful;
mod choose;
mod follow;
mod held;

use held::Kind;

use super::decide::{Decision, Judge};
use super::found::{Ambiguity, Change};
use super::layout::{Joint, Layout};
use super::masks::Masks;
use super::output::Output;
use super::places::{PlaceId, Places, acts};
use super::plan::{Plan, Schemas};
use super::scrub::Scrub;
use super::sort::Item;
use crate::json::tokens::{Fail, Framing, Token, Tokens};
use crate::rule::predicate::Scalar;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

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
    /// The places where each rule applied.
    pub masked: BTreeMap<usize, Vec<String>>,
    /// Rules that hold at some place, and the guard that kept them away from it.
    pub kept_away: BTreeSet<(usize, usize)>,
    /// Values that rules sort by, and whether an element had them.
    pub keys: BTreeMap<(usize, usize), bool>,
    /// The lines of NDJSON in their new order, by their index in the input; empty where that is the order of the input.
    pub lines: Vec<usize>,
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
    /// Whether the name of its current member is written as something else.
    renamed: bool,
}

/// What of a member a rule applied to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Value,
    Name,
}

/// One run over one input.
pub struct Rewriter<'p, 'e> {
    judge: Judge<'p>,
    tokens: Tokens<'p>,
    out: Output<'p>,
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
    /// The place of the whole input; the documents of NDJSON are its elements.
    root: PlaceId,
    lines: bool,
    schemas: &'p Schemas,
    explain: Explain<'e>,
    found: Findings,
    masks: Masks,
    spare: Vec<u8>,
}

impl<'p, 'e> Rewriter<'p, 'e> {
    /// Prepares a run, which notes in `masks` where rules apply.
    pub fn new(
        plan: &'p Plan,
        paths: &'p Scrub,
        tokens: Tokens<'p>,
        framing: Framing,
        sink: &'p mut dyn Write,
        masks: Masks,
        explain: Explain<'e>,
    ) -> Self {
        let (compiled, schemas) = (&*plan.compiled, &plan.schemas);
        // Paths are looked for in every string.
        let always = if paths.is_empty() {
            0
        } else {
            acts::TEXT | acts::NAME
        };
        let mut places = Places::new(plan, always);
        let root = places.root();
        let mut this = Self {
            judge: Judge::new(compiled, paths),
            tokens,
            out: Output::new(sink),
            places,
            layout: Layout::new(&compiled.format, framing),
            frames: Vec::with_capacity(crate::json::MAX_DEPTH),
            held: Vec::new(),
            place: root,
            named: false,
            waiting: None,
            careful: false,
            root,
            lines: framing == Framing::Ndjson,
            schemas,
            explain,
            found: Findings::default(),
            masks,
            spare: Vec::new(),
        };
        if this.lines && !this.places.get(root).sort.is_empty() {
            this.hold();
        }
        this
    }

    /// Runs to the end of the input.
    pub fn run(mut self) -> Result<Findings, Fail> {
        loop {
            self.follow()?;
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
                    self.end_line()?;
                    self.out.replace(self.tokens.window(), b"\n", end)?;
                }
                Token::EndOfInput => {
                    self.arrange_lines()?;
                    self.found.masked = self.masks.finish();
                    self.found.kept_away = self.places.kept_away;
                    self.out.finish(self.tokens.window())?;
                    self.found.hits = self.judge.hits;
                    self.found.documents = self.tokens.documents();
                    return Ok(self.found);
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
        let shape = self.tokens.shape();
        self.place = match self.places.of_shape(shape) {
            Some(known) => known.place,
            None => self.places.member(frame.place, self.tokens.name(), shape),
        };
        self.named = true;
        frame.renamed = false;
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

    /// Finds the place of the value that begins, unless its name told it already.
    #[inline]
    fn locate(&mut self) -> Result<(), Fail> {
        if self.named {
            return Ok(());
        }
        match self.frames.last_mut() {
            Some(frame) => {
                self.place = self.places.element(frame.place, frame.met);
                frame.met += 1;
                self.careful = frame.held || self.layout.ascii;
            }
            None => self.begin_document()?,
        }
        Ok(())
    }

    /// A document begins: the whole input, or a line of it.
    fn begin_document(&mut self) -> Result<(), Fail> {
        let document = self.tokens.documents();
        let place = if self.lines {
            self.places.element(self.root, document)
        } else {
            self.root
        };
        self.place = self.places.described(place, self.schemas.of(document));
        self.careful = self.layout.ascii;
        self.begin_line()
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

    #[inline]
    fn scalar(&mut self, token: Token) -> Result<(), Fail> {
        self.locate()?;
        self.choose()?;
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

    fn start(&mut self, kind: Scalar<'static>) -> Result<(), Fail> {
        self.locate()?;
        self.choose()?;
        let array = kind == Scalar::Array;
        let place = self.places.get(self.place);
        let bit = if array { acts::ARRAY } else { acts::OBJECT };
        if place.acts & bit != 0 {
            let decision = self.judge.decide(place, kind);
            self.note(Part::Value);
            match decision {
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
        self.enter(self.place, array);
        if self.frames.last().is_some_and(|frame| frame.held) {
            self.out.settle(self.tokens.window())?;
            self.hold();
        }
        Ok(())
    }

    /// Goes inside an array or object whose bracket was read.
    fn enter(&mut self, place: PlaceId, array: bool) {
        let here = self.places.get(place);
        let held = if array {
            !here.sort.is_empty()
        } else {
            self.layout.sort_keys && !here.guarded
        };
        if !array {
            // With the depth, a shape tells the arrays around it too.
            let kinds = crate::json::MAX_DEPTH as u32 + 1;
            self.tokens.enter(place * kinds + self.frames.len() as u32);
        }
        self.frames.push(Frame {
            place,
            array,
            met: 0,
            kept: 0,
            held,
            renamed: false,
        });
    }

    fn end(&mut self) -> Result<(), Fail> {
        let Some(frame) = self.frames.pop() else {
            return Ok(());
        };
        if frame.held {
            self.out.settle(self.tokens.window())?;
            let kind = if frame.array {
                Kind::Elements
            } else {
                Kind::Members
            };
            self.arrange(frame.place, kind);
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
}
