//! What travels between server functions and pages where the domain's own
//! words would be too much, or live in a crate that the browser has not.

mod alert_form;
mod drawn;
mod tiles;

pub use alert_form::AlertForm;
pub use drawn::{DashboardParts, LiveFigures, Section};
pub use tiles::{Outline, Tile, TilePage, outlines};

use domain::{
    access::{Role, Token, User},
    model::{CurvePoint, Experiment, ModelVersion},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

/// What the frame around every page shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// Who is signed in.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// How many deployments, datasets, models and experiments there are.
    pub counts: NavCounts,
    /// Names of deployments, the latest at work first.
    pub recent: Vec<String>,
}

/// How many there are, as far as the frame counts: `None` hides the figure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NavCounts {
    /// Deployments.
    pub deployments: usize,
    /// Datasets.
    pub datasets: usize,
    /// Models.
    pub models: usize,
    /// Experiments.
    pub experiments: usize,
}

/// An experiment with what it said on its way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExperimentPage {
    /// The experiment.
    pub experiment: Experiment,
    /// Its curves, by rising step.
    pub curves: Vec<CurvePoint>,
    /// Its log, oldest line first.
    pub log: Vec<(Timestamp, String)>,
}

/// An experiment among others, with what it made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ComparedExperiment {
    /// The experiment, without its log.
    pub page: ExperimentPage,
    /// The version that it made, with its figures.
    pub made: Option<ModelVersion>,
}

/// A link that works once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OneTimeLink {
    /// For whom.
    pub email: String,
    /// Its secret part.
    pub secret: String,
    /// When it ends.
    pub expires: Timestamp,
}

/// A token and its secret, which is shown this once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuedToken {
    /// The token.
    pub token: Token,
    /// What a client sends.
    pub secret: String,
}

/// People and tokens, as one page shows them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct People {
    /// Everyone who can sign in.
    pub users: Vec<User>,
    /// Every token that works.
    pub tokens: Vec<Token>,
}
