//! What makes a measurement impossible although everything needed is there: it ends with exit code 1.

/// Why nothing can be measured.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// Tests fail, or none are run, while nothing is hidden. The text says which, on several lines.
    #[error("{0}")]
    Baseline(String),
    /// A fixture could not be hidden, was seen not to be, or could not be shown again.
    #[error("hiding fixtures did not work")]
    Hiding,
}
