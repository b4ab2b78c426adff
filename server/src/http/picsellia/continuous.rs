//! Continuous training and continuous deployment.

use super::{
    answers::wrong,
    pipeline::{IdsBody, SwitchBody, VersionBody, set_training_data},
    sdk_body::SdkBody,
};
use crate::http::{
    AppState,
    admission::Admin,
    api::Pairs,
    problem::{PathParams, Problem},
};
use axum::{Json, extract::State};
use domain::learning::{ContinuousDeployment, ContinuousTraining, Policy, Trigger};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

#[derive(Deserialize)]
pub(super) struct TrainingBody {
    #[serde(default)]
    trigger: Option<String>,
    #[serde(default)]
    threshold: Option<u32>,
    #[serde(default)]
    experiment_parameters: Option<Pairs>,
}

/// Names of parameters that mean the same here.
const PARAMETERS: [(&str, &str); 6] = [
    ("epochs", "epochs"),
    ("batch_size", "batch_size"),
    ("batch", "batch_size"),
    ("learning_rate", "learning_rate"),
    ("lr", "learning_rate"),
    ("seed", "seed"),
];

pub(super) async fn set_up_training(
    State(state): State<AppState>,
    PathParams(deployment): PathParams<String>,
    SdkBody(actor, body, _): SdkBody<Admin, TrainingBody>,
) -> Result<Json<Value>, Problem> {
    let before: ContinuousTraining = state.service.learning().settings(&actor, &deployment).await?;
    let trigger = match body.trigger.as_deref() {
        Some("FEEDBACK_LOOP") => Trigger::FeedbackCount,
        None | Some("NONE") => Trigger::ByHand,
        Some(_) => return Err(wrong("trigger", "There are FEEDBACK_LOOP and NONE.")),
    };
    let (mut params, mut ignored) = (BTreeMap::new(), Vec::new());
    for (name, value) in body.experiment_parameters.map(|Pairs(pairs)| pairs).unwrap_or_default() {
        match (PARAMETERS.iter().find(|(theirs, _)| *theirs == name), value) {
            (Some((_, ours)), Some(value)) => drop(params.insert((*ours).to_owned(), value)),
            _ => ignored.push(name),
        }
    }
    let settings = ContinuousTraining {
        enabled: true,
        trigger,
        threshold: body.threshold.unwrap_or(before.threshold),
        trainer: None,
        params,
        ..before
    };
    state.service.learning().set_continuous_training(&actor, &deployment, settings).await?;
    Ok(Json(json!({ "active": true, "ignored_parameters": ignored })))
}

pub(super) async fn switch_training(
    State(state): State<AppState>,
    PathParams(deployment): PathParams<String>,
    SdkBody(actor, SwitchBody { active }, _): SdkBody<Admin, SwitchBody>,
) -> Result<Json<Value>, Problem> {
    let before: ContinuousTraining = state.service.learning().settings(&actor, &deployment).await?;
    let settings = ContinuousTraining { enabled: active, ..before };
    state.service.learning().set_continuous_training(&actor, &deployment, settings).await?;
    Ok(Json(json!({ "active": active })))
}

/// Trainings take what the champion was trained on and what was submitted:
/// which is the former can be said.
pub(super) async fn attach_training_dataset(
    state: State<AppState>,
    deployment: PathParams<String>,
    SdkBody(actor, body, held): SdkBody<Admin, VersionBody>,
) -> Result<Json<Value>, Problem> {
    match body.name.as_deref() {
        Some("train") | None => set_training_data(state, deployment, SdkBody(actor, body, held)).await,
        Some(other) => Err(wrong(
            "name",
            format!(
                "{other:?} has no meaning here: a training takes the training data (attach it as \"train\") and what \
                 was submitted; a part of it is held out by itself."
            ),
        )),
    }
}

pub(super) async fn detach_training_dataset(
    State(state): State<AppState>,
    PathParams(deployment): PathParams<String>,
    SdkBody(actor, body, _): SdkBody<Admin, IdsBody>,
) -> Result<Json<Value>, Problem> {
    let now = state.service.monitoring().training_data(&actor, &deployment).await?;
    let is_meant = now.reference.is_some_and(|now| body.ids.0.contains(&now.dataset_version_id.0));
    if is_meant {
        state.service.monitoring().clear_training_data(&actor, &deployment).await?;
    }
    Ok(Json(json!({ "detached": is_meant })))
}

#[derive(Deserialize)]
pub(super) struct DeployingBody {
    policy: String,
}

pub(super) async fn set_up_deploying(
    State(state): State<AppState>,
    PathParams(deployment): PathParams<String>,
    SdkBody(actor, body, _): SdkBody<Admin, DeployingBody>,
) -> Result<Json<Value>, Problem> {
    let policy = match body.policy.as_str() {
        "DEPLOY_CHAMPION" => Policy::Champion,
        "DEPLOY_SHADOW" => Policy::Shadow,
        "DEPLOY_MANUAL" => Policy::Manual,
        _ => {
            return Err(wrong("policy", "There are DEPLOY_CHAMPION, DEPLOY_SHADOW and DEPLOY_MANUAL."));
        }
    };
    let before: ContinuousDeployment = state.service.learning().settings(&actor, &deployment).await?;
    let settings = ContinuousDeployment { enabled: true, policy, ..before };
    state.service.learning().set_settings(&actor, &deployment, settings).await?;
    Ok(Json(json!({ "policy": body.policy })))
}

/// Off keeps the policy and leaves candidates to a person. On where no policy
/// was ever set is the careful one: a candidate becomes the shadow.
pub(super) async fn switch_deploying(
    State(state): State<AppState>,
    PathParams(deployment): PathParams<String>,
    SdkBody(actor, SwitchBody { active }, _): SdkBody<Admin, SwitchBody>,
) -> Result<Json<Value>, Problem> {
    let before: ContinuousDeployment = state.service.learning().settings(&actor, &deployment).await?;
    let policy = match (active, before.policy) {
        (true, Policy::Manual) => Policy::Shadow,
        (_, policy) => policy,
    };
    let settings = ContinuousDeployment { enabled: active, policy, ..before };
    state.service.learning().set_settings(&actor, &deployment, settings).await?;
    Ok(Json(json!({ "active": active })))
}
