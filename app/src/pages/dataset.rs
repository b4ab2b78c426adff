//! A version of a dataset: its counts and its images.

use crate::ui::IntoAny;
use crate::{
    addresses::escaped,
    error::AppResult,
    features::asset_grid::{AssetGrid, PAGE},
    packed::Packed,
    routes::Route,
    server_fns::datasets::{get_dataset, list_assets},
    signed_in::admin_link,
    ui::{
        PageHead, Palette, Tone, day_and_time, empty, fact, fetched, hash, loaded_page, pill, skeleton_grid,
    },
};
use charts::{Bar, BarChart, Canvas, grouped};
use domain::{
    dataset::{Asset, DatasetVersion, Split},
    page::{Page, PageRequest},
};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

type ImagesRequest = (String, Option<Split>, Option<String>);

/// Counts, labels, and the grid of images with their boxes.
#[component]
pub fn DatasetPage() -> impl IntoView {
    let params = use_params_map();
    let query = use_query_map();
    let request = Memo::new(move |_| -> ImagesRequest {
        let part = |key| params.with(|p| p.get(key)).unwrap_or_default();
        let split = query.with(|q| q.get("split")).and_then(|word| word.parse().ok());
        (format!("{}/{}", part("name"), part("version")), split, query.with(|q| q.get("cursor")))
    });
    let resource = fetched(move || request.get(), fetch);
    loaded_page(resource, skeleton_grid, move |(version, first)| {
        page(version, request.get_untracked().1, first)
    })
}

async fn fetch((name, split, cursor): ImagesRequest) -> AppResult<Packed<(DatasetVersion, Page<Asset>)>> {
    let version = get_dataset(name).await?;
    let first = list_assets(version.open()?.id, split, PageRequest { limit: Some(PAGE), cursor }).await?;
    Ok(version.and(first))
}

fn page(version: DatasetVersion, split: Option<Split>, first: Page<Asset>) -> AnyView {
    let state = if version.open { pill(Tone::Accent, "open") } else { pill(Tone::Quiet, "frozen") };
    let palette = Palette::new(&version.labels);
    let train = (!version.open).then(|| {
        admin_link(format!("{}?dataset={}", Route::Launch.href(), version.full_name()), "Train on it")
    });
    let head = view! { <PageHead title=version.full_name() above=Route::Datasets>{state}{train}</PageHead> };
    let images = if first.items.is_empty() {
        let way = view! { <a class="button" href="?">"Show all"</a> }.into_any();
        empty("No image in this part", "Another split may have some.", way)
    } else {
        let of_split = split.map(|split| format!("split={split}&")).unwrap_or_default();
        let next = first.next_cursor.as_deref();
        let next_href = next.map(|next| format!("?{of_split}cursor={}", escaped(next)));
        view! {
            <AssetGrid version=version.id split=split palette=palette.clone() first=first next_href=next_href />
        }
        .into_any()
    };
    view! {
        <div class="head-plain">{head}</div>
        <div class="page-body">
            {summary(&version, &palette)}
            {splits(&version, split)}
            {images}
        </div>
    }
    .into_any()
}

fn summary(version: &DatasetVersion, palette: &Palette) -> AnyView {
    let counts = &version.counts;
    let bar = |(label, value): (&domain::name::Label, &u64)| Bar {
        name: label.as_str().to_owned(),
        value: *value,
        expected: None,
        ink: palette.ink(label.as_str()),
    };
    let mut bars: Vec<Bar> = counts.by_label.iter().map(bar).collect();
    bars.sort_by_key(|bar| std::cmp::Reverse(bar.value));
    bars.truncate(12);
    let height = (bars.len() as u32 * 24).max(24);
    let chart = BarChart { title: "Boxes by label".into(), bars }.to_svg(Canvas { width: 420, height });
    view! {
        <div class="columns columns-2">
            <section class="panel">
                <h2>"Counts"</h2>
                <div class="figures">
                    <div><b>{grouped(counts.images)}</b><span>"images"</span></div>
                    <div><b>{grouped(counts.boxes)}</b><span>"boxes"</span></div>
                    <div><b>{version.labels.len()}</b><span>"labels"</span></div>
                </div>
                <dl class="facts">
                    {fact("Made", day_and_time(version.created))}
                    {fact("Fingerprint", hash(&version.fingerprint))}
                </dl>
            </section>
            <section class="panel"><h2>"Boxes by label"</h2><div class="drawing" inner_html=chart></div></section>
        </div>
    }
    .into_any()
}

fn splits(version: &DatasetVersion, chosen: Option<Split>) -> AnyView {
    let total = version.counts.images;
    let link = |split: Option<Split>| {
        let count = split.map_or(total, |s| version.counts.by_split.get(&s).copied().unwrap_or(0));
        let name = split.map_or("All", Split::as_str);
        let href = split.map_or_else(|| "?".to_owned(), |split| format!("?split={split}"));
        let current = (split == chosen).then_some("true");
        view! { <a class="segment" href=href aria-current=current>{name}" "<span class="dim">{grouped(count)}</span></a> }
    };
    let links: Vec<_> = std::iter::once(None).chain(Split::ALL.into_iter().map(Some)).map(link).collect();
    view! { <div class="bar"><nav class="segments" aria-label="Split">{links}</nav></div> }.into_any()
}
