//! What is known of a prediction, and asking for it.

use crate::{
    error::AppResult,
    packed::Packed,
    server_fns::{deployments::get_deployment, predictions::get_prediction, revisions::list_revisions},
};
use domain::{deployment::Deployment, ids::DeploymentId, prediction::Prediction, review::RevisionInfo};
use serde::Deserialize;

/// A prediction with all that the page shows of it.
#[derive(Clone, Deserialize)]
#[serde(from = "((Prediction, Deployment), Vec<RevisionInfo>)")]
pub struct Detail {
    /// The prediction.
    pub prediction: Prediction,
    /// Where it was made.
    pub deployment: Deployment,
    /// Its reviews, the latest first.
    pub history: Vec<RevisionInfo>,
}

impl From<((Prediction, Deployment), Vec<RevisionInfo>)> for Detail {
    fn from(((prediction, deployment), history): ((Prediction, Deployment), Vec<RevisionInfo>)) -> Self {
        Self { prediction, deployment, history }
    }
}

/// Asks for all of it.
///
/// # Errors
/// As the server says.
pub async fn get_detail(id: String) -> AppResult<Packed<Detail>> {
    #[derive(Deserialize)]
    struct Made {
        deployment_id: DeploymentId,
    }
    let prediction = get_prediction(id.clone()).await?;
    // Whoever asks may not have the code that reads all of it.
    let made = prediction.clone().recast::<Made>().open()?;
    let deployment = get_deployment(made.deployment_id.to_string()).await?;
    Ok(prediction.and(deployment).and(list_revisions(id).await?).recast())
}
