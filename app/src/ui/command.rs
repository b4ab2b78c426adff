//! A command to copy.

use super::{
    any::IntoAny,
    dynamic, handler,
    icon::{Icon, icon},
};
use crate::{dom, signed_in::for_whom};
use leptos::prelude::*;

/// Imports the model that lies in the shell's folder under this name.
pub const IMPORT_MODEL: &str = "model import model.onnx --model my-model";
/// Imports the pictures and boxes that lie there under this name.
pub const IMPORT_DATASET: &str = "import images.zip --dataset my-dataset";

/// `fovea REST` on the data of the running server, with what to change in it;
/// nothing for those who have no shell on its machine.
#[must_use]
pub fn fovea_command(rest: String, change: &'static str) -> AnyView {
    for_whom(move |session| {
        let command = session.commands.fovea(&rest).map(|line| {
            view! {
                <details class="by-command">
                    <summary>"By command, on the server's machine"</summary>
                    <Command line=line />
                    <p class="dim">{change}</p>
                </details>
            }
        });
        command.into_any()
    })
}

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
            <button class="button button-bare alive-only" type="button" on:click=handler(copy)>
                {icon(Icon::Copy)}
                <span aria-live="polite">{dynamic(move || if copied.get() { "Copied" } else { "Copy" })}</span>
            </button>
        </div>
    }
}
