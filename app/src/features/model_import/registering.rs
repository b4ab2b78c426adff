//! A model that runs elsewhere: a name and labels, and no file.

use crate::{
    server_fns::model_acts::RegisterModel,
    ui::{ActionForm, FormAction, IntoAny, dynamic, form_error},
};
use leptos::prelude::*;

/// Name and labels.
#[component]
pub fn RegisterForm() -> impl IntoView {
    let act = FormAction::<RegisterModel>::new();
    view! {
        <details class="panel import-elsewhere">
            <summary>"Register one that runs elsewhere"</summary>
            <p class="dim">"Your own servers predict and report their boxes here. Fovea needs no file for that."</p>
            <ActionForm action=act attr:class="form form-inside">
                <label for="elsewhere-name">"Model"</label>
                <div>
                    <input id="elsewhere-name" class="field" name="name" required maxlength="64" autocomplete="off" placeholder="traffic" />
                </div>
                <label for="elsewhere-labels">"Labels"</label>
                <div>
                    <textarea id="elsewhere-labels" class="field" name="labels" rows="4" required spellcheck="false" placeholder="car, truck, bicycle"></textarea>
                    <p class="dim">"Separated by commas, or one a line."</p>
                </div>
                <div class="form-end">
                    <button class="button button-main" type="submit" disabled=act.pending()>"Register"</button>
                    {dynamic(move || form_error(act.outcome()))}
                </div>
            </ActionForm>
        </details>
    }
    .into_any()
}
