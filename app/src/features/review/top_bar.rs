//! The bar above: where one is, how far the image is, what was done, undo and
//! redo, how the work is kept, whose boxes are shown.

use super::{
    drafts::{self, Kept},
    history,
    outbox::Trouble,
    room::Room,
};
use crate::{
    addresses, dom,
    ui::{Icon, IntoAny, Tone, icon, pill, status_badge},
};
use domain::listing::Count;
use leptos::prelude::*;
use leptos_meta::Title;
use review::{Command, View};

/// The bar.
pub fn top_bar(room: Room) -> AnyView {
    let back =
        room.place.with_value(|place| addresses::predictions(&place.deployment, &place.q, &place.sort));
    let name = move || {
        room.subject.with(|subject| {
            let prediction = &subject.prediction;
            prediction.filename.clone().unwrap_or_else(|| prediction.id.to_string())
        })
    };
    let title = Signal::derive(move || format!("Review {}", name()));
    let outlier = move || {
        let score = room.subject.with(|subject| subject.prediction.outlier_score)?;
        Some(pill(Tone::Quiet, format!("outlier {score:.3}")))
    };
    view! {
        <header class="review-bar">
            <Title text=title />
            <a class="button" href=back aria-label="Back to the predictions" title="Back to the predictions">
                {icon(Icon::Back)}
            </a>
            <h1>{name}</h1>
            {move || status_badge(room.status.get())}
            {outlier}
            <span class="review-place dim">{move || place(room)}</span>
            <span class="review-bar-end">
                <span class="review-counts dim" title="What was done, against where the review began">
                    {move || done(room)}
                </span>
                {step_button(room, Command::Undo)}
                {step_button(room, Command::Redo)}
                {move || keeping(room)}
                {views(room)}
            </span>
        </header>
        {notices(room)}
    }
    .into_any()
}

/// `5 of 1,204 in …`.
fn place(room: Room) -> Option<AnyView> {
    let around = room.around.get()?;
    let counted = |count: Count| {
        let more = if count.exact { "" } else { "+" };
        format!("{}{more}", charts::grouped(count.count))
    };
    let total = counted(around.total);
    let text = around
        .position
        .map_or_else(|| format!("outside of {total}"), |at| format!("{} of {total}", counted(at)));
    let q = room.place.with_value(|place| place.q.clone());
    let q = (!q.is_empty()).then(|| view! { " in " <code title=q.clone()>{q.clone()}</code> });
    Some(view! { {text}{q} }.into_any())
}

fn done(room: Room) -> String {
    room.desk.boxes_key();
    let s = room.desk.read(review::Editor::statistics);
    super::counts([
        (s.kept, "kept"),
        (s.moved, "moved"),
        (s.added, "added"),
        (s.deleted, "deleted"),
        (s.relabelled, "relabelled"),
    ])
}

fn step_button(room: Room, command: Command) -> AnyView {
    let (name, drawing) = if command == Command::Undo { ("Undo", Icon::Undo) } else { ("Redo", Icon::Redo) };
    let act = move || {
        let glance = room.desk.glance();
        if command == Command::Undo { glance.undo } else { glance.redo }
    };
    let title = move || act().map_or_else(|| name.to_owned(), |act| format!("{name}: {act}"));
    view! {
        <button
            type="button"
            class="button alive-only"
            aria-label=name
            title=title
            prop:disabled=move || act().is_none()
            on:click=move |_| room.desk.execute(command)
        >
            {icon(drawing)}
        </button>
    }
    .into_any()
}

/// How the work is kept, in a word.
fn keeping(room: Room) -> Option<AnyView> {
    let count = room.post.count();
    let (class, text) = match (room.post.trouble.get(), room.kept.get()) {
        (_, Kept::Refused) => ("bad", "draft not kept: the browser has no room".to_owned()),
        (Trouble::SignedOut, _) => ("bad", format!("signed out · {count} waiting")),
        (Trouble::Away, _) => ("warn", format!("offline · {count} waiting")),
        (Trouble::None, _) if count > 0 => ("dim", format!("saving {count}")),
        (Trouble::None, Kept::Saved) => ("good", "draft saved".to_owned()),
        (Trouble::None, Kept::Nothing) => return None,
    };
    Some(view! { <span class=format!("review-kept {class}") role="status">{text}</span> }.into_any())
}

