//! With which data the deployment is compared.

use super::MonitoringActs;
use crate::{
    routes::Route,
    ui::{ActionForm, IntoAny, Tone, dynamic, form_outcome, pill},
};
use domain::{
    dataset::DatasetVersion,
    training_data::{Reference, ReferenceState, TrainingData},
};
use leptos::prelude::*;

/// With which data a deployment is compared, and what else it could be.
#[must_use]
pub fn training_data_panel(
    name: &str,
    now: &TrainingData,
    datasets: &[DatasetVersion],
    acts: MonitoringActs,
) -> AnyView {
    let act = acts.training_data;
    let chosen = now.reference.as_ref().map(|reference| reference.dataset.clone());
    let frozen = datasets.iter().filter(|version| !version.open && version.counts.images > 0);
    let options: Vec<_> = frozen
        .map(|version| {
            let full = version.full_name();
            let selected = chosen.as_deref() == Some(full.as_str());
            let text = format!("{full} · {} images", charts::grouped(version.counts.images));
            view! { <option value=full selected=selected>{text}</option> }
        })
        .collect();
    let none = options.is_empty().then(|| {
        view! {
            <p class="dim">
                "There is no dataset version to choose yet: "
                <a href=Route::Datasets.href()>"import a dataset"</a>" first."
            </p>
        }
    });
    let name = name.to_owned();
    view! {
        <section class="panel" id="training-data">
            <div class="panel-head"><h2>"Training data"</h2>{now.reference.as_ref().map(state)}</div>
            <p class="dim">"What arrives is compared with this: outlier scores, drift, usual shares of the labels. The champion looks at its images once."</p>
            {now.reference.as_ref().map(said)}
            <ActionForm action=act attr:class="form-row">
                <input type="hidden" name="name" value=name />
                <label class="visually-hidden" for="reference">"Dataset version"</label>
                <select id="reference" class="field" name="dataset">
                    <option value="" selected=chosen.is_none()>"none: switched off"</option>
                    {options}
                </select>
                <button class="button" type="submit">"Save"</button>
                {dynamic(move || form_outcome(act.outcome(), "Saved"))}
            </ActionForm>
            {none}
        </section>
    }
    .into_any()
}

fn state(reference: &Reference) -> AnyView {
    let tone = match reference.state {
        ReferenceState::Building => Tone::Accent,
        ReferenceState::Ready => Tone::Good,
        ReferenceState::Failed => Tone::Bad,
    };
    pill(tone, reference.state.as_str())
}

fn said(reference: &Reference) -> AnyView {
    let Reference { model, training_images, calibration_images, message, .. } = reference;
    let images = format!(
        "As {model} sees it: {} training images, {} that it never trained on.",
        charts::grouped(*training_images),
        charts::grouped(*calibration_images)
    );
    let message = (!message.is_empty()).then(|| view! { <p class="dim">{message.clone()}</p> });
    view! { <p class="dim">{images}</p>{message} }.into_any()
}
