//! Boxes of datasets by ids. A box has none of its own: its id is most of its
//! image's, which leads there, and a hash of what the box is. A box that is
//! changed by its id is known by it from then on: which box it became is kept
//! as a record of the version.

use super::{
    annotations::asset_and_version,
    answers::{missing, wrong},
    assets::rectangle,
    labels,
    sent::Sent,
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
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Which box a changed one became.
pub(super) const RECTANGLE: &str = "rectangle";

/// The bits of an id that are a hash: ids of images are random there, so that
/// the rest is no other image's.
const HASHED: u128 = 0xffff_ffff;
/// Turns the version of an image's id (7) into one that no image has (8).
const VERSION: u128 = 0xf << 76;
/// Changes that are followed from one id.
const MOST_CHANGES: usize = 1_000;

/// The id of a box. The same box twice in an image has one id.
pub(super) fn rectangle_id(asset: AssetId, annotation: &Annotation) -> Uuid {
    let rect = &annotation.rect;
    let sides = [rect.x(), rect.y(), rect.w(), rect.h()];
    let mut hash = Sha256::new().chain_update(annotation.label.as_str());
    sides.into_iter().for_each(|side| hash.update(side.to_le_bytes()));
    hash.update([u8::from(annotation.ignore)]);
    let hash = hash.finalize().into_iter().take(4).fold(0, |all, byte| all << 8 | u128::from(byte));
    Uuid::from_u128((asset.0.as_u128() & !HASHED ^ VERSION) | hash)
}

/// A box, and where it is among those of its image.
struct Found {
    asset: Asset,
    place: usize,
}

impl Found {
    fn annotation(&self) -> Option<&Annotation> {
        self.asset.annotations.get(self.place)
    }

    /// The box under the id that was asked for.
    fn shape(&self, id: Uuid) -> Result<Json<Value>, Problem> {
        let annotation = self.annotation().ok_or_else(|| missing(&format!("rectangle {id}")))?;
        let mut shape = rectangle(annotation, self.asset.id);
        shape["id"] = json!(id);
        Ok(Json(shape))
    }
}

async fn find(state: &AppState, by: &As<Viewer>, id: Uuid) -> Result<Found, Problem> {
    let first = id.as_u128() & !HASHED ^ VERSION;
    let ids = [first, first | HASHED].map(|id| AssetId(Uuid::from_u128(id)));
    let catalogue = state.service.catalogue();
    for asset in catalogue.assets_between(by, ids[0], ids[1]).await? {
        let mut wanted = id;
        for _ in 0..MOST_CHANGES {
            let is_meant = |one: &Annotation| rectangle_id(asset.id, one) == wanted;
            if let Some(place) = asset.annotations.iter().position(is_meant) {
                return Ok(Found { asset, place });
            }
            let version = asset.version_id.0;
            let became = catalogue.record_named(by, RECTANGLE, version, &wanted.to_string()).await?;
            let became = became.and_then(|record| Uuid::parse_str(record.body["became"].as_str()?).ok());
            match became {
                // A box that was deleted after it was changed back and forth.
                Some(next) if next != id => wanted = next,
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
    Sent(actor, body, _): Sent<Admin, ChangeBody>,
) -> Result<Json<Value>, Problem> {
    let found = find(&state, &actor, id).await?;
    let (asset, version) = asset_and_version(&state, &actor, found.asset.id.0).await?;
    let before = found.annotation().ok_or_else(|| missing(&format!("rectangle {id}")))?.clone();
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
    if let Some(one) = all.get_mut(found.place) {
        *one = Annotation { label, rect, ignore: before.ignore };
    }
    let saved = state.service.catalogue().set_annotations(&actor, asset.id, all).await?;
    let found = Found { asset: saved, place: found.place };
    if let Some(after) = found.annotation() {
        let became = rectangle_id(found.asset.id, after);
        for known_by in [id, rectangle_id(found.asset.id, &before)] {
            remember(&state, &actor, version.id.0, (known_by, became)).await?;
        }
    }
    found.shape(id)
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
    let found = find(&state, &actor, id).await?;
    let mut all = found.asset.annotations;
    all.remove(found.place);
    state.service.catalogue().set_annotations(&actor, found.asset.id, all).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::name::Label;

    #[test]
    fn the_id_of_a_box_leads_to_its_image_and_tells_boxes_apart() {
        let of = |asset: AssetId, x: f64| {
            let rect = Rect::new(x, 2.0, 3.0, 4.0).expect("a rectangle");
            rectangle_id(
                asset,
                &Annotation { label: Label::new("red").expect("a label"), rect, ignore: false },
            )
        };
        let asset = AssetId(Uuid::now_v7());
        let id = of(asset, 1.0);
        assert_eq!(id.as_u128() & !HASHED ^ VERSION, asset.0.as_u128() & !HASHED);
        assert_eq!((id.get_version_num(), id), (8, of(asset, 1.0)));
        assert_ne!(id, of(asset, 1.5));
        assert_ne!(id, of(AssetId(Uuid::now_v7()), 1.0));
    }
}
