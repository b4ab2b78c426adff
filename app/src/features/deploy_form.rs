//! The form that puts a model version to work.

use crate::{
    routes::Route,
    server_fns::model_acts::Deploy,
    ui::{ActionForm, FormAction, IntoAny, best_words, dynamic, empty, follow, form_error, handler},
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
    /// The threshold that is chosen at first.
    threshold: Option<f64>,
) -> impl IntoView {
    let act = FormAction::<Deploy>::new();
    if versions.is_empty() {
        return nothing_to_deploy();
    }
    let first = versions.first().map(ModelVersion::full_name);
    let chosen = RwSignal::new(wanted.clone().or(first).unwrap_or_default());
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
                <select id="model" class="field" name="model" required on:change=handler(move |event| chosen.set(event_target_value(&event)))>{options}</select>
                <p class="dim">"Answers every image. A model that is served elsewhere takes reports only."</p>
            </div>
            <label for="shadow">"Shadow"</label>
            <div>
                <select id="shadow" class="field" name="shadow"><option value="">"none"</option>{shadows}</select>
                <p class="dim">"Predicts the same images silently, so that it can be compared."</p>
            </div>
            <label for="threshold">"Threshold"</label>
            {threshold_field(versions, chosen, threshold)}
            <div class="form-end">
                <button class="button button-main" type="submit" disabled=act.pending()>"Deploy"</button>
                {dynamic(move || form_error(act.outcome()))}
            </div>
        </ActionForm>
    }
    .into_any()
}

/// The threshold, and the one at which the chosen version was measured to be
/// best.
fn threshold_field(versions: Vec<ModelVersion>, chosen: RwSignal<String>, first: Option<f64>) -> AnyView {
    let value = RwSignal::new(first.map_or_else(|| DEFAULT_THRESHOLD.to_string(), |value| value.to_string()));
    let best = move || {
        let version = versions.iter().find(|version| version.full_name() == chosen.get())?;
        let evaluation = version.latest_evaluation()?;
        let best = format!("{:.2}", evaluation.best_threshold?.threshold.value);
        let words = best_words(evaluation)?;
        let label = format!("Use {best}");
        let take = move |_| value.set(best.clone());
        Some(view! {
            <p>{words}". "<button class="button" type="button" on:click=handler(take)>{label}</button></p>
        })
    };
    view! {
        <div>
            <input id="threshold" class="field field-short" type="number" name="threshold" min="0" max="1" step="0.01"
                required aria-describedby="threshold-rule" prop:value=follow(move || value.get()) value=value.get_untracked() />
            <p id="threshold-rule" class="dim">"Boxes with a score at or above it are seen and counted."</p>
            {dynamic(best)}
        </div>
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
        "No model to deploy yet",
        "Import the file of a model, register one that runs elsewhere, or train one on a dataset.",
        view! {
            <div class="form-row">
                <a class="button button-main" href=Route::Models.href()>"Import a model"</a>
                <a class="button" href=Route::Launch.href()>"Launch a training"</a>
            </div>
        }
        .into_any(),
    )
}
