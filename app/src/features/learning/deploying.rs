//! What becomes of candidates, and the way back.

use super::{LearningActs, choice};
use crate::ui::{IntoAny, fact, form_outcome};
use domain::{
    deployment::Deployment,
    learning::{ContinuousDeployment, Policy},
};
use leptos::{form::ActionForm, prelude::*};

/// What becomes of candidates, and the way back to `former`.
#[must_use]
pub fn deploying_panel(
    deployment: &Deployment,
    settings: &ContinuousDeployment,
    former: Option<&str>,
    acts: LearningActs,
    admin: bool,
) -> AnyView {
    let body = if admin {
        view! { {deploying_form(deployment, settings, acts)}{way_back(deployment, former, acts)} }.into_any()
    } else {
        deploying_facts(settings)
    };
    view! { <section class="panel"><h2>"Continuous deployment"</h2>{body}</section> }.into_any()
}

fn deploying_facts(settings: &ContinuousDeployment) -> AnyView {
    let policy = match settings.policy {
        Policy::Champion => "becomes the champion",
        Policy::Shadow => "becomes the shadow",
        Policy::Manual => "waits for a person",
    };
    let condition =
        if settings.require.is_some() { "if the verdict is better" } else { "whatever the verdict" };
    let budget = settings.latency_budget_ms.map_or_else(|| "any".to_owned(), |ms| format!("{ms} ms at p95"));
    view! {
        <dl class="facts">
            {fact("A candidate", policy)}
            {fact("Condition", condition)}
            {fact("Its latency may be", budget)}
            {fact("AP that a class may lose", settings.class_margin.to_string())}
        </dl>
    }
    .into_any()
}

fn deploying_form(deployment: &Deployment, settings: &ContinuousDeployment, acts: LearningActs) -> AnyView {
    let set = acts.deploying;
    let name = deployment.name.as_str().to_owned();
    let (word, gated) = (settings.policy.as_str(), settings.require.is_some());
    let budget = settings.latency_budget_ms.map(|ms| ms.to_string()).unwrap_or_default();
    let margin = settings.class_margin.to_string();
    view! {
        <ActionForm action=set attr:class="form form-inside">
            <input type="hidden" name="name" value=name />
            <label for="policy">"A candidate"</label>
            <select id="policy" class="field" name="policy">
                {choice("champion", word, "becomes the champion")}
                {choice("shadow", word, "becomes the shadow")}
                {choice("manual", word, "waits for a person")}
            </select>
            <label for="gated">"Condition"</label>
            <select id="gated" class="field" name="gated">
                <option value="true" selected=gated>"only if the verdict is better"</option>
                <option value="false" selected=!gated>"whatever the verdict"</option>
            </select>
            <label for="budget">"Latency budget"</label>
            <div>
                <input id="budget" class="field field-short" type="number" name="budget_ms" min="1" step="any" value=budget placeholder="any" />
                " ms at p95"
            </div>
            <label for="margin">"A class may lose"</label>
            <div>
                <input id="margin" class="field field-short" type="number" name="class_margin" min="0" max="1" step="any" value=margin required />
                " AP"
            </div>
            <div class="form-end">
                <button class="button" type="submit">"Save"</button>
                {move || form_outcome(set.value().get(), "Saved")}
            </div>
        </ActionForm>
    }
    .into_any()
}

fn way_back(deployment: &Deployment, former: Option<&str>, acts: LearningActs) -> Option<AnyView> {
    let (back, id, now) = (acts.roll_back, deployment.id.to_string(), deployment.champion.name.clone());
    former.map(|former| {
        let words = format!("Back to {former}");
        view! {
            <ActionForm action=back attr:class="form-row">
                <input type="hidden" name="id" value=id />
                <input type="hidden" name="expected" value=now />
                <button class="button" type="submit">{words}</button>
                <span class="dim">"the champion before this one"</span>
                {move || form_outcome(back.value().get(), "Done")}
            </ActionForm>
        }
        .into_any()
    })
}
