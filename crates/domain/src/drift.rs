//! Drift of predictions: what is looked at in an image, and windows that were
//! compared, as they are kept and shown. How they are compared is
//! [`measures::drift`].

mod features;

pub use features::{
    DriftReference, DriftState, Feature, FeatureDrift, ImageFeatures, image_features, without_boxes,
};

use crate::{
    ids::{DriftWindowId, PredictionId, ReferenceId},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

/// A window that was compared with a reference.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DriftWindow {
    /// Identity.
    pub id: DriftWindowId,
    /// With what it was compared.
    pub reference_id: ReferenceId,
    /// When its earliest image was taken.
    pub from: Timestamp,
    /// When its latest image was taken.
    pub to: Timestamp,
    /// Images that were compared.
    pub images: u32,
    /// Images that were left out, since another of their source was too near.
    pub thinned: u32,
    /// Its first and its last image, in the order of arrival.
    pub span: (PredictionId, PredictionId),
    /// How each feature compares.
    pub features: Vec<FeatureDrift>,
    /// Features that were declared to drift with this window.
    pub declared: Vec<Feature>,
    /// Features that ceased to with this window.
    pub cleared: Vec<Feature>,
    /// When it was compared.
    pub closed: Timestamp,
}

/// Drift as it stands now.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DriftNow {
    /// Features that are declared to drift.
    pub declared: Vec<Feature>,
    /// When the first of these was declared; `None` while none is.
    pub since: Option<Timestamp>,
    /// Images in the window that is filling.
    pub filling: u32,
    /// The last window; `None` before the first.
    pub last: Option<DriftWindow>,
}
