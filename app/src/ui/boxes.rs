//! Boxes over a small picture.

use super::palette::Palette;
use crate::ui::IntoAny;
use crate::wire::{Outline, outlines};
use domain::geometry::{Rect, Size};
use leptos::prelude::*;

/// An overlay that lies on a picture of `size` as `object-fit: cover` does, in
/// the colours of the labels.
#[must_use]
pub fn boxes_overlay(size: Size, boxes: &[(String, Rect)], palette: &Palette) -> AnyView {
    outline_overlay(size, outlines(boxes.iter().map(|(label, rect)| (label.as_str(), *rect))), palette)
}

/// The same of boxes that are outlines already: one path a label, however many
/// boxes, since a grid has thousands of them.
#[must_use]
pub fn outline_overlay(size: Size, outlines: Vec<Outline>, palette: &Palette) -> AnyView {
    let paths: Vec<_> = outlines
        .into_iter()
        .map(|outline| view! { <path class=palette.class(&outline.label) d=outline.path /> })
        .collect();
    view! {
        <svg
            class="boxes"
            viewBox=format!("0 0 {} {}", size.width, size.height)
            preserveAspectRatio="xMidYMid slice"
            aria-hidden="true"
        >
            {paths}
        </svg>
    }
    .into_any()
}
