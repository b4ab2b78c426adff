//! What an administrator sets on a deployment.

use crate::ui::IntoAny;
use crate::{
    error::AppResult,
    features::{
        deployment_removal::name_and_deletion,
        deployment_settings::DeploymentSettings,
        monitoring_settings::{
            MonitoringActs, alerts_panel, retention_panel, reviews_panel, training_data_panel, webhooks_panel,
        },
    },
    live::{LiveUpdate, on_live},
    packed::Packed,
    pages::deployment::OpenDeployment,
    server_fns::{
        datasets::list_datasets,
        deployments::get_deployment,
        models::list_models,
        monitoring::{get_alerts, get_training_data, get_webhooks},
        session::get_session,
        settings::{get_retention, get_review_settings},
    },
    ui::{fetched, loaded, loaded_quietly, skeleton_rows},
};
use domain::{access::Role, event::Event, page::PageRequest};
use leptos::prelude::*;

/// Versions to choose from.
const SHOWN: PageRequest = PageRequest { limit: Some(200), cursor: None };

/// Models, threshold, training data, alerts, webhooks.
#[component]
pub fn SettingsTab() -> impl IntoView {
    let OpenDeployment { name, .. } = expect_context();
    let acts = MonitoringActs::new();
    let parts = fetched(
        move || name.get(),
        |name| async move {
            let versions = list_models(SHOWN).await?;
            Ok(get_deployment(name).await?.and(get_session().await?.and(versions)))
        },
    );
    view! {
        {loaded(parts, skeleton_rows, |(deployment, (session, versions))| {
            let admin = session.role == Role::Admin;
            view! { <DeploymentSettings deployment=deployment versions=versions.items admin=admin /> }.into_any()
        })}
        <div class="settings">
            {compared_panel(name, acts)}{notice_panels(name, acts)}{kept_panels(name, acts)}
            {loaded_quietly(parts, |(deployment, (session, _))| {
                (session.role == Role::Admin).then(|| name_and_deletion(&deployment)).into_any()
            })}
        </div>
    }
}

/// What the deployment is compared with.
fn compared_panel(name: Memo<String>, acts: MonitoringActs) -> AnyView {
    let compared = fetched(
        move || (name.get(), acts.of_training_data()),
        |(name, _)| async move {
            if !is_admin().await? {
                return Ok(Packed::none());
            }
            Ok(get_training_data(name).await?.and(list_datasets(SHOWN).await?).some())
        },
    );
    on_live(move |update| {
        // Alerts and webhooks are not asked for again: somebody may be typing.
        if matches!(update, LiveUpdate::Event(Event::DeploymentChanged { .. })) {
            compared.again();
        }
    });
    loaded_quietly(compared, move |known| {
        let panel = known
            .map(|(now, datasets)| training_data_panel(&name.get_untracked(), &now, &datasets.items, acts));
        panel.into_any()
    })
    .into_any()
}

/// What is told, and to whom.
fn notice_panels(name: Memo<String>, acts: MonitoringActs) -> AnyView {
    let notices = fetched(
        move || (name.get(), acts.of_notices()),
        |(name, _)| async move {
            if !is_admin().await? {
                return Ok(Packed::none());
            }
            Ok(get_alerts(name.clone()).await?.and(get_webhooks(name).await?).some())
        },
    );
    loaded_quietly(notices, move |known| {
        let panels = known.map(|((rules, events), (webhooks, kinds))| {
            let name = name.get_untracked();
            view! { {alerts_panel(&name, &rules, &events, acts)}{webhooks_panel(&name, &webhooks, &kinds, acts)} }
        });
        panels.into_any()
    })
    .into_any()
}

/// How predictions are reviewed, and how long they are kept.
fn kept_panels(name: Memo<String>, acts: MonitoringActs) -> AnyView {
    let settings = fetched(
        move || (name.get(), acts.of_settings()),
        |(name, _)| async move {
            if !is_admin().await? {
                return Ok(Packed::none());
            }
            Ok(get_retention(name.clone()).await?.and(get_review_settings(name).await?).some())
        },
    );
    loaded_quietly(settings, move |known| {
        let panels = known.map(|((retention, stored), reviews)| {
            let name = name.get_untracked();
            view! { {reviews_panel(&name, reviews, acts)}{retention_panel(&name, retention, stored, acts)} }
        });
        panels.into_any()
    })
    .into_any()
}

async fn is_admin() -> AppResult<bool> {
    Ok(get_session().await?.open()?.role == Role::Admin)
}
