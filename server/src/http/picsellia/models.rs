//! Models: lines of [`super::model_versions`].

use super::{answers::missing, catalogue_shapes, record_kinds::MODEL_FILE, versioned::Versioned};
use crate::http::{AppState, admission::Admin, problem::Problem};
use domain::{ids::ModelId, model::ModelVersion};
use serde_json::Value;
use service::{As, Viewer};
use store::Line;
use uuid::Uuid;

/// Models.
pub(super) struct Models;

impl Versioned for Models {
    const KIND: &'static str = "model";

    type Version = ModelVersion;

    async fn lines(state: &AppState, by: &As<Viewer>) -> Result<Vec<Line>, Problem> {
        Ok(state.service.catalogue().model_lines(by).await?)
    }

    async fn versions(state: &AppState, by: &As<Viewer>, id: Uuid) -> Result<Vec<ModelVersion>, Problem> {
        Ok(state.service.catalogue().versions_of_model(by, ModelId(id)).await?)
    }

    async fn remove(state: &AppState, by: &As<Admin>, version: &ModelVersion) -> Result<(), Problem> {
        remove_version(state, by, version).await
    }

    fn shape(id: Uuid, name: &str, description: &str) -> Value {
        catalogue_shapes::model(id, name, description)
    }

    fn version_shape(version: &ModelVersion) -> Value {
        catalogue_shapes::model_version(version)
    }
}

/// Deletes a version with what was stored beside it.
pub(super) async fn remove_version(
    state: &AppState,
    by: &As<Admin>,
    version: &ModelVersion,
) -> Result<(), Problem> {
    let name = version.full_name().parse().map_err(|_| missing(&version.full_name()))?;
    // First, since it refuses a version at work, whose files must stay.
    state.service.catalogue().delete_model_with_idle(by, &name).await?;
    for file in state.service.catalogue().records(by, MODEL_FILE, version.id.0).await? {
        state.service.catalogue().forget_record(by, file.id).await?;
    }
    Ok(())
}
