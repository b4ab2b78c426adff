//! The images around this one in the query, and how far each is.

use super::{navigation, session::ReviewSession};
use crate::{
    addresses, dom,
    effect::effect,
    review_wire::StripItem,
    ui::{For, Icon, IntoAny, follow, handler, icon, status_badge},
};
use domain::prediction::Status;
use leptos::{ev::MouseEvent, prelude::*};
use std::sync::Arc;

/// The strip.
pub fn filmstrip(session: ReviewSession) -> AnyView {
    let items =
        Memo::new(move |_| session.around.get().map(|around| items(session, &around)).unwrap_or_default());
    effect(move || {
        items.track();
        dom::next_frame(|| dom::reveal(".review-strip", ".review-film[aria-current]"));
    });
    view! {
        <nav class="review-strip" aria-label="Images of this query">
            <ul>
                <For each=move || items.get() key=|item| (item.id, item.status) let:item>
                    {film(session, item)}
                </For>
            </ul>
        </nav>
    }
    .into_any()
}

/// Those before, this one, those behind.
fn items(session: ReviewSession, around: &Arc<crate::review_wire::Around>) -> Vec<StripItem> {
    let prediction = &session.subject.get_untracked().prediction;
    let here = StripItem {
        id: prediction.id,
        status: session.status.get(),
        name: prediction.filename.clone().unwrap_or_default(),
        pictured: prediction.image.is_some(),
    };
    let mut items: Vec<StripItem> = around.before.clone();
    items.push(here);
    items.extend(around.after.iter().cloned());
    for item in items.iter_mut().filter(|item| session.saves.contains(item.id)) {
        item.status = Status::Reviewed;
    }
    // While the position is fetched anew, an image may be on both lists.
    let mut ids = Vec::new();
    items.retain(|item| {
        let is_new = !ids.contains(&item.id);
        ids.push(item.id);
        is_new
    });
    items
}

fn film(session: ReviewSession, item: StripItem) -> AnyView {
    let StripItem { id, status, name, pictured } = item;
    let current = move || session.subject.with(|subject| subject.prediction.id == id).then_some("true");
    let picture = if pictured {
        view! { <img src=addresses::prediction_thumb(id) alt="" loading="lazy" decoding="async" /> }
            .into_any()
    } else {
        view! { <span class="no-picture">{icon(Icon::NoPicture)}</span> }.into_any()
    };
    let (href, title) = (session.address(id), name.clone());
    view! {
        <li>
            <a
                class="review-film"
                href=href
                title=title
                aria-current=follow(current)
                on:click=handler(move |event: MouseEvent| {
                    if !(event.ctrl_key() || event.meta_key() || event.shift_key()) {
                        event.prevent_default();
                        navigation::open(session, id);
                    }
                })
            >
                {picture}
                <span class="visually-hidden">{name}</span>
                {status_badge(status)}
            </a>
        </li>
    }
    .into_any()
}
