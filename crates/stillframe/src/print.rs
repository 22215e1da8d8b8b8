//! The one place that prints: every line of text goes through here and comes out with nothing in it that acts but our own styles; what is printed to may be closed or full.

use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};

use serde::Serialize;
use stillframe_core::visible;
use terminal::{AutoStream, Escape, Line, error_width};

/// How text from elsewhere is made harmless.
const ESCAPE: Escape = Escape {
    part: visible::visible,
    line: visible::line,
};

/// Prints one line. A line break inside of `text` belongs to something that it quotes, and is shown as an escape.
pub fn line(out: &mut dyn Write, text: &str) -> io::Result<()> {
    styled(out, &Line::message(text), None)
}

/// Prints one line of a message: what may be a password in it is left out.
pub fn message(out: &mut dyn Write, text: &str) -> io::Result<()> {
    line(out, &redact::message(text))
}

/// Prints one line with its styles, broken to fit into a width. Where `out` is not a terminal, it takes the styles away.
pub fn styled(out: &mut dyn Write, line: &Line, width: Option<usize>) -> io::Result<()> {
    out.write_all(line.render(ESCAPE, width).as_bytes())
}

/// Prints a document, readable, and harmless where it is looked at in a terminal.
pub fn json(out: &mut dyn Write, document: &impl Serialize) -> io::Result<()> {
    let text = serde_json::to_string_pretty(document)?;
    let mut text = visible::json(&text).into_owned();
    text.push('\n');
    out.write_all(text.as_bytes())
}

/// A line on stderr, without what may be a password. That nobody reads it, or that there is no room for it, changes nothing.
pub fn note(text: &str) {
    let line = Line::message(&redact::message(text));
    let _ = styled(&mut AutoStream::auto(io::stderr()), &line, error_width());
}

/// An error with its causes on stderr.
pub fn error(error: &anyhow::Error) {
    note(&format!("error: {error:#}"));
}

/// Shows on stderr what a program prints, line by line as it comes, until it closes its end.
pub fn relay(program: impl Read) {
    /// A longer line is shown as several.
    const LONGEST: u64 = 64 << 10;
    let mut program = BufReader::new(program);
    let mut bytes = Vec::new();
    while let Ok(1..) = program.by_ref().take(LONGEST).read_until(b'\n', &mut bytes) {
        let text = visible::layout(&String::from_utf8_lossy(&bytes));
        let _ = styled(&mut io::stderr(), &Line::plain(text), None);
        bytes.clear();
    }
}

/// stdout for a filter: JSON goes through it byte for byte, and a closed pipe ends it. It takes whole pieces, which the
/// standard library's would cut at the last line break and write in two.
pub fn whole_pieces() -> Box<dyn Write> {
    #[cfg(unix)]
    {
        use std::os::fd::AsFd;
        if let Ok(stdout) = io::stdout().as_fd().try_clone_to_owned() {
            return Box::new(std::fs::File::from(stdout));
        }
    }
    Box::new(io::stdout())
}

/// stdout for a command whose work is done whether or not anybody reads about it: once a write has failed, the rest goes
/// nowhere, and the command never learns of it.
#[derive(Debug)]
pub struct Lasting<W> {
    inner: W,
    failure: Option<io::Error>,
}

impl Lasting<AutoStream<io::Stdout>> {
    /// Standard output.
    pub fn stdout() -> Self {
        Lasting::new(AutoStream::auto(io::stdout()))
    }
}

impl Lasting<AutoStream<io::Stderr>> {
    /// Standard error.
    pub fn stderr() -> Self {
        Lasting::new(AutoStream::auto(io::stderr()))
    }
}

impl<W: Write> Lasting<W> {
    fn new(inner: W) -> Self {
        Lasting {
            inner,
            failure: None,
        }
    }

    /// Says on stderr that the output is not whole, unless its reader has seen enough, as `head` does.
    pub fn finish(mut self) {
        self.keep(|inner| inner.flush());
        match self.failure {
            Some(error) if error.kind() != ErrorKind::BrokenPipe => {
                note(&format!("error: writing the report: {error}"));
            }
            _ => {}
        }
    }

    fn keep(&mut self, act: impl FnOnce(&mut W) -> io::Result<()>) {
        if self.failure.is_none() {
            self.failure = act(&mut self.inner).err();
        }
    }
}

impl<W: Write> Write for Lasting<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.keep(|inner| inner.write_all(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.keep(|inner| inner.flush());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Full;

    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(ErrorKind::StorageFull.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_full_output_is_noticed_at_the_end_and_not_before() {
        let mut out = Lasting::new(Full);
        line(&mut out, "a").unwrap();
        json(&mut out, &1).unwrap();
        out.flush().unwrap();
        assert_eq!(out.failure.unwrap().kind(), ErrorKind::StorageFull);
    }

    #[test]
    fn what_is_quoted_stays_on_its_line() {
        let mut out = Vec::new();
        line(&mut out, "  ::a\n::b").unwrap();
        json(&mut out, &"\u{9b}::\n").unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "  \\u003a:a\\n::b\n\"\\u009b::\\n\"\n"
        );
    }
}
