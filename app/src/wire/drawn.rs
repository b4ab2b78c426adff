//! Parts of a dashboard as the server prepares them: a browser needs no code
//! for each of them, but for each kind.

use crate::ui::Plot;
use charts::HeatMap;
use domain::monitor::Dashboard;
use serde::{Deserialize, Serialize};

/// What moves with every prediction: the figures of a stretch of time, and the
/// latest predictions, newest first.
pub type LiveFigures = (Dashboard, super::TilePage);

/// One part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Section {
    /// HTML over the whole width.
    Wide(String),
    /// HTML as wide as a chart.
    Cell(String),
    /// Curves.
    Plot(Plot),
    /// A map, and what is said of it.
    Heat(HeatMap, String),
}

/// All of them, from the top.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DashboardParts {
    /// The parts.
    pub sections: Vec<Section>,
    /// Shares of the labels in the training data; empty without.
    pub usual_labels: Vec<(String, f64)>,
}
