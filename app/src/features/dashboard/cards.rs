//! Champion, shadow, and the figures of the range at a glance.

use crate::ui::IntoAny;
use crate::{addresses, routes::Route, ui::Ago};
use charts::{decimal, grouped};
use domain::{
    deployment::Deployment,
    monitor::{Bucket, Dashboard, figures::Figure},
};
use leptos::prelude::*;

pub(super) fn cards(deployment: &Deployment, data: RwSignal<Dashboard>) -> AnyView {
    let champion = &deployment.champion;
    let shadow = match &deployment.shadow {
        Some(shadow) => view! {
            <a class="card-act" href=Route::Settings.with(&[deployment.name.as_str()])>"Promote …"</a>
            <p class="card-name"><a href=addresses::model(&shadow.name)>{shadow.name.clone()}</a></p>
            <p class="dim">"deployed "<Ago at=shadow.since /></p>
        }
        .into_any(),
        None => {
            view! { <p class="dim">"None. A shadow predicts the same images silently, to be compared."</p> }
                .into_any()
        }
    };
    let served = if champion.runnable { "deployed " } else { "served elsewhere, deployed " };
    let total = move |read: fn(&Bucket) -> String| move || data.with(|d| read(&d.total));
    view! {
        <div class="cards cards-4">
            <section class="panel">
                <h2>"Champion"</h2>
                <p class="card-name"><a href=addresses::model(&champion.name)>{champion.name.clone()}</a></p>
                <p class="dim">{served}<Ago at=champion.since /></p>
            </section>
            <section class="panel panel-acts"><h2>"Shadow"</h2>{shadow}</section>
            <section class="panel figures" aria-label="Overview">
                <div><b id="predictions-total">{total(|t| grouped(t.predictions()))}</b><span>"predictions"</span></div>
                <div><b>{total(|t| milliseconds(t.figures.get(Figure::LatencyP50)))}</b><span>"median"</span></div>
                <div><b>{total(|t| milliseconds(t.figures.get(Figure::LatencyP95)))}</b><span>"p95"</span></div>
                <div><b>{total(|t| one_decimal(t.figures.get(Figure::ObjectsMean)))}</b><span>"objects per image"</span></div>
            </section>
        </div>
    }
    .into_any()
}

fn milliseconds(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |ms| format!("{} ms", decimal(ms, if ms < 10.0 { 1 } else { 0 })))
}

fn one_decimal(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |v| decimal(v, 1))
}
