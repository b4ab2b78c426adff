//! What a query can be narrowed to.

use super::prediction_shapes::CountBody;
use crate::http::{
    AppState,
    auth::SignedIn,
    problem::{PathParams, Problem, ProblemBody, QueryParams},
};
use axum::{Json, extract::State};
use domain::listing::{Facet, FacetValue, Facets};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A query.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct QueryText {
    /// A query; all when left out.
    pub q: Option<String>,
}

/// One value of a field.
#[derive(Serialize, ToSchema)]
pub(super) struct FacetValueBody {
    /// As people read it.
    pub value: String,
    /// How many have it.
    pub count: u64,
    /// What narrows to it: `has(label = "car")`.
    pub condition: String,
    /// The query narrowed to it.
    pub query: String,
}

/// The values of one field among what matches.
#[derive(Serialize, ToSchema)]
pub(super) struct FacetBody {
    /// The most frequent first; days the latest first.
    pub values: Vec<FacetValueBody>,
    /// Whether the numbers are exact, or at least so many.
    pub exact: bool,
    /// Whether there are more values than these.
    pub more: bool,
}

/// What a query can be narrowed to.
#[derive(Serialize, ToSchema)]
pub(super) struct FacetsBody {
    /// All that match.
    pub total: CountBody,
    /// By status.
    pub status: FacetBody,
    /// By label of an object.
    pub label: FacetBody,
    /// By `model/number`.
    pub model: FacetBody,
    /// By tag.
    pub tag: FacetBody,
    /// By source.
    pub source: FacetBody,
    /// By day of arrival, UTC.
    pub day: FacetBody,
}

impl From<Facet> for FacetBody {
    fn from(facet: Facet) -> Self {
        let value =
            |FacetValue { value, count, condition, query }| FacetValueBody { value, count, condition, query };
        Self { values: facet.values.into_iter().map(value).collect(), exact: facet.exact, more: facet.more }
    }
}

impl From<Facets> for FacetsBody {
    fn from(facets: Facets) -> Self {
        Self {
            total: facets.total.into(),
            status: facets.status.into(),
            label: facets.label.into(),
            model: facets.model.into(),
            tag: facets.tag.into(),
            source: facets.source.into(),
            day: facets.day.into(),
        }
    }
}

/// Counts what matches by status, label, model, tag, source and day.
#[utoipa::path(
    get, path = "/deployments/{deployment}/predictions/facets", tag = "predictions", operation_id = "facets",
    params(("deployment" = String, Path, description = "Name or id"), QueryText),
    responses(
        (status = 200, description = "The counts", body = FacetsBody),
        (status = 400, description = "The query cannot be read", body = ProblemBody),
        (status = 404, description = "No such deployment", body = ProblemBody),
    )
)]
pub(super) async fn facets(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(deployment): PathParams<String>,
    QueryParams(params): QueryParams<QueryText>,
) -> Result<Json<FacetsBody>, Problem> {
    let q = params.q.unwrap_or_default();
    Ok(Json(state.service.browsing().facets(&actor, &deployment, &q).await?.into()))
}
