//! The boxes of many images at once.

use super::{
    annotations::{Rectangles, asset_of, boxes},
    answers::{missing, wrong},
    dataset_versions::version_of,
    sdk_body::SdkBody,
};
use crate::http::{
    AppState,
    admission::Admin,
    api::AtMost,
    problem::{PathParams, Problem},
};
use axum::{Json, extract::State};
use domain::ids::DatasetVersionId;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::HashSet;
use uuid::Uuid;

#[derive(Deserialize)]
pub(super) struct BulkBody {
    #[serde(default)]
    import_type: Option<String>,
    #[serde(default)]
    annotations: AtMost<OneOfBulk, 1_000>,
}

#[derive(Deserialize)]
struct OneOfBulk {
    asset_id: Uuid,
    #[serde(default)]
    rectangles: Option<Rectangles>,
}

/// Boxes of many images: instead of those there are, beside them, or only
/// where there are none.
pub(super) async fn bulk(
    State(state): State<AppState>,
    PathParams(id): PathParams<Uuid>,
    SdkBody(actor, body, _): SdkBody<Admin, BulkBody>,
) -> Result<Json<Value>, Problem> {
    let version = version_of(&state, &actor, id).await?;
    let how = body.import_type.as_deref().unwrap_or("REPLACE");
    let (mut annotations, mut rectangles) = (0, 0);
    for one in body.annotations.0 {
        let asset = asset_of(&state, &actor, one.asset_id).await?;
        if asset.version_id.0 != id {
            return Err(missing(&format!("asset {} in this version", one.asset_id)));
        }
        let new = boxes(one.rectangles, &version)?;
        let count = new.len();
        let all = match how {
            "REPLACE" => new,
            "CONCATENATE" => asset.annotations.into_iter().chain(new).collect(),
            "KEEP" if asset.annotations.is_empty() => new,
            "KEEP" => continue,
            other => {
                return Err(wrong("import_type", format!("{other:?} is none: REPLACE, KEEP, CONCATENATE.")));
            }
        };
        state.service.catalogue().set_annotations(&actor, asset.id, all).await?;
        (annotations, rectangles) = (annotations + 1, rectangles + count);
    }
    Ok(Json(json!({ "annotations": annotations, "rectangles": rectangles })))
}

/// Which annotations: of these images, and of these annotations if some are
/// named.
#[derive(Deserialize)]
pub(super) struct DeleteBody {
    #[serde(default)]
    asset_ids: AtMost<String, 10_000>,
    #[serde(default)]
    annotation_ids: Option<AtMost<Uuid, 100_000>>,
}

pub(super) async fn delete_many(
    State(state): State<AppState>,
    PathParams(id): PathParams<Uuid>,
    SdkBody(actor, body, _): SdkBody<Admin, DeleteBody>,
) -> Result<StatusCode, Problem> {
    let all = state.service.catalogue().all_assets(&actor, DatasetVersionId(id)).await?;
    let of_all_images = body.asset_ids.0.iter().any(|word| word == "__all__");
    let images: HashSet<&str> = body.asset_ids.0.iter().map(String::as_str).collect();
    let named: Option<HashSet<Uuid>> = body.annotation_ids.map(|ids| ids.0.into_iter().collect());
    for asset in all.iter().filter(|asset| !asset.annotations.is_empty()) {
        let of_these = of_all_images || images.contains(asset.id.to_string().as_str());
        if of_these && named.as_ref().is_none_or(|named| named.contains(&asset.id.0)) {
            state.service.catalogue().set_annotations(&actor, asset.id, Vec::new()).await?;
        }
    }
    Ok(StatusCode::NO_CONTENT)
}
