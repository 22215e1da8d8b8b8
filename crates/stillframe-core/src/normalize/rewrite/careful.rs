//! Names and values that do not simply follow the input: judged, written again, left out, explained.

use super::{Frame, Part, Rewriter};
use crate::json::JsonErrorKind;
use crate::json::text;
use crate::json::tokens::{Fail, Token, Tokens};
use crate::normalize::Change;
use crate::normalize::Step;
use crate::normalize::decide::Decision;
use crate::normalize::effect::{Effect, Stage};
use crate::normalize::hole::{self, Extent};
use crate::normalize::inside::{self, Refusal, Text};
use crate::normalize::places::acts;
use crate::rule::RuleId;
use crate::rule::predicate::Scalar;

/// The steps to the current value from the beginning of its document.
pub(super) fn steps<'t>(tokens: &'t Tokens<'_>, frames: &[Frame]) -> Vec<Step<'t>> {
    tokens.pattern(|depth| frames.get(depth).is_some_and(|frame| frame.renamed))
}

impl Rewriter<'_, '_> {
    /// A name that may change, disappear or move.
    pub(super) fn careful_name(&mut self, acts: u8) -> Result<(), Fail> {
        let mut written = Vec::new();
        let decision = if acts & acts::NAME != 0 && self.may_change_text() {
            let name = String::from_utf8_lossy(self.tokens.name()).into_owned();
            let decision = self
                .judge
                .decide(self.places.get(self.place), Scalar::Name(&name));
            let renames = matches!(
                decision,
                Decision::Write(_) | Decision::Number(_) | Decision::Parts(_)
            );
            if let Some(frame) = self.frames.last_mut() {
                frame.renamed = renames;
            }
            self.note(Part::Name);
            decision
        } else {
            Decision::Keep
        };
        match decision {
            Decision::Write(rule) => {
                let name = text::decode(&self.judge.scratch).into_owned();
                self.add_name(name)?;
                self.layout.token(&self.judge.scratch, &mut written);
                self.report(rule, &written);
            }
            Decision::Number(rule) => self.hole(rule, &mut written),
            Decision::Parts(_) => {
                let name = self.judge.text.unnumbered();
                if name.as_bytes() != self.tokens.name() {
                    self.add_name(name)?;
                }
                self.parts(&mut written);
            }
            Decision::Refused(refusal) => return Err(self.refused(refusal)),
            _ => self.layout.token(self.tokens.token(), &mut written),
        }
        if acts & acts::REMOVE != 0 {
            self.waiting = Some(written);
            return Ok(());
        }
        self.begin_item()?;
        self.write(&written)
    }

    /// A scalar that may change, disappear or move.
    pub(super) fn careful_scalar(&mut self, token: Token, bit: u8) -> Result<(), Fail> {
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
        if decision != Decision::Keep {
            self.note(Part::Value);
        }
        match decision {
            Decision::Keep | Decision::Same(_) if !self.careful => return self.plain(),
            Decision::Remove(rule) if !self.frames.is_empty() => {
                self.report(rule, b"");
                self.leave_out();
                return Ok(());
            }
            Decision::Refused(refusal) => return Err(self.refused(refusal)),
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
            Decision::Parts(_) => self.parts(&mut written),
            Decision::Constant(rule) => self.constant(rule, &mut written),
            _ => self.layout.token(self.tokens.token(), &mut written),
        }
        self.begin_value()?;
        self.write(&written)?;
        self.spare = written;
        self.end_item()
    }

    /// Takes note of what the current name becomes.
    fn add_name(&mut self, name: String) -> Result<(), Fail> {
        if self.tokens.add_name(&name) {
            return Ok(());
        }
        Err(self.tokens.fault(JsonErrorKind::MergedKeys(name)))
    }

    fn refused(&self, refusal: Refusal) -> Fail {
        let name = |rule: usize| self.judge.plan.infos[rule].name.clone();
        self.tokens.fault(match refusal {
            Refusal::TooLong(rule) => JsonErrorKind::SlowPattern {
                rule: name(rule),
                length: self.tokens.token().len(),
            },
            Refusal::Unsettled(rule) => JsonErrorKind::UnsettledRule(name(rule)),
        })
    }

    /// Writes `text` in place of the current token.
    pub(super) fn write(&mut self, text: &[u8]) -> Result<(), Fail> {
        Ok(self
            .out
            .replace(self.tokens.window(), text, self.tokens.span().1)?)
    }

