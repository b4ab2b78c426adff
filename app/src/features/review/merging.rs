//! Two versions of one review become one: what only one changed is taken
//! over, and what both changed is for the reviewer to choose. Nothing is lost
//! while nothing is chosen: both boxes stay.

use super::session::{OpenMerge, ReviewSession, opening_of};
use crate::ui::{IntoAny, dynamic, handler, time_of_day};
use domain::review::{Review, SavedBox};
use leptos::prelude::*;
use review::{Act, Choice, Command, Draft, Editor, MergeResult, merge};
use std::sync::Arc;

/// Shows the newer revision, with the draft merged into it as a step that can
/// be undone.
pub fn begin(session: ReviewSession, draft: Draft, theirs: Review) {
    let merged = merge(&draft.base, &draft.saved_boxes(), &theirs.boxes);
    let choices = vec![Choice::Both; merged.conflicts()];
    let mut editor = Editor::open(opening_of(&session.subject_now(), &theirs), session.editor.canvas_size());
    session.editor.read(|former| editor.take_over_tools(former));
    session.editor.replace(editor, false);
    apply(session, OpenMerge { theirs, merged, choices });
}

fn apply(session: ReviewSession, open: OpenMerge) {
    session.editor.change(|editor| {
        if editor.can_undo() == Some(Act::Merge) {
            editor.execute(Command::Undo);
        }
        editor.rebase(&open.theirs.to_saved(), &open.merged.resolve(&open.choices));
    });
    session.merge.set(Some(Arc::new(open)));
}

fn choose(session: ReviewSession, at: usize, choice: Choice) {
    let Some(open) = session.merge.get_untracked() else { return };
    let mut open = OpenMerge::clone(&open);
    if let Some(former) = open.choices.get_mut(at) {
        *former = choice;
        apply(session, open);
    }
}

/// The two versions, and what is left to choose.
pub fn merge_panel(session: ReviewSession) -> AnyView {
    dynamic(move || {
        let open = session.merge.get()?;
        let OpenMerge { theirs, merged, choices } = &*open;
        let conflicts = merged.boxes.iter().filter_map(|b| match &b.result {
            MergeResult::Conflict { mine, theirs } => Some((mine.clone(), theirs.clone())),
            _ => None,
        });
        let rows: Vec<_> = conflicts
            .zip(choices)
            .enumerate()
            .map(|(at, ((mine, theirs), choice))| conflict(session, at, mine, theirs, *choice))
            .collect();
        let words = match rows.len() {
            0 => "Your changes and theirs go together. Look it over, then accept.".to_owned(),
            1 => "Both of you changed one box. Both are kept until you choose.".to_owned(),
            n => format!("Both of you changed {n} boxes. Both are kept until you choose."),
        };
        let head = format!(
            "{} saved revision {} at {}",
            theirs.info.reviewer,
            theirs.info.revision,
            time_of_day(theirs.info.at)
        );
        Some(view! {
            <section class="review-merge" aria-label="Two versions">
                <h2>{head}</h2>
                <p>{words}</p>
                <ul>{rows}</ul>
            </section>
        })
    })
}

fn conflict(
    session: ReviewSession,
    at: usize,
    mine: Option<SavedBox>,
    theirs: Option<SavedBox>,
    chosen: Choice,
) -> AnyView {
    let label = mine.as_ref().or(theirs.as_ref()).map(|b| b.label.to_string()).unwrap_or_default();
    let button = |choice: Choice, name: &'static str| {
        view! {
            <button
                type="button"
                class="segment"
                aria-pressed=(chosen == choice).to_string()
                on:click=handler(move |_| choose(session, at, choice))
            >
                {name}
            </button>
        }
    };
    let words_of = |who: &str, b: &Option<SavedBox>| match b {
        Some(b) => format!(
            "{who}: {} {:.0}, {:.0} · {:.0}×{:.0}",
            b.label,
            b.rect.x(),
            b.rect.y(),
            b.rect.w(),
            b.rect.h()
        ),
        None => format!("{who}: deleted"),
    };
    view! {
        <li>
            <span>{words_of("Yours", &mine)}</span>
            <span>{words_of("Theirs", &theirs)}</span>
            <span class="segments" role="group" aria-label=format!("Which {label} is kept")>
                {button(Choice::Mine, "Mine")}
                {button(Choice::Theirs, "Theirs")}
                {button(Choice::Both, "Both")}
            </span>
        </li>
    }
    .into_any()
}
