//! The boxes of a dataset's images. An image has one annotation, with its id:
//! all of its boxes. Boxes change in open versions only.

use super::{
    answers::items,
    dataset_versions::version_of,
    params::{Params, Slice},
    rectangle_shapes::{exact_rectangle, rectangle},
    review::RectangleBody,
    sdk_body::SdkBody,
};
use crate::http::{
    AppState,
    admission::Admin,
    api::AtMost,
    auth::SignedIn,
    problem::{PathParams, Problem},
};
use axum::{Json, extract::State};
use domain::{
    dataset::{Annotation, Asset, DatasetVersion},
    ids::{AssetId, DatasetVersionId},
};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use service::{As, Viewer};
use uuid::Uuid;

/// Boxes of one image.
pub(super) type Rectangles = AtMost<RectangleBody, 20_000>;

/// How far the annotation of an image is, in words of the SDK.
pub(super) fn status(asset: &Asset) -> &'static str {
    if asset.annotations.is_empty() { "PENDING" } else { "ACCEPTED" }
}

/// The annotation of an image.
fn shape(asset: &Asset) -> Value {
    json!({
        "id": asset.id.0, "asset_id": asset.id.0, "duration": 0.0, "status": status(asset), "attributes": {},
    })
}

/// The annotation of an image with its boxes as they are stored.
pub(super) fn loaded(asset: &Asset) -> Value {
    json!({
        "id": asset.id.0, "asset_id": asset.id.0, "attributes": {},
        "rectangles": asset.annotations.iter().map(exact_rectangle).collect::<Vec<_>>(),
        "classifications": [], "points": [], "polygons": [], "lines": [], "keypoints": [], "masks": [],
    })
}

pub(super) async fn asset_of(state: &AppState, by: &As<Viewer>, id: Uuid) -> Result<Asset, Problem> {
    Ok(state.service.catalogue().asset(by, AssetId(id)).await?)
}

/// The same with the version that it is in, whose labels its boxes have.
pub(super) async fn asset_and_version(
    state: &AppState,
    by: &As<Viewer>,
    id: Uuid,
) -> Result<(Asset, DatasetVersion), Problem> {
    let asset = asset_of(state, by, id).await?;
    let version = version_of(state, by, asset.version_id.0).await?;
    Ok((asset, version))
}

pub(super) fn boxes(
    rectangles: Option<Rectangles>,
    version: &DatasetVersion,
) -> Result<Vec<Annotation>, Problem> {
    let rectangles = rectangles.map(|list| list.0).unwrap_or_default();
    let one = |rectangle: &RectangleBody| {
        let (label, rect) = rectangle.checked(&version.labels)?;
        Ok(Annotation { label, rect, ignore: false })
    };
    rectangles.iter().map(one).collect()
}

pub(super) async fn of_version(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(id): PathParams<Uuid>,
    params: Params,
) -> Result<Json<Value>, Problem> {
    let all = state.service.catalogue().all_assets(&actor, DatasetVersionId(id)).await?;
    let all: Vec<Value> = all.iter().map(shape).filter(|one| has_status(one, &params)).collect();
    let count = all.len();
    Ok(Json(json!({ "items": Slice::of(&params, 1_000)?.cut(all), "count": count })))
}

fn has_status(annotation: &Value, params: &Params) -> bool {
    params.one("status").is_none_or(|status| annotation["status"] == status)
}

pub(super) async fn ids(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(id): PathParams<Uuid>,
    params: Params,
) -> Result<Json<Value>, Problem> {
    let wanted: Vec<Uuid> = params.all("asset_ids").filter_map(|text| Uuid::parse_str(text).ok()).collect();
    let all = state.service.catalogue().all_assets(&actor, DatasetVersionId(id)).await?;
    let ids = all
        .iter()
        .filter(|asset| wanted.is_empty() || wanted.contains(&asset.id.0))
        .filter(|asset| has_status(&shape(asset), &params));
    Ok(Json(ids.map(|asset| json!(asset.id.0)).collect()))
}

