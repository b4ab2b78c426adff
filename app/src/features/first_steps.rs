//! The first page of an empty installation: three ways to a deployment that
//! works.

use crate::ui::IntoAny;
use crate::{
    routes::Route,
    ui::{Command, IMPORT_DATASET, IMPORT_MODEL, empty},
    wire::CommandWords,
};
use leptos::prelude::*;

/// What there is to begin with for an administrator, who has a shell; whom to ask
/// for others.
#[must_use]
pub fn first_steps(commands: &CommandWords) -> AnyView {
    if commands.local.is_none() {
        let advice = "A deployment serves a model: pictures go in, boxes come out and appear here. An \
                      administrator makes the first one.";
        return empty("No deployment yet", advice, ().into_any());
    }
    let by_command = |rest: &str| {
        let line = commands.fovea(rest)?;
        Some(view! { <details><summary>"By command"</summary><Command line=line /></details> })
    };
    view! {
        <p class="ways-head">"Nothing is deployed yet. A deployment serves a model: images go in, boxes come out, and this page shows how good they are. There are three ways to the first one."</p>
        <div class="ways">
            <section class="panel way">
                <h2>"Have a model?"</h2>
                <p>"Drop its file (ONNX, or weights of Fovea), see its boxes on an image of yours, and deploy it. A model that runs on your own servers is registered there, too."</p>
                <p><a class="button button-main" href=Route::Models.href()>"Import a model"</a></p>
                {by_command(IMPORT_MODEL)}
            </section>
            <section class="panel way">
                <h2>"Have images with boxes?"</h2>
                <p>"Import them as a dataset, train a model on it, and deploy that. COCO, Pascal VOC, YOLO and others are read."</p>
                <p><a class="button button-main" href=Route::Datasets.href()>"Import a dataset"</a></p>
                {by_command(IMPORT_DATASET)}
            </section>
            <section class="panel way">
                <h2>"Just looking?"</h2>
                <p>"The demo draws images, trains a model on them in a minute and a half, and lets more of them arrive. It has a folder of its own, and prints its address:"</p>
                // Any free port: that of this server is taken, and the next may be, too.
                <Command line="fovea demo --addr 127.0.0.1:0".to_owned() />
            </section>
        </div>
    }
    .into_any()
}
