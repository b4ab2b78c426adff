//! What deployments have seen, and the pictures of it. A prediction is its own
//! data and its own predicted asset: all three have its id.

use super::{
    answers::{missing, wrong},
    data, labels,
    params::{Params, Slice},
    query::{in_quotes, translated, with_metadata},
};
use crate::http::{
    AppState,
    admission::Admin,
    auth::SignedIn,
    label_ids::named,
    problem::{PathParams, Problem},
    signed::PublicAddress,
};
use axum::{Json, extract::State};
use bytes::Bytes;
use domain::{
    ids::{AssetId, DeploymentId, PredictionId},
    listing::{ListRequest, SortOrder},
    prediction::{PredictedBox, Prediction},
    review::Review,
};
use http::StatusCode;
use serde_json::{Value, json};
use service::{As, ImageSize, Viewer};
use uuid::Uuid;

/// Where an image of a prediction lies.
fn image_address(id: PredictionId) -> String {
    format!("/api/v1/predictions/{id}/image")
}

/// A prediction in a list.
///
/// # Errors
/// When the database fails.
pub(super) async fn shape(
    state: &AppState,
    by: &As<Viewer>,
    address: &PublicAddress,
    prediction: &Prediction,
) -> Result<Value, Problem> {
    let url = match &prediction.image {
        Some(_) => Some(data::link(state, by, address, &image_address(prediction.id)).await?),
        None => None,
    };
    Ok(json!({
        "id": prediction.id.0,
        "oracle_prediction_id": prediction.id.0,
        "status": prediction.status,
        "created_at": prediction.created,
        "outlier_score": prediction.outlier_score,
        "data": data::of_prediction(prediction, url),
    }))
}

pub(super) async fn list(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    address: PublicAddress,
    PathParams(deployment): PathParams<String>,
    params: Params,
) -> Result<Json<Value>, Problem> {
    let deployment = state.service.catalogue().deployment(&actor, &deployment).await?.id;
    let slice = Slice::of(&params, 100)?;
    let q = asked(&params)?;
    let request = ListRequest {
        q: q.clone(),
        sort: order(params.one("order_by"))?,
        cursor: params.one("cursor").map(str::to_owned),
        ..ListRequest::default()
    };
    // A cursor stands behind what was passed over already.
    let offset = if request.cursor.is_some() { 0 } else { slice.offset };
    let browsing = state.service.browsing();
    let (listing, next) =
        browsing.slice_of_predictions(&actor, deployment, request, offset, slice.limit).await?;
    let count = browsing.count_predictions(&actor, deployment, &q).await?.count;
    let mut items = Vec::with_capacity(listing.len());
    for listed in &listing {
        items.push(shape(&state, &actor, &address, &listed.prediction).await?);
    }
    Ok(Json(json!({ "items": items, "count": count, "next_cursor": next })))
}

/// The query with what else narrows it.
fn asked(params: &Params) -> Result<String, Problem> {
    let q = translated(params.one("q").unwrap_or_default());
    let custom = params.object("custom_metadata")?;
    let pairs = custom.iter().map(|(key, value)| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        (key.as_str(), text)
    });
    let q = with_metadata(&q, pairs);
    let named = params.one("filename").map(|name| format!("filename = {}", in_quotes(name)));
    let parts = [Some(q).filter(|q| !q.is_empty()), named];
    Ok(parts.into_iter().flatten().collect::<Vec<_>>().join(" and "))
}

/// The order in which pictures come, by the SDK's words or ours.
///
/// # Errors
/// 400 for a word that is none.
pub(super) fn order(word: Option<&str>) -> Result<SortOrder, Problem> {
    let word = match word {
        None => return Ok(SortOrder::default()),
        Some("created_at" | "data.created_at") => "created",
        Some("-created_at" | "-data.created_at") => "-created",
        Some(word) => word,
    };
    word.parse().map_err(|error| wrong("order_by", format!("{error}")))
}

pub(super) async fn find(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    address: PublicAddress,
    PathParams(deployment): PathParams<String>,
    params: Params,
) -> Result<Json<Value>, Problem> {
    let deployment = state.service.catalogue().deployment(&actor, &deployment).await?.id;
    let ids = [params.id("id")?, params.id("oracle_prediction_id")?, params.id("data_id")?];
    let named = params
        .one("object_name")
        .map(|name| id_in(name, "predictions").ok_or_else(|| missing("such object")));
    let id = ids.into_iter().flatten().next().map(Ok).or(named).transpose()?;
    let prediction = match id {
        Some(id) => state.service.browsing().prediction(&actor, PredictionId(id)).await?,
        None => only_one_called(&state, &actor, deployment, params.one("filename")).await?,
    };
    if prediction.deployment_id != deployment {
        return Err(missing("such predicted asset in this deployment"));
    }
    Ok(Json(shape(&state, &actor, &address, &prediction).await?))
}

