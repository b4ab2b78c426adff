//! Drift as answers say it.

use domain::{
    drift::{DriftNow, DriftWindow, FeatureDrift},
    time::Timestamp,
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Drift as it stands.
#[derive(Serialize, ToSchema)]
pub(super) struct DriftNowBody {
    /// Features that are declared to drift.
    pub declared: Vec<String>,
    /// When the first of these was declared; null while none is.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub since: Option<Timestamp>,
    /// Images in the window that is filling.
    pub filling: u32,
    /// The last window that was compared.
    pub last: Option<DriftWindowBody>,
}

/// A window that was compared with the training data.
#[derive(Serialize, ToSchema)]
pub(super) struct DriftWindowBody {
    /// Identity.
    pub id: Uuid,
    /// The reference it was compared with.
    pub reference_id: Uuid,
    /// When its earliest image was taken.
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    /// When its latest image was taken.
    #[schema(value_type = String, format = DateTime)]
    pub to: Timestamp,
    /// Images that were compared.
    pub images: u32,
    /// Images left out, since another of their source was too near.
    pub thinned: u32,
    /// How each feature compares.
    pub features: Vec<FeatureBody>,
    /// Features declared to drift with this window.
    pub declared: Vec<String>,
    /// Features that ceased to.
    pub cleared: Vec<String>,
}

/// How a feature of a window compares.
#[derive(Serialize, ToSchema)]
pub(super) struct FeatureBody {
    /// Which.
    pub feature: String,
    /// Kolmogorov–Smirnov statistic, or Jensen–Shannon distance of labels.
    pub effect: f64,
    /// From which effect on it matters.
    pub matters_from: f64,
    /// Permutation p-value.
    pub p: f64,
    /// Adjusted for the number of features.
    pub adjusted_p: f64,
    /// Images of the training data that have the feature.
    pub reference_images: u32,
    /// Images of the window that have it.
    pub window_images: u32,
    /// To how many independent images these amount.
    pub independent_images: f64,
    /// Whether effect and p agree that it differs.
    pub differs: bool,
}

impl From<DriftNow> for DriftNowBody {
    fn from(d: DriftNow) -> Self {
        let declared = d.declared.iter().map(ToString::to_string).collect();
        Self { declared, since: d.since, filling: d.filling, last: d.last.map(Into::into) }
    }
}

impl From<DriftWindow> for DriftWindowBody {
    fn from(w: DriftWindow) -> Self {
        Self {
            id: w.id.0,
            reference_id: w.reference_id.0,
            from: w.from,
            to: w.to,
            images: w.images,
            thinned: w.thinned,
            features: w.features.into_iter().map(Into::into).collect(),
            declared: w.declared.iter().map(ToString::to_string).collect(),
            cleared: w.cleared.iter().map(ToString::to_string).collect(),
        }
    }
}

impl From<FeatureDrift> for FeatureBody {
    fn from(f: FeatureDrift) -> Self {
        Self {
            feature: f.feature.to_string(),
            effect: f.effect,
            matters_from: f.matters_from,
            p: f.p,
            adjusted_p: f.adjusted_p,
            reference_images: f.reference_images,
            window_images: f.window_images,
            independent_images: f.independent_images,
            differs: f.differs,
        }
    }
}
