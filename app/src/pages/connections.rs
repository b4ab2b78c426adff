//! Other tools that this server works with.

use crate::{
    features::label_studio::{LabelStudioActs, label_studio_panel},
    routes::Route,
    server_fns::connections::get_label_studio,
    ui::{PageHead, fetched, loaded, skeleton_rows},
};
use leptos::prelude::*;

/// A panel for each tool.
#[component]
pub fn Connections() -> impl IntoView {
    let acts = LabelStudioActs::new();
    let place = fetched(move || acts.versions(), |_| get_label_studio());
    view! {
        <PageHead title=Route::Connections.title() />
        <div class="page-body">
            <div class="settings">{loaded(place, skeleton_rows, move |now| label_studio_panel(&now, acts))}</div>
        </div>
    }
}
