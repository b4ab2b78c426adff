//! How long what arrives is kept.

use crate::{error::AppError, packed::Packed};
use domain::retention::{Retention, StoredImages};
use leptos::prelude::*;

/// What it keeps of what nobody has reviewed, and what is there.
#[server]
pub async fn get_retention(name: String) -> Result<Packed<(Retention, StoredImages)>, AppError> {
    let (service, actor) = crate::request::asked()?;
    crate::packed::packed(&service.retention(&actor, &name).await?)
}

/// Sets what is kept of what nobody has reviewed: `days` and `gigabytes` empty
/// for no limit, `sample` in percent.
#[server]
pub async fn set_retention(
    name: String,
    days: String,
    gigabytes: String,
    sample: String,
) -> Result<(), AppError> {
    let (service, actor) = crate::request::asked()?;
    let settings = crate::parsing::retention(&days, &gigabytes, &sample)?;
    Ok(service.set_retention(&actor, &name, settings).await.map(drop)?)
}