async fn only_one_called(
    state: &AppState,
    by: &As<Viewer>,
    deployment: DeploymentId,
    name: Option<&str>,
) -> Result<Prediction, Problem> {
    let name = name.ok_or_else(|| wrong("filename", "Give an id, a filename or an object_name."))?;
    let q = format!("filename = {}", in_quotes(name));
    let request = ListRequest { q, ..ListRequest::default() };
    let (listed, _) = state.service.browsing().slice_of_predictions(by, deployment, request, 0, 2).await?;
    match listed.len() {
        0 => Err(missing(&format!("predicted asset called {name:?}"))),
        1 => listed.into_iter().next().map(|one| one.prediction).ok_or_else(|| missing("predicted asset")),
        _ => Err(wrong(
            "filename",
            format!("Several predicted assets are called {name:?}: name one by its id."),
        )),
    }
}

/// The id in the name of an object of this kind: `predictions/ID/name`.
pub(super) fn id_in(object_name: &str, kind: &str) -> Option<Uuid> {
    let mut parts = object_name.split('/');
    if parts.next() != Some(kind) {
        return None;
    }
    Uuid::parse_str(parts.next()?).ok()
}

pub(super) async fn get(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    address: PublicAddress,
    PathParams(id): PathParams<Uuid>,
) -> Result<Json<Value>, Problem> {
    let subject = state.service.reviews().subject(&actor, PredictionId(id), "").await?;
    let prediction = &subject.prediction;
    let mut predictions = vec![json!({
        "is_shadow": false,
        "model": prediction.model,
        "latency": prediction.latency_ms / 1e3,
        "rectangles": rectangles(prediction, &prediction.boxes),
    })];
    if let Some(shadow) = &prediction.shadow {
        predictions.push(json!({
            "is_shadow": true,
            "model": shadow.model,
            "latency": shadow.latency_ms / 1e3,
            "rectangles": rectangles(prediction, &shadow.boxes),
        }));
    }
    let reviews: Vec<Value> = subject.review.iter().map(|review| review_shape(id, review)).collect();
    let mut asset = shape(&state, &actor, &address, prediction).await?;
    if let Some(asset) = asset.as_object_mut() {
        asset.insert("predictions".to_owned(), json!(predictions));
        asset.insert("reviews".to_owned(), json!(reviews));
    }
    Ok(Json(asset))
}

/// What of a model's boxes is seen.
fn rectangles(prediction: &Prediction, boxes: &[PredictedBox]) -> Vec<Value> {
    let visible = boxes.iter().filter(|predicted| predicted.score >= prediction.threshold);
    let one = |predicted: &PredictedBox| {
        let rect = &predicted.rect;
        json!({
            "x": rect.x(), "y": rect.y(), "w": rect.w(), "h": rect.h(),
            "score": predicted.score.get(), "label": labels::shape(&predicted.label),
        })
    };
    visible.map(one).collect()
}

/// A review as the SDK gives it to its user.
pub(super) fn review_shape(prediction: Uuid, review: &Review) -> Value {
    let boxes = review.boxes.iter().map(|reviewed| {
        let rect = &reviewed.rect;
        json!({
            "x": rect.x(), "y": rect.y(), "w": rect.w(), "h": rect.h(),
            "label": labels::shape(&reviewed.label), "ignore": reviewed.ignore,
        })
    });
    json!({
        "id": named("review", &format!("{prediction} {}", review.info.revision)),
        "predicted_asset_id": prediction,
        "revision": review.info.revision,
        "reviewer": review.info.reviewer,
        "created_at": review.info.at,
        "rectangles": boxes.collect::<Vec<_>>(),
    })
}

pub(super) async fn delete(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn<Admin>,
    PathParams(id): PathParams<Uuid>,
) -> Result<StatusCode, Problem> {
    state.service.browsing().delete_prediction(&actor, PredictionId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The picture of a prediction or of a dataset, whichever has the id.
pub(super) async fn data(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    address: PublicAddress,
    PathParams(id): PathParams<Uuid>,
) -> Result<Json<Value>, Problem> {
    data::of_id(&state, &actor, &address, id).await.map(Json)
}

pub(super) async fn data_link(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    address: PublicAddress,
    PathParams(id): PathParams<Uuid>,
) -> Result<Json<Value>, Problem> {
    let data = data::of_id(&state, &actor, &address, id).await?;
    let url = data["presigned_url"].clone();
    if url.is_null() {
        return Err(missing("image of this prediction: it was reported without, or not kept"));
    }
    Ok(Json(json!({ "presigned_url": url })))
}

/// The bytes of a file that is named as an object: a prediction's picture or a
/// dataset's.
///
/// # Errors
/// 404 for a name that names nothing here.
pub(super) async fn stored_file(
    state: &AppState,
    by: &As<Viewer>,
    object_name: &str,
) -> Result<Bytes, Problem> {
    let image = if let Some(id) = id_in(object_name, "predictions") {
        state.service.browsing().prediction_image(by, PredictionId(id), ImageSize::Full).await?
    } else if let Some(id) = id_in(object_name, "assets") {
        state.service.catalogue().asset_image(by, AssetId(id), ImageSize::Full).await?
    } else {
        return Err(missing(&format!("object called {object_name:?}")));
    };
    Ok(image.into_bytes().await?)
}
