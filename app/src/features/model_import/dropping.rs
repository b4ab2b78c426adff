//! Where a model is dropped, how far it is, and files of earlier visits.

use super::{ImportSession, Stage, address};
use crate::{
    answers::Refusal,
    dom,
    ui::{Accepted, IntoAny, bytes, file_drop_place, handler},
    wire::WaitingModel,
};
use leptos::{prelude::*, task::spawn_local};

const MODELS: Accepted = Accepted {
    name: "model",
    kinds: ".onnx,.safetensors,.weights,.json,.txt,.names,.labels",
    several: true,
    large: true,
};

pub(super) fn model_drop_place(session: ImportSession) -> AnyView {
    let words = view! {
        <b>"Drop a model here"</b>
        " or choose it: ONNX, or weights of Fovea. A recipe (.json) and labels (.txt) may come along. You see its boxes before anything is stored."
    };
    file_drop_place(MODELS, words, move |files| session.take(files))
}

pub(super) fn going(session: ImportSession, name: String, share: f64) -> AnyView {
    // All bytes have gone: what is left is the server's look at them.
    let words =
        if share < 1.0 { format!("{:.0} % sent", share * 100.0) } else { "Looking at it …".to_owned() };
    let progress = if share < 1.0 {
        view! { <progress max="1" value=share.to_string() aria-label="Sent"></progress> }.into_any()
    } else {
        view! { <progress aria-label="Looking at the model"></progress> }.into_any()
    };
    view! {
        <div class="panel import-going" role="status">
            <b>{name}</b>
            {progress}
            <span class="dim">{words}</span>
            <button class="button" type="button" on:click=handler(move |_| session.discard())>"Cancel"</button>
        </div>
    }
    .into_any()
}

pub(super) fn refused(refusal: &Refusal) -> AnyView {
    view! {
        <div class="panel import-refused" role="alert">
            <b class="bad">{refusal.title.clone()}</b>
            <p>{refusal.detail.clone()}</p>
        </div>
    }
    .into_any()
}

pub(super) fn waiting_list(session: ImportSession, waiting: StoredValue<Vec<WaitingModel>>) -> AnyView {
    let files = waiting.get_value();
    if files.is_empty() {
        return ().into_any();
    }
    let rows: Vec<_> = files
        .into_iter()
        .map(|file| {
            let (id, gone) = (file.id.clone(), file.id.clone());
            let discard = move |_| {
                waiting.update_value(|files| files.retain(|other| other.id != gone));
                let url = address(&gone, "");
                session.stage.set(Stage::Nothing);
                spawn_local(async move {
                    // One that is gone already is what was wanted.
                    let _ = dom::ask("DELETE", &url, "").await;
                });
            };
            view! {
                <li>
                    <span>{file.filename}</span>
                    <span class="dim">{bytes(file.bytes)}</span>
                    <button class="button" type="button" on:click=handler(move |_| session.resume(id.clone()))>"Go on"</button>
                    <button class="button button-bare" type="button" on:click=handler(discard)>"Discard"</button>
                </li>
            }
        })
        .collect();
    view! { <div class="panel"><h2>"Waiting to be imported"</h2><ul class="import-waiting">{rows}</ul></div> }
        .into_any()
}
