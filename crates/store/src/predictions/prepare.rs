//! From a prediction to the rows that it becomes. Done by the caller, so that
//! the one writer only writes.

use super::{
    NewPrediction, NewShadow,
    counting::{Counting, sound_outlier},
};
use crate::{
    convert::{side_to_row, to_json},
    database::Database,
    error::{Result, StoreError},
    labels::LabelBook,
    packed::{self, PackedBox},
};
use domain::{
    geometry::Score,
    ids::PredictionId,
    name::Label,
    prediction::{Origin, PredictedBox, Status},
};
use query::metadata_number;
use sea_orm::Value;
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// The rows of one prediction, row after row in the order of their columns.
#[derive(Clone, Debug)]
pub(crate) struct Prepared {
    pub(super) id: PredictionId,
    pub(super) deployment_id: Uuid,
    pub(super) key: Option<PreparedKey>,
    pub(super) image: Option<String>,
    pub(super) prediction: Vec<Value>,
    pub(super) boxes: Vec<Value>,
    pub(super) box_counts: Vec<Value>,
    pub(super) shadow: Vec<Value>,
    pub(super) tags: Vec<Value>,
    pub(super) metadata: Vec<Value>,
    /// Milliseconds from the arrival to the time in the id.
    pub(super) skew_ms: i64,
    pub(super) embedding: Vec<Value>,
    pub(super) counting: Counting,
}

#[derive(Clone, Debug)]
pub(super) struct PreparedKey {
    pub(super) key: String,
    pub(super) request_hash: String,
    pub(super) created: i64,
}

/// The number of an origin in the database.
pub(super) fn origin_number(origin: Origin) -> i16 {
    match origin {
        Origin::Champion => 0,
        Origin::Shadow => 1,
        Origin::Review => 2,
    }
}

pub(super) async fn prepare(db: &Database, labels: &LabelBook, new: &NewPrediction) -> Result<Prepared> {
    refuse_nul(new)?;
    let shadow_boxes = new.shadow.iter().flat_map(|shadow| &shadow.boxes);
    let ids = labels.ids(db, new.boxes.iter().chain(shadow_boxes).map(|seen| &seen.label)).await?;
    let boxes = by_falling_score(&new.boxes);
    let visible: Vec<&PredictedBox> =
        boxes.iter().copied().filter(|seen| seen.score >= new.threshold).collect();
    let numbered: Vec<(u32, &PredictedBox)> =
        visible.iter().map(|seen| (id_of(&ids, &seen.label), *seen)).collect();
    let mut prepared = Prepared {
        id: new.id,
        deployment_id: new.deployment_id.0,
        key: new.idempotency.as_ref().map(|idempotency| PreparedKey {
            key: idempotency.key.clone(),
            request_hash: idempotency.request_hash.clone(),
            created: new.received.0,
        }),
        image: new.image.clone(),
        prediction: prediction_row(new, &visible, &ids)?,
        boxes: box_rows(new.id, Origin::Champion, &boxes, &ids),
        box_counts: count_rows(new, Origin::Champion, &boxes, &ids),
        shadow: Vec::new(),
        tags: tag_rows(new),
        metadata: metadata_rows(new),
        skew_ms: skew_ms(new),
        embedding: embedding_row(new),
        counting: Counting::of(new, &numbered),
    };
    if let Some(shadow) = &new.shadow {
        add_shadow(&mut prepared, new, shadow, &ids);
    }
    Ok(prepared)
}

fn add_shadow(prepared: &mut Prepared, new: &NewPrediction, shadow: &NewShadow, ids: &HashMap<Label, u32>) {
    let boxes = by_falling_score(&shadow.boxes);
    prepared.boxes.extend(box_rows(new.id, Origin::Shadow, &boxes, ids));
    prepared.box_counts.extend(count_rows(new, Origin::Shadow, &boxes, ids));
    let model = shadow.model_version_id.map(|id| id.0);
    prepared.shadow = vec![new.id.0.into(), model.into(), shadow.latency_ms.into()];
    if let Some(model_version_id) = shadow.model_version_id {
        prepared.counting.shadow(new, model_version_id, shadow.latency_ms);
    }
}

/// PostgreSQL stores no NUL in a text; one rule holds for both databases.
fn refuse_nul(new: &NewPrediction) -> Result<()> {
    let single = new.filename.iter().chain(&new.source).chain(&new.image).chain(&new.tags);
    let pairs = new.metadata.iter().flat_map(|(key, value)| [key, value]);
    let keys = new.idempotency.iter().flat_map(|idempotency| [&idempotency.key, &idempotency.request_hash]);
    if single.chain(pairs).chain(keys).any(|text| text.contains('\0')) {
        return Err(StoreError::conflict("a text of the prediction has a NUL character"));
    }
    if !new.latency_ms.is_finite() || new.latency_ms < 0.0 {
        return Err(StoreError::conflict("latency_ms must be a finite number of at least 0"));
    }
    Ok(())
}

fn by_falling_score(boxes: &[PredictedBox]) -> Vec<&PredictedBox> {
    let mut sorted: Vec<&PredictedBox> = boxes.iter().collect();
    sorted.sort_by(|a, b| b.score.get().total_cmp(&a.score.get()));
    sorted
}

/// Every label of the prediction was asked for before.
fn id_of(ids: &HashMap<Label, u32>, label: &Label) -> u32 {
    ids.get(label).copied().unwrap_or_default()
}

