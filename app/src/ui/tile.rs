//! A prediction as a small picture with its boxes, status and one figure.

use super::{
    badge::{Tone, pill, status_badge},
    boxes::outline_overlay,
    icon::{Icon, icon},
    palette::Palette,
};
use crate::ui::IntoAny;
use crate::{addresses, wire::Tile};
use domain::prediction::Status;
use leptos::prelude::*;
use measures::outlier::FLAGGED_ABOVE;
use query::schema::NumberField;

/// What a tile is called: the file's name, or when it arrived, to the second.
#[must_use]
pub fn tile_name(tile: &Tile) -> String {
    let arrived = || {
        let second: String = tile.received.to_string().chars().take(19).collect();
        second.replace('T', " ") + "Z"
    };
    tile.filename.clone().unwrap_or_else(arrived)
}

/// The picture with its boxes.
#[must_use]
pub fn tile_picture(tile: &Tile, palette: &Palette) -> AnyView {
    let picture = if tile.pictured {
        let alt = format!("{}, {} objects", tile_name(tile), tile.numbers.objects());
        view! { <img src=addresses::prediction_thumb(tile.id) alt=alt decoding="async" /> }.into_any()
    } else {
        view! { <span class="no-picture">{icon(Icon::NoPicture)}<span>"no image"</span></span> }.into_any()
    };
    view! { {picture}{outline_overlay(tile.size, tile.boxes.clone(), palette)} }.into_any()
}

/// What differs from most others, and a figure, over the lower edge of the
/// picture: its status unless nobody has looked at it yet, and that it is unusual.
#[must_use]
pub fn tile_foot(tile: &Tile, figure: String, unit: String) -> AnyView {
    let status = (tile.status != Status::ToReview).then(|| status_badge(tile.status));
    let is_unusual = tile.numbers.get(NumberField::OutlierScore).is_some_and(|score| score > FLAGGED_ABOVE);
    let unusual = is_unusual.then(|| pill(Tone::Warn, "unusual"));
    view! {
        <span class="tile-foot">
            <span class="tile-marks">{status}{unusual}</span>
            <span class="pill">{figure}<span class="visually-hidden">" "{unit}</span></span>
        </span>
    }
    .into_any()
}

/// The picture, as a link to the prediction's page.
#[must_use]
pub fn prediction_tile(tile: &Tile, palette: &Palette) -> AnyView {
    view! {
        <a class="tile" href=addresses::prediction(tile.id) title=tile_name(tile)>
            {tile_picture(tile, palette)}
            {tile_foot(tile, tile.numbers.objects().to_string(), "objects".to_owned())}
        </a>
    }
    .into_any()
}
