//! One job of the normaliser done again and again on a file, for `cargo xtask bench normalize` to measure as a process; it prints nothing.

use std::error::Error;
use std::hint::black_box;
use std::io::{Cursor, Write};

use stillframe_core::machine::{Day, Look, Machine};
use stillframe_core::normalize::{Framing, Plan, Scrub, draft, filter};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [job, file, times] = &arguments[..] else {
        return Err("usage: shares bare|masks|machine FILE TIMES".into());
    };
    let input = std::fs::read(file)?;
    let (plan, scrub) = (Plan::default(), Scrub::default());
    let look = Look::new(&machine());
    for _ in 0..times.parse()? {
        match &**job {
            "bare" => {
                let mut text: Box<dyn Write> = Box::new(Vec::with_capacity(input.len()));
                let spool = || Ok(Cursor::new(Vec::new()));
                let json = Framing::Json;
                filter(&plan, &scrub, json, &mut &input[..], &mut text, spool, None)?;
                black_box(text);
            }
            "masks" => _ = black_box(draft(&plan, &scrub, Framing::Json, &input)?),
            "machine" => _ = black_box(look.at(Framing::Json, &input)),
            other => return Err(format!("unknown job {other}").into()),
        }
    }
    Ok(())
}

/// What a machine of a developer looks like.
fn machine() -> Machine {
    let now = 1_795_739_324;
    Machine {
        hosts: vec!["buildbox7".to_owned(), "buildbox7.example".to_owned()],
        users: vec!["jsmith".to_owned()],
        folders: vec!["/home/jsmith".to_owned(), "/srv/checkout".to_owned()],
        days: vec![Day::of(now)],
        now,
    }
}
