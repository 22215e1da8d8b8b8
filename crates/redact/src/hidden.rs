//! Which characters a reader does not see, or a terminal acts upon, so that a message shows them as escapes.

/// Whether a character is shown as an escape wherever it stands: those that Unicode says to ignore where they are not
/// known, marks of direction and annotation, and whatever ends a line.
#[must_use]
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
                | '\u{180b}'..='\u{180f}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
                | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
        ) && !is_joiner(c)
}

/// Characters without a width that some scripts and pictures need.
#[must_use]
pub fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

/// Whether such a character does what it is for. Beside ASCII, or another one, it only hides; one that chooses a variant of
/// the letter before it may be the last one.
#[must_use]
pub fn joins(c: char, before: Option<char>, rest: &str) -> bool {
    let needs_it = |c: char| !c.is_ascii() && !is_hidden(c);
    let next = rest.chars().next();
    match c {
        '\u{200c}' | '\u{200d}' => {
            before.is_some_and(needs_it)
                && next.is_some_and(|next| needs_it(next) && !is_joiner(next))
        }
        _ => before.is_some_and(|before| needs_it(before) && !is_joiner(before)),
    }
}
