//! From a prediction to the rows that it becomes. Done by the caller, so that
//! the one writer only writes. What comes in is looked at here and nowhere
//! further on.

use super::{NewPrediction, NewShadow, counting::Counting};
use crate::{
    boxes::{self, BoxOwner, StoredBox},
    convert::{side_to_row, to_json},
    database::Database,
    entity::prediction::{
        box_counts, boxes as box_rows, idempotency_keys, prediction_metadata, prediction_tags, predictions,
        shadow_predictions,
    },
    error::{Result, StoreError},
    labels::LabelBook,
    packed,
    table::TableRow,
};
use domain::{
    ids::PredictionId,
    monitor::image_measures::{Appearance, ImageMeasure},
    prediction::{Origin, Status},
};
use query::metadata_number;
use sea_orm::Value;
use std::collections::BTreeSet;

/// The rows of one prediction.
#[derive(Clone, Debug)]
pub(crate) struct Prepared {
    pub(super) key: Option<idempotency_keys::Model>,
    pub(super) prediction: PredictionRow,
    pub(super) boxes: Vec<box_rows::Model>,
    pub(super) box_counts: Vec<box_counts::Model>,
    pub(super) shadow: Option<shadow_predictions::Model>,
    pub(super) tags: Vec<prediction_tags::Model>,
    pub(super) metadata: Vec<prediction_metadata::Model>,
    /// Milliseconds from the arrival to the time in the id.
    pub(super) skew_ms: i64,
    pub(super) counting: Counting,
}

impl Prepared {
    pub(super) fn id(&self) -> PredictionId {
        PredictionId(self.prediction.row.id)
    }
}

/// A row of predictions as it is written: what is read again, and a column for
/// each measure of the image, in the order of their table.
#[derive(Clone, Debug)]
pub(super) struct PredictionRow {
    pub(super) row: predictions::Model,
    appearance: Appearance,
}

impl TableRow for PredictionRow {
    fn table() -> &'static str {
        predictions::Model::table()
    }

    fn columns() -> Vec<&'static str> {
        predictions::Model::columns().into_iter().chain(ImageMeasure::all().map(ImageMeasure::name)).collect()
    }

    fn push_values(&self, values: &mut Vec<Value>) {
        self.row.push_values(values);
        values.extend(self.appearance.values().map(|(_, value)| Value::from(value)));
    }
}

pub(super) async fn prepare(db: &Database, labels: &LabelBook, new: NewPrediction) -> Result<Prepared> {
    let new = sound(new)?;
    let shadow_boxes = new.shadow.iter().flat_map(|shadow| &shadow.boxes);
    let numbers = labels.ids(db, new.boxes.iter().chain(shadow_boxes).map(|one| &one.label)).await?;
    let threshold = new.threshold.get();
    let owner = BoxOwner {
        deployment_id: new.deployment_id.0,
        prediction_id: new.id.0,
        origin: Origin::Champion,
        revision: 0,
    };
    let stored = boxes::of_model(&new.boxes, &numbers)?;
    let visible: Vec<StoredBox> = stored.iter().copied().filter(|one| one.is_visible(threshold)).collect();
    let mut prepared = Prepared {
        counting: Counting::of(&new, &visible),
        boxes: owner.rows(&stored),
        box_counts: owner.counts(&stored, threshold),
        shadow: new.shadow.as_ref().map(|shadow| shadow_row(&new, shadow)),
        tags: tag_rows(&new),
        metadata: metadata_rows(&new),
        skew_ms: skew_ms(&new),
        key: key_row(&new),
        prediction: PredictionRow {
            row: prediction_row(&new, &visible)?,
            appearance: new.appearance.unwrap_or_default(),
        },
    };
    if let Some(shadow) = &new.shadow {
        let owner = BoxOwner { origin: Origin::Shadow, ..owner };
        let stored = boxes::of_model(&shadow.boxes, &numbers)?;
        prepared.boxes.extend(owner.rows(&stored));
        prepared.box_counts.extend(owner.counts(&stored, threshold));
    }
    Ok(prepared)
}

