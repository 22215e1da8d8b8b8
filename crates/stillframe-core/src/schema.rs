//! JSON Schemas as values: which one describes a document, and the strict view of it; validating is left to the engine.

mod bundle;
mod catalogue;
mod describe;
mod dispatch;
mod exact;
mod expansion;
mod open;
mod overlap;
mod registry;
mod shape;
mod strict;
mod subschemas;
mod together;

pub use bundle::{FOREIGN, origin};
pub use catalogue::{BindError, Catalogue, CatalogueFault};
pub use dispatch::{dispatched, undispatched};
pub use exact::{is_beyond_doubles, written};
pub use expansion::{Explosion, explosion};
pub use registry::Lost;
pub use strict::{Openness, Strict, strict};

#[cfg(test)]
mod tests;
