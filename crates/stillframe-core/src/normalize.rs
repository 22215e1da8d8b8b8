//! The normaliser: rules compiled into a plan, and a rewriter that streams a document through it; it reads no files and knows no clock.
//!
//! One pass decides about every value in this order: what is preserved or opaque stays; then the
//! first rule that replaces the whole value (constants, zeros, rounding, removing, identities) is
//! applied; then text inside strings is scrubbed. An array that a rule sorts is held until it
//! ends and sorted by its text without identities. Identities become numbers last, after all
//! documents of a POC are known: see [`Identities`].
//!
//! The rewriter follows its input: as long as a document is laid out as a fixture is, whole
//! stretches of it are copied, token for token as printed.

mod compiled;
mod decide;
mod draft;
mod effect;
mod filter;
mod found;
mod gauge;
mod hole;
mod identity;
mod inside;
mod layout;
mod masks;
mod output;
mod places;
mod plan;
mod rewrite;
mod scrub;
mod settings;
mod sort;

pub use crate::json::Framing;
pub use compiled::Accepts;
pub use draft::{Draft, draft, explain};
pub use filter::{FilterError, Report, Spool, filter};
pub use found::{Ambiguity, Change};
pub use identity::Identities;
pub use plan::Plan;
pub use scrub::Scrub;
pub use settings::{Format, Settings};

pub(crate) use compiled::{Choice, Compiled, Guards, Rule};
pub(crate) use effect::Effect;
pub(crate) use masks::{Masks, Spot, Step};
pub(crate) use scrub::needle::{Needle, Stands};

#[cfg(test)]
mod tests;
