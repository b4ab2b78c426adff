//! The tools at the left: what pressing the pointer means, and how the image
//! is looked at. The tools themselves come from `review::Tool::ALL`.

use super::{
    keys::Keys,
    session::{OpenDialog, ReviewSession},
};
use crate::{
    dom,
    effect::effect,
    ui::{Icon, IntoAny, follow, handler, icon, outline_icon},
};
use leptos::prelude::*;
use review::{Action, Command, PageAction, Tool};

/// What a button of the bar shows.
struct ToolButton {
    action: Action,
    name: &'static str,
    /// How it is used, where the name does not say.
    help: &'static str,
    drawing: AnyView,
    pressed: Signal<bool>,
}

/// The bar of tools.
pub fn tool_bar(session: ReviewSession, keys: Keys) -> AnyView {
    let tool = |tool: &'static Tool| {
        let spec = tool.spec();
        let command = Command::Tool(*tool);
        let shown = ToolButton {
            action: Action::Edit(command),
            name: spec.name,
            help: spec.help,
            drawing: outline_icon(spec.icon),
            pressed: Signal::derive(move || session.editor.glance().tool == *tool),
        };
        button(keys, shown, move || session.editor.execute(command))
    };
    let act = |command: Command, name: &'static str, drawing: Icon, pressed: Signal<bool>| {
        let drawing = icon(drawing);
        let shown = ToolButton { action: Action::Edit(command), name, help: "", drawing, pressed };
        button(keys, shown, move || session.editor.execute(command))
    };
    let never = Signal::stored(false);
    let shows_labels = Signal::derive(move || session.editor.glance().shows_labels);
    let key_sheet = ToolButton {
        action: Action::Page(PageAction::Help),
        name: "Keys",
        help: "",
        drawing: icon(Icon::Help),
        pressed: never,
    };
    view! {
        <div class="review-tools alive-only" role="toolbar" aria-label="Tools" aria-orientation="vertical">
            {Tool::ALL.iter().map(tool).collect_view()}
            <hr />
            {act(Command::AddAtCentre, "Add a box in the middle", Icon::Plus, never)}
            {act(Command::Fit, "Fit the image", Icon::Fit, never)}
            {act(Command::OneToOne, "Actual size", Icon::OneToOne, never)}
            {act(Command::ToggleLabels, "Labels beside boxes", Icon::Tag, shows_labels)}
            {look()}
            <span class="review-tools-end">
                {button(keys, key_sheet, move || session.dialog.set(Some(OpenDialog::Keys)))}
            </span>
        </div>
    }
    .into_any()
}

/// A button whose tooltip tells the key that the action has now.
fn button(keys: Keys, shown: ToolButton, act: impl Fn() + 'static) -> AnyView {
    let ToolButton { action, name, help, drawing, pressed } = shown;
    let name = Memo::new(move |_| {
        let key = keys.map.with(|map| map.chords(action).next().map(ToString::to_string));
        key.map_or_else(|| name.to_owned(), |key| format!("{name} ({key})"))
    });
    let title = move || if help.is_empty() { name.get() } else { format!("{}\n{help}", name.get()) };
    view! {
        <button
            type="button"
            class="review-tool"
            aria-label=follow(move || name.get())
            title=follow(title)
            aria-pressed=follow(move || pressed.get().to_string())
            on:click=handler(move |_| act())
        >
            {drawing}
        </button>
    }
    .into_any()
}

/// Brightness and contrast of the image, for the eye only.
fn look() -> AnyView {
    let [brightness, contrast] = [RwSignal::new(1.0_f64), RwSignal::new(1.0_f64)];
    effect(move || dom::set_image_look(brightness.get(), contrast.get()));
    let changed = move || brightness.get() != 1.0 || contrast.get() != 1.0;
    let slider = |name: &'static str, value: RwSignal<f64>| {
        let slide = move |event: leptos::ev::Event| {
            if let Some(number) = dom::field_number(&event) {
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
                    prop:value=follow(move || value.get().to_string())
                    on:input=handler(slide)
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
            <summary class="review-tool" class:chosen=follow(changed) title="Brightness and contrast, for the eye only">
                {icon(Icon::Theme)}
                <span class="visually-hidden">"Brightness and contrast, for the eye only"</span>
            </summary>
            <div class="review-pop">
                {slider("Brightness", brightness)}
                {slider("Contrast", contrast)}
                <button type="button" class="button" on:click=handler(reset)>"As it is"</button>
            </div>
        </details>
    }
    .into_any()
}
