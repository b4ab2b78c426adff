//! The addresses that the SDK prints for people: they lead to the page of what
//! is named by its id, or to the list that it would be in.

use super::{datasets::Datasets, models::Models, versioned::versions_of};
use crate::http::{AppState, auth::Caller, base_path::at};
use axum::{
    Router,
    extract::{Extension, OriginalUri, Path, State},
    response::Redirect,
    routing::get,
};
use domain::ids::{DatasetVersionId, ExperimentId, ModelVersionId};
use service::{As, Viewer};
use url::form_urlencoded::byte_serialize;
use uuid::Uuid;

/// The routes: `kind/id` each, beside those of our own pages.
pub(super) fn routes() -> Router<AppState> {
    let kinds = [
        "organization",
        "datalake",
        "project",
        "model",
        "model/version",
        "dataset",
        "dataset/version",
        "experiment",
        "deployment",
    ];
    kinds.into_iter().fold(Router::new(), |routes, kind| {
        let lead = move |state: State<AppState>, caller: Option<Extension<Caller>>, id, uri| async move {
            lead(state, caller, id, uri, kind).await
        };
        routes.route(&format!("/{kind}/{{id}}"), get(lead))
    })
}

async fn lead(
    State(state): State<AppState>,
    caller: Option<Extension<Caller>>,
    Path(id): Path<String>,
    OriginalUri(uri): OriginalUri,
    kind: &'static str,
) -> Redirect {
    let actor = caller.and_then(|Extension(caller)| caller.0);
    let Some(viewer) = actor.and_then(|actor| As::<Viewer>::check(&actor).ok()) else {
        let next: String = byte_serialize(uri.path().as_bytes()).collect();
        return Redirect::to(&at(format!("/sign-in?next={next}")));
    };
    let target = match Uuid::parse_str(&id) {
        Ok(id) => page_of(&state, &viewer, kind, id).await,
        Err(_) => None,
    };
    Redirect::to(&at(target.unwrap_or_else(|| list_of(kind).to_owned())))
}

/// Where things of a kind are listed.
fn list_of(kind: &str) -> &'static str {
    match kind {
        "model" | "model/version" => "/models",
        "dataset" | "dataset/version" => "/datasets",
        "project" | "experiment" => "/experiments",
        _ => "/",
    }
}

/// The page of one thing; `None` where there is none of this id.
async fn page_of(state: &AppState, by: &As<Viewer>, kind: &str, id: Uuid) -> Option<String> {
    let catalogue = state.service.catalogue();
    match kind {
        "model" => {
            let versions = versions_of::<Models>(state, by, id).await.ok()?;
            Some(format!("/models/{}", versions.first()?.full_name()))
        }
        "model/version" => {
            let version = catalogue.model_version_of_id(by, ModelVersionId(id)).await.ok()?;
            Some(format!("/models/{}", version.full_name()))
        }
        "dataset" => {
            let versions = versions_of::<Datasets>(state, by, id).await.ok()?;
            Some(format!("/datasets/{}", versions.first()?.full_name()))
        }
        "dataset/version" => {
            let version = catalogue.dataset_version(by, DatasetVersionId(id)).await.ok()?;
            Some(format!("/datasets/{}", version.full_name()))
        }
        "experiment" => {
            let detail = state.service.learning().experiment(by, ExperimentId(id)).await.ok()?;
            Some(format!("/experiments/{}", detail.experiment.name))
        }
        "deployment" => {
            let deployment = catalogue.deployment(by, id.to_string().as_str()).await.ok()?;
            Some(format!("/deployments/{}", deployment.name))
        }
        _ => None,
    }
}
