//! Reads the words of forms and addresses into the domain's types.

use crate::{
    addresses,
    error::{AppError, AppResult},
    wire::{AlertForm, ImportWay, ModelImportStart, OfferedPicture, WaitingModel},
};
use domain::{
    alert::{AlertRule, Operator, UnknownWatchedFigure, Watch},
    dataset::UnknownSplit,
    dataset_import::{ImportChoices, ImportOrder, UnknownChoice},
    fault::{ApiError, ErrorKind},
    ids::UploadId,
    name::{InvalidLabel, Label, Name, VersionRef, label_list},
    settings::{InvalidSetting, SubmissionSettings, from_form},
    training::{BUILT_IN, ParamValue, RunParams, TrainParams},
};
use service::{LabelStudioOrigin, LaunchRequest, NewDeployment};
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
///
/// # Errors
/// When it is none.
pub fn name(place: &str, text: &str) -> AppResult<Name> {
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

/// Where Label Studio is, as a form names it; an empty token is none.
pub fn label_studio(url: &str, token: &str) -> LabelStudioOrigin {
    let token = Some(token.trim()).filter(|token| !token.is_empty()).map(str::to_owned);
    LabelStudioOrigin { url: url.trim().to_owned(), token }
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
    (trainer, params): (&str, BTreeMap<String, String>),
) -> AppResult<LaunchRequest> {
    let trainer = if trainer.is_empty() { BUILT_IN } else { trainer };
    // A form has the fields of every trainer.
    let own = params.into_iter().filter_map(|(key, text)| match key.split_once(':') {
        Some((of, key)) => (of == trainer).then(|| (key.to_owned(), text)),
        None => Some((key, text)),
    });
    let seconds = minutes.saturating_mul(60);
    let params = if trainer == BUILT_IN {
        built_in(own, seconds)?.into()
    } else {
        let limit = ParamValue::Whole(seconds.try_into().unwrap_or(i64::MAX));
        let values = own.map(|(key, text)| (key, ParamValue::Text(text)));
        let values = values.chain([("time_limit_s".to_owned(), limit)]).collect();
        RunParams::Declared { trainer: name("trainer", trainer)?, values }
    };
    Ok(LaunchRequest {
        name: None,
        dataset: version(dataset)?,
        model: name("model", model)?,
        base: optional_version(base)?,
        params,
    })
}

fn built_in(given: impl Iterator<Item = (String, String)>, seconds: u64) -> AppResult<TrainParams> {
    let mut all = TrainParams::default();
    for (key, text) in given {
        all.set(&key, &text)
            .map_err(|e| AppError(ApiError::new(ErrorKind::Invalid, e.to_string()).at(&key)))?;
    }
    all.time_limit_s = seconds;
    Ok(all)
}

/// What a form asks to be imported, or looked at; empty words are left to the
/// files.
///
/// # Errors
/// Names the first field that is not allowed.
pub fn import_order(
    upload: UploadId,
    dataset: &str,
    version: &str,
    format: &str,
    split: &str,
    way: ImportWay,
) -> AppResult<ImportOrder> {
    let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let invalid = |e: UnknownSplit| AppError(ApiError::new(ErrorKind::Invalid, e.to_string()).at("split"));
    let mut choices = ImportChoices { keep_going: way.keep_going, ..ImportChoices::default() };
    for (name, word) in &way.choices {
        let unknown = |e: UnknownChoice| ApiError::new(ErrorKind::Invalid, e.to_string()).at(e.name.as_str());
        choices.set(name, word).map_err(|e| AppError(unknown(e)))?;
    }
    Ok(ImportOrder {
        upload,
        dataset: name("dataset", dataset)?,
        version: given(version).map(|version| name("version", &version)).transpose()?,
        format: given(format),
        split: given(split).map(|split| split.parse().map_err(invalid)).transpose()?,
        strict: way.strict,
        choices,
        check: way.check,
    })
}

/// A model that is served elsewhere, as a form names it with its labels.
///
/// # Errors
/// Names the first field that is not allowed.
pub fn new_model(new_name: &str, labels: &str) -> AppResult<(Name, Vec<Label>)> {
    let invalid = |e: InvalidLabel| ApiError::new(ErrorKind::Invalid, e.to_string()).at("labels");
    Ok((name("name", new_name)?, label_list(labels).map_err(|e| AppError(invalid(e)))?))
}

/// What the page that imports models begins with, as it is shown.
#[must_use]
pub fn model_import_start(
    (waiting, pictures): (Vec<service::WaitingModel>, Vec<service::OfferedPicture>),
) -> ModelImportStart {
    let waiting = waiting.into_iter();
    let waiting = waiting.map(|service::WaitingModel { id, filename, bytes }| WaitingModel {
        id: id.to_string(),
        filename,
        bytes,
    });
    let pictures = pictures.into_iter().map(|picture| {
        let image = match picture.of {
            service::OfferedFrom::Prediction(id) => addresses::at(format!("/api/v1/predictions/{id}/image")),
            service::OfferedFrom::Asset(id) => addresses::at(format!("/api/v1/assets/{id}/image")),
        };
        OfferedPicture { title: picture.title, thumb: format!("{image}?size=thumb"), image }
    });
    ModelImportStart { waiting: waiting.collect(), pictures: pictures.collect() }
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
