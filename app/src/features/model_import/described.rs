//! What a file turned out to be, and what can be said of it.

use super::ImportSession;
use crate::{
    dom,
    ui::{IntoAny, Tone, bytes, handler, pill},
    wire::{InspectedModel, StagedFault, StagedModel},
};
use domain::model::ModelFormat;
use leptos::prelude::*;

/// Labels that are shown before the rest is counted.
const SHOWN_LABELS: usize = 40;

/// The file: format, how it is asked, labels, and the form to change both.
pub(super) fn described(session: ImportSession, staged: &StagedModel) -> AnyView {
    let format = staged.inspected.as_ref().and_then(|inspected| ModelFormat::parse(&inspected.format));
    let format = format.map(|format| pill(Tone::Quiet, format.label()));
    let told = match (&staged.inspected, &staged.fault) {
        (Some(inspected), _) => sentences(inspected),
        (None, Some(fault)) => faulty(fault),
        (None, None) => ().into_any(),
    };
    view! {
        <section class="panel import-file">
            <h2>{staged.filename.clone()}" "{format}" "<span class="dim">{bytes(staged.bytes)}</span></h2>
            {told}
            {editor(session, staged)}
        </section>
    }
    .into_any()
}

fn sentences(inspected: &InspectedModel) -> AnyView {
    let told = inspected.explanation.iter().chain(&inspected.notes).cloned();
    let told = told.map(|sentence| view! { <li>{sentence}</li> }).collect::<Vec<_>>();
    let shown = inspected.labels.iter().take(SHOWN_LABELS).enumerate();
    let labels: Vec<_> = shown
        .map(|(place, label)| {
            let class = format!("swatch ink-{}", place % 8 + 1);
            view! { <li><i class=class></i>{label.clone()}</li> }
        })
        .collect();
    let more = inspected.labels.len().saturating_sub(SHOWN_LABELS);
    let more = (more > 0).then(|| view! { <li class="dim">{format!("and {more} more")}</li> });
    let cannot = (!inspected.trainable).then(|| {
        view! { <p class="dim">"It predicts here. The built-in trainer cannot go on from it."</p> }
    });
    view! {
        <ul class="import-told">{told}</ul>
        {cannot}
        <h3>{format!("{} labels", inspected.labels.len())}</h3>
        <ul class="labels">{labels}{more}</ul>
    }
    .into_any()
}

fn faulty(fault: &StagedFault) -> AnyView {
    view! {
        <div role="alert">
            <p class="bad">{fault.reason.clone()}</p>
            <p>"What was seen of it:"</p>
            <pre class="import-seen">{fault.seen.join("\n")}</pre>
            <p>"Describe its inputs and outputs below. What could be guessed is filled in."</p>
        </div>
    }
    .into_any()
}

/// The recipe and the labels, to be changed.
fn editor(session: ImportSession, staged: &StagedModel) -> AnyView {
    let inspected = staged.inspected.as_ref();
    let recipe = match (&staged.fault, inspected.and_then(|inspected| inspected.recipe.as_ref())) {
        (Some(fault), _) => fault.recipe.clone(),
        (None, Some(recipe)) => recipe.to_json(),
        // There is but one way to ask it.
        (None, None) => return ().into_any(),
    };
    let labels = inspected.map(|inspected| inspected.labels.join("\n")).unwrap_or_default();
    let open = staged.fault.is_some();
    let recipe = RwSignal::new(recipe);
    let labels = RwSignal::new(labels);
    let look = move |_| session.describe(recipe.get_untracked(), labels.get_untracked());
    view! {
        <details class="import-editor" open=open>
            <summary>"Recipe and labels"</summary>
            <label for="import-recipe">"Recipe: how an image is fed to it, and its outputs become boxes"</label>
            <textarea
                id="import-recipe"
                class="field mono"
                rows="16"
                spellcheck="false"
                on:input=handler(move |event| recipe.set(dom::field_value(&event).unwrap_or_default()))
                prop:value=recipe
            ></textarea>
            <label for="import-labels">"Labels, one a line, in the order of the outputs"</label>
            <textarea
                id="import-labels"
                class="field"
                rows="6"
                spellcheck="false"
                on:input=handler(move |event| labels.set(dom::field_value(&event).unwrap_or_default()))
                prop:value=labels
            ></textarea>
            <button class="button" type="button" disabled=session.busy on:click=handler(look)>"Look again"</button>
        </details>
    }
    .into_any()
}
