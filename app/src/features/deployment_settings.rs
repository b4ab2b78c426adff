//! What an administrator sets on a deployment.

use crate::{
    how_to_send::how_to_send,
    routes::Route,
    server_fns::deployment_acts::{Promote, SetShadow, SetThreshold},
    ui::{ActionForm, FormAction, IntoAny, dynamic, form_outcome},
};
use domain::{deployment::Deployment, model::ModelVersion};
use leptos::prelude::*;

/// Threshold, shadow, champion.
#[component]
pub fn DeploymentSettings(
    /// The deployment.
    deployment: Deployment,
    /// Every version that may serve.
    versions: Vec<ModelVersion>,
    /// Whether the person may change anything.
    admin: bool,
) -> impl IntoView {
    let forms = if admin {
        view! {
            {threshold(&deployment)}
            {shadow(&deployment, &versions)}
            {champion(&deployment, &versions)}
        }
        .into_any()
    } else {
        view! { <p class="dim">"Only an administrator changes these settings."</p> }.into_any()
    };
    view! {
        <div class="settings">
            {forms}
            <section class="panel">
                <h2>{if deployment.champion.runnable { "Send images from a program" } else { "Report from a program" }}</h2>
                {how_to_send(&deployment)}
            </section>
        </div>
    }
}

fn threshold(deployment: &Deployment) -> AnyView {
    let act = FormAction::<SetThreshold>::new();
    let (id, now) = (deployment.id.to_string(), deployment.threshold.get().to_string());
    view! {
        <section class="panel">
            <h2>"Threshold"</h2>
            <p class="dim">"Boxes with a score at or above it are seen and counted. Holds for later predictions; earlier ones keep theirs."</p>
            <ActionForm action=act attr:class="form-row">
                <input type="hidden" name="id" value=id />
                <label class="visually-hidden" for="threshold">"Threshold"</label>
                <input id="threshold" class="field field-short" type="number" name="threshold" min="0" max="1" step="0.01" required value=now.clone() />
                <button class="button" type="submit">"Save"</button>
                {dynamic(move || form_outcome(act.outcome(), "Saved"))}
            </ActionForm>
        </section>
    }
    .into_any()
}

fn options(versions: &[ModelVersion], chosen: Option<&str>, except: &str) -> Vec<AnyView> {
    let names = versions.iter().filter(|v| v.weights.is_some()).map(ModelVersion::full_name);
    names
        .filter(|name| name != except)
        .map(|name| {
            let selected = chosen == Some(name.as_str());
            let value = name.clone();
            view! { <option value=value selected=selected>{name}</option> }.into_any()
        })
        .collect()
}

fn shadow(deployment: &Deployment, versions: &[ModelVersion]) -> AnyView {
    let act = FormAction::<SetShadow>::new();
    let chosen = deployment.shadow.as_ref().map(|s| s.name.as_str());
    let id = deployment.id.to_string();
    let others = options(versions, chosen, &deployment.champion.name);
    view! {
        <section class="panel">
            <h2>"Shadow"</h2>
            <p class="dim">"Predicts the same images silently, so that it can be compared with the champion."</p>
            <ActionForm action=act attr:class="form-row">
                <input type="hidden" name="id" value=id />
                <label class="visually-hidden" for="shadow">"Shadow"</label>
                <select id="shadow" class="field" name="shadow">
                    <option value="">"none"</option>
                    {others}
                </select>
                <button class="button" type="submit">"Save"</button>
                {dynamic(move || form_outcome(act.outcome(), "Saved"))}
            </ActionForm>
        </section>
    }
    .into_any()
}

fn champion(deployment: &Deployment, versions: &[ModelVersion]) -> AnyView {
    let act = FormAction::<Promote>::new();
    let chosen = deployment.shadow.as_ref().map(|s| s.name.as_str());
    let others = options(versions, chosen, &deployment.champion.name);
    let (id, now) = (deployment.id.to_string(), deployment.champion.name.clone());
    let form = if others.is_empty() {
        view! {
            <p class="dim">
                "There is no other version with weights to promote: train one, or "
                <a href=Route::Models.href()>"import one"</a>"."
            </p>
        }
        .into_any()
    } else {
        view! {
            <ActionForm action=act attr:class="form-row">
                <input type="hidden" name="id" value=id />
                <input type="hidden" name="expected" value=now />
                <label class="visually-hidden" for="version">"Version"</label>
                <select id="version" class="field" name="version">{others}</select>
                <button class="button" type="submit">"Promote"</button>
                {dynamic(move || form_outcome(act.outcome(), "Saved"))}
            </ActionForm>
        }
        .into_any()
    };
    view! {
        <section class="panel">
            <h2>"Champion"</h2>
            <p class="dim">"Now "<b>{deployment.champion.name.clone()}</b>". A promotion takes effect with the next image, and can be taken back the same way."</p>
            {form}
        </section>
    }
    .into_any()
}
