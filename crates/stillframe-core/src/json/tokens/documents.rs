//! Where documents begin and end: text before the first, between two, and after the last is refused here.

use super::{BeforeMove, Expect, Fail, Token, Tokens};
use crate::json::error::JsonErrorKind;

impl Tokens<'_> {
    #[cold]
    pub(super) fn between_documents(
        &mut self,
        holder: &mut impl BeforeMove,
    ) -> Result<Token, Fail> {
        if self.expect == Expect::EndOfDocument {
            self.documents += 1;
            self.start = self.at;
            self.expect = Expect::NextDocument;
            return Ok(Token::EndOfDocument);
        }
        let first = self.documents == 0;
        match self.skip_gap(holder)? {
            None if first => Err(self.fault(JsonErrorKind::Empty)),
            None => {
                self.start = self.at;
                Ok(Token::EndOfInput)
            }
            Some(_) if !first && !self.broken => {
                self.look_ahead(holder)?;
                Err(self.trailing())
            }
            Some(byte) => self.first_token(byte, holder),
        }
    }

    fn first_token(&mut self, byte: u8, holder: &mut impl BeforeMove) -> Result<Token, Fail> {
        if !matches!(byte, b'{' | b'[' | b'"' | b'-' | b'0'..=b'9') {
            self.leading(holder)?;
        }
        self.value(holder)
    }
}
