//! Boxes over a small picture.

use super::palette::Palette;
use crate::ui::IntoAny;
use domain::geometry::{Rect, Size};
use leptos::prelude::*;

/// An overlay that lies on a picture of `size` as `object-fit: cover` does,
/// with one rectangle a box, in the colour of its label.
#[must_use]
pub fn boxes_overlay(size: Size, boxes: Vec<(String, Rect)>, palette: &Palette) -> AnyView {
    let rects: Vec<_> = boxes
        .into_iter()
        .map(|(label, rect)| {
            view! {
                <rect
                    class=palette.class(&label)
                    x=short(rect.x())
                    y=short(rect.y())
                    width=short(rect.w())
                    height=short(rect.h())
                />
            }
        })
        .collect();
    view! {
        <svg
            class="boxes"
            viewBox=format!("0 0 {} {}", size.width, size.height)
            preserveAspectRatio="xMidYMid slice"
            aria-hidden="true"
        >
            {rects}
        </svg>
    }
    .into_any()
}

/// A tenth of a pixel is enough for a picture.
fn short(value: f64) -> String {
    charts::decimal(value, 1)
}
