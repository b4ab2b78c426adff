//! The end of an import: a name for the model, and then putting it to work.

use super::{ImportSession, Stage};
use crate::{
    addresses, dom,
    server_fns::model_acts::Deploy,
    ui::{ActionForm, FormAction, IntoAny, dynamic, follow, form_error, handler},
    wire::{ImportedModel, StagedModel},
};
use domain::deployment::DEFAULT_THRESHOLD;
use leptos::prelude::*;

/// The model's name, "Import" and "Discard".
pub(super) fn naming(session: ImportSession, staged: &StagedModel) -> AnyView {
    let name = RwSignal::new(name_of(&staged.filename));
    let usable = staged.inspected.is_some();
    let import = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        session.import(name.get_untracked());
    };
    view! {
        <form class="panel import-end" on:submit=handler(import)>
            <label for="import-name">"Model"</label>
            <input
                id="import-name"
                class="field"
                required
                maxlength="64"
                autocomplete="off"
                aria-describedby="import-name-rule"
                prop:value=name
                on:input=handler(move |event| name.set(dom::field_value(&event).unwrap_or_default()))
            />
            <button class="button button-main" type="submit" disabled=follow(move || !usable || session.busy.get())>"Import"</button>
            <button class="button" type="button" on:click=handler(move |_| session.discard())>"Discard"</button>
            <p id="import-name-rule" class="dim">"Letters, digits, dot, underscore and hyphen. A name that is there gets its next version."</p>
            {dynamic(move || session.refusal.get().map(|refusal| view! { <p class="bad" role="alert">{refusal.detail}</p> }))}
        </form>
    }
    .into_any()
}

/// The name of a model that a file's name suggests.
fn name_of(filename: &str) -> String {
    let stem = filename.rsplit_once('.').map_or(filename, |(stem, _)| stem);
    let word: String =
        stem.chars().map(|c| if c.is_ascii_alphanumeric() || ".-_".contains(c) { c } else { '-' }).collect();
    let word = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    if word.is_empty() { "model".to_owned() } else { word.chars().take(64).collect() }
}

/// The version is there: on to a deployment.
pub(super) fn imported(session: ImportSession, version: ImportedModel) -> AnyView {
    let act = FormAction::<Deploy>::new();
    let ImportedModel { name, model } = version;
    view! {
        <div class="panel import-done">
            <p role="status">
                <b>{name.clone()}</b>" is imported. "
                <a href=addresses::model(&name)>"Open it"</a>", or deploy it:"
            </p>
            <ActionForm action=act attr:class="form-row">
                <input type="hidden" name="model" value=name />
                <input type="hidden" name="shadow" value="" />
                <input type="hidden" name="threshold" value=DEFAULT_THRESHOLD.to_string() />
                <label for="import-deployment">"Deployment"</label>
                <input id="import-deployment" class="field" name="name" required maxlength="64" autocomplete="off" value=model />
                <button class="button button-main" type="submit" disabled=act.pending()>"Deploy"</button>
                {dynamic(move || form_error(act.outcome()))}
            </ActionForm>
            <button class="button button-bare" type="button" on:click=handler(move |_| session.stage.set(Stage::Nothing))>"Import another one"</button>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::name_of;

    #[test]
    fn a_file_suggests_the_name_of_its_model() {
        for (file, name) in [
            ("yolo11n.onnx", "yolo11n"),
            ("my best (2).onnx", "my-best--2"),
            ("собаки.onnx", "model"),
            ("rt-detr.v2.onnx", "rt-detr.v2"),
        ] {
            assert_eq!(name_of(file), name);
        }
    }
}
