//! What this process was started with open stays here: no child gets it.

#![expect(
    unsafe_code,
    reason = "these descriptors belong to nobody here, so there is only their number"
)]

use std::fs;
use std::sync::Once;

/// Without a list of the open descriptors, this many are looked at.
const LOOKED_AT: i32 = 4096;

/// Close everything but the three streams in every child. What is opened later is closed there anyway: the standard
/// library opens nothing without saying so.
pub(super) fn keep_from_children() {
    static FIRST: Once = Once::new();
    FIRST.call_once(|| {
        for descriptor in open_descriptors().into_iter().filter(|number| *number > 2) {
            // SAFETY: sets one flag of a number; where nothing is open under it, the call fails and changes nothing.
            unsafe { libc::fcntl(descriptor, libc::F_SETFD, libc::FD_CLOEXEC) };
        }
    });
}

/// Linux and macOS list them; other systems may list the three streams only.
fn open_descriptors() -> Vec<i32> {
    let listed = cfg!(any(target_os = "linux", target_vendor = "apple"));
    match fs::read_dir("/dev/fd") {
        Ok(entries) if listed => entries
            .flatten()
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .collect(),
        _ => (0..LOOKED_AT).collect(),
    }
}
