//! Reads the words of forms and addresses into the domain's types.

use crate::{
    error::{AppError, AppResult},
    wire::AlertForm,
};
use domain::{
    alert::{AlertRule, Operator, UnknownWatchedFigure, Watch},
    fault::{ApiError, ErrorKind},
    name::{Name, VersionRef},
    settings::{InvalidSetting, SubmissionSettings, from_form},
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

/// How a feedback loop is to be; a dataset version that is not there is made.
///
/// # Errors
/// When `dataset` is neither empty nor of the form `NAME/VERSION`; names the
/// first of `values` that is not allowed.
pub fn feedback(
    enabled: bool,
    dataset: &str,
    values: &BTreeMap<String, String>,
) -> Result<service::SetFeedback, AppError> {
    let dataset = dataset.trim();
    let dataset = if dataset.is_empty() { None } else { Some(version(dataset)?) };
    let invalid = |e: InvalidSetting| ApiError::new(ErrorKind::Invalid, e.message).at(&e.key);
    let submission = from_form(&SubmissionSettings::default(), values).map_err(|e| AppError(invalid(e)))?;
    Ok(service::SetFeedback { enabled, dataset, create: enabled, submission })
}

/// With what a deployment is to be compared; `None` for nothing.
///
/// # Errors
/// When `dataset` is neither empty nor of the form `NAME/VERSION`.
pub fn training_data(dataset: &str) -> AppResult<Option<service::SetTrainingData>> {
    let change = |dataset| service::SetTrainingData { dataset: Some(dataset), ..Default::default() };
    Ok(optional_version(dataset.trim())?.map(change))
}

/// An alert as a form describes it.
///
/// # Errors
/// An operator that is none; everything else is checked with the rule.
pub fn alert(form: AlertForm) -> AppResult<service::SetAlert> {
    let invalid = || ApiError::new(ErrorKind::Invalid, "There is no such operator.").at("operator");
    let watch = match form.watch.as_str() {
        "query" => Watch::QueryCount(form.query.trim().to_owned()),
        name => Watch::Metric(name.parse().map_err(|error: UnknownWatchedFigure| {
            AppError(ApiError::new(ErrorKind::Invalid, error.to_string()).at("rule.watch"))
        })?),
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
