//! Every runner on small suites that are made for it: how tests end, and what happens when a suite hangs, is killed, or reports by halves.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up fails")]

mod installed;
mod libtest;
mod project;
mod real;
mod rspec;
mod templates;
