//! Normalises stdin to stdout with the built-in lists, for measuring; it reads no configuration.

use std::io::{self, BufWriter, Cursor};
use stillframe_core::normalize::{Framing, Plan, Scrub, filter};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let spool = || Ok(Cursor::new(Vec::new()));
    let output = BufWriter::new(io::stdout().lock());
    filter(
        &Plan::default(),
        &Scrub::default(),
        Framing::Json,
        io::stdin().lock(),
        output,
        spool,
        None,
    )?;
    Ok(())
}
