//! One folder, found in every spelling of its path: plain, in a URL, percent-encoded, with the escapes of JSON or of a shell; it decides nothing about overlaps.

use std::ops::Range;

/// A folder and what is written instead of its path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needle {
    /// With forward slashes, without the prefix of a verbatim path.
    path: String,
    /// A drive or a network share: either separator, and the rest of the path gets forward slashes.
    windows: bool,
    /// The longest part that all spellings have as it is. It is looked for first.
    anchor: Range<usize>,
    placeholder: String,
    stands: Stands,
}

/// Where in a text a folder's name counts as the folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stands {
    /// Where a path can begin, up to the end of a component.
    Component,
    /// Everywhere: nothing else has this name.
    Anywhere,
}

/// A place where the folder stands.
#[derive(Debug, PartialEq, Eq)]
pub struct Found {
    pub range: Range<usize>,
    /// The placeholder, with separators as they are spelled there.
    pub written: String,
}

impl Needle {
    /// The folder at an absolute path.
    pub fn new(path: &str, placeholder: &str, stands: Stands) -> Self {
        let bare = path.strip_prefix(r"\\?\").unwrap_or(path);
        let windows = bare.as_bytes().get(1) == Some(&b':') || bare.starts_with(r"\\");
        let path = if windows {
            bare.replace('\\', "/").replace("//", "/")
        } else {
            bare.to_owned()
        };
        Self {
            windows,
            anchor: longest_plain(&path),
            placeholder: placeholder.to_owned(),
            stands,
            path,
        }
    }

    /// The path that is looked for.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The part of the path that a text with the folder in it holds as it is.
    pub fn anchor(&self) -> &str {
        &self.path[self.anchor.clone()]
    }

    /// How many folders lead there, itself included.
    pub fn components(&self) -> usize {
        let names = self.path.split('/').filter(|name| !name.is_empty());
        names.filter(|name| !name.ends_with(':')).count()
    }

    /// All places where the folder stands. Who asks has looked for the anchor.
    pub fn find<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Found> + 'a {
        let mut from = 0;
        std::iter::from_fn(move || {
            loop {
                let start = from + text[from..].find(|c| self.may_begin(c))?;
                if let Some(found) = self.at(text, start) {
                    from = found.range.end;
                    return Some(found);
                }
                from = start + 1;
            }
        })
    }

    fn may_begin(&self, letter: char) -> bool {
        match self.path.chars().next() {
            Some('/') => matches!(letter, '/' | '\\' | '%'),
            first => first.is_some_and(|first| letter.eq_ignore_ascii_case(&first)),
        }
    }

    fn at(&self, text: &str, start: usize) -> Option<Found> {
        let bytes = text.as_bytes();
        let mut end = start;
        let mut separator = None;
        for (index, letter) in self.path.char_indices() {
            let next = if letter == '/' && self.windows {
                windows_separator(bytes, end)?
            } else if index == 0 && bytes[start].eq_ignore_ascii_case(&self.path.as_bytes()[0]) {
                // The letter of a drive comes in either case.
                start + 1
            } else {
                spelled(bytes, end, letter)?
            };
            if letter == '/' && separator.is_none() {
                separator = Some(&text[end..next]);
            }
            end = next;
        }
        let encoded = separator.is_some_and(|separator| separator.starts_with('%'));
        let start = if self.windows {
            windows_start(text, start)
        } else {
            start
        };
        let stands = self.stands == Stands::Anywhere
            || can_begin_after(&text[..start]) && ends_before(&text[end..], encoded);
        stands.then(|| self.found(text, start..end, separator.unwrap_or("/")))
    }

    fn found(&self, text: &str, range: Range<usize>, separator: &str) -> Found {
        if !self.windows {
            let written = self.placeholder.replace('/', separator);
            return Found { range, written };
        }
        let slash = if separator.starts_with('%') {
            "%2F"
        } else {
            "/"
        };
        let mut written = self.placeholder.replace('/', slash);
        let mut end = range.end;
        if separator != "/" {
            let tail = windows_tail(&text[end..]);
            end += tail.len();
            written.push_str(&forward(tail));
        }
        Found {
            range: range.start..end,
            written,
        }
    }
}

/// The longest run of letters that no encoding changes.
fn longest_plain(path: &str) -> Range<usize> {
    let changes = |c: char| !(c.is_ascii_alphanumeric() || "-._".contains(c));
    let mut longest = 0..0;
    let mut start = 0;
    for (end, letter) in path.char_indices().chain([(path.len(), '/')]) {
        if changes(letter) {
            if end - start > longest.len() {
                longest = start..end;
            }
            start = end + letter.len_utf8();
        }
    }
    longest
}

