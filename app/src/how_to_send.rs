//! How a program sends something to a deployment: images where Fovea runs the
//! model, reports where it runs elsewhere.

use crate::{
    addresses::at,
    server_fns::token_acts::CreateToken,
    signed_in::for_whom,
    ui::{ActionForm, Command, FormAction, IntoAny, dynamic, form_error},
    wire::Session,
};
use domain::{access::Role, deployment::Deployment};
use leptos::prelude::*;

/// The command to copy: with this server's address, and for administrators
/// with a token that is made by a button.
#[must_use]
pub fn how_to_send(deployment: &Deployment) -> AnyView {
    let deployment = deployment.clone();
    let issue = FormAction::<CreateToken>::new();
    for_whom(move |session| sending(&deployment, session, issue))
}

fn sending(deployment: &Deployment, session: &Session, issue: FormAction<CreateToken>) -> AnyView {
    let words = if deployment.champion.runnable {
        "Send an image, and get its boxes as JSON."
    } else {
        "The model runs elsewhere: report what it sees, with the image (as a form) or without."
    };
    let (deployment, url) = (deployment.clone(), session.commands.url.clone());
    let is_admin = session.role == Role::Admin;
    let command = move || {
        let secret = issue.answer().and_then(Result::ok).map(|issued| issued.secret);
        let line = |token: &str| view! { <Command line=line(&deployment, &url, token) /> };
        match secret {
            Some(secret) => view! {
                {line(&secret)}
                <p class="dim" role="status">"The command holds a new token, which is shown this once. It works for 90 days; revoke it under Users and tokens."</p>
            }
            .into_any(),
            None if is_admin => token_form(deployment.name.as_str(), issue),
            None => view! {
                {line("$FOVEA_TOKEN")}
                <p class="dim">"Set FOVEA_TOKEN to a token of the reviewer's role. An administrator makes one."</p>
            }
            .into_any(),
        }
    };
    view! {
        <div class="how-to">
            <p class="dim">{words}" "<a href=at("/api/docs") rel="external">"All routes"</a></p>
            {dynamic(command)}
        </div>
    }
    .into_any()
}

fn token_form(deployment: &str, issue: FormAction<CreateToken>) -> AnyView {
    let name = format!("sends to {deployment}");
    view! {
        <ActionForm action=issue attr:class="form-row how-to-token">
            <input type="hidden" name="name" value=name />
            <input type="hidden" name="role" value=Role::Reviewer.as_str() />
            <input type="hidden" name="expires" value="90d" />
            <button class="button" type="submit" disabled=issue.pending()>"Make a token and show the command"</button>
            {dynamic(move || form_error(issue.outcome()))}
        </ActionForm>
    }
    .into_any()
}

fn line(deployment: &Deployment, url: &str, token: &str) -> String {
    let to = format!("{url}/api/v1/deployments/{}", deployment.name);
    let bearer = format!("curl -sS -H \"Authorization: Bearer {token}\"");
    if deployment.champion.runnable {
        return format!("{bearer} -H 'Content-Type: image/jpeg' --data-binary @image.jpg '{to}/predict'");
    }
    // A label may hold anything; between single quotes only these two matter.
    let label = deployment.champion.labels.first().map(ToString::to_string).unwrap_or_default();
    let label = serde_json::to_string(&label).unwrap_or_default().replace('\'', "\\u0027");
    format!(
        "{bearer} -H 'Content-Type: application/json' -d '{{\"filename\": \"a.jpg\", \"width\": 640, \
         \"height\": 480, \"latency_ms\": 12.5, \"boxes\": [{{\"label\": {label}, \"score\": 0.9, \"x\": 10, \
         \"y\": 20, \"w\": 200, \"h\": 150}}]}}' '{to}/predictions'"
    )
}
