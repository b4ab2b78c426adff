//! A model version: figures, labels, where it came from.

use super::models::format_pill;
use crate::ui::IntoAny;
use crate::{
    addresses::{self, at},
    features::lineage::lineage_picture,
    routes::Route,
    server_fns::models::{get_lineage, get_model},
    signed_in::{admin_link, for_admins},
    ui::{
        PageHead, Palette, bytes, day_and_time, evaluation_table, fact, fetched, fovea_command, hash, link,
        loaded_page, skeleton_rows,
    },
};
use domain::{
    model::{ModelVersion, Relative},
    recipe::Recipe,
};
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
    let form = format_pill(version);
    let name = version.full_name();
    let deploy = admin_link(format!("{}?model={name}", Route::Deploy.href()), "Deploy");
    let (base, untrainable) = (name.clone(), version.untrainable());
    let to_deploy = format!("{}?model={name}", Route::Deploy.href());
    let deploy_link =
        for_admins(move || view! { <p><a href=to_deploy.clone()>"Deploy it"</a></p> }.into_any());
    let further = for_admins(move || {
        match &untrainable {
        Some(why) => view! { <p class="dim">{why.clone()}</p> }.into_any(),
        None => view! { <p><a href=format!("{}?base={base}", Route::Launch.href())>"Launch a training that starts from it"</a></p> }
            .into_any(),
    }
    });
    let recipe = version.weights.as_ref().and_then(|weights| weights.recipe.as_ref()).map(recipe_panel);
    view! {
        <div class="head-plain">
            <PageHead title=name.clone() above=Route::Models>{form}{deploy}</PageHead>
        </div>
        <div class="page-body">
            <section class="panel"><h2>"Figures"</h2>{evaluation_table(version)}</section>
            <div class="columns columns-2">
                <section class="panel"><h2>"Labels"</h2><ul class="labels">{labels}</ul></section>
                <section class="panel"><h2>"Facts"</h2>{facts(version)}</section>
            </div>
            {recipe}
            <section class="panel"><h2>"Lineage"</h2>{lineage_picture(relatives, &name)}</section>
            <section class="panel">
                <h2>"What to do with it"</h2>
                {deploy_link}
                {further}
                {fovea_command(format!("deploy --name {} --model {name}", version.model), "The word after --name becomes the deployment's name.")}
            </section>
        </div>
    }
    .into_any()
}

/// How an imported graph is asked, in sentences and as it is written.
fn recipe_panel(recipe: &Recipe) -> AnyView {
    let sentences: Vec<_> =
        recipe.explanation().into_iter().map(|sentence| view! { <li>{sentence}</li> }).collect();
    view! {
        <section class="panel">
            <h2>"How it is run"</h2>
            <ul class="import-told">{sentences}</ul>
            <details><summary>"Recipe"</summary><pre class="import-seen">{recipe.to_json()}</pre></details>
        </section>
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
