//! Every dataset, by version.

use super::{next_link, page_request};
use crate::ui::IntoAny;
use crate::{
    addresses,
    features::dataset_drop::DatasetDrop,
    live::{LiveUpdate, on_live, throttled},
    routes::Route,
    server_fns::{
        dataset_imports::{import_formats, list_imports},
        datasets::list_datasets,
        session::get_session,
    },
    signed_in::for_whom,
    ui::{
        Ago, IMPORT_DATASET, PageHead, Tone, empty, fetched, figure, fovea_command, link, loaded,
        loaded_quietly, pill, row, sentence, skeleton_rows, table, words, work_badge,
    },
    wire::Session,
};
use charts::grouped;
use domain::{
    access::Role,
    dataset::{DatasetVersion, Split},
    dataset_import::DatasetImport,
    event::Event,
    page::PageRequest,
    work::WorkState,
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use std::time::Duration;

/// Imports shown above the datasets.
const RECENT_IMPORTS: u32 = 5;

/// A table of versions, newest first.
#[component]
pub fn Datasets() -> impl IntoView {
    let query = use_query_map();
    let page = fetched(move || query.with(|q| page_request(q, 100)), list_datasets);
    let dropping = fetched(|| (), |()| async move { Ok(get_session().await?.and(import_formats().await?)) });
    let recent = PageRequest { limit: Some(RECENT_IMPORTS), cursor: None };
    let imports = fetched(move || recent.clone(), list_imports);
    let again = throttled(Duration::from_secs(1), move || imports.again());
    on_live(move |update| match update {
        LiveUpdate::Refetch | LiveUpdate::Event(Event::WorkChanged { .. }) => again(),
        LiveUpdate::Event(_) => {}
    });
    view! {
        <PageHead title=Route::Datasets.title() />
        <div class="page-body">
            {loaded_quietly(dropping, |(session, formats)| drop_place(&session, formats))}
            {loaded_quietly(imports, |page| recent_imports(page.items))}
            {loaded(page, skeleton_rows, |page| {
                if page.items.is_empty() { nothing() } else { view! { {all(page.items)}{next_link(page.next_cursor)} }.into_any() }
            })}
        </div>
    }
}

/// Where administrators drop what they import.
fn drop_place(session: &Session, formats: Vec<(String, String)>) -> AnyView {
    if session.role == Role::Admin {
        view! { <DatasetDrop formats=formats /> }.into_any()
    } else {
        ().into_any()
    }
}

/// Those of the last days that are of interest: under way, or the latest.
fn recent_imports(imports: Vec<DatasetImport>) -> AnyView {
    if imports.is_empty() {
        return ().into_any();
    }
    let rows: Vec<_> = imports.into_iter().map(one_import).collect();
    let columns = ["Import", "State", "", "Dataset", "By", "Requested"];
    view! {
        <section class="panel panel-table"><h2>"Recent imports"</h2>{table(&columns, rows)}</section>
    }
    .into_any()
}

fn one_import(import: DatasetImport) -> AnyView {
    let what = if import.order.check { "check of" } else { "import of" };
    let dataset = match import.made {
        Some(made) => link(addresses::dataset(&made), made.clone()),
        None => view! { {import.order.dataset.to_string()} }.into_any(),
    };
    let cells = vec![
        words(work_badge(import.state)),
        sentence(if import.state == WorkState::Queued { String::new() } else { import.message }),
        words(dataset),
        words(import.requested_by),
        words(view! { <Ago at=import.created /> }),
    ];
    row(link(addresses::import(import.id), format!("{what} {}", import.filename)), cells)
}

fn nothing() -> AnyView {
    let words = for_whom(|session| match session.role {
        Role::Admin => {
            "Drop a folder or an archive with images and boxes above. The originals stay untouched."
                .into_any()
        }
        Role::Viewer | Role::Reviewer => "An administrator imports the first one.".into_any(),
    });
    empty(
        "No dataset yet",
        "A dataset is images with boxes. Models are trained on it, and measured by it.",
        view! {
            <p>{words}</p>
            {fovea_command(IMPORT_DATASET.to_owned(), "Replace images.zip by your archive or folder.")}
        }
        .into_any(),
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
