//! What users do, through the real binary, in projects made for each test.

#![cfg(unix)]
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test that cannot set itself up fails"
)]

mod accept;
mod drift;
mod hostile;
mod init;
mod interrupted;
mod normalize;
mod outputs;
mod pipes;
mod project;
mod scenario;
mod schemas;
mod steps;
mod verify;
