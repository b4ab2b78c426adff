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
            <p class="dim">"In a blind review the reviewer marks the objects before the model's boxes are shown, so that these boxes influence nobody. A hash of the image decides which images are reviewed blind."</p>
            {settings_form(acts.reviews, name, &now, ())}
        </section>
    }
    .into_any()
}
