//! The tools at the left: what pressing the pointer means, and how the image
//! is looked at.

use super::room::{Question, Room};
use crate::{
    dom,
    ui::{Icon, IntoAny, icon},
};
use leptos::prelude::*;
use review::{Command, Tool};

/// The bar of tools.
pub fn tools(room: Room) -> AnyView {
    let tool = |tool: Tool, name: &'static str, drawing: Icon| {
        let pressed = move || (room.desk.glance().tool == tool).to_string();
        button(name, drawing, pressed, move || room.desk.execute(Command::Tool(tool)))
    };
    let act = |command: Command, name: &'static str, drawing: Icon| {
        button(name, drawing, || "false".to_owned(), move || room.desk.execute(command))
    };
    let labels = move || room.desk.glance().shows_labels.to_string();
    view! {
        <div class="review-tools alive-only" role="toolbar" aria-label="Tools" aria-orientation="vertical">
            {tool(Tool::Select, "Select (V)", Icon::Arrow)}
            {tool(Tool::Draw, "Draw (D)", Icon::Box)}
            {tool(Tool::Pan, "Move the image (H)", Icon::Move)}
            {tool(Tool::Zoom, "Zoom (Z)", Icon::Zoom)}
            <hr />
            {act(Command::AddAtCentre, "Add a box in the middle (N)", Icon::Plus)}
            {act(Command::Fit, "Fit the image (R)", Icon::Fit)}
            {act(Command::OneToOne, "Actual size (0)", Icon::OneToOne)}
            {button("Labels beside boxes (T)", Icon::Tag, labels, move || room.desk.execute(Command::ToggleLabels))}
            {look()}
            <span class="review-tools-end">
                {button("Keys (?)", Icon::Help, || "false".to_owned(), move || room.question.set(Some(Question::Keys)))}
            </span>
        </div>
    }
    .into_any()
}

fn button(
    name: &'static str,
    drawing: Icon,
    pressed: impl Fn() -> String + Send + Sync + 'static,
    act: impl Fn() + 'static,
) -> AnyView {
    view! {
        <button
            type="button"
            class="review-tool"
            aria-label=name
            title=name
            aria-pressed=pressed
            on:click=move |_| act()
        >
            {icon(drawing)}
        </button>
    }
    .into_any()
}

/// Brightness and contrast of the image, for the eye only.
fn look() -> AnyView {
    let [brightness, contrast] = [RwSignal::new(1.0_f64), RwSignal::new(1.0_f64)];
    Effect::new(move |_| dom::set_image_look(brightness.get(), contrast.get()));
    let changed = move || brightness.get() != 1.0 || contrast.get() != 1.0;
    let slider = |name: &'static str, value: RwSignal<f64>| {
        let slide = move |event: leptos::ev::Event| {
            if let Some(number) = dom::field_value(&event).and_then(|text| text.parse().ok()) {
                value.set(number);
            }
        };
        view! {
            <label>
                {name}
                <input
                    type="range"
                    class="slider"
                    min="0.4"
                    max="2.2"
                    step="0.05"
                    value="1"
                    prop:value=move || value.get().to_string()
                    on:input=slide
                />
            </label>
        }
    };
    let reset = move |_| {
        brightness.set(1.0);
        contrast.set(1.0);
    };
    view! {
        <details class="review-look">
            <summary class="review-tool" class:chosen=changed title="Brightness and contrast, for the eye only">
                {icon(Icon::Theme)}
                <span class="visually-hidden">"Brightness and contrast, for the eye only"</span>
            </summary>
            <div class="review-pop">
                {slider("Brightness", brightness)}
                {slider("Contrast", contrast)}
                <button type="button" class="button" on:click=reset>"As it is"</button>
            </div>
        </details>
    }
    .into_any()
}
