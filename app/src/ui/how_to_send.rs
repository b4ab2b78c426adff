//! How a program sends something to a deployment: images where Fovea runs the
//! model, reports where it runs elsewhere.

use super::command::Command;
use crate::{addresses::at, ui::IntoAny};
use domain::deployment::Deployment;
use leptos::prelude::*;

/// The command to copy, and what it needs.
#[must_use]
pub fn how_to_send(deployment: &Deployment) -> AnyView {
    let needs = "It needs a token of the reviewer's role in FOVEA_TOKEN (Users and tokens) and this \
                 server's address in FOVEA_URL.";
    let (words, line) = if deployment.champion.runnable {
        ("Send an image, and get its boxes as JSON.", image_line(deployment))
    } else {
        (
            "The model runs elsewhere: report what it sees, with the image (as a form) or without.",
            report_line(deployment),
        )
    };
    let token = "export FOVEA_TOKEN=$(fovea token create --name camera-1 --role reviewer)";
    view! {
        <div class="how-to">
            <p class="dim">{words}" "{needs}" "<a href=at("/api/docs") rel="external">"All routes"</a></p>
            <Command line=token />
            <Command line=line />
        </div>
    }
    .into_any()
}

fn image_line(deployment: &Deployment) -> String {
    format!(
        "curl -H \"Authorization: Bearer $FOVEA_TOKEN\" -H 'Content-Type: image/jpeg' --data-binary @image.jpg \
         \"$FOVEA_URL/api/v1/deployments/{}/predict\"",
        deployment.name
    )
}

fn report_line(deployment: &Deployment) -> String {
    // A label may hold anything; between single quotes only these two matter.
    let label = deployment.champion.labels.first().map(ToString::to_string).unwrap_or_default();
    let label = serde_json::to_string(&label).unwrap_or_default().replace('\'', "\\u0027");
    format!(
        "curl -H \"Authorization: Bearer $FOVEA_TOKEN\" -H 'Content-Type: application/json' \
         -d '{{\"filename\": \"a.jpg\", \"width\": 640, \"height\": 480, \"latency_ms\": 12.5, \"boxes\": \
         [{{\"label\": {label}, \"score\": 0.9, \"x\": 10, \"y\": 20, \"w\": 200, \"h\": 150}}]}}' \
         \"$FOVEA_URL/api/v1/deployments/{}/predictions\"",
        deployment.name
    )
}
