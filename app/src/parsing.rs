//! Reads the words of forms and addresses into the domain's types.

use crate::error::{AppError, AppResult};
use domain::{
    fault::{ApiError, ErrorKind},
    learning::{ContinuousDeployment, Policy, Requirement, Trigger},
    name::{Name, VersionRef},
    training::TrainParams,
};
use service::{LaunchRequest, NewDeployment};
use std::collections::BTreeMap;

/// `NAME/VERSION`.
///
/// # Errors
/// When it is not of that form.
pub fn version(text: &str) -> Result<VersionRef, AppError> {
    let invalid = |_| ApiError::new(ErrorKind::Invalid, format!("{text:?} is not of the form NAME/VERSION."));
    text.parse().map_err(|e| AppError(invalid(e)))
}

/// A name given in the field `place`.
fn name(place: &str, text: &str) -> AppResult<Name> {
    let text = text.trim();
    Name::new(text).map_err(|e| AppError(ApiError::new(ErrorKind::Invalid, e.to_string()).at(place)))
}

/// `NAME/VERSION`, or nothing.
fn optional_version(text: &str) -> AppResult<Option<VersionRef>> {
    if text.is_empty() { Ok(None) } else { version(text).map(Some) }
}

/// What a form asks to be trained.
///
/// # Errors
/// Names the first field that is not allowed.
pub fn launch(
    dataset: &str,
    model: &str,
    base: &str,
    minutes: u64,
    params: &BTreeMap<String, String>,
) -> AppResult<LaunchRequest> {
    let mut all = TrainParams::default();
    for (key, text) in params {
        all.set(key, text).map_err(|e| AppError(ApiError::new(ErrorKind::Invalid, e.to_string()).at(key)))?;
    }
    all.time_limit_s = minutes.saturating_mul(60);
    Ok(LaunchRequest {
        name: None,
        dataset: version(dataset)?,
        model: name("model", model)?,
        base: optional_version(base)?,
        params: all,
    })
}

/// What a form asks to be put to work.
///
/// # Errors
/// Names the first field that is not allowed.
pub fn deployment(new_name: &str, model: &str, shadow: &str, threshold: f64) -> AppResult<NewDeployment> {
    Ok(NewDeployment {
        name: name("name", new_name)?,
        model: version(model)?,
        shadow: optional_version(shadow)?,
        threshold: Some(threshold),
    })
}

/// An identifier of the type wanted.
///
/// # Errors
/// [`ErrorKind::NotFound`]: nothing has an id of another form.
pub fn id<T: std::str::FromStr>(text: &str) -> Result<T, AppError> {
    let missing = || ApiError::new(ErrorKind::NotFound, "There is no such thing, or it was deleted.");
    text.parse().map_err(|_| AppError(missing()))
}

/// What launches a training.
///
/// # Errors
/// When the word names no trigger.
pub fn trigger(word: &str) -> AppResult<Trigger> {
    let invalid = || ApiError::new(ErrorKind::Invalid, format!("{word:?} is no trigger.")).at("trigger");
    Trigger::parse(word).ok_or_else(|| AppError(invalid()))
}

/// What becomes of candidates; an empty `budget_ms` is none. What a class may
/// lose is left at its default.
///
/// # Errors
/// A word that is no policy, a budget that is no number.
pub fn deploying(policy: &str, gated: bool, budget_ms: &str) -> AppResult<ContinuousDeployment> {
    let invalid = |place: &str, message: &str| AppError(ApiError::new(ErrorKind::Invalid, message).at(place));
    let policy = Policy::ALL.into_iter().find(|known| known.as_str() == policy);
    let budget = budget_ms.trim();
    let latency_budget_ms = match budget {
        "" => None,
        text => Some(text.parse().map_err(|_| invalid("budget_ms", "The latency budget is no number."))?),
    };
    Ok(ContinuousDeployment {
        policy: policy.ok_or_else(|| invalid("policy", "There is no such policy."))?,
        require: gated.then_some(Requirement::Better),
        latency_budget_ms,
        ..ContinuousDeployment::default()
    })
}

/// How a feedback loop is to be; a dataset version that is not there is made.
///
/// # Errors
/// When `dataset` is neither empty nor of the form `NAME/VERSION`.
pub fn feedback(enabled: bool, dataset: &str) -> Result<service::SetFeedback, AppError> {
    let dataset = dataset.trim();
    let dataset = if dataset.is_empty() { None } else { Some(version(dataset)?) };
    Ok(service::SetFeedback { enabled, dataset, create: enabled })
}
