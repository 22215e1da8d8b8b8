//! Two runs of the same capture: where they differ, what kind of value stands there, and which rule would cover it; it applies no rule and trusts none.

mod extent;
mod kind;
mod number;
mod offer;
mod pair;
mod pieces;
mod renamed;
mod writer;

pub use extent::{Extent, changes_only};
pub use offer::{Offer, merged, offers};
pub use pair::{
    Apart, Cause, OTHER_MEMBERS, Place, Variation, renamed_objects, variations, variations_knowing,
};
pub use renamed::Renamed;
