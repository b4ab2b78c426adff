//! The form that launches a training.

use crate::{
    routes::Route,
    server_fns::launches::Launch,
    ui::{ActionForm, FormAction, IntoAny, TrainerFields, dynamic, empty, form_error, trainer_fields},
};
use domain::{
    dataset::{DatasetVersion, Split},
    model::ModelVersion,
    training::TrainerInfo,
};
use leptos::prelude::*;

/// What the form begins with.
#[derive(Clone, Debug, Default)]
pub struct LaunchPreset {
    /// `NAME/VERSION` to train on.
    pub dataset: Option<String>,
    /// `NAME/N` to start from.
    pub base: Option<String>,
}

const PARAMS: TrainerFields =
    TrainerFields { prefix: "param", name: "trainer", params: "params[", without: "time_limit_s" };

/// Minutes that fit a first try.
const MINUTES: u64 = 15;

/// Dataset, model, base, time, and every parameter of every trainer with its
/// default.
#[component]
pub fn LaunchForm(
    /// All versions of datasets.
    datasets: Vec<DatasetVersion>,
    /// All versions of models.
    models: Vec<ModelVersion>,
    /// All trainers.
    trainers: Vec<TrainerInfo>,
    /// What is chosen at first.
    wanted: LaunchPreset,
) -> impl IntoView {
    let act = FormAction::<Launch>::new();
    let has_datasets = !datasets.is_empty();
    let trainable: Vec<_> = datasets.into_iter().filter(can_train).collect();
    if trainable.is_empty() {
        return nothing_to_train_on(has_datasets);
    }
    let model = wanted.base.as_deref().and_then(|base| base.split('/').next());
    let model = model.unwrap_or_default().to_owned();
    let datasets: Vec<_> = trainable.iter().map(|v| dataset_option(v, wanted.dataset.as_deref())).collect();
    // What only a trainer of the operator's can go on from.
    let others = trainers.len() > 1;
    let bases: Vec<_> = models.iter().filter(|v| v.trainable_here() || others && v.runs_here()).collect();
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
            {trainer_fields(&trainers, None, PARAMS, RwSignal::new(None))}
            <div class="form-end">
                <button class="button button-main" type="submit" disabled=act.pending()>"Launch"</button>
                {dynamic(move || form_error(act.outcome()))}
            </div>
        </ActionForm>
    }
    .into_any()
}

fn can_train(version: &DatasetVersion) -> bool {
    !version.open
        && version.counts.boxes > 0
        && version.counts.by_split.get(&Split::Train).is_some_and(|images| *images > 0)
}

fn nothing_to_train_on(has_datasets: bool) -> AnyView {
    let advice = if has_datasets {
        "No dataset version can be trained on: it takes a frozen version with images in its train split and boxes."
    } else {
        "A training needs a dataset: images with boxes. Import one first."
    };
    let words = if has_datasets { "To the datasets" } else { "Import a dataset" };
    empty(
        "Nothing to train on yet",
        advice,
        view! { <a class="button button-main" href=Route::Datasets.href()>{words}</a> }.into_any(),
    )
}

fn dataset_option(version: &DatasetVersion, chosen: Option<&str>) -> AnyView {
    let name = version.full_name();
    let selected = chosen == Some(name.as_str());
    let images = version.counts.by_split.get(&Split::Train).copied().unwrap_or(0);
    let chosen_by = version.counts.by_split.get(&Split::Val).copied().unwrap_or(0);
    let without = if chosen_by == 0 { "; none for validation: its figures will be missing" } else { "" };
    let words = format!("{name} ({} images to train on{without})", charts::grouped(images));
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
