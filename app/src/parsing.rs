//! Reads the words of forms and addresses into the domain's types.

use crate::{
    error::{AppError, AppResult},
    wire::AlertForm,
};
use domain::{
    alert::{AlertRule, Operator, Watch},
    fault::{ApiError, ErrorKind},
    learning::{ContinuousDeployment, Policy, Requirement, TrainingState, Trigger},
    name::{Name, VersionRef},
    retention::Retention,
    review::Share,
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
///
/// # Errors
/// When it is neither.
pub fn optional_version(text: &str) -> AppResult<Option<VersionRef>> {
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

/// The parameters of the next trainings: what was set before, and what of
/// `given` is not as it would be anyway.
#[must_use]
pub fn changed_params(now: &TrainingState, given: BTreeMap<String, String>) -> BTreeMap<String, String> {
    let changed = |(key, value): &(String, String)| now.params.text(key).as_deref() != Some(value.trim());
    let mut params = now.settings.params.clone();
    params.extend(given.into_iter().filter(changed));
    params
}

/// What becomes of candidates; an empty `budget_ms` is none.
///
/// # Errors
/// A word that is no policy, a budget that is no number.
pub fn deploying(
    policy: &str,
    gated: bool,
    budget_ms: &str,
    class_margin: f64,
) -> AppResult<ContinuousDeployment> {
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
        class_margin,
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

/// With what a deployment is to be compared; `None` for nothing.
///
/// # Errors
/// When `dataset` is neither empty nor of the form `NAME/VERSION`.
pub fn training_data(dataset: &str) -> AppResult<Option<service::SetTrainingData>> {
    let change = |dataset| service::SetTrainingData { dataset: Some(dataset), ..Default::default() };
    Ok(optional_version(dataset.trim())?.map(change))
}

/// What is to be kept; empty fields are no limit, `sample` is in percent.
///
/// # Errors
/// Names the first field that is no number of its kind.
pub fn retention(days: &str, gigabytes: &str, sample: &str) -> AppResult<Retention> {
    let wrong = |place: &str, message: &str| AppError(ApiError::new(ErrorKind::Invalid, message).at(place));
    let days = match days.trim() {
        "" => None,
        text => Some(text.parse().map_err(|_| wrong("days", "Write a whole number of days, or nothing."))?),
    };
    let bytes = match gigabytes.trim() {
        "" => None,
        text => {
            let size: Option<f64> = text.parse().ok().filter(|size| (0.0..1e9).contains(size));
            let size = size.ok_or_else(|| wrong("gigabytes", "Write a number of gigabytes, or nothing."))?;
            Some((size * 1e9).round() as u64)
        }
    };
    let percent: Option<f64> = sample.trim().parse().ok();
    let rate = percent.and_then(|percent| Share::new(percent / 100.0).ok());
    let sample_rate = rate.ok_or_else(|| wrong("sample", "Write a percentage from 0 to 100."))?;
    Ok(Retention { days, bytes, sample_rate })
}

/// An alert as a form describes it.
///
/// # Errors
/// An operator that is none; everything else is checked with the rule.
pub fn alert(form: AlertForm) -> AppResult<service::SetAlert> {
    let invalid = || ApiError::new(ErrorKind::Invalid, "There is no such operator.").at("operator");
    let watch = match form.watch.as_str() {
        "query" => Watch::QueryCount(form.query.trim().to_owned()),
        _ => Watch::Metric(form.watch),
    };
    let rule = AlertRule {
        watch,
        operator: Operator::parse(&form.operator).ok_or_else(|| AppError(invalid()))?,
        limit: form.limit,
        window_ms: form.window_s.saturating_mul(1_000),
        sustained_ms: form.sustained_s.saturating_mul(1_000),
        hysteresis: form.hysteresis,
    };
    Ok(service::SetAlert { name: form.name.trim().to_owned(), rule, enabled: true })
}
