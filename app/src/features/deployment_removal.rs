//! A deployment's name, its end, and the way back from there.

use crate::{
    dom,
    effect::effect,
    routes::Route,
    server_fns::deployment_names::{RemoveDeployment, RenameDeployment, RestoreDeployment},
    ui::{ActionForm, FormAction, IntoAny, dynamic, follow, form_error},
};
use domain::{deployment::Deployment, ids::DeploymentId};
use leptos::prelude::*;
use std::time::Duration;

/// So long the way back is offered. The server keeps it open for a little
/// longer, since an answer takes its time.
const OFFERED: Duration = Duration::from_secs(10);
/// The button that has the focus after a deletion.
const UNDO: &str = "undo-removal";

/// Another name, and the end.
#[must_use]
pub fn name_and_deletion(deployment: &Deployment) -> AnyView {
    let (rename, remove) = (FormAction::<RenameDeployment>::new(), FormAction::<RemoveDeployment>::new());
    let (id, name) = (deployment.id.to_string(), deployment.name.as_str().to_owned());
    let (of_removal, delete) = (id.clone(), format!("Delete {name}"));
    view! {
        <section class="panel" id="name">
            <h2>"Name"</h2>
            <p class="dim">"The name is part of its addresses, on the pages and in the API: programs that send images here must be told the new one."</p>
            <ActionForm action=rename attr:class="form-row">
                <input type="hidden" name="id" value=id />
                <label class="visually-hidden" for="new-name">"Name"</label>
                <input id="new-name" class="field" name="name" required maxlength="64" autocomplete="off" value=name />
                <button class="button" type="submit" disabled=rename.pending()>"Rename"</button>
                {dynamic(move || form_error(rename.outcome()))}
            </ActionForm>
        </section>
        <section class="panel" id="deletion">
            <h2>"Deletion"</h2>
            <p class="dim">"Its predictions, reviews, figures and alert rules go with it. Models, datasets and what was submitted to datasets stay. For ten seconds you can undo it."</p>
            <ActionForm action=remove attr:class="form-row">
                <input type="hidden" name="id" value=of_removal />
                <button class="button button-danger" type="submit" disabled=remove.pending()>{delete}</button>
                {dynamic(move || form_error(remove.outcome()))}
            </ActionForm>
        </section>
    }
    .into_any()
}

/// Says that a deployment was deleted, and offers the way back for a moment.
#[component]
pub fn RemovalNotice(
    /// Which it was.
    id: DeploymentId,
    /// What it was called.
    name: String,
) -> impl IntoView {
    let undo = FormAction::<RestoreDeployment>::new();
    let over = RwSignal::new(false);
    effect(move || {
        // Who loads the page again has not deleted it again.
        dom::replace_address(&Route::Deployments.href());
        dom::next_frame(|| dom::focus_by_id(UNDO));
        set_timeout(
            move || {
                // A refusal stays to be read.
                if !undo.is_answered() {
                    over.try_set(true);
                }
            },
            OFFERED,
        );
    });
    view! {
        <div class="toast-place" hidden=follow(move || over.get())>
            <div class="toast toast-timed" role="status">
                <span>"Deleted "<b>{name}</b></span>
                <ActionForm action=undo>
                    <input type="hidden" name="id" value=id.to_string() />
                    <button id=UNDO class="button" type="submit" disabled=undo.pending()>"Undo"</button>
                </ActionForm>
                {dynamic(move || form_error(undo.outcome()))}
            </div>
        </div>
    }
}
