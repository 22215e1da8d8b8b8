//! `stillframe consumers` through the real binary, on a suite that is made for each test.

#![cfg(all(unix, feature = "consumers"))]
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test that cannot set itself up fails"
)]

mod check;
mod confirm;
mod detect;
mod plan;
mod project;
mod show;
