//! The images after this one, fetched and decoded before they are needed, and
//! leased so that nobody else gets them.

use super::scope::ReviewScope;
use crate::{
    addresses,
    dom::{self, BrowserValue, Picture, fetch_picture},
    error::AppError,
    server_fns::leases::{next_reviews, renew_leases},
};
use domain::{
    ids::PredictionId,
    review::{Lease, NextRequest, ReviewSubject},
};
use leptos::{prelude::*, task::spawn_local};
use serde::Serialize;

/// So many images are fetched ahead: enough for a reviewer who accepts one a
/// second, few enough that others find images to review.
const AHEAD: usize = 3;

/// An image ready to be shown.
pub type ReadyImage = (ReviewSubject, Option<Picture>);

struct Prefetched {
    id: PredictionId,
    /// `None` until it is fetched.
    subject: Option<ReviewSubject>,
    picture: Option<Picture>,
}

/// A handle on the images that are fetched ahead.
#[derive(Clone, Copy)]
pub struct Prefetch {
    scope: StoredValue<ReviewScope>,
    images: BrowserValue<Vec<Prefetched>>,
    filling: StoredValue<bool>,
}

impl Prefetch {
    /// Nothing fetched yet.
    pub fn new(scope: StoredValue<ReviewScope>) -> Self {
        Self { scope, images: BrowserValue::empty(), filling: StoredValue::new(false) }
    }

    /// Begins; in the browser only.
    pub fn begin(self) {
        self.images.set(Vec::new());
    }

    /// The first image, or the one with this id, if it was fetched.
    pub fn take(self, id: Option<PredictionId>) -> Option<ReadyImage> {
        let take = |images: &mut Vec<Prefetched>| {
            let fits = |image: &Prefetched| image.subject.is_some() && id.is_none_or(|id| id == image.id);
            let index = images.iter().position(fits).filter(|index| id.is_some() || *index == 0)?;
            let Prefetched { subject, picture, .. } = images.remove(index);
            Some((subject?, picture))
        };
        self.images.with(take).flatten()
    }

    /// The first image, fetched now if it is not yet there; `None` when no
    /// image is left to review.
    pub async fn take_when_ready(self, exclude: Vec<PredictionId>) -> Result<Option<ReadyImage>, AppError> {
        if let Some(ready) = self.take(None) {
            return Ok(Some(ready));
        }
        let leased = self.images.with(|images| (!images.is_empty()).then(|| images.remove(0).id)).flatten();
        let id = match leased {
            Some(id) => Some(id),
            None => self.claim(1, exclude).await?.first().copied(),
        };
        match id {
            Some(id) => {
                let Some(scope) = self.scope.try_get_value() else { return Ok(None) };
                scope.fetch(id).await.map(|subject| Some((subject, None)))
            }
            None => Ok(None),
        }
    }

    /// Fetches as many as are missing, none of `exclude`.
    pub async fn fill(self, exclude: Vec<PredictionId>) {
        let Some(count) = self.images.with(|images| images.len()) else { return };
        let missing = AHEAD.saturating_sub(count);
        let may_review = self.scope.try_with_value(|scope| scope.may_review) == Some(true);
        let begins = || self.filling.try_update_value(|filling| !std::mem::replace(filling, true));
        if missing == 0 || !may_review || begins() != Some(true) {
            return;
        }
        // What cannot be fetched ahead is fetched when it is needed, and fails there.
        let ids = self.claim(missing, exclude).await.unwrap_or_default();
        self.filling.try_set_value(false);
        for id in ids {
            self.images.with(|images| images.push(Prefetched { id, subject: None, picture: None }));
            spawn_local(self.load(id));
        }
    }

    /// Leases images that nobody else holds.
    async fn claim(
        self,
        count: usize,
        mut exclude: Vec<PredictionId>,
    ) -> Result<Vec<PredictionId>, AppError> {
        let Some(scope) = self.scope.try_get_value() else { return Ok(Vec::new()) };
        exclude.extend(self.ids());
        let request = NextRequest {
            q: scope.q,
            sort: scope.sort.parse().unwrap_or_default(),
            count: u32::try_from(count).unwrap_or(1),
            exclude,
            session: scope.page_token,
        };
        let leases = next_reviews(scope.deployment, request).await?.open()?;
        Ok(leases.into_iter().filter(|lease| lease.mine).map(|lease| lease.prediction_id).collect())
    }

    async fn load(self, id: PredictionId) {
        let Some(scope) = self.scope.try_get_value() else { return };
        let Ok(subject) = scope.fetch(id).await else { return };
        let picture = match subject.prediction.image {
            Some(_) => fetch_picture(&addresses::prediction_image(id)).await.ok(),
            None => None,
        };
        self.images.with(|images| {
            if let Some(image) = images.iter_mut().find(|image| image.id == id) {
                (image.subject, image.picture) = (Some(subject), picture);
            }
        });
    }

    /// Leases `current` and those ahead for five minutes more; those that
    /// went to somebody else are dropped. Gives the lease of `current`.
    pub async fn renew(self, current: PredictionId) -> Option<Lease> {
        let scope = self.scope.try_get_value().filter(|scope| scope.may_review)?;
        let ids = self.with_current(current);
        let leases = renew_leases(scope.deployment, ids, scope.page_token).await.ok()?.open().ok()?;
        self.images.with(|images| {
            images.retain(|image| leases.iter().all(|lease| lease.mine || lease.prediction_id != image.id));
        });
        leases.into_iter().find(|lease| lease.prediction_id == current)
    }

    /// Gives all leases back, while the page is being left.
    pub fn release(self, current: PredictionId) {
        #[derive(Serialize)]
        struct LeaseRelease {
            ids: Vec<PredictionId>,
            session: String,
        }
        let Some(scope) = self.scope.try_get_value() else { return };
        let body = LeaseRelease { ids: self.with_current(current), session: scope.page_token };
        if let Ok(json) = serde_json::to_string(&body) {
            let deployment = scope.deployment;
            dom::send_on_leaving(
                &addresses::at(format!("/api/v1/deployments/{deployment}/review/release")),
                &json,
            );
        }
    }

    fn ids(self) -> Vec<PredictionId> {
        self.images.with(|images| images.iter().map(|image| image.id).collect()).unwrap_or_default()
    }

    fn with_current(self, current: PredictionId) -> Vec<PredictionId> {
        std::iter::once(current).chain(self.ids()).collect()
    }
}
