//! How a deployment's predictions are reviewed.

use super::MonitoringActs;
use crate::ui::{IntoAny, settings_form};
use domain::review::ReviewSettings;
use leptos::prelude::*;

/// How predictions are reviewed.
#[must_use]
pub fn reviews_panel(name: &str, now: ReviewSettings, acts: MonitoringActs) -> AnyView {
    view! {
        <section class="panel" id="reviews">
            <h2>"Reviews"</h2>
            <p class="dim">"A reviewer who sees no boxes first is led by none: figures from such reviews say how well the model really does. Which images these are is decided by their hash."</p>
            {settings_form(acts.reviews, name, &now, ())}
        </section>
    }
    .into_any()
}
