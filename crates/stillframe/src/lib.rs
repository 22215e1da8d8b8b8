//! The engine of Stillframe: everything that touches files, processes and clocks, around the pure functions of `stillframe-core`.

pub mod commands;
pub mod process;
pub mod sandbox;
pub mod validate;
