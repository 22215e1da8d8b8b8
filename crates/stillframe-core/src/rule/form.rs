//! The form of an identity placeholder, as `run-${n}`; it refuses a form that a raw value could not be told from.

use std::ops::Range;

/// More digits than a number has.
const MOST_DIGITS: usize = 18;

/// Text around a number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Form {
    before: String,
    after: String,
    /// The number is padded with zeros to this many digits.
    width: usize,
}

impl Form {
    /// Reads a form; the error is a message and the edit that helps.
    ///
    /// # Errors
    /// When there is not exactly one `${n}` or `${n:0WIDTH}`, or nothing around it.
    pub fn parse(text: &str) -> Result<Self, (String, String)> {
        let edit = || "write a form like \"run-${n}\"".to_owned();
        let Some((before, rest)) = text.split_once("${") else {
            return Err((format!("the form {text:?} has no ${{n}}"), edit()));
        };
        let Some((inner, after)) = rest.split_once('}') else {
            return Err((format!("the form {text:?} has an open ${{"), edit()));
        };
        let width = match inner.split_once(':') {
            None if inner == "n" => 1,
            Some(("n", width)) if width.starts_with('0') => width.parse().unwrap_or(0),
            _ => 0,
        };
        if !(1..=18).contains(&width) {
            let message = format!("the form {text:?} holds ${{{inner}}} where ${{n}} belongs");
            return Err((
                message,
                "write ${n}, or ${n:012} for twelve digits".to_owned(),
            ));
        }
        if after.contains("${") {
            return Err((format!("the form {text:?} has more than one ${{"), edit()));
        }
        let around = before.chars().chain(after.chars());
        if !around.clone().any(|c| !c.is_ascii_digit()) {
            let message = format!("the form {text:?} cannot be told from a raw value");
            return Err((
                message,
                "put text before ${n}, as in \"run-${n}\"".to_owned(),
            ));
        }
        Ok(Self {
            before: before.to_owned(),
            after: after.to_owned(),
            width,
        })
    }

    /// The placeholder with this number.
    #[must_use]
    pub fn write(&self, number: u64) -> String {
        format!(
            "{}{number:0width$}{}",
            self.before,
            self.after,
            width = self.width
        )
    }

    /// The number, if `text` is a placeholder of this form.
    #[must_use]
    pub fn number(&self, text: &str) -> Option<u64> {
        let inner = text
            .strip_prefix(self.before.as_str())?
            .strip_suffix(self.after.as_str())?;
        let digits = inner.len() <= MOST_DIGITS && inner.bytes().all(|byte| byte.is_ascii_digit());
        let number = if digits {
            inner.parse().ok()?
        } else {
            return None;
        };
        (number > 0 && self.write(number) == text).then_some(number)
    }

    /// Where placeholders of this form stand in a text; one that a digit would continue is not among them.
    #[must_use]
    pub fn occurrences(&self, text: &str) -> Vec<Range<usize>> {
        let fixed = if self.before.is_empty() {
            &self.after
        } else {
            &self.before
        };
        let found = text.match_indices(fixed.as_str());
        if self.before.is_empty() {
            found.filter_map(|(at, _)| self.ending(text, at)).collect()
        } else {
            found
                .filter_map(|(at, _)| self.beginning(text, at))
                .collect()
        }
    }

    /// The placeholder that begins here.
    fn beginning(&self, text: &str, start: usize) -> Option<Range<usize>> {
        let first = start + self.before.len();
        let digits = text[first..].bytes().take_while(u8::is_ascii_digit).count();
        let fewest = if self.after.is_empty() { digits } else { 1 };
        let ends = (fewest..=digits)
            .rev()
            .map(|count| first + count + self.after.len());
        ends.map(|end| start..end).find(|range| {
            text.get(range.clone())
                .is_some_and(|part| self.number(part).is_some())
        })
    }

    /// The placeholder whose text after the number begins here.
    fn ending(&self, text: &str, after: usize) -> Option<Range<usize>> {
        let digits = text[..after]
            .bytes()
            .rev()
            .take_while(u8::is_ascii_digit)
            .count();
        let range = after - digits..after + self.after.len();
        self.number(&text[range.clone()]).map(|_| range)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(form: &str, text: &str, expected: &[&str]) {
        let found = Form::parse(form).unwrap().occurrences(text);
        let found: Vec<&str> = found.into_iter().map(|range| &text[range]).collect();
        assert_eq!(found, expected, "{form} in {text}");
    }

    #[test]
    fn placeholders_are_found_inside_a_text() {
        check("run-${n}", "/runs/run-12/run-3?run-", &["run-12", "run-3"]);
        check("run-${n}", "run-012 run-0 run-1234567890123456789", &[]);
        check("r${n:03}", "r7 r007 r1007", &["r007", "r1007"]);
        check("a${n}1b", "a1b a21b a111b", &["a21b", "a111b"]);
        check("${n}-é", "12-é 3-é -é", &["12-é", "3-é"]);
    }
}
