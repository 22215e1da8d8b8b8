//! A row as a file gives it, for the columns of its table.

use std::collections::BTreeMap;

use crate::record::Record;
use fixpoints_core::cell::Cell;

/// A row on its way: the columns that are given, their values, and where it comes from.
pub(crate) struct Given<'a> {
    pub record: &'a Record,
    pub values: BTreeMap<usize, Cell>,
}
