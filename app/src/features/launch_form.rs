//! The form that launches a training.

use crate::ui::{ActionForm, IntoAny};
use crate::{
    server_fns::launches::Launch,
    ui::{empty, form_error, param_fields},
};
use domain::{
    dataset::{DatasetVersion, Split},
    model::ModelVersion,
    training::TrainParams,
};
use leptos::prelude::*;

/// What the form begins with.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// `NAME/VERSION` to train on.
    pub dataset: Option<String>,
    /// `NAME/N` to start from.
    pub base: Option<String>,
}

/// Minutes that fit a first try.
const MINUTES: u64 = 15;

/// Dataset, model, base, time, and every parameter with its default.
#[component]
pub fn LaunchForm(
    /// All versions of datasets.
    datasets: Vec<DatasetVersion>,
    /// All versions of models.
    models: Vec<ModelVersion>,
    /// What is chosen at first.
    wanted: Wanted,
) -> impl IntoView {
    let act = ServerAction::<Launch>::new();
    let trainable: Vec<_> = datasets.into_iter().filter(can_train).collect();
    if trainable.is_empty() {
        return nothing_to_train_on();
    }
    let model = wanted.base.as_deref().and_then(|base| base.split('/').next());
    let model = model.unwrap_or_default().to_owned();
    let datasets: Vec<_> = trainable.iter().map(|v| dataset_option(v, wanted.dataset.as_deref())).collect();
    let bases: Vec<_> = models.iter().filter(|v| v.weights.is_some()).collect();
    let bases: Vec<_> = bases.into_iter().map(|v| version_option(v, wanted.base.as_deref())).collect();
    view! {
        <ActionForm action=act attr:class="panel form">
            <label for="dataset">"Train on"</label>
            <select id="dataset" class="field" name="dataset" required>{datasets}</select>
            <label for="model">"Model"</label>
            <div>
                <input id="model" class="field" name="model" required maxlength="64" value=model list="models" autocomplete="off" aria-describedby="model-rule" />
                <p id="model-rule" class="dim">"Receives the new version; made when there is none of this name."</p>
            </div>
            <datalist id="models">{model_names(&models)}</datalist>
            <label for="base">"Start from"</label>
            <select id="base" class="field" name="base"><option value="">"nothing"</option>{bases}</select>
            <label for="minutes">"Time limit"</label>
            <div>
                <input id="minutes" class="field field-short" type="number" name="minutes" min="0" max="100000" required value=MINUTES.to_string() />
                " minutes "<span class="dim">"(0 for none: then the epochs decide)"</span>
            </div>
            <details class="form-more">
                <summary>"Parameters"</summary>
                <div class="form-params">{param_fields(&TrainParams::default(), "param", "params[")}</div>
            </details>
            <div class="form-end">
                <button class="button button-main" type="submit" disabled=act.pending()>"Launch"</button>
                {move || form_error(act.value().get())}
            </div>
        </ActionForm>
    }
    .into_any()
}

fn can_train(version: &DatasetVersion) -> bool {
    !version.open && version.counts.by_split.get(&Split::Train).is_some_and(|images| *images > 0)
}

fn nothing_to_train_on() -> AnyView {
    let line = "fovea import --format coco --images DIR --annotations FILE --dataset NAME";
    empty(
        "Nothing to train on yet",
        "A training needs a frozen dataset version with images in its train split.",
        view! { <crate::ui::Command line=line /> }.into_any(),
    )
}

fn dataset_option(version: &DatasetVersion, chosen: Option<&str>) -> AnyView {
    let name = version.full_name();
    let selected = chosen == Some(name.as_str());
    let images = version.counts.by_split.get(&Split::Train).copied().unwrap_or(0);
    let words = format!("{name} ({} images to train on)", charts::grouped(images));
    view! { <option value=name selected=selected>{words}</option> }.into_any()
}

fn version_option(version: &ModelVersion, chosen: Option<&str>) -> AnyView {
    let name = version.full_name();
    let selected = chosen == Some(name.as_str());
    let value = name.clone();
    view! { <option value=value selected=selected>{name}</option> }.into_any()
}

fn model_names(models: &[ModelVersion]) -> Vec<AnyView> {
    let mut names: Vec<&str> = models.iter().map(|version| version.model.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter().map(|name| view! { <option value=name.to_owned()></option> }.into_any()).collect()
}
