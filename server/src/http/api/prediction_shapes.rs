//! Predictions as they look on the wire, and how many there are.

use super::shapes::BoxShape;
use crate::http::base_path::at;
use domain::{
    listing::Count,
    prediction::{Prediction, ShadowPrediction, Status},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// What a model said of one image.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PredictionBody {
    /// Sorts by arrival.
    pub id: Uuid,
    /// Where it was made.
    pub deployment_id: Uuid,
    /// `model/number` that answered.
    #[schema(example = "cells/1")]
    pub model: String,
    /// `to_review`, `reviewed`, `submitted` or `skipped`.
    #[schema(value_type = String, example = "to_review")]
    pub status: Status,
    /// As the sender named the file.
    pub filename: Option<String>,
    /// Which camera, line or client.
    pub source: Option<String>,
    /// Of the upright image.
    pub width: u32,
    /// Of the upright image.
    pub height: u32,
    /// Where the image is; null when it was not sent.
    pub image_url: Option<String>,
    /// From the request's arrival to the boxes.
    pub latency_ms: f64,
    /// Boxes at or above it are counted as objects.
    pub threshold: f64,
    /// Number of boxes at or above the threshold.
    pub objects: usize,
    /// All boxes with a score of 0.01 or more, or as the server was told by
    /// `--least-score`; at most 300, best first.
    pub boxes: Vec<BoxShape>,
    /// What the shadow said of the same image.
    pub shadow: Option<ShadowBody>,
    /// Free words.
    pub tags: Vec<String>,
    /// Free keys and values.
    pub metadata: BTreeMap<String, String>,
    /// When the image was taken.
    #[schema(value_type = String, format = DateTime)]
    pub created: Timestamp,
    /// When it arrived.
    #[schema(value_type = String, format = DateTime)]
    pub received: Timestamp,
    /// How unusual it is against the training data, from 0 to 1.
    pub outlier_score: Option<f64>,
}

/// What a shadow said of the same image.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ShadowBody {
    /// `model/number`.
    pub model: String,
    /// How long it took.
    pub latency_ms: f64,
    /// All boxes with a score of 0.01 or more, or as the server was told by
    /// `--least-score`; best first.
    pub boxes: Vec<BoxShape>,
}

impl From<ShadowPrediction> for ShadowBody {
    fn from(shadow: ShadowPrediction) -> Self {
        let boxes = shadow.boxes.into_iter().map(Into::into).collect();
        Self { model: shadow.model, latency_ms: shadow.latency_ms, boxes }
    }
}

impl From<Prediction> for PredictionBody {
    fn from(p: Prediction) -> Self {
        let image_url = p.image.as_ref().map(|_| at(format!("/api/v1/predictions/{}/image", p.id)));
        Self {
            id: p.id.0,
            deployment_id: p.deployment_id.0,
            objects: p.objects(),
            model: p.model,
            status: p.status,
            filename: p.filename,
            source: p.source,
            width: p.size.width,
            height: p.size.height,
            image_url,
            latency_ms: p.latency_ms,
            threshold: p.threshold.get(),
            boxes: p.boxes.into_iter().map(Into::into).collect(),
            shadow: p.shadow.map(Into::into),
            tags: p.tags,
            metadata: p.metadata,
            created: p.created,
            received: p.received,
            outlier_score: p.outlier_score,
        }
    }
}

/// A number of predictions.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct CountBody {
    /// How many.
    pub count: u64,
    /// False when the time limit came first: there are at least so many.
    pub exact: bool,
}

impl From<Count> for CountBody {
    fn from(count: Count) -> Self {
        Self { count: count.count, exact: count.exact }
    }
}
