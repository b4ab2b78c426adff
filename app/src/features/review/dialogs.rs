//! What is decided at the foot of the list, and what is asked before it is
//! done.

use super::{
    decisions,
    session::{OpenDialog, Panel, ReviewSession},
};
use crate::{
    dom,
    effect::effect,
    ui::{IntoAny, dynamic, follow, handler},
};
use domain::prediction::Status;
use leptos::{html::Dialog, prelude::*};
use review::ScoreRange;

/// Reasons that are often given.
const REASONS: [&str; 4] = ["out of focus", "nothing to see", "duplicate", "not from this source"];

/// Accept and next, skip, history.
pub fn foot(session: ReviewSession) -> AnyView {
    let submitted = move || session.status.get() == Status::Submitted;
    let may_review = session.may_review();
    let back = move || session.status.get() != Status::ToReview;
    let history = move || session.panel.get() == Panel::History;
    let toggle = move |_| session.panel.set(if history() { Panel::Boxes } else { Panel::History });
    let viewer = (!may_review).then(|| view! { <p class="dim">"You may look, but not review."</p> });
    view! {
        <div class="review-foot alive-only">
            {viewer}
            <button
                type="button"
                class="button button-main"
                prop:disabled=follow(move || submitted() || !may_review)
                on:click=handler(move |_| decisions::accept_and_next(session))
            >
                "Accept and next"
                <kbd>"A"</kbd>
            </button>
            <div class="review-foot-row">
                <button
                    type="button"
                    class="button"
                    prop:disabled=follow(move || submitted() || !may_review)
                    on:click=handler(move |_| session.dialog.set(Some(OpenDialog::Skip)))
                >
                    "Skip…"
                </button>
                <button type="button" class="button" aria-pressed=follow(move || history().to_string()) on:click=handler(toggle)>
                    "History"
                </button>
                {dynamic(move || (back() && may_review).then(|| view! {
                    <button type="button" class="button" on:click=handler(move |_| decisions::reopen(session))>"Reopen"</button>
                }))}
            </div>
            {dynamic(move || {
                let skip = session.subject.with(|subject| subject.skip.clone())?;
                (session.status.get() == Status::Skipped).then(|| view! {
                    <p class="dim">{format!("Skipped by {}: {}", skip.by, skip.reason)}</p>
                })
            })}
        </div>
    }
    .into_any()
}

/// The questions.
pub fn dialogs(session: ReviewSession) -> AnyView {
    let hidden = move || matches!(session.dialog.get(), Some(OpenDialog::HiddenBoxes(_)));
    let skip = move || session.dialog.get() == Some(OpenDialog::Skip);
    view! {
        {dialog(session, Signal::derive(hidden), hidden_boxes(session))}
        {dialog(session, Signal::derive(skip), skip_form(session))}
    }
    .into_any()
}

/// A dialog that is open while `open` says so.
pub fn dialog(session: ReviewSession, open: Signal<bool>, content: AnyView) -> AnyView {
    let node = NodeRef::<Dialog>::new();
    effect(move || {
        let Some(element) = node.get() else { return };
        if open.get() { dom::show_dialog(&element) } else { dom::close_dialog(&element) }
    });
    let closed = move |_| {
        if open.get_untracked() {
            session.dialog.set(None);
        }
    };
    view! { <dialog class="review-dialog" node_ref=node on:close=handler(closed)>{content}</dialog> }
        .into_any()
}

fn hidden_boxes(session: ReviewSession) -> AnyView {
    let words = move || match session.dialog.get() {
        Some(OpenDialog::HiddenBoxes(1)) => "1 box is hidden and would be saved.".to_owned(),
        Some(OpenDialog::HiddenBoxes(n)) => format!("{n} boxes are hidden and would be saved."),
        _ => String::new(),
    };
    let show = move |_| {
        session.dialog.set(None);
        session.editor.change(|editor| {
            editor.set_score_range(ScoreRange::new(0.0, 1.0));
            let closed: Vec<_> = editor.labels().iter().map(|(label, _)| label).collect();
            for label in
                closed.into_iter().filter(|label| !editor.filter().is_open(*label)).collect::<Vec<_>>()
            {
                editor.toggle_eye(label);
            }
        });
    };
    view! {
        <h2>{dynamic(words)}</h2>
        <p>"The slider and the eyes only hide. What is hidden belongs to the review all the same."</p>
        <div class="review-dialog-row">
            <button type="button" class="button button-main" on:click=handler(move |_| decisions::accept_and_next(session))>
                "Save them too, and next"
            </button>
            <button type="button" class="button" on:click=handler(show)>"Show them"</button>
            <button type="button" class="button button-bare" on:click=handler(move |_| session.dialog.set(None))>"Cancel"</button>
        </div>
    }
    .into_any()
}

fn skip_form(session: ReviewSession) -> AnyView {
    let reason = RwSignal::new(String::new());
    let chips = REASONS.map(|words| {
        view! {
            <button type="button" class="button" on:click=handler(move |_| reason.set(words.to_owned()))>{words}</button>
        }
    });
    let type_in = move |event| {
        if let Some(text) = dom::field_value(&event) {
            reason.set(text);
        }
    };
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        decisions::skip(session, reason.get_untracked());
    };
    view! {
        <form on:submit=handler(send)>
            <h2>"Skip this image"</h2>
            <label for="skip-reason">"Why can it not be reviewed? A skipped image counts in no figure. You can reopen it."</label>
            <input
                id="skip-reason"
                class="field"
                type="text"
                maxlength="500"
                autofocus
                prop:value=follow(move || reason.get())
                on:input=handler(type_in)
            />
            <div class="review-chips">{chips.into_iter().collect_view()}</div>
            <div class="review-dialog-row">
                <button type="submit" class="button button-main">"Skip and next"</button>
                <button type="button" class="button button-bare" on:click=handler(move |_| session.dialog.set(None))>"Cancel"</button>
            </div>
        </form>
    }
    .into_any()
}
