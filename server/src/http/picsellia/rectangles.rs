//! Boxes of datasets by their ids. A box that is changed by its id is known by
//! it from then on: which box it became is kept as a record of the version.

use super::{
    annotations::asset_and_version,
    answers::{missing, wrong},
    labels,
    record_kinds::RECTANGLE,
    rectangle_shapes::{HASHED, VERSION, rectangle, rectangle_id},
    sdk_body::SdkBody,
};
use crate::http::{
    AppState,
    admission::Admin,
    auth::SignedIn,
    problem::{PathParams, Problem},
};
use axum::{Json, extract::State};
use domain::{
    dataset::{Annotation, Asset},
    geometry::Rect,
    ids::AssetId,
};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use service::{As, NewRecord, Viewer};
use uuid::Uuid;

/// Changes that are followed from one id.
const MOST_CHANGES: usize = 1_000;

/// A box, and where it is among those of its image.
struct RectangleMatch {
    asset: Asset,
    index: usize,
}

impl RectangleMatch {
    fn annotation(&self) -> Option<&Annotation> {
        self.asset.annotations.get(self.index)
    }

    /// The box under the id that was asked for.
    fn shape(&self, id: Uuid) -> Result<Json<Value>, Problem> {
        let annotation = self.annotation().ok_or_else(|| missing(&format!("rectangle {id}")))?;
        let mut shape = rectangle(annotation, self.asset.id);
        shape["id"] = json!(id);
        Ok(Json(shape))
    }
}

async fn find(state: &AppState, by: &As<Viewer>, id: Uuid) -> Result<RectangleMatch, Problem> {
    let first = id.as_u128() & !HASHED ^ VERSION;
    let ids = [first, first | HASHED].map(|id| AssetId(Uuid::from_u128(id)));
    let catalogue = state.service.catalogue();
    for asset in catalogue.assets_between(by, ids[0], ids[1]).await? {
        let mut current = id;
        for _ in 0..MOST_CHANGES {
            let is_meant = |one: &Annotation| rectangle_id(asset.id, one) == current;
            if let Some(index) = asset.annotations.iter().position(is_meant) {
                return Ok(RectangleMatch { asset, index });
            }
            let version = asset.version_id.0;
            let became = catalogue.record_named(by, RECTANGLE, version, &current.to_string()).await?;
            let became = became.and_then(|record| Uuid::parse_str(record.body["became"].as_str()?).ok());
            match became {
                // A box that was deleted after it was changed back and forth.
                Some(next) if next != id => current = next,
                _ => break,
            }
        }
    }
    Err(missing(&format!("rectangle {id}")))
}

pub(super) async fn get(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(id): PathParams<Uuid>,
) -> Result<Json<Value>, Problem> {
    find(&state, &actor, id).await?.shape(id)
}

#[derive(Deserialize)]
pub(super) struct ChangeBody {
    #[serde(default)]
    x: Option<f64>,
    #[serde(default)]
    y: Option<f64>,
    #[serde(default)]
    w: Option<f64>,
    #[serde(default)]
    h: Option<f64>,
    #[serde(default)]
    label_id: Option<Uuid>,
}

/// What is said changes, the rest stays.
pub(super) async fn change(
    State(state): State<AppState>,
    PathParams(id): PathParams<Uuid>,
    SdkBody(actor, body, _): SdkBody<Admin, ChangeBody>,
) -> Result<Json<Value>, Problem> {
    let rectangle = find(&state, &actor, id).await?;
    let (asset, version) = asset_and_version(&state, &actor, rectangle.asset.id.0).await?;
    let before = rectangle.annotation().ok_or_else(|| missing(&format!("rectangle {id}")))?.clone();
    let rect = &before.rect;
    let rect = Rect::new(
        body.x.unwrap_or(rect.x()),
        body.y.unwrap_or(rect.y()),
        body.w.unwrap_or(rect.w()),
        body.h.unwrap_or(rect.h()),
    );
    let rect = rect.map_err(|error| wrong("rectangle", error.to_string()))?;
    let label = match body.label_id {
        Some(label) => labels::of_id(&version.labels, label)?,
        None => before.label.clone(),
    };
    let mut all = asset.annotations;
    if let Some(one) = all.get_mut(rectangle.index) {
        *one = Annotation { label, rect, ignore: before.ignore };
    }
    let saved = state.service.catalogue().set_annotations(&actor, asset.id, all).await?;
    let rectangle = RectangleMatch { asset: saved, index: rectangle.index };
    if let Some(after) = rectangle.annotation() {
        let became = rectangle_id(rectangle.asset.id, after);
        for known_by in [id, rectangle_id(rectangle.asset.id, &before)] {
            remember(&state, &actor, version.id.0, (known_by, became)).await?;
        }
    }
    rectangle.shape(id)
}

/// Keeps which box one became.
async fn remember(
    state: &AppState,
    by: &As<Admin>,
    version: Uuid,
    (id, became): (Uuid, Uuid),
) -> Result<(), Problem> {
    if id == became {
        return Ok(());
    }
    let (catalogue, name) = (state.service.catalogue(), id.to_string());
    let said = json!({ "became": became });
    match catalogue.record_named(by, RECTANGLE, version, &name).await? {
        Some(record) => drop(catalogue.change_record(by, &record, &name, said).await?),
        None => {
            let new = NewRecord { kind: RECTANGLE, parent: version, name, body: said, file: None };
            catalogue.keep_record(by, new).await?;
        }
    }
    Ok(())
}

pub(super) async fn delete(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn<Admin>,
    PathParams(id): PathParams<Uuid>,
) -> Result<StatusCode, Problem> {
    let rectangle = find(&state, &actor, id).await?;
    let mut all = rectangle.asset.annotations;
    all.remove(rectangle.index);
    state.service.catalogue().set_annotations(&actor, rectangle.asset.id, all).await?;
    Ok(StatusCode::NO_CONTENT)
}
