//! Small things to store.

use domain::{
    access::{Role, User},
    dataset::{Annotation, Asset, Split},
    deployment::Deployment,
    geometry::{Rect, Score, Size},
    ids::{
        AssetId, DatasetId, DatasetVersionId, DeploymentId, ModelId, ModelVersionId, PredictionId, UserId,
    },
    model::{ModelVersion, WeightsRef},
    name::{Label, Name},
    prediction::PredictedBox,
    review::{Picked, SavedBox, StartedFrom},
    time::Timestamp,
};
use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU64, Ordering},
};
use store::{
    Act, By, NewDatasetVersion, NewDeployment, NewModelVersion, NewPrediction, NewRevision, RoleChange, Store,
};
use uuid::Uuid;

/// 2026-11-01T00:00:00Z.
pub(crate) const START: Timestamp = Timestamp(1_793_491_200_000);

/// A fresh id; later ones are greater.
pub(crate) fn id<T: From<Uuid>>() -> T {
    static LAST: AtomicU64 = AtomicU64::new(1);
    T::from(Uuid::from_u128(
        0x0190_0000_0000_7000_8000_0000_0000_0000 | u128::from(LAST.fetch_add(1, Ordering::Relaxed)),
    ))
}

pub(crate) fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

pub(crate) fn label(text: &str) -> Label {
    Label::new(text).unwrap()
}

pub(crate) fn labels(texts: &[&str]) -> Vec<Label> {
    texts.iter().map(|text| label(text)).collect()
}

pub(crate) fn rect(x: f64, y: f64, w: f64, h: f64) -> Rect {
    Rect::new(x, y, w, h).unwrap()
}

pub(crate) fn score(value: f64) -> Score {
    Score::new(value).unwrap()
}

pub(crate) fn user(email: &str) -> User {
    User { id: id::<UserId>(), email: email.to_owned(), role: Role::Admin, created: START, disabled: false }
}

pub(crate) fn seen(text: &str, confidence: f64) -> PredictedBox {
    PredictedBox { label: label(text), score: score(confidence), rect: rect(1.1, 2.2, 30.3, 40.4) }
}

pub(crate) fn new_version(dataset: &str, version: Option<&str>, words: &[&str]) -> NewDatasetVersion {
    NewDatasetVersion {
        id: id::<DatasetVersionId>(),
        dataset_id: id::<DatasetId>(),
        dataset: name(dataset),
        name: version.map(name),
        labels: labels(words),
        created: START,
    }
}

pub(crate) fn asset(version_id: DatasetVersionId, split: Split, annotations: Vec<Annotation>) -> Asset {
    let id = id::<AssetId>();
    Asset {
        id,
        version_id,
        filename: format!("картинка {id}.jpg"),
        content_hash: format!("{:064x}", id.0.as_u128()),
        pixel_hash: format!("{:064x}", id.0.as_u128() + 1),
        size: Size::new(640, 480).unwrap(),
        split,
        annotations,
    }
}

pub(crate) fn annotation(text: &str, ignore: bool) -> Annotation {
    Annotation { label: label(text), rect: rect(0.1, 0.2, 10.0 / 3.0, 5.5), ignore }
}

pub(crate) fn new_model(model: &str) -> NewModelVersion {
    NewModelVersion {
        id: id::<ModelVersionId>(),
        model_id: id::<ModelId>(),
        model: name(model),
        labels: labels(&["car", "person"]),
        weights: Some(WeightsRef::fovea("ab".repeat(32), 1234)),
        trainer: None,
        experiment_id: None,
        base_id: None,
        dataset_version_id: None,
        created: START,
    }
}

pub(crate) async fn model(store: &Store, model: &str) -> ModelVersion {
    store.models().create_version(new_model(model), act()).await.unwrap()
}

pub(crate) async fn deployment(store: &Store, text: &str) -> Deployment {
    let champion = model(store, &format!("model-of-{text}")).await;
    let new = NewDeployment {
        id: id::<DeploymentId>(),
        name: name(text),
        champion: champion.id,
        shadow: None,
        threshold: score(0.25),
        created: START,
    };
    store.deployments().insert(&new, act()).await.unwrap()
}

pub(crate) fn new_prediction(deployment: &Deployment) -> NewPrediction {
    NewPrediction {
        id: id::<PredictionId>(),
        deployment_id: deployment.id,
        model_version_id: deployment.champion.id,
        filename: Some("straße.jpg".to_owned()),
        source: Some("line 1".to_owned()),
        size: Size::new(640, 480).unwrap(),
        image: None,
        image_bytes: None,
        latency_ms: 12.34,
        threshold: deployment.threshold,
        boxes: vec![seen("car", 0.1), seen("car", 0.9), seen("person", 0.3)],
        shadow: None,
        tags: vec!["night".to_owned(), "rain".to_owned()],
        metadata: BTreeMap::from([("line".to_owned(), "A\"1".to_owned())]),
        created: START,
        received: START.plus_ms(5),
        appearance: None,
        outlier: None,
        idempotency: None,
    }
}

pub(crate) fn by(person: &str) -> By {
    By { actor: person.to_owned(), person: person.to_owned(), at: START }
}

/// What a test does, where the record of it is another test's business.
pub(crate) fn act() -> Act {
    Act::new(by("root"), "test.act", serde_json::json!({}))
}

/// The same at another moment.
pub(crate) fn act_at(at: Timestamp) -> Act {
    Act::new(By { at, ..by("root") }, "test.act", serde_json::json!({}))
}

pub(crate) fn change(at: Timestamp) -> RoleChange {
    RoleChange { evidence: None, expected: None, outgoing: None, by: By { at, ..by("root") } }
}

pub(crate) fn drawn(text: &str, x: f64) -> SavedBox {
    SavedBox { label: label(text), rect: rect(x, 2.2, 30.3, 40.4), ignore: false, source: None }
}

pub(crate) fn revision(id: PredictionId, base: u32, boxes: Vec<SavedBox>, person: &str) -> NewRevision {
    NewRevision {
        prediction_id: id,
        base_revision: base,
        boxes,
        started_from: StartedFrom::Champion,
        picked: Picked::Query,
        left_as_drawn: vec![],
        statistics: None,
        restored_from: None,
        by: by(person),
        outgoing: None,
        submission: None,
    }
}
