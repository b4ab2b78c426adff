//! Addresses that are told of events.

use super::MonitoringActs;
use crate::ui::{Ago, Command, IntoAny, form_error, row, table, words};
use domain::notice::{EVENTS, Webhook};
use leptos::{form::ActionForm, prelude::*};

/// The addresses that are told, with a form for another.
#[must_use]
pub fn webhooks_panel(name: &str, webhooks: &[Webhook], acts: MonitoringActs) -> AnyView {
    let add = acts.add_webhook;
    let rows: Vec<_> = webhooks.iter().map(|webhook| one(name, webhook, acts)).collect();
    let list = (!rows.is_empty()).then(|| table(&["Address", "Told of", "Since", ""], rows));
    let events: Vec<_> = EVENTS
        .into_iter()
        .map(|event| {
            let field = format!("events[{event}]");
            view! { <label class="check"><input type="checkbox" name=field value="on" />{event}</label> }
        })
        .collect();
    let name = name.to_owned();
    view! {
        <section class="panel" id="webhooks">
            <h2>"Webhooks"</h2>
            <p class="dim">"Each event is sent as JSON, signed, and tried again for about a day until the address takes it."</p>
            {list}
            {move || form_error(acts.delete_webhook.value().get())}
            <details class="form-more">
                <summary>"Add an address"</summary>
                <ActionForm action=add attr:class="form">
                    <input type="hidden" name="name" value=name />
                    <label for="webhook-url">"Address"</label>
                    <input id="webhook-url" class="field" type="url" name="url" placeholder="https://example.org/hook" required autocomplete="off" />
                    <span>"Events"</span>
                    <div class="form-row" role="group" aria-label="Events; none for all">{events}</div>
                    <div class="form-end">
                        <button class="button button-main" type="submit">"Add"</button>
                        <span class="dim">"Without a choice, it is told of all."</span>
                    </div>
                </ActionForm>
            </details>
            {move || match add.value().get() {
                Some(Ok(secret)) => view! {
                    <p role="status">"Added. Check "<code>"Fovea-Signature"</code>" of each letter with this secret, which is shown only now:"</p>
                    <Command line=secret />
                }
                .into_any(),
                other => form_error(other),
            }}
        </section>
    }
    .into_any()
}

fn one(name: &str, webhook: &Webhook, acts: MonitoringActs) -> AnyView {
    let events = if webhook.events.is_empty() { "all events".to_owned() } else { webhook.events.join(", ") };
    let (act, name, id) = (acts.delete_webhook, name.to_owned(), webhook.id.to_string());
    let label = format!("Delete {}", webhook.url);
    let delete = view! {
        <ActionForm action=act>
            <input type="hidden" name="name" value=name />
            <input type="hidden" name="id" value=id />
            <button class="button button-bare" type="submit" aria-label=label>"Delete"</button>
        </ActionForm>
    };
    row(webhook.url.clone(), vec![words(events), words(view! { <Ago at=webhook.created /> }), words(delete)])
}
