//! Members that need no decision, copied as they are while the input is laid out as wanted; whatever is unusual is left to the others.

use super::Rewriter;
use crate::json::tokens::Gap;
use crate::normalize::places::acts;
use std::io::{Read, Write};

impl<R: Read, W: Write> Rewriter<'_, '_, R, W> {
    /// Takes as many members of the innermost object as follow one another so.
    ///
    /// It may stop after a name, whose value is then the next token.
    #[inline]
    pub(super) fn follow(&mut self) {
        let depth = self.frames.len();
        let Some(frame) = self.frames.last_mut() else {
            return;
        };
        if frame.held || self.layout.ascii || self.named || !self.out.follows(&self.tokens) {
            return;
        }
        while let Some(usual) = self.tokens.usual_member() {
            let Some(place) = self.places.of_shape(usual.next) else {
                return;
            };
            let joint = self.layout.before_item(frame.kept, depth);
            let laid_out = usual.gap == joint.gap && usual.name == joint.text.len();
            let acts = self.places.get(place).acts;
            if !laid_out || acts & (acts::NAME | acts::REMOVE) != 0 {
                return;
            }
            self.tokens.take_usual_name(usual);
            self.out.follow(&self.tokens);
            frame.kept += 1;
            frame.renamed = false;
            if acts != 0 || self.layout.colon().gap != Gap::SPACE || !self.tokens.take_scalar() {
                self.place = place;
                self.named = true;
                self.careful = false;
                return;
            }
            self.out.follow(&self.tokens);
        }
    }
}
