//! Counts in time buckets, kept beside the predictions in the same
//! transaction, so that a dashboard never reads a prediction.

pub(crate) mod bins;
mod read;
mod write;

pub use bins::Metric;
pub(crate) use write::add;

use crate::{database::Database, labels::LabelBook};

/// Counts in time buckets.
#[derive(Clone, Copy, Debug)]
pub struct Aggregates<'a> {
    pub(crate) db: &'a Database,
    pub(crate) labels: &'a LabelBook,
}
