//! What users do, through the real binary, in projects made for each test.

mod accept;
mod drift;
mod init;
mod interrupted;
mod project;
mod scenario;
mod verify;
