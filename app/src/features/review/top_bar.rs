//! The bar above: where one is, how far the image is, what was done, undo and
//! redo, where the work is stored, whose boxes are shown.

use super::{
    counts::counts,
    draft_store::DraftState,
    drafts, history, navigation,
    save_queue::{Delivery, RejectedSave},
    scope::ReviewScope,
    session::ReviewSession,
};
use crate::{
    addresses, dom,
    ui::{Icon, IntoAny, Tone, dynamic, follow, handler, icon, middle_cut, outliving, pill, status_badge},
};
use domain::listing::Count;
use leptos::prelude::*;
use leptos_meta::Title;
use review::{Command, View};

/// The bar.
pub fn top_bar(session: ReviewSession) -> AnyView {
    let back = session.scope.with_value(ReviewScope::list_address);
    let name = move || session.subject.with(|subject| subject.prediction.display_name());
    let title = Signal::derive(move || format!("Review {}", name()));
    let outlier = move || {
        let score = session.subject.with(|subject| subject.prediction.outlier_score)?;
        Some(pill(Tone::Quiet, format!("outlier {score:.3}")))
    };
    view! {
        <header class="review-bar">
            <Title text=outliving(title) />
            <a class="button" href=back aria-label="Back to the predictions" title="Back to the predictions">
                {icon(Icon::Back)}
            </a>
            <h1>{dynamic(move || middle_cut(&name()))}</h1>
            {dynamic(move || status_badge(session.status.get()))}
            {dynamic(outlier)}
            <span class="review-place dim">{dynamic(move || position(session))}</span>
            <span class="review-bar-end">
                <span class="review-counts dim" title="What was done, against where the review began">
                    {dynamic(move || changes(session))}
                </span>
                {step_button(session, Command::Undo)}
                {step_button(session, Command::Redo)}
                {dynamic(move || storage(session))}
                {views(session)}
            </span>
        </header>
        {notices(session)}
    }
    .into_any()
}

/// `5 of 1,204 in …`.
fn position(session: ReviewSession) -> Option<AnyView> {
    let around = session.around.get()?;
    let counted = |count: Count| {
        let more = if count.exact { "" } else { "+" };
        format!("{}{more}", charts::grouped(count.count))
    };
    let total = counted(around.total);
    let text = around
        .position
        .map_or_else(|| format!("outside of {total}"), |at| format!("{} of {total}", counted(at)));
    let q = session.scope.with_value(|scope| scope.q.clone());
    let q = (!q.is_empty()).then(|| view! { " in " <code title=q.clone()>{q.clone()}</code> });
    Some(view! { {text}{q} }.into_any())
}

fn changes(session: ReviewSession) -> String {
    session.editor.boxes_version();
    let s = session.editor.read(review::Editor::statistics);
    counts([
        (s.kept, "kept"),
        (s.moved, "moved"),
        (s.added, "added"),
        (s.deleted, "deleted"),
        (s.relabelled, "relabelled"),
    ])
}

fn step_button(session: ReviewSession, command: Command) -> AnyView {
    let (name, drawing) = if command == Command::Undo { ("Undo", Icon::Undo) } else { ("Redo", Icon::Redo) };
    let act = move || {
        let glance = session.editor.glance();
        if command == Command::Undo { glance.undo } else { glance.redo }
    };
    let title = move || act().map_or_else(|| name.to_owned(), |act| format!("{name}: {act}"));
    view! {
        <button
            type="button"
            class="button alive-only"
            aria-label=name
            title=follow(title)
            prop:disabled=follow(move || act().is_none())
            on:click=handler(move |_| session.editor.execute(command))
        >
            {icon(drawing)}
        </button>
    }
    .into_any()
}

/// Where the work is stored, in a word.
fn storage(session: ReviewSession) -> Option<AnyView> {
    let count = session.saves.count();
    let (class, text) = match (session.saves.delivery.get(), session.draft_state.get()) {
        (_, DraftState::NoRoom) => ("bad", "draft not kept: the browser has no room".to_owned()),
        (Delivery::SignedOut, _) => ("bad", format!("signed out · {count} waiting")),
        (Delivery::Offline, _) => ("warn", format!("offline · {count} waiting")),
        (Delivery::Running, _) if count > 0 => ("dim", format!("saving {count}")),
        (Delivery::Running, DraftState::Stored) => ("good", "draft saved".to_owned()),
        (Delivery::Running, DraftState::Clean) => return None,
    };
    Some(view! { <span class=format!("review-kept {class}") role="status">{text}</span> }.into_any())
}

