//! Images of dataset versions in lists: all of them, those that were asked for,
//! and one by its name.

use super::{
    answers::{missing, wrong},
    asset_query::AssetQuery,
    assets::shape,
    dataset_versions::version_of,
    params::{Params, Slice},
    predicted::id_in,
    sdk_body::SdkBody,
};
use crate::http::{
    AppState,
    api::AtMost,
    auth::SignedIn,
    problem::{PathParams, Problem},
    signed::PublicAddress,
};
use axum::{Json, extract::State};
use domain::{
    dataset::Asset,
    ids::{AssetId, DatasetVersionId},
    page::PageRequest,
};
use serde::Deserialize;
use serde_json::{Value, json};
use service::{As, Viewer};
use std::collections::HashSet;
use uuid::Uuid;

/// What narrows a list of images; `None` where nothing was said. What names
/// nothing here narrows it to nothing.
struct AssetFilter {
    ids: Option<HashSet<Uuid>>,
    objects: Option<HashSet<Uuid>>,
    names: Option<HashSet<String>>,
    starts: Option<Vec<String>>,
    q: AssetQuery,
    /// Images of datasets have no metadata of anybody's own.
    has_metadata: bool,
}

impl AssetFilter {
    fn of(params: &Params) -> Result<Self, Problem> {
        let texts = |name| {
            let all: Vec<String> = params.all(name).map(str::to_owned).collect();
            Some(all).filter(|all| !all.is_empty())
        };
        let uuid = |text: String| Uuid::parse_str(&text).ok();
        let ids = texts("ids").or_else(|| texts("data_ids"));
        let object = |name: String| id_in(&name, "assets");
        Ok(Self {
            ids: ids.map(|ids| ids.into_iter().filter_map(uuid).collect()),
            objects: texts("object_names").map(|names| names.into_iter().filter_map(object).collect()),
            names: texts("filenames").map(|names| names.into_iter().collect()),
            starts: texts("filename_startswith"),
            q: AssetQuery::parse(params.one("q").unwrap_or_default())?,
            has_metadata: !params.object("custom_metadata")?.is_empty(),
        })
    }

    fn is_everything(&self) -> bool {
        self.ids.is_none()
            && self.objects.is_none()
            && self.names.is_none()
            && self.starts.is_none()
            && self.q.is_everything()
            && !self.has_metadata
    }

    fn has(&self, asset: &Asset) -> bool {
        let starts = |starts: &Vec<String>| starts.iter().any(|start| asset.filename.starts_with(start));
        !self.has_metadata
            && self.ids.as_ref().is_none_or(|ids| ids.contains(&asset.id.0))
            && self.objects.as_ref().is_none_or(|ids| ids.contains(&asset.id.0))
            && self.names.as_ref().is_none_or(|names| names.contains(&asset.filename))
            && self.starts.as_ref().is_none_or(starts)
            && self.q.fits(asset)
    }
}

pub(super) async fn list(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    address: PublicAddress,
    PathParams(id): PathParams<Uuid>,
    params: Params,
) -> Result<Json<Value>, Problem> {
    page(&state, &actor, &address, id, &params).await
}

/// What long lists of ids come in.
#[derive(Deserialize)]
pub(super) struct LongBody {
    #[serde(default)]
    ids: Option<AtMost<String, 1_000>>,
    #[serde(default)]
    filenames: Option<AtMost<String, 1_000>>,
    #[serde(default)]
    filename_startswith: Option<AtMost<String, 1_000>>,
    #[serde(default)]
    object_names: Option<AtMost<String, 1_000>>,
    #[serde(default)]
    data_ids: Option<AtMost<String, 1_000>>,
    #[serde(default)]
    q: Option<String>,
}

