//! What the page of a dashboard is made of.

use domain::{
    drift::{DriftNow, DriftWindow},
    monitor::{
        Dashboard,
        page::{Heat, Point, Totals},
    },
    training_data::TrainingData,
};

/// All that a dashboard shows of a range of time, and of the range before it.
#[derive(Clone, Debug, PartialEq)]
pub struct MonitoringPage {
    /// Figures in buckets of time.
    pub dashboard: Dashboard,
    /// More figures of the same buckets, in the same order.
    pub points: Vec<Point>,
    /// The whole range.
    pub total: Totals,
    /// The range of the same length before it.
    pub before: Totals,
    /// The whole range by model version (`model/number`), the latest first, at
    /// most four; empty where one made all predictions.
    pub by_model: Vec<(String, Totals)>,
    /// Where the middles of boxes lie.
    pub heat: Heat,
    /// Predictions by source, most first; those that name none are left out.
    pub sources: Vec<(String, u64)>,
    /// With what the deployment is compared.
    pub training_data: TrainingData,
    /// Shares of the labels in the training data, most first; empty without.
    pub reference_labels: Vec<(String, f64)>,
    /// Drift as it stands; `None` without training data that is ready.
    pub drift: Option<DriftNow>,
    /// Windows compared in this range, the latest first, at most 30.
    pub drift_windows: Vec<DriftWindow>,
}
