//! A model version: figures, labels, where it came from.

use crate::ui::IntoAny;
use crate::{
    addresses::{self, at},
    features::lineage::lineage_picture,
    routes::Route,
    server_fns::models::{get_lineage, get_model},
    signed_in::{admin_link, for_admins},
    ui::{
        Command, PageHead, Palette, Tone, bytes, day_and_time, evaluation_table, fact, fetched, hash, link,
        loaded_page, pill, skeleton_rows,
    },
};
use domain::model::{ModelVersion, Relative};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

/// Figures, labels, facts.
#[component]
pub fn ModelPage() -> impl IntoView {
    let params = use_params_map();
    let name = Memo::new(move |_| {
        let part = |key| params.with(|p| p.get(key)).unwrap_or_default();
        format!("{}/{}", part("name"), part("version"))
    });
    let resource = fetched(
        move || name.get(),
        |name| async move { Ok(get_model(name.clone()).await?.and(get_lineage(name).await?)) },
    );
    loaded_page(resource, skeleton_rows, |(version, relatives)| page(&version, &relatives))
}

fn page(version: &ModelVersion, relatives: &[Relative]) -> AnyView {
    let palette = Palette::new(&version.labels);
    let labels: Vec<_> = version
        .labels
        .iter()
        .map(|label| {
            let class = format!("swatch {}", palette.class(label.as_str()));
            view! { <li><i class=class></i>{label.to_string()}</li> }
        })
        .collect();
    let elsewhere = version.weights.is_none().then(|| pill(Tone::Quiet, "served elsewhere"));
    let name = version.full_name();
    let deploy = admin_link(format!("{}?model={name}", Route::Deploy.href()), "Deploy");
    let (base, further) = (name.clone(), version.weights.is_some());
    let further = for_admins(move || {
        let link = view! { <p><a href=format!("{}?base={base}", Route::Launch.href())>"Launch a training that starts from it"</a></p> };
        if further { link.into_any() } else { ().into_any() }
    });
    view! {
        <div class="head-plain">
            <PageHead title=name.clone() above=Route::Models>{elsewhere}{deploy}</PageHead>
        </div>
        <div class="page-body">
            <section class="panel"><h2>"Figures"</h2>{evaluation_table(&version.evaluations)}</section>
            <div class="columns columns-2">
                <section class="panel"><h2>"Labels"</h2><ul class="labels">{labels}</ul></section>
                <section class="panel"><h2>"Facts"</h2>{facts(version)}</section>
            </div>
            <section class="panel"><h2>"Lineage"</h2>{lineage_picture(relatives, &name)}</section>
            <section class="panel">
                <h2>"Put it to work"</h2>
                <Command line=format!("fovea deploy --name NAME --model {name}") />
                {further}
            </section>
        </div>
    }
    .into_any()
}

fn facts(version: &ModelVersion) -> AnyView {
    let weights = version.weights.as_ref();
    let files = at(format!("/api/v1/models/{}/{}", version.model, version.number));
    let weights = weights
        .map(|w| {
            let download =
                view! { <a href=format!("{files}/weights") rel="external" download="">{bytes(w.bytes)}</a> };
            let card = view! { <a href=format!("{files}/card") rel="external">"Markdown"</a> };
            vec![fact("Weights", download), fact("Model card", card), fact("SHA-256", hash(&w.sha256))]
        })
        .unwrap_or_default();
    let experiment = version.experiment_id;
    let experiment =
        experiment.map(|id| fact("Made by", link(addresses::experiment(&id.to_string()), "its experiment")));
    view! { <dl class="facts">{fact("Made", day_and_time(version.created))}{experiment}{weights}</dl> }
        .into_any()
}
