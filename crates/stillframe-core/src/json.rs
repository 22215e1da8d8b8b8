//! Lossless JSON: a streaming reader that keeps every token as printed; it refuses what two parsers could read differently, and it never builds a tree.
//!
//! The reader works on a window of its input: a chunk is read, tokens are found in it, and when
//! the window ends inside a token, the rest is read behind the token's start. So memory follows
//! the longest token and not the document. It is stricter than RFC 8259 where a fixture has to
//! mean one thing to everybody: two equal names in one object, a lone surrogate, a byte-order
//! mark and more than [`MAX_DEPTH`] levels are errors.

mod decimal;
mod document;
mod error;
mod lines;
pub(crate) mod names;
pub(crate) mod scan;
pub(crate) mod shapes;
pub(crate) mod text;
pub(crate) mod token;
pub(crate) mod tokens;
mod value;
mod window;

pub use decimal::Decimal;
pub(crate) use decimal::is_beyond_double;
pub use document::{Document, Node, Printed, Sameness};
pub use error::{JsonError, JsonErrorKind};
pub use token::{Framing, MAX_DEPTH, MAX_TOKEN};
pub use value::parse;

use tokens::{Fail, Token, Tokens};

/// Reads the whole input as one document and says what is wrong with it first.
///
/// # Errors
/// The first place where the input is not the JSON this crate accepts.
pub fn check(input: &[u8]) -> Result<(), JsonError> {
    check_all(Framing::Json, input).map(|_| ())
}

/// What is known of the numbers of a text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Numbers {
    /// A double stands for each of them and for no other.
    Doubles,
    /// A double may stand for another number than one of them.
    Beyond,
}

fn check_all(framing: Framing, input: &[u8]) -> Result<Numbers, JsonError> {
    let mut numbers = Numbers::Doubles;
    let mut tokens = Tokens::of_text(input, framing);
    loop {
        match tokens.next(&mut ()) {
            Ok(Token::EndOfInput) => return Ok(numbers),
            Ok(Token::ObjectStart) => tokens.enter(0),
            Ok(Token::Number) => {
                let token = std::str::from_utf8(tokens.token()).unwrap_or_default();
                if decimal::is_beyond_double(token) {
                    numbers = Numbers::Beyond;
                }
            }
            Ok(_) => {}
            Err(Fail::Json(error)) => return Err(*error),
            Err(Fail::Io(_)) => unreachable!("reading from memory does not fail"),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
