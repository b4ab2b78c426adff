//! The Prediction Review tool: one image after the other, its boxes on a
//! canvas and in a list. What the server sends can be read without scripts:
//! the image, its boxes, the list.

mod acts;
mod ahead;
mod box_list;
mod confidence;
mod desk;
mod dialogs;
mod drafts;
mod easel;
mod filmstrip;
mod history;
mod key_sheet;
mod keys;
mod merging;
mod offers;
mod outbox;
mod room;
mod stage;
mod tools;
mod top_bar;
mod turns;

use crate::{
    dom,
    live::{Told, on_live, throttled},
    review_wire::ReviewStart,
    ui::IntoAny,
};
use domain::{event::Event, review::ReviewSubject};
use leptos::{prelude::*, task::spawn_local};
use room::{Panel, Room};
use std::time::Duration;

/// How often leases are renewed; they last five minutes.
const HEARTBEAT: Duration = Duration::from_secs(60);

/// The whole screen of a review.
#[component]
pub fn ReviewRoom(
    /// What the server opened the page with.
    start: ReviewStart,
    /// The first image.
    subject: ReviewSubject,
    /// The query that images come from.
    q: String,
    /// Its order.
    sort: String,
    /// The image that the address names.
    #[prop(into)]
    asked: Signal<Option<String>>,
) -> impl IntoView {
    let room = Room::new(start, subject, q, sort);
    wake(room, asked);
    let keymap = keys::watch(room);
    view! {
        <div class="review" class:review-locked=move || room.desk.is_locked()>
            {top_bar::top_bar(room)}
            {tools::tools(room)}
            {stage::stage(room)}
            <aside class="review-side" aria-label="Boxes">
                {side(room)}
            </aside>
            {filmstrip::filmstrip(room)}
            {dialogs::dialogs(room)}
            {key_sheet::key_sheet(room, keymap)}
            <p class="visually-hidden" role="status">{move || room.desk.told()}</p>
        </div>
    }
}

fn side(room: Room) -> AnyView {
    view! {
        {confidence::confidence(room)}
        {merging::merge_panel(room)}
        <div class="review-lists">
            {move || match room.panel.get() {
                Panel::Boxes => view! {
                    {box_list::box_list(room)}
                    {offers::offers(room)}
                }
                .into_any(),
                Panel::History => history::history_panel(room),
            }}
        </div>
        {dialogs::foot(room)}
    }
    .into_any()
}

/// What only happens in a browser.
fn wake(room: Room, asked: Signal<Option<String>>) {
    Effect::new(move |first: Option<()>| {
        if first.is_none() {
            outbox::begin(room);
            room.unfinished.set(drafts::unfinished(room));
            room.arrived();
            if asked.get_untracked().is_none() {
                // A reload comes back to this image.
                room.settle();
            }
            if room.subject_now().prediction.image.is_some() {
                room.load_picture(room.id());
            }
        }
    });
    Effect::new(move |_| {
        // Back and forward of the browser.
        if let Some(id) = asked.get().and_then(|id| id.parse().ok()) {
            untrack(|| room.open(id));
        }
    });
    Effect::new(move |former: Option<(u64, u64)>| {
        let (image, revision, ..) = room.desk.boxes_key();
        if former.is_some_and(|former| former.0 == image && former.1 != revision) {
            untrack(|| drafts::keep(room));
        }
        (image, revision)
    });
    Effect::new(move |_| {
        let beats = set_interval_with_handle(move || spawn_local(ahead::hold(room)), HEARTBEAT);
        let leaving = dom::on_window("pagehide", move || ahead::release(room));
        let online = dom::on_window("online", move || outbox::flush(room));
        let guards = StoredValue::new_local((leaving, online));
        on_cleanup(move || {
            guards.dispose();
            if let Ok(beats) = beats {
                beats.clear();
            }
            ahead::release(room);
            ahead::clear();
            easel::put_away();
        });
    });
    let again = throttled(Duration::from_millis(700), move || room.refresh_around());
    on_live(move |told| match told {
        Told::Event(Event::PredictionChanged { id, .. }) => {
            again();
            if *id == room.id() && !room.post.ids().contains(id) {
                spawn_local(room.refresh());
            }
        }
        Told::Refetch => {
            again();
            outbox::flush(room);
        }
        Told::Event(_) => {}
    });
}

/// `kept 14 · moved 1`, without what is none.
fn counts<const N: usize>(parts: [(usize, &str); N]) -> String {
    let told = parts.into_iter().filter(|(count, _)| *count > 0);
    told.map(|(count, word)| format!("{word} {count}")).collect::<Vec<_>>().join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_none_is_not_told() {
        assert_eq!(counts([(14, "kept"), (0, "moved"), (2, "added")]), "kept 14 · added 2");
        assert_eq!(counts([(0, "kept")]), "");
    }
}
