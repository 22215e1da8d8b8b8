//! What the library promises on SQLite, on real files; the command line is tested beside its own crate.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod accepting;
mod chains;
#[path = "../claims/claims.rs"]
mod claims;
mod comparing;
mod damages;
mod diagnosis;
mod files;
#[path = "../gem/gem.rs"]
mod gem;
mod importing;
mod merging;
#[path = "../model/model.rs"]
mod model;
mod playground;
mod properties;
mod rebasing;
mod restoring;
mod upkeep;
mod values;
mod virtual_tables;
