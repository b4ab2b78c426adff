//! Where files are dropped: one place, whoever takes them.

use super::{Icon, IntoAny, handler, icon};
use crate::dom::{self, ChosenFile};
use leptos::{attr::Attribute, ev::DragEvent, prelude::*};

/// The handlers of a place that files are dropped on, to be spread onto its
/// element; `take` reads them during the event. Anything else that is dragged
/// over it, such as words, is left to the browser.
fn drops(take: impl Fn(&DragEvent) + 'static) -> impl Attribute {
    let over = RwSignal::new(false);
    let dragged = move |event: DragEvent| {
        if dom::carries_files(&event) {
            event.prevent_default();
            over.set(true);
        }
    };
    let left = move |event: DragEvent| {
        if dom::is_left(&event) {
            over.set(false);
        }
    };
    let dropped = move |event: DragEvent| {
        over.set(false);
        if dom::carries_files(&event) {
            event.prevent_default();
            take(&event);
        }
    };
    view! { <{..} class:drop-over=over on:dragover=handler(dragged) on:dragleave=handler(left) on:drop=handler(dropped) /> }
}

/// A place with whatever is in it; it can only be dropped on.
pub fn drop_place(take: impl Fn(&DragEvent) + 'static, inside: impl IntoView + 'static) -> AnyView {
    view! { <div class="drop-place" {..drops(take)}>{icon(Icon::Upload)}{inside}</div> }.into_any()
}

/// Which files a place takes.
#[derive(Clone, Copy)]
pub struct Accepted {
    /// The name of its field.
    pub name: &'static str,
    /// What a browser offers when files are chosen.
    pub kinds: &'static str,
    /// Whether several may be chosen.
    pub several: bool,
    /// Whether it is what the page is for.
    pub large: bool,
}

/// A place that is a field for files as well: what is dropped on it and what
/// is chosen by it goes the same way.
pub fn file_drop_place(
    accepted: Accepted,
    words: impl IntoView + 'static,
    take: impl Fn(Vec<ChosenFile>) + Clone + 'static,
) -> AnyView {
    let Accepted { name, kinds, several, large } = accepted;
    let take_dropped = take.clone();
    view! {
        <label
            class="drop-place"
            {..drops(move |event| take_dropped(dom::dropped_by(event)))}
            class:drop-large=large
        >
            {icon(Icon::Upload)}
            <span>{words}</span>
            <input
                class="visually-hidden"
                type="file"
                name=name
                accept=kinds
                multiple=several
                on:change=handler(move |event| take(dom::chosen_by(&event)))
            />
        </label>
    }
    .into_any()
}
