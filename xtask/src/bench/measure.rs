//! One run of a command as a whole process: its wall time, its processor time and its peak memory, as the system counts them.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// What one run took.
#[derive(Debug, Clone, Copy)]
pub struct Usage {
    /// From start to end.
    pub wall: Duration,
    /// User and system time of the process and what it waited for.
    pub cpu: Duration,
    /// The largest resident set, in KiB.
    pub peak_kib: u64,
}

/// Runs a command to its end; anything but exit code 0 is an error.
pub fn measure(command: &mut Command) -> Result<Usage> {
    let shown = format!("{command:?}");
    let started = Instant::now();
    let mut child = command
        // Set in many containers, and makes Python write every value by itself: five times slower.
        .env_remove("PYTHONUNBUFFERED")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .with_context(|| format!("starting {shown}"))?;
    let (success, cpu, peak_kib) = wait(&mut child)?;
    if !success {
        bail!("{shown} failed; run it to see why");
    }
    Ok(Usage {
        wall: started.elapsed(),
        cpu,
        peak_kib,
    })
}

/// One program against another, over some rounds.
#[derive(Debug, Default)]
pub struct Ratios {
    rounds: Vec<(Usage, Usage)>,
}

impl Ratios {
    /// Adds a round: how many times the second one's the first one's time is.
    pub fn add(&mut self, one: Usage, other: Usage) {
        self.rounds.push((one, other));
    }

    /// The largest resident set of the first one, in MiB.
    pub fn peak(&self) -> f64 {
        let peaks = self.rounds.iter().map(|(one, _)| one.peak_kib);
        peaks.max().unwrap_or_default() as f64 / 1024.0
    }

    /// A line that names the medians of both ratios, and the seconds of the last round. How fast a disk takes what is
    /// written changes from run to run, and the wall time with it.
    pub fn line(&self, what: &str) -> String {
        let cpu = self.shown(|usage| usage.cpu);
        let wall = self.shown(|usage| usage.wall);
        format!("  {what:<42} processor {cpu}   wall {wall}")
    }

    fn shown(&self, time: impl Fn(&Usage) -> Duration) -> String {
        let seconds = |usage: &Usage| time(usage).as_secs_f64();
        let ratio = |(one, other): &(Usage, Usage)| seconds(one) / seconds(other);
        let median = median(self.rounds.iter().map(ratio).collect());
        let last = self.rounds.last().map_or(String::new(), |(one, other)| {
            format!("{:.3} s / {:.3} s", seconds(one), seconds(other))
        });
        format!("{median:5.2}× ({last})")
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(unix)]
#[expect(
    unsafe_code,
    reason = "the standard library does not give a single child's usage"
)]
fn wait(child: &mut std::process::Child) -> Result<(bool, Duration, u64)> {
    let pid = libc::pid_t::try_from(child.id())?;
    let mut status = 0;
    // SAFETY: `rusage` is plain data for which all zeroes is a value.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: both pointers are to live locals, and nobody else waits for this child.
    let waited = unsafe { libc::wait4(pid, &raw mut status, 0, &raw mut usage) };
    if waited != pid {
        return Err(std::io::Error::last_os_error()).context("waiting for the process");
    }
    let time = |time: libc::timeval| {
        Duration::from_secs(time.tv_sec.unsigned_abs())
            + Duration::from_micros(time.tv_usec.unsigned_abs())
    };
    // macOS counts bytes, all others KiB.
    let unit = if cfg!(target_os = "macos") { 1024 } else { 1 };
    let peak = usage.ru_maxrss.unsigned_abs() / unit;
    Ok((
        status == 0,
        time(usage.ru_utime) + time(usage.ru_stime),
        peak,
    ))
}

#[cfg(not(unix))]
fn wait(child: &mut std::process::Child) -> Result<(bool, Duration, u64)> {
    let started = Instant::now();
    let status = child.wait()?;
    Ok((status.success(), started.elapsed(), 0))
}
