//! The frame around every page.

use crate::{error::AppError, wire::Session};
use leptos::prelude::*;

/// Who is signed in, and what the navigation shows.
#[server]
pub async fn get_session() -> Result<Session, AppError> {
    let (service, actor) = crate::request::asked()?;
    crate::frame_data::session(&service, &actor).await
}
