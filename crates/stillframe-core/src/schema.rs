//! JSON Schemas as values: which one describes a document, and the strict view of it; validating is left to the engine.

mod bundle;
mod catalogue;
mod describe;
mod dispatch;
mod exact;
mod expansion;
mod hoist;
mod open;
mod overlap;
mod registry;
mod rewrite;
mod shape;
mod steps;
mod strict;
mod subschemas;
mod together;

pub use bundle::{origin, unmoved};
pub use catalogue::{BindError, Catalogue, CatalogueFault};
pub use dispatch::{dispatched, undispatched};
pub use exact::FOREIGN;
pub use exact::{is_beyond_doubles, written};
pub use expansion::{Explosion, explosion};
pub use hoist::{Naming, hoisted, outlined};
pub use registry::Lost;
pub(crate) use shape::pointer;
pub use steps::{STEP, counted};
pub use strict::{Openness, Strict, strict};

#[cfg(test)]
mod tests;