fn views(room: Room) -> AnyView {
    let button = |view: View, name: &'static str| {
        let off = move || {
            let (shadow, blind) = room.desk.read(|e| (e.has_shadow(), e.is_blind()));
            room.desk.boxes_key();
            blind || (view != View::Champion && !shadow)
        };
        view! {
            <button
                type="button"
                class="segment"
                aria-pressed=move || (room.desk.glance().view == view).to_string()
                prop:disabled=off
                on:click=move |_| room.desk.execute(Command::View(view))
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
fn notices(room: Room) -> AnyView {
    let signed_out = move || {
        (room.post.trouble.get() == Trouble::SignedOut).then(|| {
            let to = addresses::sign_in(&dom::here());
            view! {
                <p class="review-notice review-notice-bad">
                    "The session has ended. Your work is kept here and goes out after you sign in."
                    <a class="button" href=to rel="external">"Sign in"</a>
                </p>
            }
        })
    };
    let held = move || {
        let lease = room.lease.get().filter(|lease| !lease.mine)?;
        let words =
            format!("{} is reviewing this image. If both of you save, the second merges.", lease.holder);
        Some(view! { <p class="review-notice">{words}</p> })
    };
    let looking = move || {
        room.looking.get().map(|n| view! {
            <p class="review-notice">
                {format!("Revision {n}, to be looked at.")}
                <button type="button" class="button" on:click=move |_| history::leave(room)>"Back to your work"</button>
            </p>
        })
    };
    let blind =
        move || {
            room.desk.glance().blind.then(|| view! {
        <p class="review-notice">
            "Blind review: mark every object yourself. The model's boxes are shown after you accept."
        </p>
    })
        };
    let word = move || {
        room.word.get().map(|words| view! {
        <p class="review-notice">
            {words}
            <button type="button" class="button button-bare" on:click=move |_| room.word.set(None)>"Dismiss"</button>
        </p>
    })
    };
    view! {
        <div class="review-notices" aria-live="polite">
            {signed_out}{looking}{held}{blind}{word}{move || returned(room)}{move || unfinished(room)}
        </div>
    }
    .into_any()
}

/// Reviews that came back.
fn returned(room: Room) -> Vec<AnyView> {
    let one = |back: super::outbox::Returned| {
        let id = back.id;
        let open = move |_| {
            room.post.returned.update(|list| list.retain(|back| back.id != id));
            room.open(id);
        };
        view! {
            <p class="review-notice review-notice-bad">
                {format!("{} was not saved: {}. Nothing is lost.", back.name, back.why)}
                <button type="button" class="button" on:click=open>"Open it"</button>
            </p>
        }
        .into_any()
    };
    room.post.returned.get().into_iter().map(one).collect()
}

/// Work on other images that was left unfinished when the page was opened.
fn unfinished(room: Room) -> Option<AnyView> {
    // Looked up once, in the browser; the server knows of none.
    let found = room.unfinished.get();
    let count = found.len();
    let first = found.into_iter().next()?;
    let id = first.id;
    let words = match count {
        1 => format!("An unfinished review is kept in this browser: {}.", first.name),
        n => format!("{n} unfinished reviews are kept in this browser, the first: {}.", first.name),
    };
    let open = move |_| {
        room.unfinished.set(Vec::new());
        room.open(id);
    };
    let discard = move |_| {
        drafts::forget(room, id);
        room.unfinished.update(|list| list.retain(|other| other.id != id));
    };
    Some(
        view! {
            <p class="review-notice">
                {words}
                <button type="button" class="button" on:click=open>"Open it"</button>
                <button type="button" class="button button-bare" on:click=discard>"Discard it"</button>
            </p>
        }
        .into_any(),
    )
}
