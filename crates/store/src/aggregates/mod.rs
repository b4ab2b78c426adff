//! Counts in time buckets, kept beside the predictions in the same
//! transaction, so that a dashboard never reads a prediction.

pub(crate) mod bins;
pub(crate) mod exemplars;
mod levels;
mod page;
mod read;
mod reading;
pub(crate) mod sources;
mod write;

pub use exemplars::Exemplar;
pub use page::RangeTotals;
pub(crate) use write::add;

use crate::{database::Database, labels::LabelBook};

/// Counts in time buckets.
#[derive(Clone, Copy, Debug)]
pub struct Aggregates<'a> {
    pub(crate) db: &'a Database,
    pub(crate) labels: &'a LabelBook,
}
