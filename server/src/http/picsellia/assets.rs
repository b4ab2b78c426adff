//! Images of dataset versions. An image is its own data and has one annotation:
//! all three have its id.

use super::{data, dataset_versions::version_of, datasets::done, ids, params::Params, sdk_body::SdkBody};
use crate::http::{
    AppState,
    admission::Admin,
    api::AtMost,
    auth::SignedIn,
    problem::{PathParams, Problem},
    signed::PublicAddress,
};
use axum::{Json, extract::State};
use domain::{
    dataset::{Asset, Split},
    ids::{AssetId, DatasetVersionId, PredictionId},
};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use service::{As, AssetUpload, ImageSize, Viewer};
use uuid::Uuid;

/// An image in a list.
pub(super) async fn shape(
    state: &AppState,
    by: &As<Viewer>,
    address: &PublicAddress,
    asset: &Asset,
) -> Result<Value, Problem> {
    let url = data::link(state, by, address, &data::asset_address(asset.id)).await?;
    Ok(json!({
        "id": asset.id.0,
        "tags": [data::tag(asset.split.as_str(), "ASSET")],
        "data": data::of_asset(asset, Some(url)),
    }))
}

pub(super) async fn get(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    address: PublicAddress,
    PathParams(id): PathParams<Uuid>,
) -> Result<Json<Value>, Problem> {
    let asset = state.service.catalogue().asset(&actor, AssetId(id)).await?;
    Ok(Json(shape(&state, &actor, &address, &asset).await?))
}

#[derive(Deserialize)]
pub(super) struct AddBody {
    #[serde(default)]
    data_ids: AtMost<Uuid, 1_000>,
    #[serde(default)]
    asset_tag_ids: Option<AtMost<Uuid, 100>>,
}

/// Adds pictures that are here already. Of the tags, those that are called like
/// a split say which one they go to.
pub(super) async fn add(
    State(state): State<AppState>,
    PathParams(id): PathParams<Uuid>,
    SdkBody(actor, body, _): SdkBody<Admin, AddBody>,
) -> Result<Json<Value>, Problem> {
    let version = version_of(&state, &actor, id).await?;
    let tags = body.asset_tag_ids.map(|tags| tags.0).unwrap_or_default();
    let meant = Split::ALL.into_iter().find(|split| tags.contains(&ids::tag(split.as_str())));
    for data in body.data_ids.0 {
        let (filename, image, split) = picture(&state, &actor, data).await?;
        let split = meant.or(split).unwrap_or(Split::Train);
        let upload = AssetUpload { filename, split, annotations: Vec::new(), bytes: image };
        state.service.catalogue().add_asset(&actor, version.id, upload).await?;
    }
    Ok(Json(json!({ "job": done() })))
}

async fn picture(
    state: &AppState,
    by: &As<Viewer>,
    id: Uuid,
) -> Result<(String, bytes::Bytes, Option<Split>), Problem> {
    if let Ok(prediction) = state.service.browsing().prediction(by, PredictionId(id)).await {
        let image = state.service.browsing().prediction_image(by, prediction.id, ImageSize::Full).await?;
        let name = data::bare_name(prediction.filename.as_deref(), id);
        return Ok((name, image.into_bytes().await?, None));
    }
    let asset = state.service.catalogue().asset(by, AssetId(id)).await?;
    let image = state.service.catalogue().asset_image(by, asset.id, ImageSize::Full).await?;
    Ok((asset.filename, image.into_bytes().await?, Some(asset.split)))
}

#[derive(Deserialize)]
pub(super) struct CopyBody {
    destination_id: Uuid,
    #[serde(default)]
    asset_ids: AtMost<AssetId, 100_000>,
    #[serde(default)]
    with_annotations: bool,
}

/// Copies images into another version, with their splits, which are their tags.
pub(super) async fn copy(
    State(state): State<AppState>,
    PathParams(id): PathParams<Uuid>,
    SdkBody(actor, body, _): SdkBody<Admin, CopyBody>,
) -> Result<Json<Value>, Problem> {
    let ways = (DatasetVersionId(id), DatasetVersionId(body.destination_id));
    state.service.catalogue().copy_assets(&actor, ways, &body.asset_ids.0, body.with_annotations).await?;
    Ok(Json(json!({ "job": done() })))
}

/// Words that things may be tagged with: any, without being made first.
pub(super) async fn find_tag(_: SignedIn, PathParams(_): PathParams<Uuid>, params: Params) -> Json<Value> {
    Json(data::tag(params.one("name").unwrap_or_default(), "ASSET"))
}

#[derive(Deserialize)]
pub(super) struct TagBody {
    name: String,
}

pub(super) async fn make_tag(
    State(state): State<AppState>,
    PathParams(_): PathParams<Uuid>,
    SdkBody(_, body, _): SdkBody<Admin, TagBody>,
) -> Json<Value> {
    let _ = &state;
    Json(data::tag(&body.name, "ASSET"))
}

/// Takes an image out of an open version.
pub(super) async fn delete(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn<Admin>,
    PathParams(id): PathParams<Uuid>,
) -> Result<StatusCode, Problem> {
    let asset = state.service.catalogue().asset(&actor, AssetId(id)).await?;
    state.service.catalogue().remove_assets(&actor, asset.version_id, &[asset.id]).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
pub(super) struct DeleteBody {
    #[serde(default, alias = "ids")]
    asset_ids: AtMost<AssetId, 10_000>,
}

pub(super) async fn delete_many(
    State(state): State<AppState>,
    PathParams(id): PathParams<Uuid>,
    SdkBody(actor, body, _): SdkBody<Admin, DeleteBody>,
) -> Result<StatusCode, Problem> {
    state.service.catalogue().remove_assets(&actor, DatasetVersionId(id), &body.asset_ids.0).await?;
    Ok(StatusCode::NO_CONTENT)
}
