//! The form of an identity placeholder, as `run-${n}`; it refuses a form that a raw value could not be told from.

/// Text around a number.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
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
        let digits = inner.len() <= 18 && inner.bytes().all(|byte| byte.is_ascii_digit());
        let number = if digits {
            inner.parse().ok()?
        } else {
            return None;
        };
        (number > 0 && self.write(number) == text).then_some(number)
    }
}
