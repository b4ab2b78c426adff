//! Parts of a dashboard as the server prepares them: a browser needs no code
//! for each of them, but for each kind.

use crate::ui::Plot;
use charts::HeatMap;
use domain::monitor::{Dashboard, values::Figures};
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

impl Section {
    /// Whether it takes the whole width.
    #[must_use]
    pub fn is_wide(&self) -> bool {
        matches!(self, Self::Wide(_))
    }
}

/// The group that begins with the charts which the browser draws itself.
pub const TRAFFIC: &str = "part-traffic";

/// Parts that belong together, below a heading that folds them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SectionGroup {
    /// Its name in addresses.
    pub id: String,
    /// Its heading.
    pub title: String,
    /// Whether it is unfolded at first.
    pub open: bool,
    /// Its parts.
    pub sections: Vec<Section>,
}

/// All of them, from the top.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DashboardParts {
    /// How the deployment is, in one line of HTML.
    pub headline: String,
    /// The parts below the figures.
    pub groups: Vec<SectionGroup>,
    /// Shares of the labels in the training data; empty without.
    pub usual_labels: Vec<(String, f64)>,
    /// The figures of the range before, to compare.
    pub before: Figures,
}
