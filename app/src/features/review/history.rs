//! The revisions of a review: by whom and when, to be looked at or taken back.

use super::{
    easel,
    room::{Panel, Room, opening_of},
};
use crate::{
    server_fns::revisions::{get_revision, list_revisions, restore_revision},
    ui::{IntoAny, day_and_time},
};
use domain::review::{RevisionInfo, Saved};
use leptos::{prelude::*, task::spawn_local};
use review::{Command, Editor, Tool};

/// The panel with all revisions, newest first.
pub fn history_panel(room: Room) -> AnyView {
    let found = RwSignal::new(None::<Result<Vec<RevisionInfo>, String>>);
    Effect::new(move |_| {
        let id = room.subject.with(|subject| subject.prediction.id);
        spawn_local(async move {
            let list = list_revisions(id.to_string()).await.and_then(|list| list.open());
            // The panel may be closed by now.
            found.try_set(Some(list.map_err(|error| error.0.message)));
        });
    });
    let list = move || match found.get() {
        None => view! { <p class="dim" aria-busy="true">"Loading"</p> }.into_any(),
        Some(Err(words)) => view! { <p class="bad" role="alert">{words}</p> }.into_any(),
        Some(Ok(list)) if list.is_empty() => {
            view! { <p class="dim">"Nobody has reviewed this image yet."</p> }.into_any()
        }
        Some(Ok(list)) => list.into_iter().map(|info| revision(room, info)).collect_view().into_any(),
    };
    view! {
        <section class="review-history" aria-label="Revisions">
            <h2>"History"</h2>
            <ol reversed>{list}</ol>
        </section>
    }
    .into_any()
}

fn revision(room: Room, info: RevisionInfo) -> AnyView {
    let n = info.revision;
    let looked_at = move || room.looking.get() == Some(n);
    let origin = match info.restored_from {
        Some(from) => format!("revision {from} taken back"),
        None => format!(
            "from {}",
            if info.started_from.side().is_none() { "an empty canvas" } else { info.started_from.as_str() }
        ),
    };
    let counts = info.statistics.map(|s| {
        let parts = [
            (s.kept, "kept"),
            (s.moved, "moved"),
            (s.added, "added"),
            (s.deleted, "deleted"),
            (s.relabelled, "relabelled"),
        ];
        super::counts(parts.map(|(count, word)| (count as usize, word)))
    });
    let may_review = room.place.with_value(|place| place.may_review);
    let restore = may_review.then(|| {
        view! {
            <button type="button" class="button button-bare" on:click=move |_| take_back(room, n)>
                "Take back"
            </button>
        }
    });
    view! {
        <li class:chosen=looked_at>
            <b>{format!("Revision {n}")}</b>
            <span class="dim">{format!("{} boxes", info.box_count)}</span>
            <span>{info.reviewer}</span>
            <span class="dim">{day_and_time(info.at)}</span>
            <span class="dim">{origin}</span>
            <span class="dim">{counts}</span>
            <span class="review-history-acts">
                <button
                    type="button"
                    class="button button-bare"
                    aria-pressed=move || looked_at().to_string()
                    on:click=move |_| if looked_at() { leave(room) } else { look(room, n) }
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
fn look(room: Room, n: u32) {
    let id = room.id();
    spawn_local(async move {
        match get_revision(id.to_string(), n).await.and_then(|found| found.open()) {
            Ok(found) if room.id() == id => {
                let mut editor = Editor::open(opening_of(&room.subject_now(), &found), easel::canvas());
                editor.execute(Command::Tool(Tool::Pan));
                let former = room.desk.replace(editor, true);
                if room.looking.get_untracked().is_none() {
                    room.aside.set_value(former);
                }
                room.looking.set(Some(n));
            }
            Ok(_) => {}
            Err(error) => room.desk.tell(error.0.message),
        }
    });
}

/// Back to the work.
pub fn leave(room: Room) {
    if let Some(work) = room.aside.try_update_value(Option::take).flatten() {
        let may_review = room.place.with_value(|place| place.may_review);
        room.desk.replace(work, !may_review);
    }
    room.looking.set(None);
}

/// Saves a revision's boxes as a new one. Work that is not saved would be
/// lost by it: then it only lies on the desk, as a step that can be undone.
fn take_back(room: Room, n: u32) {
    leave(room);
    let id = room.id();
    let (base, dirty) = room.desk.read(|editor| (editor.base_revision(), editor.is_dirty()));
    spawn_local(async move {
        if dirty {
            if let Ok(found) = get_revision(id.to_string(), n).await.and_then(|found| found.open()) {
                room.desk.change(|editor| {
                    editor.take_back(&found.to_saved());
                });
                room.desk.tell(format!("Revision {n} lies on the desk; accept to save it."));
            }
            return;
        }
        match restore_revision(id.to_string(), base, n).await.and_then(|saved| saved.open()) {
            Ok(Saved::Stored { .. } | Saved::Stale { .. }) => {
                room.refresh().await;
                room.panel.set(Panel::History);
            }
            Err(error) => room.desk.tell(error.0.message),
        }
    });
}
