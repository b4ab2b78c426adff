//! The predictions of a deployment; the whole state is in the address.

use crate::ui::IntoAny;
use crate::{
    addresses::escaped,
    dom,
    error::AppResult,
    features::prediction_grid::{PAGE, PredictionGrid},
    packed::Packed,
    server_fns::{
        deployments::get_deployment,
        predictions::{count_predictions, list_predictions},
    },
    ui::{Command, Fetched, Palette, empty, fetched, loaded, loaded_quietly, skeleton_grid},
    wire::Tile,
};
use domain::{
    deployment::Deployment,
    page::{Page, PageRequest},
    prediction::{PredictionFilter, Sort, Status},
};
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};

/// What the address says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Asked {
    filter: PredictionFilter,
    cursor: Option<String>,
}

/// Thumbnails have six sizes.
const SIZES: std::ops::RangeInclusive<u8> = 1..=6;
const USUAL_SIZE: u8 = 3;

/// Filters, drop zone and grid.
#[component]
pub fn PredictionsTab(
    /// The deployment's.
    name: Memo<String>,
    /// The deployment.
    found: Fetched<Deployment>,
) -> impl IntoView {
    let query = use_query_map();
    let asked = Memo::new(move |_| query.with(|q| asked_of(|key| q.get(key))));
    let size = RwSignal::new(query.with_untracked(|q| size_of(q.get("size").as_deref())));
    let page = fetched(move || (name.get(), asked.get()), |(name, asked)| fetch(name, asked));
    view! {
        {bar(asked, size)}
        {loaded_quietly(found, |deployment| super::drop_zone(&deployment))}
        {loaded(page, skeleton_grid, move |(deployment, found)| grid(&deployment, asked.get_untracked(), found, size))}
    }
}

type Found = (Page<Tile>, u64);

async fn fetch(name: String, asked: Asked) -> AppResult<Packed<(Deployment, Found)>> {
    let request = PageRequest { limit: Some(PAGE), cursor: asked.cursor };
    let status = asked.filter.status;
    let deployment = get_deployment(name.clone()).await?;
    let page = list_predictions(name.clone(), asked.filter, request).await?;
    Ok(deployment.and(page.and(count_predictions(name, status).await?)))
}

fn asked_of(get: impl Fn(&str) -> Option<String>) -> Asked {
    let status = get("status").and_then(|word| word.parse::<Status>().ok());
    let sort = if get("sort").as_deref() == Some("oldest") { Sort::Oldest } else { Sort::Newest };
    Asked { filter: PredictionFilter { status, sort }, cursor: get("cursor") }
}

fn size_of(word: Option<&str>) -> u8 {
    word.and_then(|word| word.parse().ok()).filter(|size| SIZES.contains(size)).unwrap_or(USUAL_SIZE)
}

/// The address of this tab in another state.
fn href(status: Option<Status>, sort: Sort, size: u8, cursor: Option<&str>) -> String {
    let mut parts = Vec::new();
    parts.extend(status.map(|status| format!("status={status}")));
    parts.extend((sort == Sort::Oldest).then(|| "sort=oldest".to_owned()));
    parts.extend((size != USUAL_SIZE).then(|| format!("size={size}")));
    parts.extend(cursor.map(|cursor| format!("cursor={}", escaped(cursor))));
    format!("?{}", parts.join("&"))
}

