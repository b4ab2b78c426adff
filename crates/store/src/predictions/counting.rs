//! What a prediction adds to the counts that dashboards read.

use super::{NewPrediction, Outlier};
use crate::{
    aggregates::{
        self,
        bins::{Bins, Counted, CountedImage},
        exemplars::{Exemplar, Exemplars},
        sources::Sources,
    },
    error::Result,
};
use domain::{ids::ModelVersionId, prediction::PredictedBox, training_data::Appearance};
use sea_orm::ConnectionTrait;

/// Counts of one prediction, or of a group.
#[derive(Clone, Debug, Default)]
pub(super) struct Counting {
    bins: Bins,
    exemplars: Exemplars,
    sources: Sources,
}

impl Counting {
    /// `visible` are the boxes at or above the threshold, each with the number
    /// of its label.
    pub(super) fn of(new: &NewPrediction, visible: &[(u32, &PredictedBox)]) -> Self {
        let counted = Counted {
            deployment_id: new.deployment_id,
            model_version_id: new.model_version_id,
            received: new.received,
        };
        let mut counting = Self::default();
        counting.bins.count_prediction(counted, new.latency_ms, visible.iter().copied());
        let outlier = sound_outlier(new);
        let image = CountedImage {
            size: new.size,
            appearance: sound_appearance(new),
            outlier_score: outlier.map(|outlier| outlier.score),
        };
        counting.bins.count_image(counted, &image, visible.iter().map(|(_, seen)| *seen));
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
        counting
    }

    pub(super) fn shadow(&mut self, new: &NewPrediction, model_version_id: ModelVersionId, latency_ms: f64) {
        let (deployment_id, received) = (new.deployment_id, new.received);
        self.bins.count_shadow(Counted { deployment_id, model_version_id, received }, latency_ms);
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

/// A number that is none counts as missing, in every database.
pub(super) fn sound_outlier(new: &NewPrediction) -> Option<Outlier> {
    new.outlier.filter(|outlier| outlier.score.is_finite() && outlier.distance.is_finite())
}

/// Likewise.
pub(super) fn sound_appearance(new: &NewPrediction) -> Option<Appearance> {
    let finite =
        |seen: &Appearance| [seen.brightness, seen.contrast, seen.sharpness].into_iter().all(f64::is_finite);
    new.appearance.filter(finite)
}
