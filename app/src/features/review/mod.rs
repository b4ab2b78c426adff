//! The Prediction Review tool: one image after the other, its boxes on a
//! canvas and in a list. What the server sends can be read without scripts:
//! the image, its boxes, the list.
//!
//! Each file imports only what is named before it here:
//!
//! 1. `scope`, `editor_handle`, `canvas_painter`, `save_queue`, `prefetch`,
//!    `draft_store`, `counts`: a part each, none knows the page.
//! 2. `session`: the state of the page, made of these parts.
//! 3. `merging`, `drafts`, `navigation`, `saving`, `decisions`: what follows
//!    from an act.
//! 4. What is seen: `history`, `dialogs`, `keys`, `key_sheet`, `tool_bar`,
//!    `top_bar`, `canvas_view`, `confidence`, `box_list`, `candidate_list`,
//!    `filmstrip`.

mod box_list;
mod candidate_list;
mod canvas_painter;
mod canvas_view;
mod confidence;
mod counts;
mod decisions;
mod dialogs;
mod draft_store;
mod drafts;
mod editor_handle;
mod filmstrip;
mod history;
mod key_sheet;
mod keys;
mod merging;
mod navigation;
mod prefetch;
mod save_queue;
mod saving;
mod scope;
mod session;
mod tool_bar;
mod top_bar;

use crate::{
    dom,
    effect::effect,
    live::{LiveUpdate, on_live, throttled},
    review_wire::ReviewStart,
    ui::{IntoAny, dynamic, follow},
};
use domain::{event::Event, review::ReviewSubject};
use leptos::{prelude::*, task::spawn_local};
use session::{Panel, ReviewSession};
use std::time::Duration;

/// How often leases are renewed: they last five minutes, so that four lost
/// answers cost none.
const RENEWAL: Duration = Duration::from_secs(60);
/// After an event, the position in the query is asked for at most this often.
const AROUND_EVERY: Duration = Duration::from_millis(700);

/// The whole screen of a review.
#[component]
pub fn ReviewScreen(
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
    address_id: Signal<Option<String>>,
) -> impl IntoView {
    let session = ReviewSession::new(start, subject, q, sort);
    follow_browser(session, address_id);
    follow_server(session);
    let keys = keys::watch(session);
    view! {
        <div class="review" class:review-locked=follow(move || session.editor.is_read_only())>
            {top_bar::top_bar(session)}
            {tool_bar::tool_bar(session, keys)}
            {canvas_view::canvas_view(session)}
            <aside class="review-side" aria-label="Boxes">
                {side(session)}
            </aside>
            {filmstrip::filmstrip(session)}
            {dialogs::dialogs(session)}
            {key_sheet::key_sheet(session, keys)}
            <p class="visually-hidden" role="status">{dynamic(move || session.editor.announcement())}</p>
        </div>
    }
}

fn side(session: ReviewSession) -> AnyView {
    view! {
        {confidence::confidence(session)}
        {merging::merge_panel(session)}
        <div class="review-lists">
            {dynamic(move || match session.panel.get() {
                Panel::Boxes => view! {
                    {box_list::box_list(session)}
                    {candidate_list::candidate_list(session)}
                }
                .into_any(),
                Panel::History => history::history_panel(session),
            })}
        </div>
        {dialogs::foot(session)}
    }
    .into_any()
}

/// Wakes what the server drew, and follows the address, the boxes and the
/// window.
fn follow_browser(session: ReviewSession, address_id: Signal<Option<String>>) {
    effect(move || untrack(|| begin(session, address_id.get().is_none())));
    effect(move || {
        // Back and forward of the browser.
        if let Some(id) = address_id.get().and_then(|id| id.parse().ok()) {
            untrack(|| navigation::open(session, id));
        }
    });
    let mut former = None;
    effect(move || {
        let version = session.editor.boxes_version();
        let (image, revision) = (version.image, version.revision);
        if former.is_some_and(|former: (u64, u64)| former.0 == image && former.1 != revision) {
            untrack(|| drafts::store(session));
        }
        former = Some((image, revision));
    });
    effect(move || {
        let renew = move || spawn_local(navigation::renew_leases(session));
        let renewals = set_interval_with_handle(renew, RENEWAL);
        let leaving = dom::on_window("pagehide", move || session.prefetch.release(session.id()));
        let online = dom::on_window("online", move || session.saves.flush());
        let listeners = StoredValue::new_local((leaving, online));
        on_cleanup(move || {
            listeners.dispose();
            if let Ok(renewals) = renewals {
                renewals.clear();
            }
            session.prefetch.release(session.id());
        });
    });
}

/// The first image is there. `settles` puts it into the address, so that a
/// reload comes back to it.
fn begin(session: ReviewSession, settles: bool) {
    session.prefetch.begin();
    saving::resume(session);
    session.recoverable.set(drafts::recoverable(session));
    navigation::settle_in(session);
    let id = session.id();
    if settles {
        session.go_to(id, true);
    }
    if session.subject_now().prediction.image.is_some() {
        navigation::load_picture(session, id);
    }
}

/// Takes up what others do to the images, and sends what waited for the
/// server.
fn follow_server(session: ReviewSession) {
    let refresh_around = throttled(AROUND_EVERY, move || navigation::refresh_around(session));
    on_live(move |update| match update {
        LiveUpdate::Event(Event::PredictionChanged { id, .. }) => {
            refresh_around();
            if *id == session.id() && !session.saves.ids().contains(id) {
                spawn_local(navigation::refresh(session));
            }
        }
        LiveUpdate::Refetch => {
            refresh_around();
            session.saves.flush();
        }
        LiveUpdate::Event(_) => {}
    });
}
