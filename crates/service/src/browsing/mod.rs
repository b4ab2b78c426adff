//! Looking through predictions: lists, counts, facets, views, and what is
//! done to many at once.

pub(crate) mod bulk;
pub(crate) mod events;
pub(crate) mod listing;
mod predictions;
pub(crate) mod shared_answers;
mod views;

pub use events::{EventStream, SequencedEvent};

use crate::{base::Base, base::fair_share::FairShare, base::images::Images, reviews::Reviews};
use std::sync::Arc;

/// The use cases about lists of predictions. Cheap to clone.
#[derive(Clone)]
pub struct Browsing {
    base: Base,
    images: Images,
    reviews: Reviews,
    searches: Arc<FairShare>,
}

impl Browsing {
    pub(crate) fn new(base: Base, images: Images, reviews: Reviews, searches: Arc<FairShare>) -> Self {
        Self { base, images, reviews, searches }
    }
}
