//! The text of a string token and the token of a text; it refuses nothing, for the scanner already did.

use super::scan::{Scan, unit};
use std::borrow::Cow;

/// The text of a string token, quotes included in `token`.
pub fn decode(token: &[u8]) -> Cow<'_, str> {
    let inner = token
        .get(1..token.len().saturating_sub(1))
        .unwrap_or_default();
    if inner.contains(&b'\\') {
        let mut out = Vec::with_capacity(inner.len());
        unescape(inner, &mut out);
        Cow::Owned(String::from_utf8(out).unwrap_or_else(|bad| lossy(bad.as_bytes())))
    } else {
        String::from_utf8_lossy(inner)
    }
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Appends what `inner`, a scanned string without its quotes, stands for.
pub fn unescape(inner: &[u8], out: &mut Vec<u8>) {
    let mut at = 0;
    while let Some(offset) = inner[at..].iter().position(|&byte| byte == b'\\') {
        out.extend_from_slice(&inner[at..at + offset]);
        at += offset;
        let plain = match inner.get(at + 1) {
            Some(b'b') => 0x08,
            Some(b'f') => 0x0C,
            Some(b'n') => b'\n',
            Some(b'r') => b'\r',
            Some(b't') => b'\t',
            Some(b'u') => {
                at = unescape_unit(inner, at, out);
                continue;
            }
            Some(&other) => other,
            None => return,
        };
        out.push(plain);
        at += 2;
    }
    out.extend_from_slice(&inner[at..]);
}

fn unescape_unit(inner: &[u8], at: usize, out: &mut Vec<u8>) -> usize {
    let Scan::Done(next, high) = unit(inner, at) else {
        return inner.len();
    };
    let (code, next) = match unit(inner, next) {
        Scan::Done(end, low) if (0xD800..0xDC00).contains(&high) => {
            (0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00), end)
        }
        _ => (high, next),
    };
    let text = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
    out.extend_from_slice(text.encode_utf8(&mut [0; 4]).as_bytes());
    next
}

/// Appends the token of a text, escaping what JSON requires and nothing else.
pub fn encode(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    let plain = |&byte: &u8| byte >= 0x20 && byte != b'"' && byte != b'\\';
    if text.as_bytes().iter().all(plain) {
        out.extend_from_slice(text.as_bytes());
        out.push(b'"');
        return;
    }
    for &byte in text.as_bytes() {
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0x08 => out.extend_from_slice(b"\\b"),
            0x0C => out.extend_from_slice(b"\\f"),
            0..0x20 => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}

/// Appends a string token with every character beyond ASCII escaped, the others as printed.
pub fn to_ascii(token: &[u8], out: &mut Vec<u8>) {
    for text in String::from_utf8_lossy(token).chars() {
        if text.is_ascii() {
            out.push(text as u8);
        } else {
            for unit in text.encode_utf16(&mut [0; 2]) {
                out.extend_from_slice(format!("\\u{unit:04x}").as_bytes());
            }
        }
    }
}
