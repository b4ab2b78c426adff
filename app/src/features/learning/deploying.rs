//! What becomes of candidates, and the way back.

use super::LearningActs;
use crate::ui::{ActionForm, IntoAny, dynamic, form_outcome, settings_facts, settings_form};
use domain::{deployment::Deployment, learning::ContinuousDeployment};
use leptos::prelude::*;

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
        view! { {settings_form(acts.deploying, deployment.name.as_str(), settings, ())}{way_back(deployment, former, acts)} }.into_any()
    } else {
        settings_facts(settings)
    };
    view! { <section class="panel"><h2>"Continuous deployment"</h2>{body}</section> }.into_any()
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
                {dynamic(move || form_outcome(back.outcome(), "Done"))}
            </ActionForm>
        }
        .into_any()
    })
}