/// What can be stored: PostgreSQL stores no NUL in a text, and one rule holds
/// for both databases; a figure that is no number counts as missing.
fn sound(mut new: NewPrediction) -> Result<NewPrediction> {
    let single = new.filename.iter().chain(&new.source).chain(&new.image).chain(&new.tags);
    let pairs = new.metadata.iter().flat_map(|(key, value)| [key, value]);
    let keys = new.idempotency.iter().flat_map(|idempotency| [&idempotency.key, &idempotency.request_hash]);
    if single.chain(pairs).chain(keys).any(|text| text.contains('\0')) {
        return Err(StoreError::conflict("a text of the prediction has a NUL character"));
    }
    if !new.latency_ms.is_finite() || new.latency_ms < 0.0 {
        return Err(StoreError::conflict("latency_ms must be a finite number of at least 0"));
    }
    new.outlier = new.outlier.filter(|outlier| outlier.score.is_finite() && outlier.distance.is_finite());
    new.shadow = new.shadow.map(NewShadow::sound);
    Ok(new)
}

impl NewShadow {
    /// A disagreement that is no number is missing.
    pub(super) fn sound(mut self) -> Self {
        self.disagreement = self.disagreement.filter(|number| number.is_finite());
        self
    }
}

fn prediction_row(new: &NewPrediction, visible: &[StoredBox]) -> Result<predictions::Model> {
    let scores = || visible.iter().filter_map(|one| one.score);
    let outlier = new.outlier;
    Ok(predictions::Model {
        id: new.id.0,
        deployment_id: new.deployment_id.0,
        model_version_id: new.model_version_id.0,
        status: Status::ToReview.as_str().to_owned(),
        received: new.received.0,
        created: new.created.0,
        objects: i32::try_from(visible.len()).unwrap_or(i32::MAX),
        mean_confidence: (!visible.is_empty()).then(|| scores().sum::<f64>() / visible.len() as f64),
        min_confidence: scores().min_by(f64::total_cmp),
        latency_ms: new.latency_ms,
        width: side_to_row(new.size.width)?,
        height: side_to_row(new.size.height)?,
        threshold: new.threshold.get(),
        source: new.source.clone(),
        filename: new.filename.clone(),
        image: new.image.clone(),
        outlier_score: outlier.map(|outlier| outlier.score),
        outlier_distance: outlier.map(|outlier| outlier.distance),
        shadow_disagreement: new.shadow.as_ref().and_then(|shadow| shadow.disagreement),
        revision: 0,
        reviewed_by: None,
        tags: to_json(&new.tags)?,
        metadata: to_json(&new.metadata)?,
        visible: packed::pack(visible),
        deletion_id: None,
        outlier_reference_id: outlier.and_then(|outlier| outlier.reference).map(|reference| reference.0),
        image_bytes: new.image_bytes.map(u64::cast_signed),
    })
}

fn shadow_row(new: &NewPrediction, shadow: &NewShadow) -> shadow_predictions::Model {
    shadow_predictions::Model {
        prediction_id: new.id.0,
        model_version_id: shadow.model_version_id.map(|version| version.0),
        latency_ms: shadow.latency_ms,
    }
}

fn key_row(new: &NewPrediction) -> Option<idempotency_keys::Model> {
    new.idempotency.as_ref().map(|idempotency| idempotency_keys::Model {
        deployment_id: new.deployment_id.0,
        key: idempotency.key.clone(),
        prediction_id: new.id.0,
        request_hash: idempotency.request_hash.clone(),
        created: new.received.0,
    })
}

fn tag_rows(new: &NewPrediction) -> Vec<prediction_tags::Model> {
    let (deployment_id, prediction_id) = (new.deployment_id.0, new.id.0);
    let tags: BTreeSet<&String> = new.tags.iter().collect();
    tags.into_iter()
        .map(|tag| prediction_tags::Model { deployment_id, tag: tag.clone(), prediction_id })
        .collect()
}

/// Each value with the number that a query takes it for.
fn metadata_rows(new: &NewPrediction) -> Vec<prediction_metadata::Model> {
    let row = |(key, value): (&String, &String)| prediction_metadata::Model {
        deployment_id: new.deployment_id.0,
        prediction_id: new.id.0,
        key: key.clone(),
        value: value.clone(),
        number: metadata_number(value),
    };
    new.metadata.iter().map(row).collect()
}

/// The first 48 bits of an id are milliseconds (RFC 9562, version 7).
fn skew_ms(new: &NewPrediction) -> i64 {
    let in_id = i64::try_from(new.id.0.as_u128() >> 80).unwrap_or(i64::MAX);
    in_id.saturating_sub(new.received.0)
}
