//! The feedback loop of a deployment.

use crate::ui::IntoAny;
use crate::{
    features::feedback::{FeedbackActs, feedback_overview, submission_list},
    live::{LiveUpdate, on_live},
    pages::deployment::OpenDeployment,
    server_fns::{
        deployments::get_deployment,
        feedback::{get_feedback, list_submissions},
        session::get_session,
    },
    ui::{fetched, loaded, skeleton_rows},
};
use domain::{access::Role, event::Event, page::PageRequest};
use leptos::prelude::*;

/// Submissions shown; the API has the rest.
const SHOWN: u32 = 100;

/// Settings, what is in, and the submissions.
#[component]
pub fn FeedbackTab() -> impl IntoView {
    let OpenDeployment { name, .. } = expect_context();
    let acts = FeedbackActs::new();
    let parts = fetched(
        move || (name.get(), acts.versions()),
        |(name, _)| async move {
            let page = PageRequest { limit: Some(SHOWN), cursor: None };
            let submissions = list_submissions(name.clone(), page).await?;
            let state = get_feedback(name.clone()).await?;
            Ok(get_deployment(name).await?.and(get_session().await?.and(state.and(submissions))))
        },
    );
    on_live(move |update| {
        if matches!(
            update,
            LiveUpdate::Event(Event::PredictionChanged { .. } | Event::DeploymentChanged { .. })
        ) {
            parts.again();
        }
    });
    loaded(parts, skeleton_rows, move |(deployment, (session, (state, submissions)))| {
        let (admin, may) = (session.role == Role::Admin, session.role >= Role::Reviewer);
        view! {
            <div class="feedback">
                {feedback_overview(&deployment, &state, acts, admin)}
                {submission_list(&deployment, submissions.items, acts, may)}
            </div>
        }
        .into_any()
    })
}
