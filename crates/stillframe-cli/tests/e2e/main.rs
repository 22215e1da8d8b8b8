//! What users do, through the real binary, in projects made for each test.

#![cfg(unix)]
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test that cannot set itself up fails"
)]

mod accept;
mod all;
mod bounds;
mod causes;
mod conflicts;
mod damaged;
mod drift;
mod hostile;
mod ignored;
mod init;
mod interrupted;
mod left_behind;
mod limits;
mod links;
mod look;
mod machine;
mod midway;
mod normalize;
mod output;
mod outputs;
mod ownership;
mod pipes;
mod places;
mod poc_new;
mod project;
mod published;
mod rules;
mod scenario;
mod schemas;
mod secrets;
mod signals;
mod steps;
mod surroundings;
mod targets;
mod varying;
mod verify;
mod work_folder;
