//! Every dataset, by version.

use super::{next_link, page_request};
use crate::ui::IntoAny;
use crate::{
    addresses,
    routes::Route,
    server_fns::datasets::list_datasets,
    ui::{
        Ago, Command, PageHead, Tone, empty, fetched, figure, link, loaded, pill, row, skeleton_rows, table,
        words,
    },
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
        <PageHead title=Route::Datasets.title() />
        <div class="page-body">
            {loaded(page, skeleton_rows, |page| {
                if page.items.is_empty() { nothing() } else { view! { {all(page.items)}{next_link(page.next_cursor)} }.into_any() }
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

fn all(versions: Vec<DatasetVersion>) -> AnyView {
    let rows: Vec<_> = versions.into_iter().map(one).collect();
    let columns = ["Version", "#Images", "#Train", "#Val", "#Test", "#Boxes", "#Labels", "State", "Made"];
    view! { <div class="panel panel-table">{table(&columns, rows)}</div> }.into_any()
}

fn one(version: DatasetVersion) -> AnyView {
    let name = version.full_name();
    let counts = &version.counts;
    let state = if version.open { pill(Tone::Accent, "open") } else { pill(Tone::Quiet, "frozen") };
    let splits = Split::ALL.map(|split| figure(grouped(counts.by_split.get(&split).copied().unwrap_or(0))));
    let mut cells = vec![figure(grouped(counts.images))];
    cells.extend(splits);
    cells.extend([
        figure(grouped(counts.boxes)),
        figure(version.labels.len().to_string()),
        words(state),
        words(view! { <Ago at=version.created /> }),
    ]);
    row(link(addresses::dataset(&name), name), cells)
}
