//! What the library promises on PostgreSQL, on a server of its own; without the server's programs it says so.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![cfg(unix)]

mod adversaries;
#[path = "../claims/claims.rs"]
mod claims;
mod comparing;
mod connections;
mod damages;
mod deferred;
mod diagnosis;
mod disturbed;
mod expecting;
mod failing;
mod faults;
mod foreign;
#[path = "../gem/gem.rs"]
mod gem;
mod holding;
mod importing;
mod missing;
#[path = "../model/model.rs"]
mod model;
mod omissions;
mod partitions;
mod paths;
mod playground;
mod policies;
mod privileges;
mod properties;
mod proxy;
mod publications;
mod rebasing;
mod recording;
mod remembering;
mod restoring;
mod scripts;
mod server;
mod types;
mod updating;
mod upkeep;
mod values;
