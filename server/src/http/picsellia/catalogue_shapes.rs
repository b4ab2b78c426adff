//! Models and datasets as the SDK knows them.

use super::ids;
use domain::{
    dataset::DatasetVersion,
    model::{ModelFormat, ModelVersion},
};
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// A line of models.
pub(super) fn model(id: Uuid, name: &str, description: &str) -> Value {
    json!({ "id": id, "name": name, "private": true, "tags": [], "description": description })
}

/// One version of it.
pub(super) fn model_version(version: &ModelVersion) -> Value {
    let labels: Map<String, Value> =
        version.labels.iter().enumerate().map(|(index, label)| (index.to_string(), json!(label))).collect();
    let onnx = version.weights.as_ref().is_some_and(|weights| weights.format == ModelFormat::Onnx);
    json!({
        "id": version.id.0,
        "origin": model(version.model_id.0, version.model.as_str(), ""),
        "name": version.number.to_string(),
        "version": version.number,
        "type": "OBJECT_DETECTION",
        "framework": if onnx { "ONNX" } else { "NOT_CONFIGURED" },
        "labels": labels,
        "tags": [],
        "created_at": version.created,
    })
}

/// A dataset, whatever its versions.
pub(super) fn dataset(id: Uuid, name: &str, description: &str) -> Value {
    json!({
        "id": id, "name": name, "private": true, "tags": [], "description": description,
        "organization_id": ids::organization(),
    })
}

/// One version of it.
pub(super) fn dataset_version(version: &DatasetVersion) -> Value {
    json!({
        "id": version.id.0,
        "origin_id": version.dataset_id.0,
        "origin_name": version.dataset,
        "version": version.name,
        "type": "OBJECT_DETECTION",
        "tags": [],
        "annotation_campaign_id": null,
        "locked": !version.open,
        "size": version.counts.images,
        "created_at": version.created,
    })
}
