//! Names and values that do not simply follow the input: judged, written anew, left out, explained.

use super::{Part, Rewriter};
use crate::json::JsonErrorKind;
use crate::json::text;
use crate::json::tokens::{Fail, Token};
use crate::normalize::Change;
use crate::normalize::Step;
use crate::normalize::decide::Decision;
use crate::normalize::effect::Effect;
use crate::normalize::hole;
use crate::normalize::places::acts;
use crate::rule::RuleId;
use crate::rule::predicate::Scalar;
use std::io::{Read, Write};

impl<R: Read, W: Write> Rewriter<'_, '_, R, W> {
    /// A name that may change, disappear or move.
    pub(super) fn careful_name(&mut self, acts: u8) -> Result<(), Fail> {
        let mut written = Vec::new();
        let decision = if acts & acts::NAME != 0 && self.may_change_text() {
            let name = String::from_utf8_lossy(self.tokens.name()).into_owned();
            let decision = self
                .judge
                .decide(self.places.get(self.place), Scalar::Name(&name));
            let renames = matches!(decision, Decision::Write(_) | Decision::Number(_));
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
                if !self.tokens.add_name(&name) {
                    return Err(self.tokens.fault(JsonErrorKind::MergedKeys(name)));
                }
                self.layout.token(&self.judge.scratch, &mut written);
                self.report(rule, &written);
            }
            Decision::Number(rule) => self.hole(rule, &mut written),
            Decision::TooLong(rule) => return Err(self.too_long(rule)),
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
            Decision::TooLong(rule) => return Err(self.too_long(rule)),
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

    fn too_long(&self, rule: usize) -> Fail {
        let rule = self.judge.plan.infos[rule].name.clone();
        let length = self.tokens.token().len();
        self.tokens
            .fault(JsonErrorKind::SlowPattern { rule, length })
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
            || !place.scrub.is_empty()
            || self.judge.paths.may_match(self.tokens.token())
    }

    pub(super) fn constant(&mut self, rule: usize, written: &mut Vec<u8>) {
        if let Effect::Constant(value) = &self.judge.plan.rules[rule].effect {
            self.layout.value(value, self.frames.len(), written);
        }
        self.report(rule, written);
    }

    pub(super) fn hole(&mut self, rule: usize, written: &mut Vec<u8>) {
        self.found.holes = true;
        let mut location = Vec::new();
        if self.explain.is_some() {
            text::encode(&self.location(), &mut location);
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

    /// Notes where the rules applied that matched the current value.
    pub(super) fn note(&mut self, part: Part) {
        let spot = self.tokens.spot(part == Part::Name);
        for &rule in &self.judge.matched {
            self.masks.note(rule, spot, || {
                let mut steps = self
                    .tokens
                    .pattern(|depth| self.frames.get(depth).is_some_and(|frame| frame.renamed));
                if part == Part::Name {
                    steps.pop();
                    steps.extend([Step::Member, Step::Name]);
                }
                if self.lines {
                    steps.insert(0, Step::Element);
                }
                steps
            });
        }
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
        if before != after || before == "[…]" {
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
