//! The revisions of a review: by whom and when, to be looked at or taken back.

use super::{
    counts::counts,
    navigation,
    session::{Panel, ReviewSession, opening_of},
};
use crate::{
    effect::effect,
    server_fns::revisions::{get_revision, list_revisions, restore_revision},
    ui::{IntoAny, day_and_time, dynamic, follow, handler},
};
use domain::review::{RevisionInfo, Saved};
use leptos::{prelude::*, task::spawn_local};
use review::{Command, Editor, Tool};

/// The panel with all revisions, newest first.
pub fn history_panel(session: ReviewSession) -> AnyView {
    let revisions = RwSignal::new(None::<Result<Vec<RevisionInfo>, String>>);
    effect(move || {
        let id = session.subject.with(|subject| subject.prediction.id);
        spawn_local(async move {
            let list = list_revisions(id.to_string()).await.and_then(|list| list.open());
            // The panel may be closed by now.
            revisions.try_set(Some(list.map_err(|error| error.0.message)));
        });
    });
    let list = move || match revisions.get() {
        None => view! { <p class="dim" aria-busy="true">"Loading"</p> }.into_any(),
        Some(Err(words)) => view! { <p class="bad" role="alert">{words}</p> }.into_any(),
        Some(Ok(list)) if list.is_empty() => {
            view! { <p class="dim">"Nobody has reviewed this image yet."</p> }.into_any()
        }
        Some(Ok(list)) => list.into_iter().map(|info| revision(session, info)).collect_view().into_any(),
    };
    view! {
        <section class="review-history" aria-label="Revisions">
            <h2>"History"</h2>
            <ol reversed>{dynamic(list)}</ol>
        </section>
    }
    .into_any()
}

fn revision(session: ReviewSession, info: RevisionInfo) -> AnyView {
    let n = info.revision;
    let looked_at = move || session.viewed_revision.get() == Some(n);
    let origin = match info.restored_from {
        Some(from) => format!("revision {from} taken back"),
        None => format!(
            "from {}",
            if info.started_from.side().is_none() { "an empty canvas" } else { info.started_from.as_str() }
        ),
    };
    let tally = info.statistics.map(|s| {
        let parts = [
            (s.kept, "kept"),
            (s.moved, "moved"),
            (s.added, "added"),
            (s.deleted, "deleted"),
            (s.relabelled, "relabelled"),
        ];
        counts(parts.map(|(count, word)| (count as usize, word)))
    });
    let may_review = session.may_review();
    let restore = may_review.then(|| {
        view! {
            <button type="button" class="button button-bare" on:click=handler(move |_| take_back(session, n))>
                "Take back"
            </button>
        }
    });
    view! {
        <li class:chosen=follow(looked_at)>
            <b>{format!("Revision {n}")}</b>
            <span class="dim">{format!("{} boxes", info.box_count)}</span>
            <span>{info.reviewer}</span>
            <span class="dim">{day_and_time(info.at)}</span>
            <span class="dim">{origin}</span>
            <span class="dim">{tally}</span>
            <span class="review-history-acts">
                <button
                    type="button"
                    class="button button-bare"
                    aria-pressed=follow(move || looked_at().to_string())
                    on:click=handler(move |_| if looked_at() { leave(session) } else { look(session, n) })
                >
                    "Look"
                </button>
                {restore}
            </span>
        </li>
    }
    .into_any()
}

/// Shows a revision in place of the work.
fn look(session: ReviewSession, n: u32) {
    let id = session.id();
    spawn_local(async move {
        match get_revision(id.to_string(), n).await.and_then(|revision| revision.open()) {
            Ok(revision) if session.is_at(id) => {
                let opening = opening_of(&session.subject_now(), &revision);
                let mut editor = Editor::open(opening, session.editor.canvas_size());
                editor.execute(Command::Tool(Tool::Pan));
                let former = session.editor.replace(editor, true);
                if session.viewed_revision.get_untracked().is_none() {
                    session.suspended_work.set_value(former);
                }
                session.viewed_revision.set(Some(n));
            }
            Err(error) if session.is_at(id) => session.editor.announce(error.0.message),
            Ok(_) | Err(_) => {}
        }
    });
}

/// Back to the work.
pub fn leave(session: ReviewSession) {
    if let Some(work) = session.suspended_work.try_update_value(Option::take).flatten() {
        let may_review = session.may_review();
        session.editor.replace(work, !may_review);
    }
    session.viewed_revision.set(None);
}

/// Saves a revision's boxes as a new one. Work that is not saved would be
/// lost by it: then the revision only replaces it on the canvas, as a step that
/// can be undone.
fn take_back(session: ReviewSession, n: u32) {
    leave(session);
    let id = session.id();
    let (base, dirty) = session.editor.read(|editor| (editor.base_revision(), editor.is_dirty()));
    spawn_local(async move {
        if dirty {
            let answer = get_revision(id.to_string(), n).await.and_then(|revision| revision.open());
            if let Ok(revision) = answer
                && session.is_at(id)
            {
                session.editor.change(|editor| {
                    editor.take_back(&revision.to_saved());
                });
                session.editor.announce(format!("Revision {n} is on the canvas; accept to save it."));
            }
            return;
        }
        match restore_revision(id.to_string(), base, n).await.and_then(|saved| saved.open()) {
            Ok(Saved::Stored { .. } | Saved::Stale { .. }) if session.is_at(id) => {
                navigation::refresh(session).await;
                if session.is_at(id) {
                    session.panel.set(Panel::History);
                }
            }
            Err(error) if session.is_at(id) => session.editor.announce(error.0.message),
            Ok(_) | Err(_) => {}
        }
    });
}
