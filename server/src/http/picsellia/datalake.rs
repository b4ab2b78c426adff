//! The datalake: every picture that deployments saw. Pictures of datasets are
//! data, too, and found by their ids. Tags and sources are words, which need
//! not be made.

use super::{
    answers::{missing, wrong},
    data, ids,
    params::{Params, Slice},
    predicted::{id_in, order},
    query::{in_quotes, translated, with_metadata},
    sdk_body::SdkBody,
};
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
    deployment::DeploymentCard,
    ids::DeploymentId,
    listing::{Count, ListRequest},
};
use serde::Deserialize;
use serde_json::{Value, json};
use service::{As, Browsing, Viewer};
use uuid::Uuid;

/// Pictures of one page.
const MOST: usize = 1_000;
/// Pictures that are passed over one by one, at most.
const MOST_PASSED_OVER: usize = 100_000;

/// What is asked for of all deployments, and from where on.
struct DatalakePage {
    request: ListRequest,
    /// The deployment that a page begins with, if not with the first.
    deployment: Option<DeploymentId>,
    skip: usize,
    limit: usize,
}

impl DatalakePage {
    fn of(params: &Params) -> Result<Self, Problem> {
        let custom = params.object("custom_metadata")?;
        let pairs = custom.iter().map(|(key, value)| {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            (key.as_str(), text)
        });
        let q = with_metadata(&translated(params.one("q").unwrap_or_default()), pairs);
        let names: Vec<String> = params.all("filenames").map(in_quotes).collect();
        let named = (!names.is_empty()).then(|| format!("filename in ({})", names.join(", ")));
        let parts = [Some(q).filter(|q| !q.is_empty()).map(|q| format!("({q})")), named];
        let q = parts.into_iter().flatten().collect::<Vec<_>>().join(" and ");
        let slice = Slice::of(params, MOST)?;
        // A cursor is a deployment's id and the cursor within it.
        let cursor = params.one("cursor").map(|cursor| cursor.split_once('.').unwrap_or((cursor, "")));
        let deployment = cursor.map(|(id, _)| Uuid::parse_str(id).map(DeploymentId)).transpose();
        let within = cursor.map(|(_, within)| within.to_owned()).filter(|within| !within.is_empty());
        Ok(Self {
            request: ListRequest {
                q,
                sort: order(params.one("order_by"))?,
                cursor: within,
                ..ListRequest::default()
            },
            deployment: deployment.map_err(|_| wrong("cursor", "No page gave it out."))?,
            // What was passed over lies before the cursor.
            skip: if cursor.is_some() { 0 } else { slice.offset },
            limit: slice.limit,
        })
    }

    /// The place of the deployment that the page begins with.
    ///
    /// # Errors
    /// 400 when it is gone.
    fn first_of(&self, cards: &[DeploymentCard]) -> Result<usize, Problem> {
        let Some(id) = self.deployment else { return Ok(0) };
        let place = cards.iter().position(|card| card.deployment.id == id);
        place.ok_or_else(|| {
            wrong("cursor", "The deployment that it led to is gone: begin with the first page.")
        })
    }

    /// What to ask a deployment for, and how much of the answer to pass over;
    /// `None` when all that matches there is passed over.
    ///
    /// # Errors
    /// 400 when too many would have to be passed over one by one.
    async fn within(
        &mut self,
        browsing: &Browsing,
        by: &As<Viewer>,
        deployment: DeploymentId,
        matching: Count,
    ) -> Result<Option<(ListRequest, usize)>, Problem> {
        let mut request = self.request.clone();
        // It is the first one's, also where nothing is left of that.
        self.request.cursor = None;
        if matching.exact {
            let count = usize::try_from(matching.count).unwrap_or(usize::MAX);
            if self.skip >= count {
                self.skip -= count;
                return Ok(None);
            }
            return Ok(Some((request, std::mem::take(&mut self.skip))));
        }
        if self.skip > MOST_PASSED_OVER {
            let message =
                format!("At most {MOST_PASSED_OVER} are passed over here: go on by the cursor instead.");
            return Err(wrong("offset", message));
        }
        // There may be more than were counted in time.
        while self.skip > 0 {
            let (passed, next) = browsing
                .slice_of_predictions(by, deployment, request.clone(), 0, self.skip.min(MOST))
                .await?;
            self.skip = self.skip.saturating_sub(passed.len());
            if next.is_none() {
                return Ok(None);
            }
            request.cursor = next;
        }
        Ok(Some((request, 0)))
    }
}

pub(super) async fn list_data(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    address: PublicAddress,
    PathParams(_): PathParams<Uuid>,
    params: Params,
) -> Result<Json<Value>, Problem> {
    page(&state, &actor, &address, &params).await
}

/// What long lists of ids come in.
#[derive(Deserialize)]
pub(super) struct LongBody {
    #[serde(default)]
    ids: Option<AtMost<Uuid, 100_000>>,
    #[serde(default)]
    object_names: Option<AtMost<String, 100_000>>,
    #[serde(default)]
    filenames: Option<AtMost<String, 1_000>>,
    #[serde(default)]
    q: Option<String>,
}

