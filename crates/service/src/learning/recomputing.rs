//! The figures of a comparison made anew from its stored boxes: a bootstrap
//! takes seconds, so one is made at a time, and what it gave stands a minute.

use crate::{Learning, Result, ServiceError, base::blocking};
use domain::comparison::{Comparison, EvidenceImage, StoredComparison, Subject, compare};
use std::{collections::HashMap, time::Duration};
use tokio::time::Instant;
use uuid::Uuid;

/// How long figures stand before they may be made again: the boxes that they
/// come from never change.
const STANDS_FOR: Duration = Duration::from_secs(60);

/// What was made within the last minute, by comparison. Whoever asks while
/// figures are made waits behind the lock, and mostly finds them done.
#[derive(Default)]
pub(super) struct Recomputed {
    lately: tokio::sync::Mutex<HashMap<Uuid, (Instant, Comparison)>>,
}

impl Learning {
    /// The figures of a comparison, made anew or within the last minute.
    pub(crate) async fn recomputed(&self, stored: &StoredComparison) -> Result<Comparison> {
        // As a task of its own: who goes away must not free the lock while the
        // figures are still being made.
        let (learning, stored) = (self.clone(), stored.clone());
        tokio::spawn(async move { learning.made_anew(&stored).await }).await?
    }

    async fn made_anew(&self, stored: &StoredComparison) -> Result<Comparison> {
        let mut lately = self.recomputed.lately.lock().await;
        lately.retain(|_, (made, _)| made.elapsed() < STANDS_FOR);
        if let Some((_, report)) = lately.get(&stored.id.0) {
            return Ok(report.clone());
        }
        let images = self.base.store().learning().evidence(stored.id).await?;
        let report = compared(stored.subject.clone(), images).await?.0;
        lately.insert(stored.id.0, (Instant::now(), report.clone()));
        Ok(report)
    }
}

/// The comparison, made where it may take a while; the images come back.
pub(crate) async fn compared(
    subject: Subject,
    images: Vec<EvidenceImage>,
) -> Result<(Comparison, Vec<EvidenceImage>)> {
    blocking(move || {
        let report = compare(&subject, &images).map_err(|error| ServiceError::Internal(error.to_string()))?;
        Ok((report, images))
    })
    .await
}
