//! The interruption of everything that runs: a flag that every run looks at; it ends nothing itself and forgets nothing.

use super::platform;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

static CANCELLED: AtomicBool = AtomicBool::new(false);
static LIVE: AtomicUsize = AtomicUsize::new(0);

/// The exit code of a process that was interrupted, as shells count it (128 + SIGINT).
const INTERRUPTED: i32 = 130;

/// End every process that runs now, and let every later [`run`](super::run) return [`End::Cancelled`](super::End) at
/// once, so that the callers unwind and remove what they created. There is no way back.
pub fn cancel_all() {
    CANCELLED.store(true, Ordering::SeqCst);
}

/// Whether [`cancel_all`] has happened: work that starts no process looks at this between its steps.
#[must_use]
pub fn cancelled() -> bool {
    CANCELLED.load(Ordering::SeqCst)
}

/// Let Ctrl-C (SIGINT), Ctrl-\ (SIGQUIT), SIGTERM and SIGHUP call [`cancel_all`]; call it once, first thing in `main`. A signal that our
/// caller ignores, as `nohup` does, stays ignored.
///
/// The children lead sessions of their own, so the terminal's Ctrl-C reaches this process alone. The caller is
/// expected to unwind and to exit with 130. A second signal does not wait for that: it exits as soon as no process is left.
///
/// # Errors
///
/// When the handler cannot be installed, or was before.
pub fn end_all_on_interrupt() -> io::Result<()> {
    platform::install(|| ctrlc::set_handler(on_signal)).map_err(io::Error::other)
}

fn on_signal() {
    if cancelled() {
        wait_until_none_lives();
        std::process::exit(INTERRUPTED);
    }
    cancel_all();
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
