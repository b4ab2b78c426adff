//! Predictions: their way in, in groups, and their way out, in pages.

mod change;
mod counting;
mod deletion;
mod facets;
mod insert;
mod known;
mod list;
mod prepare;
mod read;
mod rows;
mod search;
mod shadows;
pub(crate) mod status_counts;
mod tags;
pub(crate) mod writer;

use change::missing;
pub use deletion::Hidden;
pub use facets::{Tallies, Tally};
pub(crate) use read::count;
pub use search::{condition_sql, rewritten_cursor};
pub use shadows::{Coverage, Replayable};
pub use tags::Tagged;

use crate::{database::Database, error::Result, labels::LabelBook, names::ModelNames};
use domain::{
    geometry::{Score, Size},
    ids::{DeploymentId, ModelVersionId, PredictionId, ReferenceId},
    prediction::PredictedBox,
    time::Timestamp,
    training_data::Appearance,
};
use std::collections::BTreeMap;
use writer::Writer;

/// A prediction to be stored, with status `to_review`.
#[derive(Clone, Debug, PartialEq)]
pub struct NewPrediction {
    /// Identity; a later arrival has a greater one.
    pub id: PredictionId,
    /// Where it was made.
    pub deployment_id: DeploymentId,
    /// What answered.
    pub model_version_id: ModelVersionId,
    /// As the sender named the file.
    pub filename: Option<String>,
    /// Which camera, line or client.
    pub source: Option<String>,
    /// Of the upright image.
    pub size: Size,
    /// SHA-256 of the stored image, hex.
    pub image: Option<String>,
    /// Of its file.
    pub image_bytes: Option<u64>,
    /// Measured or reported.
    pub latency_ms: f64,
    /// Boxes at or above it are seen and counted.
    pub threshold: Score,
    /// All to be stored; they are kept by falling score.
    pub boxes: Vec<PredictedBox>,
    /// What another model said.
    pub shadow: Option<NewShadow>,
    /// Free words.
    pub tags: Vec<String>,
    /// Free keys and values.
    pub metadata: BTreeMap<String, String>,
    /// When the image was taken.
    pub created: Timestamp,
    /// When it arrived; what dashboards count by.
    pub received: Timestamp,
    /// How its picture looks.
    pub appearance: Option<Appearance>,
    /// How unusual it is.
    pub outlier: Option<Outlier>,
    /// What makes a repetition harmless.
    pub idempotency: Option<Idempotency>,
}

/// What a shadow said of an image.
#[derive(Clone, Debug, PartialEq)]
pub struct NewShadow {
    /// Which model; `None` when the sender's is not one of ours.
    pub model_version_id: Option<ModelVersionId>,
    /// Measured or reported.
    pub latency_ms: f64,
    /// All to be stored.
    pub boxes: Vec<PredictedBox>,
    /// 1 − F1 of the two models' boxes, when the caller knows it.
    pub disagreement: Option<f64>,
}

/// How unusual an image is against a reference.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outlier {
    /// In [0, 1].
    pub score: f64,
    /// The raw distance, which breaks ties.
    pub distance: f64,
    /// Against what; scores of two references do not compare.
    pub reference: Option<ReferenceId>,
}

/// A sender's key and what it was sent with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Idempotency {
    /// Unique within the deployment.
    pub key: String,
    /// Tells whether a repetition is the same request.
    pub request_hash: String,
}

/// What became of a prediction to be stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The stored prediction: the given id, or the first one with the same key.
    pub id: PredictionId,
    /// It was stored before.
    pub repeated: bool,
}

/// Predictions of all deployments.
#[derive(Clone, Copy, Debug)]
pub struct Predictions<'a> {
    pub(crate) db: &'a Database,
    pub(crate) labels: &'a LabelBook,
    pub(crate) names: &'a ModelNames,
    pub(crate) writer: &'a Writer,
}

impl Predictions<'_> {
    /// Stores a prediction and returns after the commit. Calls at the same
    /// time share one transaction; a bad one fails alone.
    ///
    /// # Errors
    /// `Conflict` when its key was used for another request, when what it
    /// refers to is not there, or when a text has a NUL; `Closed` when the
    /// store was closed, and then it may or may not be stored.
    pub async fn insert(&self, new: NewPrediction) -> Result<Stored> {
        let prepared = prepare::prepare(self.db, self.labels, new).await?;
        self.writer.send(prepared).await?.wait().await
    }

    /// Stores many, in order, up to 256 in a transaction; gives one answer for
    /// each, in order, after all were committed or refused.
    pub async fn insert_many(&self, new: Vec<NewPrediction>) -> Vec<Result<Stored>> {
        let mut sent = Vec::with_capacity(new.len());
        for prediction in new {
            sent.push(match prepare::prepare(self.db, self.labels, prediction).await {
                Ok(prepared) => self.writer.send(prepared).await,
                Err(error) => Err(error),
            });
        }
        let mut answers = Vec::with_capacity(sent.len());
        for pending in sent {
            answers.push(match pending {
                Ok(pending) => pending.wait().await,
                Err(error) => Err(error),
            });
        }
        answers
    }
}
