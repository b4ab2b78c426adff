//! What a prediction adds to the counts that dashboards read.

use super::NewPrediction;
use crate::{
    aggregates::{
        self,
        bins::{Bins, Counted, CountedImage},
        exemplars::{Exemplar, Exemplars},
        sources::Sources,
    },
    boxes::StoredBox,
    error::Result,
};
use sea_orm::ConnectionTrait;

/// Counts of one prediction, or of a group.
#[derive(Clone, Debug, Default)]
pub(super) struct Counting {
    bins: Bins,
    exemplars: Exemplars,
    sources: Sources,
}

impl Counting {
    /// `visible` are the champion's boxes at or above the threshold.
    pub(super) fn of(new: &NewPrediction, visible: &[StoredBox]) -> Self {
        let counted = Counted {
            deployment_id: new.deployment_id,
            model_version_id: new.model_version_id,
            received: new.received,
        };
        let mut counting = Self::default();
        counting.bins.count_prediction(counted, new.latency_ms, visible);
        let outlier = new.outlier;
        let image = CountedImage {
            size: new.size,
            appearance: new.appearance.unwrap_or_default(),
            outlier_score: outlier.map(|outlier| outlier.score),
        };
        counting.bins.count_image(counted, &image, visible);
        counting.exemplars.see(counted, Exemplar::LatencyMs, new.id, new.latency_ms);
        counting.exemplars.see(counted, Exemplar::Objects, new.id, visible.len() as f64);
        if let Some(outlier) = outlier {
            // Of equal scores the farther one: what lies beyond all is 1 for all.
            let value = if outlier.score < 1.0 { outlier.score } else { 1.0 + outlier.distance };
            counting.exemplars.see(counted, Exemplar::Outlier, new.id, value);
        }
        if let Some(source) = &new.source {
            counting.sources.count(counted, source);
        }
        if let Some(shadow) = &new.shadow
            && let Some(model_version_id) = shadow.model_version_id
        {
            counting.bins.count_shadow(Counted { model_version_id, ..counted }, shadow.latency_ms);
        }
        counting
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.bins.merge(&other.bins);
        self.exemplars.merge(&other.exemplars);
        self.sources.merge(&other.sources);
    }

    pub(super) async fn write(&self, db: &impl ConnectionTrait) -> Result<()> {
        aggregates::add(db, &self.bins).await?;
        self.exemplars.write(db).await?;
        self.sources.write(db).await
    }
}
