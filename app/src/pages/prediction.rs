//! One prediction.

use crate::ui::IntoAny;
use crate::{
    addresses,
    features::prediction_details::PredictionDetails,
    live::{Told, on_live},
    server_fns::{deployments::get_deployment, predictions::get_prediction},
    ui::{PageHead, fetched, loaded, skeleton_cards, status_badge},
};
use domain::event::Event;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

/// Its image, its boxes, its facts.
#[component]
pub fn PredictionPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|p| p.get("id")).unwrap_or_default());
    let found = fetched(
        move || id.get(),
        |id| async move {
            let prediction = get_prediction(id).await?;
            let deployment = prediction.open()?.deployment_id;
            Ok(prediction.and(get_deployment(deployment.to_string()).await?))
        },
    );
    on_live(move |told| {
        let ours = |id| found.now().is_some_and(|(prediction, _)| prediction.id == id);
        if matches!(told, Told::Event(Event::PredictionChanged { id, .. }) if ours(*id)) {
            found.again();
        }
    });
    loaded(found, skeleton_cards, |(prediction, deployment)| {
        let title = prediction.filename.clone().unwrap_or_else(|| prediction.id.to_string());
        let badge = status_badge(prediction.status);
        let back = format!("{}/predictions", addresses::deployment(deployment.name.as_str()));
        let name = deployment.name.as_str().to_owned();
        view! {
            <div class="head-plain">
                <PageHead title=title above=("Deployments", "/")>
                    {badge}
                    <a class="button button-bare" href=back>"All predictions of "{name}</a>
                </PageHead>
            </div>
            <div class="page-body">
                <PredictionDetails prediction=prediction deployment=deployment />
            </div>
        }
        .into_any()
    })
}
