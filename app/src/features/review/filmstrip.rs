//! The images around this one in the query, and how far each is.

use super::room::Room;
use crate::{
    addresses, dom,
    review_wire::StripItem,
    ui::{Icon, IntoAny, icon, status_badge},
};
use domain::prediction::Status;
use leptos::prelude::*;
use std::sync::Arc;

/// The strip.
pub fn filmstrip(room: Room) -> AnyView {
    let items = Memo::new(move |_| room.around.get().map(|around| items(room, &around)).unwrap_or_default());
    Effect::new(move |_| {
        items.track();
        dom::next_frame(|| dom::reveal(".review-film[aria-current]"));
    });
    view! {
        <nav class="review-strip" aria-label="Images of this query">
            <ul>
                <For each=move || items.get() key=|item| (item.id, item.status) let:item>
                    {film(room, item)}
                </For>
            </ul>
        </nav>
    }
    .into_any()
}

/// Those before, this one, those behind.
fn items(room: Room, around: &Arc<crate::review_wire::Around>) -> Vec<StripItem> {
    let prediction = &room.subject.get_untracked().prediction;
    let here = StripItem {
        id: prediction.id,
        status: room.status.get(),
        name: prediction.filename.clone().unwrap_or_default(),
        pictured: prediction.image.is_some(),
    };
    let mut items: Vec<StripItem> = around.before.clone();
    items.push(here);
    items.extend(around.after.iter().cloned());
    for item in items.iter_mut().filter(|item| room.post.has(item.id)) {
        item.status = Status::Reviewed;
    }
    // While the place is asked for anew, an image may be on both lists.
    let mut seen = std::collections::BTreeSet::new();
    items.retain(|item| seen.insert(item.id));
    items
}

fn film(room: Room, item: StripItem) -> AnyView {
    let StripItem { id, status, name, pictured } = item;
    let current = move || room.subject.with(|subject| subject.prediction.id == id).then_some("true");
    let picture = if pictured {
        view! { <img src=addresses::prediction_thumb(id) alt="" loading="lazy" decoding="async" /> }
            .into_any()
    } else {
        view! { <span class="no-picture">{icon(Icon::NoPicture)}</span> }.into_any()
    };
    let (href, title) = (room.address(id), name.clone());
    view! {
        <li>
            <a
                class="review-film"
                href=href
                title=title
                aria-current=current
                on:click=move |event| {
                    if !(event.ctrl_key() || event.meta_key() || event.shift_key()) {
                        event.prevent_default();
                        room.open(id);
                    }
                }
            >
                {picture}
                <span class="visually-hidden">{name}</span>
                {status_badge(status)}
            </a>
        </li>
    }
    .into_any()
}
