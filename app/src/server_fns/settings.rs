//! Settings of a deployment.

use crate::{error::AppError, packed::Packed};
use domain::{
    retention::{Retention, StoredImages},
    review::ReviewSettings,
};
use leptos::prelude::*;
use std::collections::BTreeMap;

/// How its predictions are reviewed.
#[server]
pub async fn get_review_settings(name: String) -> Result<Packed<ReviewSettings>, AppError> {
    let (service, actor) = crate::request::viewer()?;
    crate::packed::packed(&service.learning().settings::<ReviewSettings>(&actor, &name).await?)
}

/// What it keeps of what nobody has reviewed, and what is there.
#[server]
pub async fn get_retention(name: String) -> Result<Packed<(Retention, StoredImages)>, AppError> {
    let (service, actor) = crate::request::viewer()?;
    crate::packed::packed(&service.catalogue().retention(&actor, &name).await?)
}

/// Sets the settings `group`, each by its key as a form writes it. What is not
/// among `values` stays as it is.
#[server]
pub async fn set_settings(
    name: String,
    group: String,
    #[server(default)] values: BTreeMap<String, String>,
) -> Result<(), AppError> {
    let (service, actor) = crate::request::admin()?;
    Ok(service.learning().set_settings_by_form(&actor, &name, &group, values).await?)
}
