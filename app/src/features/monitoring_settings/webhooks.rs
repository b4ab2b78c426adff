//! Addresses that are told of events.

use super::MonitoringActs;
use crate::ui::{ActionForm, Ago, Command, IntoAny, dynamic, form_error, row, table, words};
use domain::notice::{ChannelKind, NoticeKind, Webhook};
use leptos::prelude::*;

/// The addresses that are told, with a form for another.
#[must_use]
pub fn webhooks_panel(
    name: &str,
    webhooks: &[Webhook],
    kinds: &[ChannelKind],
    acts: MonitoringActs,
) -> AnyView {
    let add = acts.add_webhook;
    let rows: Vec<_> = webhooks.iter().map(|webhook| one(name, webhook, kinds, acts)).collect();
    let list = (!rows.is_empty()).then(|| table(&["Address", "Kind", "Events", "Since", ""], rows));
    let (name, fields) = (name.to_owned(), fields(kinds));
    view! {
        <section class="panel" id="webhooks">
            <h2>"Webhooks, chats and mail"</h2>
            <p class="dim">"Each event is sent to every address that is subscribed to it, and retried for about a day until the address accepts it."</p>
            {list}
            {dynamic(move || form_error(acts.delete_webhook.outcome()))}
            <details class="form-more">
                <summary>"Add an address"</summary>
                <ActionForm action=add attr:class="form">
                    <input type="hidden" name="name" value=name />
                    {fields}
                    <div class="form-end">
                        <button class="button button-main" type="submit">"Add"</button>
                        <span class="dim">"With nothing chosen, the address receives all events."</span>
                    </div>
                </ActionForm>
            </details>
            {dynamic(move || match add.answer() {
                Some(Ok(None)) => view! { <p role="status">"Added."</p> }.into_any(),
                Some(Ok(Some(secret))) => view! {
                    <p role="status">"Added. Check "<code>"Fovea-Signature"</code>" of each message with this secret, which is shown only now:"</p>
                    <Command line=secret />
                }
                .into_any(),
                other => form_error(other.map(|answer| answer.map(drop))),
            })}
        </section>
    }
    .into_any()
}

/// What is asked of a new address: its kind, the address itself, the events.
fn fields(kinds: &[ChannelKind]) -> AnyView {
    let events: Vec<_> = NoticeKind::ALL
        .into_iter()
        .map(|event| {
            let event = event.as_str();
            let field = format!("events[{event}]");
            view! { <label class="check"><input type="checkbox" name=field value="on" />{event}</label> }
        })
        .collect();
    let choices: Vec<_> = kinds
        .iter()
        .map(|kind| view! { <option value=kind.name.clone()>{kind.label.clone()}</option> })
        .collect();
    let hints: Vec<_> = kinds.iter().map(hint).collect();
    let example = kinds.first().map(|kind| kind.example.clone()).unwrap_or_default();
    view! {
        <label for="webhook-kind">"Kind"</label>
        <select id="webhook-kind" class="field" name="kind">{choices}</select>
        <label for="webhook-url">"Address"</label>
        <div>
            <input id="webhook-url" class="field" type="text" name="url" placeholder=example required autocomplete="off" aria-describedby="webhook-hints" />
            <div id="webhook-hints">{hints}</div>
        </div>
        <span>"Events"</span>
        <div class="form-row" role="group" aria-label="Events; none for all">{events}</div>
    }
    .into_any()
}

fn hint(kind: &ChannelKind) -> AnyView {
    let ChannelKind { label, example, hint, .. } = kind;
    let text = format!("{label}: {hint} ");
    view! { <p class="dim">{text}<code>{example.clone()}</code></p> }.into_any()
}

fn one(name: &str, webhook: &Webhook, kinds: &[ChannelKind], acts: MonitoringActs) -> AnyView {
    let names: Vec<_> = webhook.events.iter().map(|event| event.as_str()).collect();
    let events = if names.is_empty() { "all events".to_owned() } else { names.join(", ") };
    let kind = kinds.iter().find(|kind| kind.name == webhook.kind);
    let kind = kind.map_or_else(|| webhook.kind.clone(), |kind| kind.label.clone());
    let (act, name, id) = (acts.delete_webhook, name.to_owned(), webhook.id.to_string());
    let label = format!("Delete {}", webhook.url);
    let delete = view! {
        <ActionForm action=act>
            <input type="hidden" name="name" value=name />
            <input type="hidden" name="id" value=id />
            <button class="button button-bare" type="submit" aria-label=label>"Delete"</button>
        </ActionForm>
    };
    row(
        webhook.url.clone(),
        vec![words(kind), words(events), words(view! { <Ago at=webhook.created /> }), words(delete)],
    )
}
