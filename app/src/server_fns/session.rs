//! The frame around every page.

use crate::{error::AppError, packed::Packed, wire::Session};
use leptos::prelude::*;

/// Who is signed in, and what the navigation shows.
#[server]
pub async fn get_session() -> Result<Packed<Session>, AppError> {
    let (service, actor) = crate::request::viewer()?;
    crate::packed::packed(&crate::frame_data::session(&service, &actor).await?)
}
