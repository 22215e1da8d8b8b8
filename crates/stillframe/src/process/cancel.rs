//! The interruption of everything that runs: a flag that every run looks at; it ends nothing itself and forgets nothing.

use super::flag::{cancel_all, cancelled};
use super::platform;
use std::io;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

static LIVE: AtomicUsize = AtomicUsize::new(0);
static COMPUTING: AtomicUsize = AtomicUsize::new(0);
/// What to do before the process ends without unwinding.
static BEFORE_THE_END: OnceLock<fn()> = OnceLock::new();

/// How long a computation that does not look at the flag may go on after a signal.
const PATIENCE: Duration = Duration::from_secs(1);

/// The exit code of a process that was interrupted, as shells count it (128 + SIGINT).
const INTERRUPTED: i32 = 130;

/// Let Ctrl-C (SIGINT), Ctrl-\ (SIGQUIT), SIGTERM and SIGHUP call [`cancel_all`]; call it once, first thing in `main`. A signal that our
/// caller ignores, as `nohup` does, stays ignored.
///
/// The children lead sessions of their own, so the terminal's Ctrl-C reaches this process alone. The caller is
/// expected to unwind and to exit with 130. What computes and does not unwind in time is not waited for: then
/// `clean_up` is called, and the process exits. A second signal does not wait at all: it exits as soon as no process is left.
///
/// # Errors
///
/// When the handler cannot be installed, or was before.
pub fn end_all_on_interrupt(clean_up: fn()) -> io::Result<()> {
    // Set before: the second installation fails below.
    let _ = BEFORE_THE_END.set(clean_up);
    platform::install(|| ctrlc::set_handler(on_signal)).map_err(io::Error::other)
}

fn on_signal() {
    if cancelled() {
        wait_until_none_lives();
        std::process::exit(INTERRUPTED);
    }
    cancel_all();
    // This thread has to hear the second signal.
    std::thread::spawn(end_if_computing);
}

/// Ends the process when a computation that began before the signal still goes on; one that begins later ends itself.
fn end_if_computing() {
    std::thread::sleep(PATIENCE);
    wait_until_none_lives();
    while COMPUTING.load(Ordering::SeqCst) == 0 {
        std::thread::sleep(Duration::from_millis(100));
    }
    if let Some(clean_up) = BEFORE_THE_END.get() {
        clean_up();
    }
    std::process::exit(INTERRUPTED);
}

/// Every run ends its process within the supervisor's tick, grace and drain: well under this second.
fn wait_until_none_lives() {
    for _ in 0..100 {
        if LIVE.load(Ordering::SeqCst) == 0 {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Held for as long as a run may have a process.
pub(super) struct Live(());

impl Live {
    pub(super) fn enter() -> Live {
        LIVE.fetch_add(1, Ordering::SeqCst);
        Live(())
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        LIVE.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Held during a pure computation that may take long, looks at no flag and writes nothing.
pub(crate) struct Computing(());

/// Such a computation begins.
pub(crate) fn computing() -> Computing {
    COMPUTING.fetch_add(1, Ordering::SeqCst);
    Computing(())
}

impl Drop for Computing {
    fn drop(&mut self) {
        COMPUTING.fetch_sub(1, Ordering::SeqCst);
    }
}