fn prediction_row(
    new: &NewPrediction,
    visible: &[&PredictedBox],
    ids: &HashMap<Label, u32>,
) -> Result<Vec<Value>> {
    let scores = || visible.iter().map(|seen| seen.score.get());
    let mean = (!visible.is_empty()).then(|| scores().sum::<f64>() / visible.len() as f64);
    let outlier = sound_outlier(new);
    let packed: Vec<PackedBox> = visible.iter().map(|seen| pack_one(seen, ids)).collect();
    let mut row = vec![
        new.id.0.into(),
        new.deployment_id.0.into(),
        new.model_version_id.0.into(),
        Status::ToReview.as_str().into(),
        new.received.0.into(),
        new.created.0.into(),
        i32::try_from(visible.len()).unwrap_or(i32::MAX).into(),
        mean.into(),
        scores().min_by(f64::total_cmp).into(),
        new.latency_ms.into(),
        side_to_row(new.size.width)?.into(),
        side_to_row(new.size.height)?.into(),
        new.threshold.get().into(),
        new.source.clone().into(),
        new.filename.clone().into(),
        new.image.clone().into(),
        outlier.map(|outlier| outlier.score).into(),
        outlier.map(|outlier| outlier.distance).into(),
        new.shadow.as_ref().and_then(|shadow| shadow.disagreement).filter(|n| n.is_finite()).into(),
        0i32.into(),
        None::<String>.into(),
        to_json(&new.tags)?.into(),
        to_json(&new.metadata)?.into(),
        packed::pack(&packed).into(),
        outlier.and_then(|outlier| outlier.reference).map(|reference| reference.0).into(),
        new.image_bytes.map(u64::cast_signed).into(),
    ];
    row.extend(new.appearance.unwrap_or_default().values().map(|(_, value)| Value::from(value)));
    Ok(row)
}

fn pack_one(seen: &PredictedBox, ids: &HashMap<Label, u32>) -> PackedBox {
    let rect = &seen.rect;
    PackedBox {
        class: id_of(ids, &seen.label),
        ignored: false,
        score: Some(seen.score.get()),
        rect: [rect.x(), rect.y(), rect.w(), rect.h()],
    }
}

pub(super) fn box_rows(
    id: PredictionId,
    origin: Origin,
    boxes: &[&PredictedBox],
    ids: &HashMap<Label, u32>,
) -> Vec<Value> {
    let mut values = Vec::with_capacity(boxes.len() * 11);
    for (position, seen) in (0i32..).zip(boxes) {
        values.extend([
            Value::from(id.0),
            origin_number(origin).into(),
            0i32.into(),
            position.into(),
            i64::from(id_of(ids, &seen.label)).into(),
            Some(seen.score.get()).into(),
            seen.rect.x().into(),
            seen.rect.y().into(),
            seen.rect.w().into(),
            seen.rect.h().into(),
            false.into(),
        ]);
    }
    values
}

fn count_rows(
    new: &NewPrediction,
    origin: Origin,
    boxes: &[&PredictedBox],
    ids: &HashMap<Label, u32>,
) -> Vec<Value> {
    label_counts(boxes, new.threshold, ids)
        .into_iter()
        .flat_map(|(label, count)| count.into_row(new.deployment_id.0, label, origin, new.id.0))
        .collect()
}

/// How often a label occurs in one image.
pub(super) struct LabelCount {
    visible: i32,
    stored: i32,
    max_score: f64,
}

impl LabelCount {
    pub(super) fn into_row(
        self,
        deployment_id: Uuid,
        label: u32,
        origin: Origin,
        prediction_id: Uuid,
    ) -> [Value; 7] {
        [
            deployment_id.into(),
            i64::from(label).into(),
            origin_number(origin).into(),
            prediction_id.into(),
            self.visible.into(),
            self.stored.into(),
            self.max_score.into(),
        ]
    }
}

pub(super) fn label_counts(
    boxes: &[&PredictedBox],
    threshold: Score,
    ids: &HashMap<Label, u32>,
) -> BTreeMap<u32, LabelCount> {
    let mut counts: BTreeMap<u32, LabelCount> = BTreeMap::new();
    for seen in boxes {
        let empty = LabelCount { visible: 0, stored: 0, max_score: 0.0 };
        let count = counts.entry(id_of(ids, &seen.label)).or_insert(empty);
        count.visible += i32::from(seen.score >= threshold);
        count.stored += 1;
        count.max_score = count.max_score.max(seen.score.get());
    }
    counts
}

fn tag_rows(new: &NewPrediction) -> Vec<Value> {
    let tags: std::collections::BTreeSet<&String> = new.tags.iter().collect();
    tags.into_iter()
        .flat_map(|tag| [Value::from(new.deployment_id.0), tag.as_str().into(), new.id.0.into()])
        .collect()
}

/// Each value with the number that a query takes it for.
fn metadata_rows(new: &NewPrediction) -> Vec<Value> {
    let row = |(key, value): (&String, &String)| {
        [
            Value::from(new.deployment_id.0),
            new.id.0.into(),
            key.as_str().into(),
            value.as_str().into(),
            metadata_number(value).into(),
        ]
    };
    new.metadata.iter().flat_map(row).collect()
}

/// The first 48 bits of an id are milliseconds (RFC 9562, version 7).
fn skew_ms(new: &NewPrediction) -> i64 {
    let in_id = i64::try_from(new.id.0.as_u128() >> 80).unwrap_or(i64::MAX);
    in_id.saturating_sub(new.received.0)
}

fn embedding_row(new: &NewPrediction) -> Vec<Value> {
    let Some(embedding) = &new.embedding else { return Vec::new() };
    let bytes: Vec<u8> = embedding.iter().flat_map(|number| number.to_le_bytes()).collect();
    vec![new.id.0.into(), bytes.into()]
}
