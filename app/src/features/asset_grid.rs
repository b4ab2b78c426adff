//! The images of a dataset version with their true boxes.

use crate::{
    addresses, dom,
    effect::effect,
    server_fns::datasets::list_assets,
    ui::{For, IntoAny, Palette, Tone, boxes_overlay, pill},
};
use domain::{
    dataset::{Asset, Split},
    ids::DatasetVersionId,
    page::{Page, PageRequest},
};
use leptos::{html::Div, prelude::*, task::spawn_local};

/// Pictures in a page.
pub const PAGE: u32 = 60;

/// A grid that begins with a page from the server and grows as it is scrolled.
#[component]
pub fn AssetGrid(
    /// The version.
    version: DatasetVersionId,
    /// Only this part of it.
    split: Option<Split>,
    /// Its labels' colours.
    palette: Palette,
    /// The page that the server drew.
    first: Page<Asset>,
    /// Where the next page is, for browsers without scripts.
    next_href: Option<String>,
) -> impl IntoView {
    let items = RwSignal::new(first.items);
    let next = RwSignal::new(first.next_cursor);
    let fetching = StoredValue::new(false);
    let more = move || {
        let Some(cursor) = next.get_untracked() else { return };
        if fetching.get_value() {
            return;
        }
        fetching.set_value(true);
        spawn_local(async move {
            let request = PageRequest { limit: Some(PAGE), cursor: Some(cursor) };
            let answer = list_assets(version, split, request).await.and_then(|page| page.open());
            // The grid may be gone when the answer comes; a failure is tried
            // again at the next scroll.
            if fetching.try_set_value(false).is_none()
                && let Ok(page) = answer
            {
                next.set(page.next_cursor);
                items.update(|list| list.extend(page.items));
            }
        });
    };
    let end = NodeRef::<Div>::new();
    effect(move || {
        let (Some(element), true) = (end.get(), next.with(Option::is_some)) else { return };
        items.track();
        StoredValue::new_local(dom::watch_visible(&element, more));
    });
    let link = next_href.map(|href| view! { <a class="button dead-only" href=href rel="next">"More"</a> });
    view! {
        <div class="grid" data-size="3">
            <For each=move || items.get() key=|asset| asset.id let:asset>
                {tile(asset, &palette)}
            </For>
        </div>
        <div class="grid-end" node_ref=end>{link}</div>
    }
}

fn tile(asset: Asset, palette: &Palette) -> AnyView {
    let count = asset.annotations.len();
    let boxes: Vec<_> =
        asset.annotations.into_iter().map(|a| (a.label.as_str().to_owned(), a.rect)).collect();
    let alt = format!("{}, {count} boxes", asset.filename);
    view! {
        <figure class="tile" title=asset.filename>
            <img src=addresses::asset_thumb(asset.id) alt=alt loading="lazy" decoding="async" />
            {boxes_overlay(asset.size, &boxes, palette)}
            <figcaption class="tile-foot">
                {pill(Tone::Quiet, asset.split.as_str())}
                <span class="pill">{count}<span class="visually-hidden">" boxes"</span></span>
            </figcaption>
        </figure>
    }
    .into_any()
}
