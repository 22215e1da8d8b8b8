//! Finds out which tests really use which fixture: it hides a fixture, runs the suite, and sees who notices.

pub mod baseline;
pub mod detection;
pub mod findings;
pub mod memory;
pub mod name;
pub mod outcome;
pub mod record;
pub mod search;
pub mod set;
pub mod suite;