fn bar(asked: Memo<Asked>, size: RwSignal<u8>) -> AnyView {
    let now = move || asked.with(|a| (a.filter.status, a.filter.sort));
    let all = std::iter::once(None).chain(Status::ALL.into_iter().map(Some));
    let statuses: Vec<_> = all
        .map(|status| {
            let name = status.map_or_else(|| "All".to_owned(), |s| s.as_str().replace('_', " "));
            let to = move || href(status, now().1, size.get(), None);
            let current = move || (now().0 == status).then_some("true");
            view! { <a class="segment" href=to aria-current=current>{name}</a> }
        })
        .collect();
    let sorts: Vec<_> = [(Sort::Newest, "Newest"), (Sort::Oldest, "Oldest")]
        .into_iter()
        .map(|(sort, name)| {
            let to = move || href(now().0, sort, size.get(), None);
            let current = move || (now().1 == sort).then_some("true");
            view! { <a class="segment" href=to aria-current=current>{name}</a> }
        })
        .collect();
    view! {
        <div class="bar">
            <nav class="segments" aria-label="Status">{statuses}</nav>
            <nav class="segments" aria-label="Order">{sorts}</nav>
            <span class="bar-end alive-only">{size_slider(asked, size)}</span>
        </div>
    }
    .into_any()
}

fn size_slider(asked: Memo<Asked>, size: RwSignal<u8>) -> AnyView {
    let navigate = use_navigate();
    let slide = move |event: leptos::ev::Event| {
        size.set(size_of(dom::field_value(&event).as_deref()));
    };
    let settle = move |_| {
        let Asked { filter, cursor } = asked.get_untracked();
        let to = href(filter.status, filter.sort, size.get_untracked(), cursor.as_deref());
        navigate(&to, NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() });
    };
    view! {
        <label class="dim" for="size">"Size"</label>
        <input
            id="size"
            class="slider slider-short"
            type="range"
            min=SIZES.start().to_string()
            max=SIZES.end().to_string()
            value=size.get_untracked().to_string()
            on:input=slide
            on:change=settle
        />
    }
    .into_any()
}

fn grid(deployment: &Deployment, asked: Asked, (first, total): Found, size: RwSignal<u8>) -> AnyView {
    let Asked { filter, cursor } = asked;
    if first.items.is_empty() && cursor.is_none() {
        return nothing(deployment, filter.status);
    }
    let palette = Palette::new(&deployment.champion.labels);
    let next = first.next_cursor.as_deref();
    let next_href = next.map(|next| href(filter.status, filter.sort, size.get_untracked(), Some(next)));
    let words = if total == 1 { "prediction" } else { "predictions" };
    view! {
        <p class="counted"><b>{charts::grouped(total)}</b>" "{words}</p>
        <PredictionGrid
            deployment=deployment.id
            name=deployment.name.clone()
            palette=palette
            filter=filter
            first=first
            next_href=next_href
            size=size
        />
    }
    .into_any()
}

fn nothing(deployment: &Deployment, status: Option<Status>) -> AnyView {
    if let Some(status) = status {
        let words = format!("No prediction is {}", status.as_str().replace('_', " "));
        let way = view! { <a class="button" href="?">"Show all"</a> };
        return empty(&words, "Another status may have some.", way.into_any());
    }
    let line = format!("fovea predict --deployment {} IMAGE…", deployment.name);
    empty(
        "No prediction yet",
        "Drop an image above, or send some from the command line.",
        view! { <Command line=line /> }.into_any(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_holds_the_whole_state() {
        let to = href(Some(Status::Reviewed), Sort::Oldest, 5, Some("a b"));
        assert_eq!(to, "?status=reviewed&sort=oldest&size=5&cursor=a%20b");
        let read = |key: &str| {
            let pair = to.trim_start_matches('?').split('&').find_map(|p| p.strip_prefix(&format!("{key}=")));
            pair.map(|value| value.replace("%20", " "))
        };
        let filter = PredictionFilter { status: Some(Status::Reviewed), sort: Sort::Oldest };
        assert_eq!(asked_of(read), Asked { filter, cursor: Some("a b".into()) });
        assert_eq!(size_of(read("size").as_deref()), 5);
    }

    #[test]
    fn nonsense_in_the_address_is_the_usual() {
        let nonsense = |_: &str| Some("<script>".to_owned());
        assert_eq!(asked_of(nonsense).filter, PredictionFilter::default());
        assert_eq!([None, Some("0"), Some("99"), Some("x")].map(size_of), [USUAL_SIZE; 4]);
    }
}
