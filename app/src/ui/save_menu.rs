//! A menu that saves a chart as a file.

use super::{IntoAny, handler};
use crate::dom;
use leptos::prelude::*;

/// SVG and PNG of what `svg` draws, and what `csv` writes, named after `title`.
pub fn save_menu(
    title: String,
    svg: impl Fn() -> String + Copy + Send + Sync + 'static,
    csv: impl Fn() -> String + Copy + Send + Sync + 'static,
) -> AnyView {
    let file = title.to_ascii_lowercase().replace(' ', "-");
    let file = StoredValue::new(file);
    let named = move |end: &str| file.with_value(|file| format!("{file}.{end}"));
    let item = |name: &'static str, save: Box<dyn Fn()>| {
        let press = move |event: leptos::ev::MouseEvent| {
            save();
            dom::close_menu(&event);
        };
        view! { <li><button class="menu-item" type="button" on:click=handler(press)>{name}</button></li> }
    };
    view! {
        <details class="menu chart-menu alive-only" name="menu">
            <summary class="button button-bare" aria-label=format!("Save {title}") title="Save">"⋯"</summary>
            <ul class="menu-list menu-right">
                {item("CSV", Box::new(move || dom::save_text(&named("csv"), "text/csv", &csv())))}
                {item("SVG", Box::new(move || dom::save_text(&named("svg"), "image/svg+xml", &dom::alone(&svg()))))}
                {item("PNG", Box::new(move || dom::save_png(&named("png"), &dom::alone(&svg()))))}
            </ul>
        </details>
    }
    .into_any()
}
