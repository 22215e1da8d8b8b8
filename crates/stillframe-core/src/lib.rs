//! The pure part of Stillframe: lossless JSON, normalising, manifests, findings; nothing here touches files, processes or clocks.

pub mod annotation;
pub mod binding;
pub mod compare;
pub mod config;
pub mod conflict;
pub mod diff;
pub mod json;
pub mod litter;
pub mod location;
pub mod lock;
pub mod machine;
pub mod names;
pub mod normalize;
pub mod pattern;
pub mod poc;
pub mod problem;
pub mod report;
pub mod rule;
pub mod scenario;
pub mod schema;
pub mod select;
mod toml_error;
mod toml_value;
pub mod variable;
pub mod varies;
pub mod visible;
mod word;