/// The end of a letter that begins here, in any of its spellings.
fn spelled(text: &[u8], at: usize, letter: char) -> Option<usize> {
    let mut buffer = [0; 4];
    let plain = letter.encode_utf8(&mut buffer).as_bytes();
    let rest = text.get(at..)?;
    match *rest.first()? {
        b'\\' => escaped(rest, letter).map(|length| at + length),
        _ if rest.starts_with(plain) => Some(at + plain.len()),
        b'%' => plain
            .iter()
            .try_fold(at, |at, &byte| percent(text, at, byte)),
        _ => None,
    }
}

/// The length of an escape that stands for a letter: `\/`, `\\\/`, `\ `, `\u00e9`.
fn escaped(rest: &[u8], letter: char) -> Option<usize> {
    let run = rest.iter().take_while(|&&byte| byte == b'\\').count();
    if letter == '\\' {
        return Some(run);
    }
    if letter.is_ascii()
        && !letter.is_ascii_alphanumeric()
        && rest.get(run) == Some(&(letter as u8))
    {
        return Some(run + 1);
    }
    let mut units = [0; 2];
    let mut end = 0;
    for &mut unit in letter.encode_utf16(&mut units) {
        let backslashes = rest[end..]
            .iter()
            .take_while(|&&byte| byte == b'\\')
            .count();
        end += backslashes;
        let digits = rest.get(end + 1..end + 5)?;
        let is_escape = backslashes > 0 && rest[end] == b'u' && hex(digits) == Some(unit.into());
        end = is_escape.then_some(end + 5)?;
    }
    Some(end)
}

/// The end of a percent-encoded byte, also of one that was encoded several times (`%252F`).
fn percent(text: &[u8], at: usize, byte: u8) -> Option<usize> {
    let mut at = (text.get(at) == Some(&b'%')).then_some(at + 1)?;
    loop {
        let digits = text.get(at..at + 2)?;
        if hex(digits) == Some(byte.into()) {
            return Some(at + 2);
        }
        at = (digits == b"25").then_some(at + 2)?;
    }
}

fn hex(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |sum, &digit| {
        Some(sum * 16 + char::from(digit).to_digit(16)?)
    })
}

/// The end of any number of separators, of either kind.
fn windows_separator(text: &[u8], at: usize) -> Option<usize> {
    let one = |at: usize| match text.get(at) {
        Some(b'\\' | b'/') => Some(at + 1),
        _ => percent(text, at, b'\\').or_else(|| percent(text, at, b'/')),
    };
    let mut end = one(at)?;
    while let Some(next) = one(end) {
        end = next;
    }
    Some(end)
}

/// Where a path with this drive begins: before the prefix of a verbatim path, and with the slash that a URL puts before it.
fn windows_start(text: &str, start: usize) -> usize {
    let before = &text[..start];
    if before.ends_with(":///") {
        return start - 1;
    }
    let separators = ['\\', '/'];
    let inner = before.trim_end_matches(separators);
    let outer = inner.strip_suffix('?').filter(|_| inner.len() < start);
    match outer.map(|outer| (outer, outer.trim_end_matches(separators))) {
        Some((outer, head)) if head.len() < outer.len() => head.len(),
        _ => start,
    }
}

/// What follows a Windows folder up to the end of the path, without escapes of what ends it.
fn windows_tail(after: &str) -> &str {
    let ends = |c: char| c.is_whitespace() || "\"'<>|:*?;,()[]".contains(c);
    let end = after.find(ends).unwrap_or(after.len());
    let mut tail = &after[..end];
    if after[end..].starts_with(['"', '\'']) {
        tail = tail.trim_end_matches('\\');
    }
    if tail.starts_with(['\\', '/', '%']) {
        tail
    } else {
        ""
    }
}

/// A path with forward slashes instead of any number of backslashes.
fn forward(tail: &str) -> String {
    let mut out = String::with_capacity(tail.len());
    for letter in tail.replace("%5C", "%2F").replace("%5c", "%2F").chars() {
        match letter {
            '\\' if out.ends_with('/') => {}
            '\\' => out.push('/'),
            letter => out.push(letter),
        }
    }
    out
}

/// Whether a path can begin after this text.
fn can_begin_after(before: &str) -> bool {
    let joins = |c: char| in_name(c) || "./\\".contains(c);
    !last_letter(before).is_some_and(joins) || follows_scheme(before) || follows_flag(before)
}

