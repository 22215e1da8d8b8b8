//! What the library promises to a test suite, over connections the suite holds; commands are tested elsewhere.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod changes;
mod comparing;
mod disturbed;
mod expecting;
mod hiding;
mod holding;
mod playground;
mod rows;
mod shadows;
mod skipping;
mod storing;
