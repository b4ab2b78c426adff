//! A chart as wide as its place: drawn at a usual width on the server, and
//! again at the real one in the browser.

use crate::{dom, effect::effect};
use charts::Canvas;
use leptos::{html::Div, prelude::*};

/// The width that the server draws at, in CSS pixels.
pub const USUAL_WIDTH_PX: u32 = 400;
const LEAST_WIDTH_PX: u32 = 120;

/// Shows what `draw` draws, and keeps `width` true.
#[component]
pub fn Drawing(
    /// Height in CSS pixels.
    height: u32,
    /// Gets the width of the place.
    width: RwSignal<u32>,
    /// Draws at that size.
    draw: Callback<Canvas, String>,
) -> impl IntoView {
    let place = NodeRef::<Div>::new();
    effect(move || {
        let Some(element) = place.get() else { return };
        let watch = dom::watch_width(&element, move |px| {
            let px = (px.round() as u32).max(LEAST_WIDTH_PX);
            if width.get_untracked() != px {
                width.set(px);
            }
        });
        StoredValue::new_local(watch);
    });
    let drawing = move || draw.run(Canvas { width: width.get(), height });
    view! { <div class="drawing" node_ref=place inner_html=drawing></div> }
}
