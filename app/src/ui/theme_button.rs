//! Light, dark, or as the system says.

use crate::{
    dom,
    theme::Theme,
    ui::icon::{Icon, icon},
};
use leptos::prelude::*;

/// Changes the theme, and remembers it for the next page from the server.
#[component]
pub fn ThemeButton() -> impl IntoView {
    let theme = RwSignal::new(Theme::System);
    Effect::new(move |_| theme.set(dom::theme()));
    let press = move |_| {
        let next = theme.get().next();
        dom::set_theme(next);
        theme.set(next);
    };
    view! {
        <button class="button button-bare alive-only" type="button" on:click=press title="Change the theme">
            {icon(Icon::Theme)}
            <span>{move || match theme.get() {
                Theme::System => "System theme",
                Theme::Light => "Light theme",
                Theme::Dark => "Dark theme",
            }}</span>
        </button>
    }
}
