//! Two runs of the same capture: where they differ, what kind of value stands there, and which rule would cover it; it applies no rule and trusts none.

mod extent;
mod kind;
mod offer;
mod pair;
mod pieces;

pub use extent::{Extent, changes_only};
pub use offer::{Offer, merged, offers};
pub use pair::{Cause, Place, Variation, variations};
