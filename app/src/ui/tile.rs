//! A prediction as a small picture with its boxes, status and count.

use super::{
    badge::status_badge,
    boxes::boxes_overlay,
    icon::{Icon, icon},
    palette::Palette,
};
use crate::ui::IntoAny;
use crate::{addresses, wire::Tile};
use leptos::prelude::*;

/// The picture, as a link to the prediction's page.
#[must_use]
pub fn prediction_tile(tile: Tile, palette: &Palette) -> AnyView {
    let Tile { id, status, filename, size, pictured, objects, boxes, received, .. } = tile;
    let name = filename.unwrap_or_else(|| received.to_string());
    let picture = if pictured {
        let boxes = boxes.into_iter().map(|b| (b.label, b.rect)).collect();
        let alt = format!("{name}, {objects} objects");
        view! {
            <img src=addresses::prediction_thumb(id) alt=alt loading="lazy" decoding="async" />
            {boxes_overlay(size, boxes, palette)}
        }
        .into_any()
    } else {
        let boxes = boxes.into_iter().map(|b| (b.label, b.rect)).collect();
        view! {
            <span class="no-picture">{icon(Icon::NoPicture)}<span>"no image"</span></span>
            {boxes_overlay(size, boxes, palette)}
        }
        .into_any()
    };
    view! {
        <a class="tile" href=addresses::prediction(id) title=name>
            {picture}
            <span class="tile-foot">
                {status_badge(status)}
                <span class="pill">{objects}<span class="visually-hidden">" objects"</span></span>
            </span>
        </a>
    }
    .into_any()
}
