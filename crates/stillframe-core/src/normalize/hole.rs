//! Where an identity will be written: a hole in the text, marked by bytes that no JSON text holds; it gives no numbers.
//!
//! A hole is `0x01`, the rule's index, `0x1F`, the raw token and `0x02`; when changes are
//! explained, the number of the document and its location (as a JSON string) stand before the
//! end, each after `0x1F`. Where the hole is inside a string, `0x1E` follows the index. The layout writer and the scanner let no control character through,
//! so the marks cannot be part of a document, and a piece of text can be moved with its holes.

/// The first byte of a hole.
pub const OPEN: u8 = 0x01;
const FIELD: u8 = 0x1F;
/// The last byte of a hole.
pub const CLOSE: u8 = 0x02;
const INSIDE: u8 = 0x1E;

/// What a hole is filled with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// A whole token.
    Whole,
    /// The inside of a string token.
    Part,
}

/// What a hole holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hole<'t> {
    /// The rule that made it.
    pub rule: usize,
    /// The token as printed; for a part, the token of its text.
    pub token: &'t [u8],
    pub extent: Extent,
    /// The document and the location as a JSON string, when changes are explained.
    pub place: Option<(u64, &'t [u8])>,
}

/// Where and why a hole is made.
#[derive(Debug, Clone, Copy)]
pub struct Mark<'t> {
    /// The token as printed; for a part, the token of its text.
    pub token: &'t [u8],
    pub extent: Extent,
    /// The document and the location as a JSON string.
    pub place: Option<(u64, &'t [u8])>,
}

/// Appends a hole.
pub fn write(rule: usize, mark: Mark<'_>, out: &mut Vec<u8>) {
    out.push(OPEN);
    out.extend_from_slice(rule.to_string().as_bytes());
    if mark.extent == Extent::Part {
        out.push(INSIDE);
    }
    out.push(FIELD);
    out.extend_from_slice(mark.token);
    if let Some((document, location)) = mark.place {
        out.push(FIELD);
        out.extend_from_slice(document.to_string().as_bytes());
        out.push(FIELD);
        out.extend_from_slice(location);
    }
    out.push(CLOSE);
}

/// A piece of a text with holes.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece<'t> {
    /// Text as it will be written.
    Text(&'t [u8]),
    /// A hole.
    Hole(Hole<'t>),
    /// The start of a hole whose end is not in this slice.
    Open(&'t [u8]),
}

/// Cuts a text into its pieces.
pub fn pieces(mut rest: &[u8]) -> impl Iterator<Item = Piece<'_>> {
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let open = rest
            .iter()
            .position(|&byte| byte == OPEN)
            .unwrap_or(rest.len());
        if open > 0 {
            let (text, tail) = rest.split_at(open);
            rest = tail;
            return Some(Piece::Text(text));
        }
        let Some(close) = rest.iter().position(|&byte| byte == CLOSE) else {
            return Some(Piece::Open(std::mem::take(&mut rest)));
        };
        let hole = parse(&rest[1..close]);
        rest = &rest[close + 1..];
        Some(Piece::Hole(hole))
    })
}

fn parse(inner: &[u8]) -> Hole<'_> {
    let mut fields = inner.split(|&byte| byte == FIELD);
    let number = |field: Option<&[u8]>| {
        field.and_then(|digits| std::str::from_utf8(digits).ok()?.parse::<u64>().ok())
    };
    let first = fields.next().unwrap_or_default();
    let (index, extent) = match first.strip_suffix(&[INSIDE]) {
        Some(index) => (index, Extent::Part),
        None => (first, Extent::Whole),
    };
    let rule = number(Some(index)).unwrap_or(0) as usize;
    let token = fields.next().unwrap_or_default();
    let place = number(fields.next()).zip(fields.next());
    Hole {
        rule,
        token,
        extent,
        place,
    }
}

/// The text without its holes, for sorting.
pub fn without_holes(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for piece in pieces(text) {
        if let Piece::Text(text) = piece {
            out.extend_from_slice(text);
        }
    }
    out
}