/// The same list, narrowed by a body.
pub(super) async fn list_these(
    State(state): State<AppState>,
    address: PublicAddress,
    PathParams(id): PathParams<Uuid>,
    mut params: Params,
    SdkBody(actor, body, _): SdkBody<Viewer, LongBody>,
) -> Result<Json<Value>, Problem> {
    for (name, list) in [
        ("ids", body.ids),
        ("filenames", body.filenames),
        ("filename_startswith", body.filename_startswith),
        ("object_names", body.object_names),
        ("data_ids", body.data_ids),
    ] {
        for value in list.map(|list| list.0).unwrap_or_default() {
            params.add(name, value);
        }
    }
    if let Some(q) = body.q {
        params.add("q", q);
    }
    page(&state, &actor, &address, id, &params).await
}

async fn page(
    state: &AppState,
    by: &As<Viewer>,
    address: &PublicAddress,
    id: Uuid,
    params: &Params,
) -> Result<Json<Value>, Problem> {
    let (filter, slice) = (AssetFilter::of(params)?, Slice::of(params, 1_000)?);
    let offset_is_meant = params.one("offset").is_some() || params.one("order_by").is_some();
    let (assets, count, next) = if filter.is_everything() && !offset_is_meant {
        let version = version_of(state, by, id).await?;
        let limit = u32::try_from(slice.limit.min(200)).ok();
        let request = PageRequest { limit, cursor: params.one("cursor").map(str::to_owned) };
        let page = state.service.catalogue().assets(by, version.id, None, request).await?;
        (page.items, version.counts.images, page.next_cursor)
    } else {
        let mut assets = state.service.catalogue().all_assets(by, DatasetVersionId(id)).await?;
        assets.retain(|asset| filter.has(asset));
        if params.one("order_by").is_some_and(|word| word.starts_with('-')) {
            assets.reverse();
        }
        let count = assets.len() as u64;
        (slice.cut(assets), count, None)
    };
    let mut shapes = Vec::with_capacity(assets.len());
    for asset in &assets {
        shapes.push(shape(state, by, address, asset).await?);
    }
    Ok(Json(json!({ "items": shapes, "count": count, "next_cursor": next })))
}

pub(super) async fn find(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    address: PublicAddress,
    PathParams(id): PathParams<Uuid>,
    params: Params,
) -> Result<Json<Value>, Problem> {
    let by_name = params.one("object_name").and_then(|name| id_in(name, "assets"));
    let asset_id = params.id("id")?.or(params.id("data_id")?).or(by_name);
    let assets = match (asset_id, params.one("filename")) {
        (Some(asset_id), _) => vec![state.service.catalogue().asset(&actor, AssetId(asset_id)).await?],
        (None, Some(name)) => {
            let mut all = state.service.catalogue().all_assets(&actor, DatasetVersionId(id)).await?;
            all.retain(|asset| asset.filename == name);
            all
        }
        (None, None) => return Err(wrong("filename", "Give an id, a filename or an object_name.")),
    };
    match assets.as_slice() {
        [one] if one.version_id.0 == id => Ok(Json(shape(&state, &actor, &address, one).await?)),
        [] | [_] => Err(missing("such asset in this version")),
        _ => Err(wrong("filename", "Several assets are called so: name one by its id.")),
    }
}

/// Images with their boxes, page by page.
pub(super) async fn extended(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    address: PublicAddress,
    PathParams(id): PathParams<Uuid>,
    params: Params,
) -> Result<Json<Value>, Problem> {
    let version = version_of(&state, &actor, id).await?;
    let all = state.service.catalogue().all_assets(&actor, version.id).await?;
    let mut shapes = Vec::new();
    for asset in Slice::of(&params, 100)?.cut(all) {
        let mut one = shape(&state, &actor, &address, &asset).await?;
        if let Some(one) = one.as_object_mut() {
            one.insert("annotations".to_owned(), json!([super::annotations::loaded(&asset)]));
        }
        shapes.push(one);
    }
    Ok(Json(json!({ "items": shapes, "count": version.counts.images })))
}
