//! What travels between server functions and pages where the domain's own
//! words would be too much, or live in a crate that the browser has not.

use domain::{
    access::{Role, Token, User},
    geometry::{Rect, Size},
    ids::PredictionId,
    model::{CurvePoint, Experiment},
    prediction::{Prediction, Status},
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

/// A prediction as the grid shows it: only the boxes that are seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tile {
    /// Identity.
    pub id: PredictionId,
    /// How far it is.
    pub status: Status,
    /// The sender's name for it.
    pub filename: Option<String>,
    /// Of the upright image.
    pub size: Size,
    /// Whether there is an image to show.
    pub pictured: bool,
    /// Boxes at or above the threshold.
    pub objects: usize,
    /// The first hundred of them.
    pub boxes: Vec<TileBox>,
    /// When it arrived.
    pub received: Timestamp,
    /// How unusual it is.
    pub outlier_score: Option<f64>,
}

/// A box of a tile.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TileBox {
    /// The class.
    pub label: String,
    /// Pixels of the upright image.
    #[serde(flatten)]
    pub rect: Rect,
}

/// More would be a blot on a thumbnail.
const BOXES_OF_A_TILE: usize = 100;

impl From<Prediction> for Tile {
    fn from(prediction: Prediction) -> Self {
        let boxes = prediction
            .visible_boxes()
            .take(BOXES_OF_A_TILE)
            .map(|b| TileBox { label: b.label.as_str().to_owned(), rect: b.rect })
            .collect();
        Self {
            id: prediction.id,
            status: prediction.status,
            objects: prediction.objects(),
            size: prediction.size,
            pictured: prediction.image.is_some(),
            boxes,
            received: prediction.received,
            outlier_score: prediction.outlier_score,
            filename: prediction.filename,
        }
    }
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
