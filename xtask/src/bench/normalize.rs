//! `stillframe normalize` against a Python script that loads, walks and dumps the same document with the same rules, and what the parts cost that a check adds to it.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::Command;

use anyhow::{Result, ensure};
use stillframe::print::line;

use super::measure::{Ratios, measure};
use crate::step;

/// Runs both on one input and prints their ratios.
pub fn run(binary: &Path, megabytes: usize, rounds: u32, out: &mut dyn Write) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let input = folder.path().join("input.json");
    let bytes = generate(&input, megabytes * 1_000_000)?;
    let ours_out = folder.path().join("ours.json");
    let peer_out = folder.path().join("peer.json");
    let peer_script = step::repository().join("benches/peer/normalize.py");
    let (mut speed, mut memory) = (Ratios::default(), Ratios::default());
    for _ in 0..rounds {
        let ours = measure(
            Command::new(binary)
                .arg("normalize")
                .arg(&input)
                .current_dir(folder.path())
                .stdout(File::create(&ours_out)?),
        )?;
        let peer = measure(
            Command::new("python3")
                .arg(&peer_script)
                .arg(&input)
                .stdout(File::create(&peer_out)?),
        )?;
        speed.add(peer, ours);
        memory.add(ours, peer);
    }
    let same = std::fs::read(&ours_out)? == std::fs::read(&peer_out)?;
    ensure!(
        same,
        "the two outputs differ, so the comparison says nothing"
    );
    line(
        out,
        &format!(
            "normalize {} MB of pretty-printed JSON, outputs byte-identical, median of {rounds}",
            bytes / 1_000_000
        ),
    )?;
    line(out, &speed.line("python / stillframe"))?;
    line(
        out,
        &format!(
            "  peak memory: stillframe {:.1} MiB, python {:.0} MiB",
            memory.peak(),
            speed.peak()
        ),
    )?;
    shares(binary, rounds, out)
}

/// Prints what noting the masked places, and judging whether the fixture is bound to the machine, cost in relation to
/// normalising. One process does the same job many times, so that starting it does not count.
fn shares(binary: &Path, rounds: u32, out: &mut dyn Write) -> Result<()> {
    const BYTES: usize = 5_000_000;
    const TIMES: &str = "40";
    step::run_cargo(&[
        "build",
        "--release",
        "--package",
        "stillframe-core",
        "--example",
        "shares",
    ])?;
    let jobs = binary.with_file_name("examples").join("shares");
    let folder = tempfile::tempdir()?;
    let input = folder.path().join("input.json");
    let fixture = folder.path().join("fixture.json");
    generate(&input, BYTES)?;
    measure(
        Command::new(binary)
            .arg("normalize")
            .arg(&input)
            .current_dir(folder.path())
            .stdout(File::create(&fixture)?),
    )?;
    let run = |job: &str, file: &Path, times: &str| {
        measure(Command::new(&jobs).arg(job).arg(file).arg(times))
    };
    let (mut masks, mut machine) = (Ratios::default(), Ratios::default());
    for _ in 0..rounds {
        let bare = run("bare", &input, TIMES)?;
        masks.add(run("masks", &input, TIMES)?, bare);
        machine.add(run("machine", &fixture, TIMES)?, bare);
    }
    let megabytes = BYTES / 1_000_000;
    line(out, &format!("normalize {megabytes} MB, {TIMES} times"))?;
    line(out, &masks.line("with masks / without"))?;
    line(out, &machine.line("machine-bound / normalising"))?;
    Ok(())
}

/// Writes a document of at least `size` bytes as a tool would print it; the same bytes every time.
fn generate(path: &Path, size: usize) -> Result<usize> {
    let mut out = BufWriter::new(File::create(path)?);
    let mut written = 0;
    let mut put = |text: &str| -> Result<()> {
        out.write_all(text.as_bytes())?;
        written += text.len();
        Ok(())
    };
    put("{\n  \"command\": \"store\",\n  \"tables\": [")?;
    let mut index: u64 = 0;
    let mut total = 0;
    while total < size {
        let row = row(index);
        put(if index == 0 { "\n" } else { ",\n" })?;
        put(&row)?;
        total += row.len() + 2;
        index += 1;
    }
    put("\n  ]\n}\n")?;
    out.flush()?;
    Ok(written)
}

fn row(index: u64) -> String {
    let scrambled = index.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    format!(
        r#"    {{
      "name": "table_{index}",
      "rows": {rows},
      "duration_ms": {duration},
      "ratio": {ratio},
      "updated_at": "2026-0{month}-1{day}T0{hour}:15:30.123456Z",
      "complete": {complete},
      "parent": null,
      "note": "größer als \"{scrambled:x}\"\n and a second line that is somewhat longer than the first",
      "columns": [
        {{
          "name": "id",
          "type": "INTEGER",
          "nullable": false
        }},
        {{
          "name": "title",
          "type": "TEXT",
          "nullable": true
        }}
      ],
      "timings": {{
        "read_seconds": 0.{fraction},
        "write_secs": {write}
      }},
      "tags": []
    }}"#,
        rows = scrambled % 100_000,
        duration = scrambled % 977,
        ratio = (scrambled % 1_000) as f64 / 8.0,
        month = scrambled % 9 + 1,
        day = scrambled % 10,
        hour = scrambled % 10,
        complete = index.is_multiple_of(3),
        fraction = scrambled % 899 + 101,
        write = scrambled % 13,
    )
}
