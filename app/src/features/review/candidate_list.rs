//! The models' boxes that are not in the review: below the threshold, or seen
//! by one of the two models only. A click takes one in.

use super::{box_list::ink, session::ReviewSession};
use crate::{
    dom,
    ui::{Icon, IntoAny, dynamic, follow, handler, icon},
};
use leptos::prelude::*;
use review::{Candidate, Command, Verdict, View};

/// More than these are taken from the canvas.
const MOST: usize = 60;

const VERDICTS: [(Verdict, &str, &str); 4] = [
    (Verdict::DifferingLabel, "Differing label", "verdict-differing"),
    (Verdict::OnlyChampion, "Only the champion", "verdict-champion"),
    (Verdict::OnlyShadow, "Only the shadow", "verdict-shadow"),
    (Verdict::Agreed, "Agreed", "verdict-agreed"),
];

/// The lists of the models' boxes that can be taken.
pub fn candidate_list(session: ReviewSession) -> AnyView {
    dynamic(move || {
        let view = session.editor.boxes_version().view;
        let candidates = session.editor.read(review::Editor::candidates);
        if view == View::Compare {
            let tally = session.editor.read(review::Editor::tally);
            let counts = [tally.differing, tally.only_champion, tally.only_shadow, tally.agreed];
            let lists = VERDICTS.into_iter().zip(counts).map(|((verdict, name, class), count)| {
                let those = candidates.iter().filter(|c| c.verdict == Some(verdict)).copied().collect();
                list(session, name, class, count, those, verdict != Verdict::Agreed)
            });
            lists.collect_view().into_any()
        } else if candidates.is_empty() {
            ().into_any()
        } else {
            let name = if view == View::Shadow { "Seen by the shadow" } else { "Also seen by the champion" };
            let count = candidates.len();
            list(session, name, "", count, candidates, count <= 12)
        }
    })
}

fn list(
    session: ReviewSession,
    name: &'static str,
    class: &'static str,
    count: usize,
    candidates: Vec<Candidate>,
    open: bool,
) -> AnyView {
    let rows: Vec<_> = candidates.into_iter().take(MOST).map(|c| row(session, c)).collect();
    let swatch = (!class.is_empty()).then(|| view! { <i class=format!("swatch {class}")></i> });
    view! {
        <details class="review-offers" open=open>
            <summary>{swatch}<span>{name}</span><span class="dim">{count}</span></summary>
            <ul>{rows}</ul>
        </details>
    }
    .into_any()
}

fn row(session: ReviewSession, c: Candidate) -> AnyView {
    let label = session.editor.read(|editor| editor.labels().text(c.label).to_owned());
    let source = c.source;
    let hover = move |on: bool| {
        session.editor.change(|editor| editor.set_hover_candidate(on.then_some(source)));
    };
    let r = c.rect;
    let words = format!(
        "Take {label}, confidence {:.2}, {:.0} by {:.0} pixels, {:.0} from the left, {:.0} from the top",
        c.score.get(),
        r.w(),
        r.h(),
        r.x(),
        r.y()
    );
    let mark = if c.taken { view! { <span class="dim">"taken"</span> }.into_any() } else { icon(Icon::Plus) };
    view! {
        <li
            class="review-row"
            class:pointed=follow(move || session.editor.hovered().candidate == Some(source))
            on:pointerenter=handler(move |_| hover(true))
            on:pointerleave=handler(move |_| hover(false))
        >
            <button
                type="button"
                class="review-row-main"
                aria-label=words
                prop:disabled=c.taken
                on:focus=handler(move |_| hover(true))
                on:click=handler(move |_| {
                    session.editor.execute(Command::Take(source));
                    dom::focus_on(".review-boxes .chosen .review-row-main");
                })
            >
                <i class=format!("swatch {}", ink(c.label.into()))></i>
                <span>{label}</span>
                <span class="num">{format!("{:.2}", c.score.get())}</span>
            </button>
            {mark}
        </li>
    }
    .into_any()
}
