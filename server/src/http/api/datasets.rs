//! Datasets and their versions.

use super::shapes::{LabelList, PageOf, PageParams, labels, name, version_ref};
use crate::http::{
    AppState,
    admission::{Admin, JsonBody},
    auth::SignedIn,
    label_ids::label_id,
    problem::{PathParams, Problem, ProblemBody, QueryParams},
};
use axum::{Json, extract::State};
use domain::{dataset::DatasetVersion, ids::DatasetVersionId, time::Timestamp};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// One version of a dataset.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct DatasetVersionBody {
    /// Identity.
    pub id: Uuid,
    /// `dataset/version`.
    #[schema(example = "cells/v1")]
    pub name: String,
    /// The dataset's id, whatever its versions.
    #[serde(default)]
    pub dataset_id: Uuid,
    /// In the order that gives classes their index.
    pub labels: Vec<String>,
    /// An id for each of them: the same word has the same id everywhere.
    #[serde(default)]
    pub label_ids: Vec<Uuid>,
    /// May still receive images.
    pub open: bool,
    /// SHA-256 over images, splits and boxes; empty while open.
    pub fingerprint: String,
    /// Number of images.
    pub images: u64,
    /// Number of boxes.
    pub boxes: u64,
    /// Images by split.
    pub by_split: BTreeMap<String, u64>,
    /// Boxes by label.
    pub by_label: BTreeMap<String, u64>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created: Timestamp,
}

impl From<DatasetVersion> for DatasetVersionBody {
    fn from(v: DatasetVersion) -> Self {
        Self {
            id: v.id.0,
            name: v.full_name(),
            dataset_id: v.dataset_id.0,
            label_ids: v.labels.iter().map(|label| label_id(label.as_str())).collect(),
            labels: v.labels.into_iter().map(Into::into).collect(),
            open: v.open,
            fingerprint: v.fingerprint,
            images: v.counts.images,
            boxes: v.counts.boxes,
            by_split: v
                .counts
                .by_split
                .into_iter()
                .map(|(split, count)| (split.to_string(), count))
                .collect(),
            by_label: v.counts.by_label.into_iter().map(|(label, count)| (label.into(), count)).collect(),
            created: v.created,
        }
    }
}

/// Lists the versions of all datasets, newest first.
#[utoipa::path(
    get, path = "/datasets", tag = "datasets", operation_id = "list_datasets", params(PageParams),
    responses(
        (status = 200, description = "A page", body = PageOf<DatasetVersionBody>),
    )
)]
pub(super) async fn list(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    QueryParams(page): QueryParams<PageParams>,
) -> Result<Json<PageOf<DatasetVersionBody>>, Problem> {
    Ok(Json(PageOf::of(state.service.catalogue().datasets(&actor, page.into()).await?)))
}

/// One version of a dataset.
#[utoipa::path(
    get, path = "/datasets/{dataset}/{version}", tag = "datasets", operation_id = "get_dataset_version",
    params(("dataset" = String, Path, description = "The dataset's name"), ("version" = String, Path, description = "The version's name")),
    responses(
        (status = 200, description = "The version", body = DatasetVersionBody),
        (status = 404, description = "No such version", body = ProblemBody),
    )
)]
pub(super) async fn get(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams((dataset, version)): PathParams<(String, String)>,
) -> Result<Json<DatasetVersionBody>, Problem> {
    let version = version_ref("dataset", &format!("{dataset}/{version}"))?;
    Ok(Json(state.service.catalogue().dataset(&actor, &version).await?.into()))
}

/// A dataset version to be filled.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewDatasetVersionBody {
    /// The dataset; made when there is none of this name.
    #[schema(example = "cells")]
    pub dataset: String,
    /// The version; `v1`, `v2` … when left out.
    #[serde(default)]
    pub version: Option<String>,
    /// In the order that gives classes their index.
    #[schema(value_type = Vec<String>)]
    pub labels: LabelList,
}

/// Makes an open dataset version, which then takes images.
#[utoipa::path(
    post, path = "/datasets", tag = "datasets", operation_id = "create_dataset_version",
    request_body = NewDatasetVersionBody,
    responses(
        (status = 201, description = "Made", body = DatasetVersionBody),
        (status = 400, description = "A field is not allowed", body = ProblemBody),
        (status = 403, description = "Admins only", body = ProblemBody),
        (status = 409, description = "There is such a version", body = ProblemBody),
    )
)]
pub(super) async fn create(
    State(state): State<AppState>,
    JsonBody(actor, body, _): JsonBody<Admin, NewDatasetVersionBody>,
) -> Result<(StatusCode, Json<DatasetVersionBody>), Problem> {
    let dataset = name("dataset", &body.dataset)?;
    let version = body.version.as_deref().map(|text| name("version", text)).transpose()?;
    let version =
        state.service.catalogue().create_version(&actor, dataset, version, labels(&body.labels)?).await?;
    Ok((StatusCode::CREATED, Json(version.into())))
}

/// Closes a dataset version: from now on it never changes.
#[utoipa::path(
    post, path = "/dataset-versions/{id}/freeze", tag = "datasets", operation_id = "freeze_dataset_version",
    params(("id" = Uuid, Path, description = "The version")),
    responses(
        (status = 200, description = "Frozen", body = DatasetVersionBody),
        (status = 403, description = "Admins only", body = ProblemBody),
        (status = 404, description = "No such version", body = ProblemBody),
        (status = 409, description = "Already frozen", body = ProblemBody),
    )
)]
pub(super) async fn freeze(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn<Admin>,
    PathParams(id): PathParams<Uuid>,
) -> Result<Json<DatasetVersionBody>, Problem> {
    Ok(Json(state.service.catalogue().freeze_version(&actor, DatasetVersionId(id)).await?.into()))
}

/// Discards an open dataset version with its images.
#[utoipa::path(
    delete, path = "/dataset-versions/{id}", tag = "datasets", operation_id = "discard_dataset_version",
    params(("id" = Uuid, Path, description = "The version")),
    responses(
        (status = 204, description = "Gone"),
        (status = 403, description = "Admins only", body = ProblemBody),
        (status = 404, description = "No such version", body = ProblemBody),
        (status = 409, description = "Frozen versions stay", body = ProblemBody),
    )
)]
pub(super) async fn discard(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn<Admin>,
    PathParams(id): PathParams<Uuid>,
) -> Result<StatusCode, Problem> {
    state.service.catalogue().discard_version(&actor, DatasetVersionId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