    /// Writes what stands before a value that does not follow the input.
    pub(super) fn begin_value(&mut self) -> Result<(), Fail> {
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

    /// Whether rules or paths could change the text of the current token.
    pub(super) fn may_change_text(&self) -> bool {
        let place = self.places.get(self.place);
        !place.whole.is_empty()
            || !place.inside.is_empty()
            || self.judge.inside.paths.may_match(self.tokens.token())
    }

    pub(super) fn constant(&mut self, rule: usize, written: &mut Vec<u8>) {
        if let Effect::Constant(value) = &self.judge.plan.rules[rule].effect {
            self.layout.value(value, self.frames.len(), written);
        }
        self.report(rule, written);
    }

    /// Writes a hole in place of the current token.
    pub(super) fn hole(&mut self, rule: usize, written: &mut Vec<u8>) {
        let token = self.tokens.token().to_vec();
        self.open_hole(rule, &token, Extent::Whole, written);
    }

    fn open_hole(&mut self, rule: usize, token: &[u8], extent: Extent, written: &mut Vec<u8>) {
        self.found.holes = true;
        let mut location = Vec::new();
        if self.explain.is_some() {
            text::encode(&self.location(), &mut location);
        }
        let explained = self.explain.is_some();
        let place = explained.then(|| (self.tokens.documents(), &location[..]));
        let mark = hole::Mark {
            token,
            extent,
            place,
        };
        hole::write(rule, mark, written);
    }

    /// Writes the rewritten text with a hole for each identity in it.
    fn parts(&mut self, written: &mut Vec<u8>) {
        let rewritten = std::mem::replace(&mut self.judge.text, Text::new(""));
        let mut token = Vec::new();
        written.push(b'"');
        for part in rewritten.parts() {
            token.clear();
            match part {
                inside::Part::Text(text) => {
                    text::encode(text, &mut token);
                    self.layout.token(&token[1..token.len() - 1], written);
                }
                inside::Part::Identity(rule, raw) => {
                    text::encode(raw, &mut token);
                    self.open_hole(rule, &token, Extent::Part, written);
                }
            }
        }
        written.push(b'"');
        self.report_text(&rewritten);
    }

    /// Tells what other rules changed in a text with identities, which tell of themselves.
    fn report_text(&mut self, rewritten: &Text) {
        let rules = &self.judge.plan.rules;
        let scrubs = |rule: &&usize| rules[**rule].is(Stage::Scrub);
        let Some(&rule) = self.judge.matched.iter().find(scrubs) else {
            return;
        };
        let mut token = Vec::new();
        self.layout.text(&rewritten.unnumbered(), &mut token);
        self.report(rule, &token);
    }

    /// Notes where the rules applied that matched the current value.
    pub(super) fn note(&mut self, part: Part) {
        for at in 0..self.judge.matched.len() {
            self.note_rule(self.judge.matched[at], part);
        }
    }

    /// Notes that a rule applied to the current value.
    #[inline]
    pub(super) fn note_rule(&mut self, rule: usize, part: Part) {
        if self
            .masks
            .is_new(rule, self.tokens.spot(part == Part::Name))
        {
            self.note_place(rule, part);
        }
    }

    #[cold]
    fn note_place(&mut self, rule: usize, part: Part) {
        let mut steps = steps(&self.tokens, &self.frames);
        if part == Part::Name {
            steps.pop();
            steps.extend([Step::Member, Step::Name]);
        }
        self.masks.add(rule, self.line().into_iter().chain(steps));
    }

    /// The step to a line of NDJSON, which is an element.
    pub(super) fn line(&self) -> Option<Step<'static>> {
        self.lines.then_some(Step::Element)
    }

    /// Where the current value lies; a line of NDJSON is an element.
    pub(super) fn location(&self) -> String {
        let path = self.tokens.path();
        if self.lines {
            let document = self.tokens.documents();
            format!("$[{document}]{}", &path[1..])
        } else {
            path
        }
    }

    /// Tells whoever asked what the current token becomes.
    pub(super) fn report(&mut self, rule: usize, after: &[u8]) {
        if self.explain.is_none() {
            return;
        }
        let location = self.location();
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
        if before != after {
            explain(Change {
                document: self.tokens.documents(),
                location,
                rule: RuleId(rule),
                before: before.into_owned(),
                after: after.into_owned(),
            });
        }
    }
}
