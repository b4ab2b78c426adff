//! Every dataset, by version.

use super::{next_link, page_request};
use crate::ui::IntoAny;
use crate::{
    addresses,
    server_fns::datasets::list_datasets,
    ui::{Ago, Command, PageHead, Tone, empty, fetched, loaded, pill, skeleton_rows},
};
use charts::grouped;
use domain::dataset::{DatasetVersion, Split};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// A table of versions, newest first.
#[component]
pub fn Datasets() -> impl IntoView {
    let query = use_query_map();
    let page = fetched(move || query.with(|q| page_request(q, 100)), list_datasets);
    view! {
        <PageHead title="Datasets" />
        <div class="page-body">
            {loaded(page, skeleton_rows, |page| {
                if page.items.is_empty() { nothing() } else { view! { {table(page.items)}{next_link(page.next_cursor)} }.into_any() }
            })}
        </div>
    }
}

fn nothing() -> AnyView {
    let line = "fovea import --format coco --images DIR --annotations FILE --dataset NAME";
    empty(
        "No dataset yet",
        "Import labelled images from COCO, Pascal VOC or YOLO. The originals stay untouched.",
        view! { <Command line=line /> }.into_any(),
    )
}

fn table(versions: Vec<DatasetVersion>) -> AnyView {
    let rows: Vec<_> = versions.into_iter().map(row).collect();
    view! {
        <div class="panel panel-table scroll">
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">"Version"</th>
                        <th scope="col" class="num">"Images"</th>
                        <th scope="col" class="num">"Train"</th>
                        <th scope="col" class="num">"Val"</th>
                        <th scope="col" class="num">"Test"</th>
                        <th scope="col" class="num">"Boxes"</th>
                        <th scope="col" class="num">"Labels"</th>
                        <th scope="col">"State"</th>
                        <th scope="col">"Made"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn row(version: DatasetVersion) -> AnyView {
    let name = version.full_name();
    let counts = &version.counts;
    let splits: Vec<_> = Split::ALL
        .into_iter()
        .map(|split| view! { <td class="num">{grouped(counts.by_split.get(&split).copied().unwrap_or(0))}</td> })
        .collect();
    let state = if version.open { pill(Tone::Accent, "open") } else { pill(Tone::Quiet, "frozen") };
    view! {
        <tr>
            <th scope="row"><a href=addresses::dataset(&name)>{name.clone()}</a></th>
            <td class="num">{grouped(counts.images)}</td>
            {splits}
            <td class="num">{grouped(counts.boxes)}</td>
            <td class="num">{version.labels.len()}</td>
            <td>{state}</td>
            <td><Ago at=version.created /></td>
        </tr>
    }
    .into_any()
}
