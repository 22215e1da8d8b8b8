//! Which signals are handled: those that interrupt, but for what our caller ignores, because `nohup` and a shell's background jobs rely on it.

#![expect(
    unsafe_code,
    reason = "what happens on a signal is known to the system alone"
)]

use crate::process::flag::cancel_all;
use std::io;
use std::mem::MaybeUninit;
use std::ptr::{null, null_mut};

/// The signals that a handler for interruptions takes over.
const TAKEN: [i32; 3] = [libc::SIGINT, libc::SIGTERM, libc::SIGHUP];

/// Let Ctrl-\\ interrupt like the others, and install a handler for those.
///
/// # Errors
/// Those of the installation.
pub(in crate::process) fn install<T>(handler: impl FnOnce() -> T) -> T {
    if !is_ignored(libc::SIGQUIT) {
        interrupt_on_quit();
    }
    keep_ignored(handler)
}

/// Children have sessions of their own, so the key that ends this process would leave them running. The second one ends it
/// at once, with a core dump, as it always did.
fn interrupt_on_quit() {
    extern "C" fn on_quit(_signal: libc::c_int) {
        cancel_all();
    }
    let mut action = MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: all zeros is a valid action; the handler sets a flag and nothing else.
    unsafe {
        let action = action.assume_init_mut();
        action.sa_sigaction = on_quit as *const () as libc::sighandler_t;
        action.sa_flags = libc::SA_RESTART | libc::SA_RESETHAND;
        libc::sigaction(libc::SIGQUIT, action, null_mut());
    }
}

/// Install a handler, and ignore again what was ignored before. In between those signals wait, and one that is ignored in
/// the end is forgotten.
fn keep_ignored<T>(install: impl FnOnce() -> T) -> T {
    let ignored = TAKEN.into_iter().filter(|signal| is_ignored(*signal));
    let ignored: Vec<i32> = ignored.collect();
    let before = block(&ignored);
    let installed = install();
    for signal in ignored {
        // SAFETY: ignoring a signal installs no code.
        unsafe { libc::signal(signal, libc::SIG_IGN) };
    }
    if let Ok(before) = before {
        // SAFETY: the set is the one the system gave us.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &raw const before, null_mut()) };
    }
    installed
}

fn is_ignored(signal: i32) -> bool {
    let mut action = MaybeUninit::<libc::sigaction>::uninit();
    // SAFETY: with no new action the call only fills in the present one, which is read where it succeeded.
    unsafe {
        libc::sigaction(signal, null(), action.as_mut_ptr()) == 0
            && action.assume_init().sa_sigaction == libc::SIG_IGN
    }
}

/// Block signals for this thread; returns what was blocked before.
fn block(signals: &[i32]) -> io::Result<libc::sigset_t> {
    let mut set = MaybeUninit::uninit();
    let mut before = MaybeUninit::uninit();
    // SAFETY: the set is emptied before it is used, and the old one is read only where the call has filled it in.
    unsafe {
        libc::sigemptyset(set.as_mut_ptr());
        for signal in signals {
            libc::sigaddset(set.as_mut_ptr(), *signal);
        }
        match libc::pthread_sigmask(libc::SIG_BLOCK, set.as_ptr(), before.as_mut_ptr()) {
            0 => Ok(before.assume_init()),
            error => Err(io::Error::from_raw_os_error(error)),
        }
    }
}
