//! Names that files of ours have in folders of others.

/// What the lock is called inside the corpus folder.
pub const LOCK_NAME: &str = "corpus.lock";
/// What a file is called beside its place while it is written, after a dot and its name.
pub const STAGED_SUFFIX: &str = ".stillframe-new";
