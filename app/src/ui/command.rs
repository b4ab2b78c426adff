//! A command to copy.

use super::icon::{Icon, icon};
use crate::dom;
use leptos::prelude::*;

/// A command line with a button that copies it.
#[component]
pub fn Command(
    /// The command.
    #[prop(into)]
    line: String,
) -> impl IntoView {
    let copied = RwSignal::new(false);
    let text = line.clone();
    let copy = move |_| {
        dom::copy(&text);
        copied.set(true);
    };
    view! {
        <div class="command">
            <code>{line}</code>
            <button class="button button-bare alive-only" type="button" on:click=copy>
                {icon(Icon::Copy)}
                <span aria-live="polite">{move || if copied.get() { "Copied" } else { "Copy" }}</span>
            </button>
        </div>
    }
}
