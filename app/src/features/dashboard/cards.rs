//! Champion, shadow, and the figures of the range at a glance, each with what it
//! was in the range before.

use crate::{
    addresses,
    routes::Route,
    ui::{Ago, IntoAny, dynamic},
    wire::DashboardParts,
};
use charts::{decimal, grouped};
use domain::{
    deployment::Deployment,
    monitor::{Dashboard, figures::Figure},
};
use leptos::prelude::*;

pub(super) fn cards(
    deployment: &Deployment,
    data: RwSignal<Dashboard>,
    drawn: RwSignal<DashboardParts>,
) -> AnyView {
    let champion = &deployment.champion;
    let settings = Route::Settings.with(&[deployment.name.as_str()]);
    let shadow = match &deployment.shadow {
        Some(shadow) => view! {
            <a class="card-act" href=settings>"Promote …"</a>
            <p class="card-name"><a href=addresses::model(&shadow.name)>{shadow.name.clone()}</a></p>
            <p class="dim">"deployed "<Ago at=shadow.since /></p>
        }
        .into_any(),
        None => view! {
            <a class="card-act" href=settings>"Choose …"</a>
            <p class="card-name">"None"</p>
            <p class="dim">"Nothing to compare yet"</p>
        }
        .into_any(),
    };
    let served = if champion.runnable { "deployed " } else { "served elsewhere since " };
    let one =
        move |figure, name: &'static str, words: fn(f64) -> String| card(data, drawn, figure, name, words);
    view! {
        <div class="cards cards-4">
            <section class="panel">
                <h2>"Champion"</h2>
                <p class="card-name"><a href=addresses::model(&champion.name)>{champion.name.clone()}</a></p>
                <p class="dim">{served}<Ago at=champion.since /></p>
            </section>
            <section class="panel panel-acts"><h2>"Shadow"</h2>{shadow}</section>
            <section class="panel figures" aria-label="Overview">
                {one(Figure::Predictions, "predictions", |value| grouped(value as u64))}
                {one(Figure::LatencyP50, "median latency", milliseconds)}
                {one(Figure::LatencyP95, "p95 latency", milliseconds)}
                {one(Figure::ObjectsMean, "objects per image", |value| decimal(value, 1))}
            </section>
        </div>
    }
    .into_any()
}

/// A figure, its name, and how far it is from what it was in the range before.
fn card(
    data: RwSignal<Dashboard>,
    drawn: RwSignal<DashboardParts>,
    figure: Figure,
    name: &'static str,
    words: fn(f64) -> String,
) -> AnyView {
    let now = move || data.with(|data| data.total.figures.get(figure));
    let before = move || drawn.with(|drawn| drawn.before.get(figure));
    let nothing = if figure == Figure::Predictions { "0" } else { "–" };
    let value = move || now().map_or_else(|| nothing.to_owned(), words);
    let id = (figure == Figure::Predictions).then_some("predictions-total");
    let none = if figure == Figure::Predictions { "0" } else { "none" };
    let change = move || against(now(), before(), none, words);
    view! {
        <div>
            <b id=id>{dynamic(value)}</b>
            <span>{name}</span>
            <span class="change" title="against the range before">{dynamic(change)}</span>
        </div>
    }
    .into_any()
}

/// A figure beside that of the range before; `none` is said where that has
/// none.
fn against(now: Option<f64>, before: Option<f64>, none: &str, words: fn(f64) -> String) -> String {
    match (now, before.filter(|before| *before != 0.0)) {
        (Some(now), Some(before)) => format!("{} from {}", change(now, before), words(before)),
        (None, Some(before)) => format!("{} before", words(before)),
        (_, None) => format!("{} before", before.map_or_else(|| none.to_owned(), words)),
    }
}

/// How far `now` is from `before`, in percent.
fn change(now: f64, before: f64) -> String {
    let percent = (now / before - 1.0) * 100.0;
    if percent.abs() < 0.5 { "unchanged".to_owned() } else { format!("{percent:+.0} %") }
}

fn milliseconds(ms: f64) -> String {
    format!("{} ms", decimal(ms, if ms < 10.0 { 1 } else { 0 }))
}

#[cfg(test)]
mod tests {
    use super::{against, change, milliseconds};

    #[test]
    fn a_change_is_told_in_whole_percent() {
        let told = [change(112.0, 100.0), change(0.0, 40.0), change(100.2, 100.0)];
        assert_eq!(told, ["+12 %", "-100 %", "unchanged"]);
        assert_eq!([milliseconds(3.456), milliseconds(38.4)], ["3.5 ms", "38 ms"]);
    }
    #[test]
    fn a_range_that_had_none_says_so() {
        let told = |now, before, none| against(now, before, none, milliseconds);
        assert_eq!(told(Some(60.0), Some(50.0), "none"), "+20 % from 50 ms");
        assert_eq!(told(Some(60.0), None, "0"), "0 before");
        assert_eq!(told(Some(60.0), None, "none"), "none before");
        assert_eq!(told(None, Some(50.0), "none"), "50 ms before");
    }
}
