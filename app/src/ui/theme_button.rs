//! Light, dark, or as the system says.

use super::{
    dynamic, handler,
    icon::{Icon, icon},
};
use crate::{dom, effect::effect, theme::Theme};
use leptos::prelude::*;

/// Changes the theme, and remembers it for the next page from the server.
#[component]
pub fn ThemeButton() -> impl IntoView {
    let theme = RwSignal::new(Theme::System);
    effect(move || theme.set(dom::theme()));
    let press = move |_| {
        let next = theme.get().next();
        dom::set_theme(next);
        theme.set(next);
    };
    view! {
        <button class="button button-bare alive-only" type="button" on:click=handler(press) title="Change the theme">
            {icon(Icon::Theme)}
            <span>{dynamic(move || match theme.get() {
                Theme::System => "System theme",
                Theme::Light => "Light theme",
                Theme::Dark => "Dark theme",
            })}</span>
        </button>
    }
}
