//! The datalake: every picture that deployments saw.

use super::{
    answers::items,
    data, ids,
    params::{Params, Slice},
};
use crate::http::{
    AppState,
    auth::SignedIn,
    problem::{PathParams, Problem},
    signed::PublicAddress,
};
use axum::{Json, extract::State};
use serde_json::{Value, json};
use uuid::Uuid;

/// The datalake: the pictures that deployments saw, the latest first.
pub(super) async fn list_data(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    address: PublicAddress,
    PathParams(_): PathParams<Uuid>,
    params: Params,
) -> Result<Json<Value>, Problem> {
    let slice = Slice::of(&params, 1_000)?;
    let (mut found, mut skip) = (Vec::new(), slice.offset);
    for card in state.service.catalogue().deployments(&actor).await? {
        let request = domain::listing::ListRequest {
            q: super::query::translated(params.one("q").unwrap_or_default()),
            ..Default::default()
        };
        let wanted = slice.limit - found.len() + skip;
        if wanted == 0 {
            break;
        }
        let (page, _) = state
            .service
            .browsing()
            .slice_of_predictions(&actor, card.deployment.id, request, 0, wanted.min(10_000))
            .await?;
        let kept = page.into_iter().filter(|listed| listed.prediction.image.is_some());
        for listed in kept {
            if skip > 0 {
                skip -= 1;
            } else if found.len() < slice.limit {
                found.push(data::of_id(&state, &actor, &address, listed.prediction.id.0).await?);
            }
        }
    }
    Ok(items(found))
}

/// The one datalake.
pub(super) async fn datalake(_: SignedIn, PathParams(_): PathParams<Uuid>) -> Json<Value> {
    Json(json!({ "id": ids::datalake(), "name": "default", "connector_id": ids::connector() }))
}

pub(super) async fn datalakes(_: SignedIn, PathParams(_): PathParams<Uuid>) -> Json<Value> {
    items(vec![json!({ "id": ids::datalake(), "name": "default", "connector_id": ids::connector() })])
}