fn views(session: ReviewSession) -> AnyView {
    let button = |view: View, name: &'static str| {
        let off = move || {
            let (shadow, blind) = session.editor.read(|e| (e.has_shadow(), e.is_blind()));
            session.editor.boxes_version();
            blind || (view != View::Champion && !shadow)
        };
        view! {
            <button
                type="button"
                class="segment"
                aria-pressed=follow(move || (session.editor.glance().view == view).to_string())
                prop:disabled=follow(off)
                on:click=handler(move |_| session.editor.execute(Command::View(view)))
            >
                {name}
            </button>
        }
    };
    view! {
        <span class="segments alive-only" role="group" aria-label="Whose boxes">
            {button(View::Champion, "Champion")}
            {button(View::Shadow, "Shadow")}
            {button(View::Compare, "Compare")}
        </span>
    }
    .into_any()
}

/// Sentences that stay until they are dealt with.
fn notices(session: ReviewSession) -> AnyView {
    let signed_out = move || {
        (session.saves.delivery.get() == Delivery::SignedOut).then(|| {
            let to = addresses::sign_in(&dom::here());
            view! {
                <p class="review-notice review-notice-bad">
                    "The session has ended. Your work is kept here and goes out after you sign in."
                    <a class="button" href=to rel="external">"Sign in"</a>
                </p>
            }
        })
    };
    let leased = move || {
        let lease = session.lease.get().filter(|lease| !lease.mine)?;
        let words =
            format!("{} is reviewing this image. If both of you save, the second merges.", lease.holder);
        Some(view! { <p class="review-notice">{words}</p> })
    };
    let viewed = move || {
        session.viewed_revision.get().map(|n| view! {
            <p class="review-notice">
                {format!("Revision {n}, to be looked at.")}
                <button type="button" class="button" on:click=handler(move |_| history::leave(session))>"Back to your work"</button>
            </p>
        })
    };
    let blind =
        move || {
            session.editor.glance().blind.then(|| view! {
        <p class="review-notice">
            "Blind review: mark every object yourself. The model's boxes are shown after you accept."
        </p>
    })
        };
    let message = move || {
        session.message.get().map(|words| view! {
        <p class="review-notice">
            {words}
            <button type="button" class="button button-bare" on:click=handler(move |_| session.message.set(None))>"Dismiss"</button>
        </p>
    })
    };
    view! {
        <div class="review-notices" aria-live="polite">
            {dynamic(signed_out)}{dynamic(viewed)}{dynamic(leased)}{dynamic(blind)}{dynamic(message)}{dynamic(move || rejected(session))}{dynamic(move || recoverable(session))}
        </div>
    }
    .into_any()
}

/// Reviews that the server refused.
fn rejected(session: ReviewSession) -> Vec<AnyView> {
    let one = |save: RejectedSave| {
        let id = save.id;
        let open = move |_| {
            session.saves.rejected.update(|list| list.retain(|save| save.id != id));
            navigation::open(session, id);
        };
        view! {
            <p class="review-notice review-notice-bad">
                {format!("{} was not saved: {}. Nothing is lost.", save.name, save.reason)}
                <button type="button" class="button" on:click=handler(open)>"Open it"</button>
            </p>
        }
        .into_any()
    };
    session.saves.rejected.get().into_iter().map(one).collect()
}

/// Work on other images that was left unfinished when the page was opened.
fn recoverable(session: ReviewSession) -> Option<AnyView> {
    // Looked up once, in the browser; the server knows of none.
    let drafts = session.recoverable.get();
    let count = drafts.len();
    let first = drafts.into_iter().next()?;
    let id = first.id;
    let words = match count {
        1 => format!("An unfinished review is kept in this browser: {}.", first.name),
        n => format!("{n} unfinished reviews are kept in this browser, the first: {}.", first.name),
    };
    let open = move |_| {
        session.recoverable.set(Vec::new());
        navigation::open(session, id);
    };
    let discard = move |_| {
        drafts::remove(session, id);
        session.recoverable.update(|list| list.retain(|other| other.id != id));
    };
    Some(
        view! {
            <p class="review-notice">
                {words}
                <button type="button" class="button" on:click=handler(open)>"Open it"</button>
                <button type="button" class="button button-bare" on:click=handler(discard)>"Discard it"</button>
            </p>
        }
        .into_any(),
    )
}
