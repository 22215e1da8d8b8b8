//! The engine of Stillframe: everything that touches files, processes and clocks, around the pure functions of `stillframe-core`.

pub mod candidates;
pub mod capture;
pub mod commands;
pub mod corpus;
pub mod differences;
pub mod disk;
pub mod exit_code;
pub mod export;
pub mod freeze;
pub mod git;
pub mod judgement;
pub mod levels;
pub mod pipeline;
pub mod process;
pub mod progress;
pub mod publish;
pub mod report;
pub mod rulebook;
pub mod run_lock;
pub mod sandbox;
pub mod target;
pub mod validate;
pub mod verify;
pub mod workspace;