/// The same list, narrowed by a body.
pub(super) async fn list_these(
    State(state): State<AppState>,
    address: PublicAddress,
    PathParams(_): PathParams<Uuid>,
    mut params: Params,
    SdkBody(actor, body, _): SdkBody<Viewer, LongBody>,
) -> Result<Json<Value>, Problem> {
    let named = body.object_names.map(|names| names.0.iter().filter_map(|name| id_of(name)).collect());
    if let Some(ids) = body.ids.map(|ids| ids.0).or(named) {
        let count = ids.len();
        let mut shapes = Vec::new();
        for id in Slice::of(&params, MOST)?.cut(ids) {
            // What is not there any more is not among them.
            shapes.extend(data::of_id(&state, &actor, &address, id).await.ok());
        }
        return Ok(Json(json!({ "items": shapes, "count": count, "next_cursor": null })));
    }
    for name in body.filenames.map(|names| names.0).unwrap_or_default() {
        params.add("filenames", name);
    }
    if let Some(q) = body.q {
        params.add("q", q);
    }
    page(&state, &actor, &address, &params).await
}

/// The id in the name of a picture.
fn id_of(object_name: &str) -> Option<Uuid> {
    id_in(object_name, "predictions").or_else(|| id_in(object_name, "assets"))
}

/// Pictures of one deployment after the other. Those of which none was kept
/// are counted and left out.
async fn page(
    state: &AppState,
    by: &As<Viewer>,
    address: &PublicAddress,
    params: &Params,
) -> Result<Json<Value>, Problem> {
    let mut page = DatalakePage::of(params)?;
    let browsing = state.service.browsing();
    let mut cards = state.service.catalogue().deployments(by).await?;
    // By age: another name moves none of them between two pages.
    cards.sort_unstable_by_key(|card| card.deployment.id);
    let first = page.first_of(&cards)?;
    let (mut items, mut count, mut next) = (Vec::new(), 0, None);
    for (index, card) in cards.iter().enumerate() {
        let id = card.deployment.id;
        let matching = browsing.count_predictions(by, id, &page.request.q).await?;
        count += matching.count;
        if index < first || next.is_some() {
            continue;
        }
        let Some((request, skip)) = page.within(browsing, by, id, matching).await? else { continue };
        let room = page.limit.saturating_sub(items.len());
        if room == 0 {
            next = Some(format!("{id}."));
            continue;
        }
        let (listed, more) = browsing.slice_of_predictions(by, id, request, skip, room).await?;
        next = more.map(|cursor| format!("{id}.{cursor}"));
        for listed in listed.iter().filter(|listed| listed.prediction.image.is_some()) {
            items.push(data::of_id(state, by, address, listed.prediction.id.0).await?);
        }
    }
    Ok(Json(json!({ "items": items, "count": count, "next_cursor": next })))
}

pub(super) async fn find_data(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    address: PublicAddress,
    PathParams(_): PathParams<Uuid>,
    mut params: Params,
) -> Result<Json<Value>, Problem> {
    let id = params.id("id")?;
    if let Some(id) = id.or_else(|| params.one("object_name").and_then(id_of)) {
        return Ok(Json(data::of_id(&state, &actor, &address, id).await?));
    }
    let name = params.one("filename").map(str::to_owned);
    let name = name.ok_or_else(|| wrong("filename", "Give an id, a filename or an object_name."))?;
    params.add("filenames", name.clone());
    let Json(mut page) = page(&state, &actor, &address, &params).await?;
    match page["items"].as_array_mut().map(std::mem::take).unwrap_or_default() {
        mut one if one.len() == 1 => one.pop().map(Json).ok_or_else(|| missing("data")),
        none if none.is_empty() => Err(missing(&format!("data called {name:?}"))),
        _ => Err(wrong("filename", format!("Several data are called {name:?}: name one by its id."))),
    }
}

/// The one datalake.
pub(super) async fn datalake(_: SignedIn, PathParams(_): PathParams<Uuid>) -> Json<Value> {
    Json(shape())
}

pub(super) async fn datalakes(_: SignedIn, PathParams(_): PathParams<Uuid>) -> Json<Value> {
    super::answers::items(vec![shape()])
}

fn shape() -> Value {
    json!({ "id": ids::datalake(), "name": "default", "connector_id": ids::connector() })
}

#[derive(Deserialize)]
pub(super) struct NameBody {
    name: String,
}

pub(super) async fn find_tag(_: SignedIn, PathParams(_): PathParams<Uuid>, params: Params) -> Json<Value> {
    Json(data::tag(params.one("name").unwrap_or_default(), "DATA"))
}

pub(super) async fn make_tag(
    PathParams(_): PathParams<Uuid>,
    SdkBody(_, body, _): SdkBody<Admin, NameBody>,
) -> Json<Value> {
    Json(data::tag(&body.name, "DATA"))
}

fn source(name: &str) -> Value {
    json!({ "id": ids::source(name), "name": name })
}

pub(super) async fn find_source(_: SignedIn, PathParams(_): PathParams<Uuid>, params: Params) -> Json<Value> {
    Json(source(params.one("name").unwrap_or_default()))
}

pub(super) async fn make_source(
    PathParams(_): PathParams<Uuid>,
    SdkBody(_, body, _): SdkBody<Admin, NameBody>,
) -> Json<Value> {
    Json(source(&body.name))
}
