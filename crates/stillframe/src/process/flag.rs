//! The flag of an interruption, which every run looks at.

use std::sync::atomic::{AtomicBool, Ordering};

static CANCELLED: AtomicBool = AtomicBool::new(false);

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
