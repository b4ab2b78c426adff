//! How long what arrives is kept.

use super::MonitoringActs;
use crate::ui::{IntoAny, bytes, form_outcome};
use domain::retention::{Retention, StoredImages};
use leptos::{form::ActionForm, prelude::*};

/// What a deployment keeps of what nobody has reviewed, and what is there.
#[must_use]
pub fn retention_panel(name: &str, now: Retention, stored: StoredImages, acts: MonitoringActs) -> AnyView {
    let act = acts.retention;
    let days = now.days.map(|days| days.to_string());
    let gigabytes = now.bytes.map(|bytes| (bytes as f64 / 1e9).to_string());
    let sample = (now.sample_rate.get() * 1e4).round() / 100.0;
    // Nobody noted the sizes of images that came before this was kept.
    let size = if stored.bytes > 0 { format!(", {}", bytes(stored.bytes)) } else { String::new() };
    let there = format!(
        "Now {} images{size}. Reviews, what was submitted and what was counted stay in any case.",
        charts::grouped(stored.images)
    );
    let name = name.to_owned();
    view! {
        <section class="panel" id="retention">
            <h2>"Retention"</h2>
            <p class="dim">{there}</p>
            <ActionForm action=act attr:class="form">
                <input type="hidden" name="name" value=name />
                <label for="keep-days">"Days that unreviewed predictions are kept"</label>
                <input id="keep-days" class="field field-short" type="number" name="days" min="1" max="3650" placeholder="for ever" value=days />
                <label for="keep-gigabytes">"Most gigabytes of images"</label>
                <input id="keep-gigabytes" class="field field-short" type="number" name="gigabytes" min="0.001" step="any" placeholder="any" value=gigabytes />
                <label for="keep-sample">"Images that are kept, in percent"</label>
                <input id="keep-sample" class="field field-short" type="number" name="sample" min="0" max="100" step="any" required value=sample />
                <div class="form-end">
                    <button class="button" type="submit">"Save"</button>
                    {move || form_outcome(act.value().get(), "Saved")}
                </div>
            </ActionForm>
            <p class="dim">
                "What is older, and the oldest of what is too much, goes for good within minutes. Below 100 % the others are predicted and counted without their image, unless they are unusual; a shadow sees only images that are kept."
            </p>
        </section>
    }
    .into_any()
}
