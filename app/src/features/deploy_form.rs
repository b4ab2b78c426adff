//! The form that puts a model version to work.

use crate::ui::{ActionForm, IntoAny};
use crate::{
    server_fns::deploying::Deploy,
    ui::{Command, empty, form_error},
};
use domain::{deployment::DEFAULT_THRESHOLD, model::ModelVersion};
use leptos::prelude::*;

/// Name, version, shadow, threshold.
#[component]
pub fn DeployForm(
    /// All versions of models, newest first.
    versions: Vec<ModelVersion>,
    /// `NAME/N` that is chosen at first.
    wanted: Option<String>,
) -> impl IntoView {
    let act = ServerAction::<Deploy>::new();
    if versions.is_empty() {
        return nothing_to_deploy();
    }
    let options: Vec<_> = versions.iter().map(|version| option(version, wanted.as_deref())).collect();
    let shadows: Vec<_> = versions
        .iter()
        .filter(|version| version.weights.is_some())
        .map(|version| option(version, None))
        .collect();
    view! {
        <ActionForm action=act attr:class="panel form">
            <label for="name">"Name"</label>
            <div>
                <input id="name" class="field" name="name" required maxlength="64" autocomplete="off" placeholder="line-1" aria-describedby="name-rule" />
                <p id="name-rule" class="dim">"Letters, digits, dot, underscore and hyphen. Programs send images under this name."</p>
            </div>
            <label for="model">"Champion"</label>
            <div>
                <select id="model" class="field" name="model" required>{options}</select>
                <p class="dim">"Answers every image. A model that is served elsewhere takes reports only."</p>
            </div>
            <label for="shadow">"Shadow"</label>
            <div>
                <select id="shadow" class="field" name="shadow"><option value="">"none"</option>{shadows}</select>
                <p class="dim">"Predicts the same images silently, so that it can be compared."</p>
            </div>
            <label for="threshold">"Threshold"</label>
            <div>
                <input id="threshold" class="field field-short" type="number" name="threshold" min="0" max="1" step="0.01" required value=DEFAULT_THRESHOLD.to_string() />
                <p class="dim">"Boxes with a score at or above it are seen and counted."</p>
            </div>
            <div class="form-end">
                <button class="button button-main" type="submit" disabled=act.pending()>"Deploy"</button>
                {move || form_error(act.value().get())}
            </div>
        </ActionForm>
    }
    .into_any()
}

fn option(version: &ModelVersion, chosen: Option<&str>) -> AnyView {
    let name = version.full_name();
    let selected = chosen == Some(name.as_str());
    let words = if version.weights.is_some() { name.clone() } else { format!("{name} (served elsewhere)") };
    view! { <option value=name selected=selected>{words}</option> }.into_any()
}

fn nothing_to_deploy() -> AnyView {
    empty(
        "No model to put to work yet",
        "Train one on a dataset, or register one that is served elsewhere.",
        view! {
            <Command line="fovea train --dataset NAME/v1 --model NAME" />
            <Command line="fovea model register NAME --labels a,b,c" />
        }
        .into_any(),
    )
}
