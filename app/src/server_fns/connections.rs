//! Other tools that an administrator has named.

use crate::{error::AppError, packed::Packed, wire::LabelStudioPlace};
use leptos::prelude::*;

/// Where Label Studio is; never the token.
#[server]
pub async fn get_label_studio() -> Result<Packed<LabelStudioPlace>, AppError> {
    let (service, actor) = crate::request::admin()?;
    crate::packed::packed(&service.intake().label_studio(&actor).await?.into())
}

/// Names the address of Label Studio, with a token or (empty) without one.
#[server]
pub async fn set_label_studio(url: String, token: String) -> Result<(), AppError> {
    let (service, actor) = crate::request::admin()?;
    let origin = crate::parsing::label_studio(&url, &token);
    Ok(service.intake().set_label_studio(&actor, Some(origin)).await?)
}

/// Takes the address and the token away.
#[server]
pub async fn forget_label_studio() -> Result<(), AppError> {
    let (service, actor) = crate::request::admin()?;
    Ok(service.intake().set_label_studio(&actor, None).await?)
}
