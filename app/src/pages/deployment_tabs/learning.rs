//! The learning loop of a deployment.

use crate::ui::IntoAny;
use crate::{
    features::{
        comparison::comparison_view,
        learning::{
            LearningActs, comparing_panel, deploying_panel, round_list, shadow_panel, training_panel,
        },
    },
    live::{LiveUpdate, on_live},
    pages::deployment::OpenDeployment,
    server_fns::{
        comparisons::{get_comparable, get_comparison},
        deployments::get_deployment,
        learning::{get_deploying, get_former, get_shadow, get_training},
        session::get_session,
    },
    ui::{fetched, loaded, skeleton_rows},
};
use domain::{access::Role, event::Event};
use leptos::prelude::*;

/// Settings, launches, shadow, and the latest comparison.
#[component]
pub fn LearningTab() -> impl IntoView {
    let OpenDeployment { name, .. } = expect_context();
    let acts = LearningActs::new();
    let parts = fetched(
        move || (name.get(), acts.versions()),
        |(name, _)| async move {
            let deploying = get_deploying(name.clone()).await?.and(get_former(name.clone()).await?);
            let training = get_training(name.clone()).await?.and(deploying);
            let compared = get_comparable(name.clone()).await?.and(get_comparison(name.clone()).await?);
            let compared = get_shadow(name.clone()).await?.and(compared);
            let who = get_deployment(name).await?.and(get_session().await?);
            Ok(who.and(training.and(compared)))
        },
    );
    on_live(move |update| {
        if matches!(
            update,
            LiveUpdate::Event(Event::ExperimentChanged { .. } | Event::DeploymentChanged { .. })
        ) {
            parts.again();
        }
    });
    loaded(
        parts,
        skeleton_rows,
        move |(
            (deployment, session),
            ((training, (deploying, former)), (shadow, ((others, under_way), compared))),
        )| {
            let (admin, name) = (session.role == Role::Admin, deployment.name.as_str());
            let compared = compared.map(|(stored, sizes)| comparison_view(name, &stored, &sizes));
            view! {
                <div class="learning">
                    <div class="columns columns-2">
                        {training_panel(name, &training, acts, admin)}
                        {deploying_panel(&deployment, &deploying, former.as_deref(), acts, admin)}
                        {shadow_panel(name, shadow.as_ref(), acts, admin)}
                        {comparing_panel(name, &others, under_way.as_ref(), acts, admin)}
                    </div>
                    {round_list(&training.rounds)}
                    {compared}
                </div>
            }
            .into_any()
        },
    )
}
