//! The pure part of Stillframe: lossless JSON, normalising, manifests, findings; nothing here touches files, processes or clocks.

pub mod annotation;
pub mod diff;
pub mod json;
pub mod location;
pub mod normalize;
pub mod rule;
pub mod scenario;
pub mod schema;