/// Whether the text ends with the beginning of a URL: `file://`, `sqlite:///`, `vscode://file`.
fn follows_scheme(before: &str) -> bool {
    let host = ["localhost", "file"].into_iter().find(|host| {
        let start = before.len().checked_sub(host.len());
        let end = start.and_then(|start| before.get(start..));
        end.is_some_and(|end| end.eq_ignore_ascii_case(host))
    });
    let before = &before[..before.len() - host.map_or(0, str::len)];
    let Some(rest) = without(before, '/').and_then(|rest| without(rest, '/')) else {
        return false;
    };
    let rest = without(rest, '/').unwrap_or(rest);
    let Some(scheme) = without(rest, ':') else {
        return false;
    };
    let is_file = || scheme.to_ascii_lowercase().ends_with("file");
    scheme.ends_with(|c: char| c.is_ascii_alphanumeric())
        && (host != Some("localhost") || is_file())
}

/// Whether the text ends with an option of one letter, as in `-I/usr/include`, or an `@`, as in `@/tmp/arguments`.
fn follows_flag(before: &str) -> bool {
    let mut letters = before.chars().rev();
    let flag = match letters.next() {
        Some('@') => true,
        Some(letter) => letter.is_ascii_alphabetic() && letters.next() == Some('-'),
        None => false,
    };
    flag && !letters.next().is_some_and(in_name)
}

/// The text without this ASCII sign at its end, however the sign is spelled.
fn without(before: &str, sign: char) -> Option<&str> {
    if let Some(rest) = before.strip_suffix(sign) {
        return Some(rest.trim_end_matches('\\'));
    }
    let (rest, byte) = last_percent(before)?;
    (u32::from(byte) == sign as u32).then_some(rest)
}

/// What is before a percent-encoded byte at the end, and the byte.
fn last_percent(before: &str) -> Option<(&str, u8)> {
    let (mut rest, digits) = before.split_at_checked(before.len().checked_sub(2)?)?;
    let byte = hex(digits.as_bytes())?;
    while let Some(outer) = rest.strip_suffix("25") {
        rest = outer;
    }
    Some((rest.strip_suffix('%')?, byte as u8))
}

/// The letter that a text ends with; an escape counts as what it stands for.
fn last_letter(before: &str) -> Option<char> {
    if let Some((_, byte)) = last_percent(before) {
        return Some(char::from(byte));
    }
    let control = before.strip_suffix(['n', 't', 'r', 'b', 'f']);
    if control.is_some_and(|rest| rest.ends_with('\\')) {
        return Some('\n');
    }
    let unit = before.split_at_checked(before.len().saturating_sub(4));
    if let Some((head, digits)) = unit
        && head.ends_with("\\u")
        && let Some(code) = hex(digits.as_bytes())
    {
        return Some(char::from_u32(code).unwrap_or('x'));
    }
    before.chars().next_back()
}

/// Whether a component ends before this text. Where the separators are encoded, spaces between words are as well.
fn ends_before(after: &str, encoded: bool) -> bool {
    match first_letter(after) {
        None => true,
        Some((' ', rest)) => encoded || rest.len() + 1 == after.len(),
        Some(('.', rest)) => !first_letter(rest).is_some_and(|(letter, _)| in_name(letter)),
        Some((letter, _)) => !in_name(letter),
    }
}

/// The letter that a text begins with, and the rest; an escape counts as what it stands for.
fn first_letter(after: &str) -> Option<(char, &str)> {
    let mut letters = after.chars();
    let first = letters.next()?;
    let plain = (first, letters.as_str());
    let bytes = after.as_bytes();
    if first == '%' {
        let code = (0..=u8::MAX).find_map(|byte| Some((byte, percent(bytes, 0, byte)?)));
        return Some(code.map_or(plain, |(byte, end)| (char::from(byte), &after[end..])));
    }
    if first != '\\' {
        return Some(plain);
    }
    let rest = after.trim_start_matches('\\');
    let digits = rest.strip_prefix('u').and_then(|rest| rest.get(..4));
    if let Some(code) = digits.and_then(|digits| hex(digits.as_bytes())) {
        return Some((char::from_u32(code).unwrap_or('x'), &rest[5..]));
    }
    Some(match rest.chars().next() {
        Some(letter @ (' ' | '.' | '-' | '_' | '@' | '+' | '~')) => (letter, &rest[1..]),
        _ => plain,
    })
}

fn in_name(letter: char) -> bool {
    letter.is_alphanumeric() || "_-~+@%".contains(letter)
}
