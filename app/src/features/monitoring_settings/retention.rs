//! How long what arrives is kept.

use super::MonitoringActs;
use crate::ui::{IntoAny, bytes, settings_form};
use domain::retention::{Retention, StoredImages};
use leptos::prelude::*;

/// What a deployment keeps, and what is there.
#[must_use]
pub fn retention_panel(name: &str, now: Retention, stored: StoredImages, acts: MonitoringActs) -> AnyView {
    // Nobody noted the sizes of images that came before this was kept.
    let size = if stored.bytes > 0 { format!(", {}", bytes(stored.bytes)) } else { String::new() };
    let there = format!(
        "Now {} images{size}. Reviews, what was submitted and what was counted stay in any case.",
        charts::grouped(stored.images)
    );
    view! {
        <section class="panel" id="retention">
            <h2>"Retention"</h2>
            <p class="dim">{there}</p>
            {settings_form(acts.retention, name, &now, ())}
            <p class="dim">
                "Predictions beyond these limits are deleted for good within minutes, the oldest first. Below 100 %, the other images are predicted and counted but not stored, unless they are unusual. A shadow predicts stored images only."
            </p>
        </section>
    }
    .into_any()
}