/// Annotations by their ids, with their boxes.
pub(super) async fn load(
    State(state): State<AppState>,
    PathParams(id): PathParams<Uuid>,
    SdkBody(actor, ids, _): SdkBody<Viewer, AtMost<Uuid, 1_000>>,
) -> Result<Json<Value>, Problem> {
    let mut shapes = Vec::new();
    for asset in ids.0 {
        let asset = asset_of(&state, &actor, asset).await?;
        if asset.version_id.0 == id {
            shapes.push(loaded(&asset));
        }
    }
    Ok(Json(Value::Array(shapes)))
}

pub(super) async fn of_asset(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(id): PathParams<Uuid>,
) -> Result<Json<Value>, Problem> {
    Ok(items(vec![shape(&asset_of(&state, &actor, id).await?)]))
}

pub(super) async fn find(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(id): PathParams<Uuid>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(shape(&asset_of(&state, &actor, id).await?)))
}

#[derive(Deserialize)]
pub(super) struct AnnotationBody {
    #[serde(default)]
    duration: Option<f64>,
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    rectangles: Option<Rectangles>,
}

/// An image has its annotation already.
pub(super) async fn create(
    State(state): State<AppState>,
    PathParams(id): PathParams<Uuid>,
    SdkBody(actor, body, _): SdkBody<Admin, AnnotationBody>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(said(&asset_of(&state, &actor, id).await?, &body)))
}

/// How long it took and how far it is are not kept: they are said back.
pub(super) async fn change(
    State(state): State<AppState>,
    PathParams(id): PathParams<Uuid>,
    SdkBody(actor, body, _): SdkBody<Admin, AnnotationBody>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(said(&asset_of(&state, &actor, id).await?, &body)))
}

fn said(asset: &Asset, body: &AnnotationBody) -> Value {
    let mut shape = shape(asset);
    if let Some(duration) = body.duration {
        shape["duration"] = json!(duration);
    }
    if let Some(status) = &body.status {
        shape["status"] = json!(status);
    }
    shape
}

/// All boxes of an image, in the place of those there were.
pub(super) async fn save(
    State(state): State<AppState>,
    PathParams(id): PathParams<Uuid>,
    SdkBody(actor, mut body, _): SdkBody<Admin, AnnotationBody>,
) -> Result<Json<Value>, Problem> {
    let (asset, version) = asset_and_version(&state, &actor, id).await?;
    let boxes = boxes(body.rectangles.take(), &version)?;
    let saved = state.service.catalogue().set_annotations(&actor, asset.id, boxes).await?;
    Ok(Json(said(&saved, &body)))
}

/// More boxes.
pub(super) async fn add_rectangles(
    State(state): State<AppState>,
    PathParams(id): PathParams<Uuid>,
    SdkBody(actor, body, _): SdkBody<Admin, AnnotationBody>,
) -> Result<Json<Value>, Problem> {
    let (asset, version) = asset_and_version(&state, &actor, id).await?;
    let before = asset.annotations.len();
    let mut all = asset.annotations;
    all.extend(boxes(body.rectangles, &version)?);
    let saved = state.service.catalogue().set_annotations(&actor, asset.id, all).await?;
    let added = saved.annotations.iter().skip(before);
    let added: Vec<Value> = added.map(|one| rectangle(one, saved.id)).collect();
    Ok(Json(json!({ "rectangles": added })))
}

pub(super) async fn rectangles(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(id): PathParams<Uuid>,
) -> Result<Json<Value>, Problem> {
    let asset = asset_of(&state, &actor, id).await?;
    Ok(items(asset.annotations.iter().map(|one| rectangle(one, asset.id)).collect()))
}

/// Without boxes an image is as if nobody had annotated it.
pub(super) async fn delete(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn<Admin>,
    PathParams(id): PathParams<Uuid>,
) -> Result<StatusCode, Problem> {
    state.service.catalogue().set_annotations(&actor, AssetId(id), Vec::new()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// There are boxes only: an image has none of any other shape.
pub(super) async fn no_shapes(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(id): PathParams<Uuid>,
) -> Result<Json<Value>, Problem> {
    asset_of(&state, &actor, id).await?;
    Ok(items(Vec::new()))
}
