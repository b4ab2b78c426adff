//! Drop images, see what the model says of each.

mod queue;
mod results;

use crate::{
    addresses, dom,
    effect::effect,
    ui::{Accepted, IntoAny, Palette, dynamic, file_drop_place},
};
use domain::name::Name;
use leptos::prelude::*;
use queue::Queue;

/// The id of the `details` that a drop zone may lie in: it opens when files
/// are dropped beside it.
pub const FOLD: &str = "predict-images";

/// What was dropped on a page and whether that is shown. Made with the page: the
/// drop zone is rendered anew when what runs the model changes.
#[derive(Clone, Copy)]
pub struct Dropped {
    queue: Queue,
    open: RwSignal<bool>,
}

impl Dropped {
    /// Nothing yet.
    #[must_use]
    pub fn nothing() -> Self {
        Self { queue: Queue::new(), open: RwSignal::new(false) }
    }

    /// Whether the fold stands open.
    #[must_use]
    pub fn is_open(self) -> bool {
        self.open.get_untracked()
    }

    /// The fold was opened or closed.
    pub fn set_open(self, open: bool) {
        self.open.set(open);
    }
}

const PICTURES: Accepted = Accepted {
    name: "image",
    kinds: "image/jpeg,image/png,image/webp,image/tiff,image/bmp,image/gif",
    several: true,
    large: false,
};

/// A place to drop images on, or to choose them by. What is dropped anywhere
/// else on the page comes here, too.
#[component]
pub fn DropZone(
    /// The deployment that predicts them.
    deployment: Name,
    /// Its labels' colours, asked for with each answer.
    palette: Signal<Palette>,
    /// What was dropped on this page before.
    dropped: Dropped,
) -> impl IntoView {
    let queue = dropped.queue;
    queue.belong_to(addresses::at(format!("/api/v1/deployments/{deployment}/predict")));
    let over_page = RwSignal::new(false);
    effect(move || {
        let listeners = dom::page_drops(
            move |over| {
                if over_page.get_untracked() != over {
                    over_page.set(over);
                }
            },
            move |files| {
                dom::set_open(FOLD, true);
                queue.take(files);
            },
        );
        StoredValue::new_local(listeners);
    });
    let words = view! { <b>"Drop images here"</b>", anywhere on the page, or choose them, and see what the model says." };
    view! {
        <section class="drop alive-only" aria-label="Predict an image">
            {file_drop_place(PICTURES, words, move |files| queue.take(files))}
            {results::results(queue, palette)}
        </section>
        {dynamic(move || over_page.get().then(|| {
            let place = view! { <p class="drop-page" aria-hidden="true">"Drop to predict with "<b>{deployment.to_string()}</b></p> };
            place.into_any()
        }))}
    }
}
