//! Finds out which tests really use which fixture: it hides a fixture, runs the suite, and sees who notices.

pub mod baseline;
pub mod broken;
pub mod commands;
pub mod definition;
pub mod detection;
pub mod findings;
pub mod hiding;
pub mod journal;
pub mod lock_file;
pub mod matrix;
pub mod measured;
pub mod memory;
pub mod name;
pub mod narrowed;
pub mod observation;
pub mod outcome;
pub mod place;
pub mod progress;
pub mod ratchet;
pub mod record;
pub mod revision;
pub mod runner;
pub mod search;
pub mod set;
pub mod suite;
pub mod work;
