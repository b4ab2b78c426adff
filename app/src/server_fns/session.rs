//! The frame around every page.

use crate::{
    error::AppError,
    packed::Packed,
    wire::{CommandWords, Session},
};
use leptos::prelude::*;

/// Who is signed in, and what the navigation shows.
#[server]
pub async fn get_session() -> Result<Packed<Session>, AppError> {
    let (service, actor) = crate::request::viewer()?;
    crate::packed::packed(&crate::frame_data::session(&service, &actor).await?)
}

/// What commands to copy are given.
#[server]
pub async fn get_command_words() -> Result<Packed<CommandWords>, AppError> {
    crate::request::viewer()?;
    crate::packed::packed(&crate::request::command_words())
}
