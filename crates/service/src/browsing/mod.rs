//! Looking through predictions: lists, counts, facets, views, and what is
//! done to many at once.

pub(crate) mod bulk;
mod events;
pub(crate) mod listing;
mod predictions;
mod views;

use crate::{
    As, ServiceError, Viewer,
    base::{Base, fair_share::FairShare, images::Images},
    reviews::Reviews,
};
use std::{future::Future, sync::Arc, time::Duration};

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

    /// What `make` makes for a viewer, or what it made for another one at most
    /// `fresh_for` ago. The key must name all that the answer depends on.
    ///
    /// # Errors
    /// Those of `make`, which are not kept.
    pub async fn shared_answer<E: From<ServiceError>>(
        &self,
        _: &As<Viewer>,
        key: &str,
        fresh_for: Duration,
        make: impl Future<Output = std::result::Result<String, E>>,
    ) -> std::result::Result<String, E> {
        let changes = || self.base.store().events().deployment_changes();
        self.base.answers().kept(key, fresh_for, changes, make).await
    }
}
