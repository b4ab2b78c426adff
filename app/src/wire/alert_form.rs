//! An alert as a form writes it.

use serde::{Deserialize, Serialize};

/// The fields of the form.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AlertForm {
    /// Unique within the deployment.
    pub name: String,
    /// The name of a figure, or `query`.
    pub watch: String,
    /// What is counted, where `watch` is `query`.
    #[serde(default)]
    pub query: String,
    /// `>`, `>=`, `<` or `<=`.
    pub operator: String,
    /// In the figure's own unit.
    pub limit: f64,
    /// Over how long it is measured, in seconds.
    pub window_s: i64,
    /// How long it must hold, in seconds.
    pub sustained_s: i64,
    /// How far back it must come, in the figure's own unit.
    pub hysteresis: f64,
}
